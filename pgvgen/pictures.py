"""Read and write pictures: uint8 H×W×3 RGB, upright, opaque, whatever the file holds."""

from __future__ import annotations

import io
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pgvgen._files import atomic_path
from pgvgen.errors import InputError, UsageError

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 128_000_000
"""More than a photo has: 8-bit RGB of this size fills 384 MB."""

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif")


def read_image(path: str | Path) -> np.ndarray:
    """The picture in a file, `-` for stdin: uint8 H×W×3 RGB.

    EXIF orientation is applied, transparency laid over white, grey, palette, CMYK and 16-bit
    pictures are brought to 8-bit RGB. Of an animation it is the first frame.

    Raises:
        InputError: missing, not a picture, cut short, or larger than `MAX_PIXELS` (told from the
            header, before anything is decoded).
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = "stdin" if str(path) == "-" else str(path)
    data = _read_bytes(path, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is judged here, odd EXIF blocks are common
            image: Image.Image = Image.open(io.BytesIO(data))
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(name, f"{image.width}×{image.height} pixels")
            return _to_rgb(ImageOps.exif_transpose(image))
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(
            f"{name} is not a picture that can be read: give a JPEG, PNG, WebP or TIFF"
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(name, "far more pixels") from None
    except Exception as error:  # decoders raise whatever they stumble over in a damaged file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{name} is damaged or cut short: {reason}") from error


def write_image(path: str | Path, picture: np.ndarray) -> None:
    """Write uint8 H×W×3 RGB as what the name ends in (.png, .jpg, .webp, …).

    Raises:
        UsageError: the name ends in nothing that pictures are written as.
        OutputError: the place cannot be written.
    """
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise UsageError(f"{path.name} does not end in .png or .jpg, which pictures are written as")
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(picture, dtype=np.uint8)).save(temporary, quality=95)


def pictures_in(folder: str | Path) -> list[Path]:
    """The pictures of a folder by name, hidden files left out.

    Raises:
        InputError: not a folder, or no picture in it.
    """
    folder = Path(folder)
    try:
        files = sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in PICTURE_SUFFIXES and not file.name.startswith(".")
        )
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from error
    if not files:
        raise InputError(f"{folder} holds no picture ({', '.join(PICTURE_SUFFIXES)})")
    return files


def _read_bytes(path: str | Path, name: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"there is no file {name}") from None
    except IsADirectoryError:
        raise InputError(f"{name} is a folder, not a picture") from None
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error
    if not data:
        raise InputError(f"{name} is empty")
    return data


def _too_large(name: str, size: str) -> InputError:
    return InputError(
        f"{name} has {size}, more than {MAX_PIXELS // 1_000_000} million: make it smaller first"
    )


def _to_rgb(image: Image.Image) -> np.ndarray:
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # 16-bit or float grey
        grey = np.asarray(image, dtype=np.float64)
        top = (
            1.0 if image.mode == "F" and grey.max() <= 1 else 65535.0 if grey.max() > 255 else 255.0
        )
        grey = np.clip(np.round(grey / top * 255), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=-1)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))
