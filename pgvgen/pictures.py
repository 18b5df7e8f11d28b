"""Read and write pictures: uint8 H×W×3 RGB, upright, opaque, whatever the file holds."""

from __future__ import annotations

import contextlib
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

MAX_BYTES = 1 << 30
"""More than the file of such a picture has, unless it is a device or a pipe that never ends."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM", "TGA")
# All that cameras and editors write. Pillow knows forty more, one of which runs Ghostscript.

PICTURE_SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif",
)  # fmt: skip


def read_piped(path: str | Path) -> bytes | None:
    """What comes from stdin (`-`) or a pipe, which can be read only once; None of a file.

    Raises:
        InputError: it is empty or never ends.
    """
    file = Path(path)
    if str(path) != "-" and (not file.exists() or file.is_file() or file.is_dir()):
        return None
    return _read_bytes(path)


def is_picture(path: str | Path, data: bytes | None = None) -> bool:
    """Whether it is a picture, by its name or else by how the file, or its data, begins."""
    from PIL import Image

    if Path(path).suffix.lower() in PICTURE_SUFFIXES:
        return True
    if data is None and not Path(path).is_file():
        return False
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        with Image.open(path if data is None else io.BytesIO(data), formats=_formats()):
            return True
    return False


def read_image(path: str | Path, data: bytes | None = None) -> np.ndarray:
    """The picture in a file, `-` for stdin: uint8 H×W×3 RGB.

    EXIF orientation is applied, transparency laid over white, grey, palette, CMYK and 16-bit
    pictures are brought to 8-bit RGB, and the colours of a profile to sRGB. Of an animation it is
    the first frame.

    Args:
        path: the file.
        data: what it holds, where that has been read.

    Raises:
        InputError: missing, not a picture, cut short, or larger than `MAX_PIXELS` (told from the
            header, before anything is decoded).
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = named(path)
    data = _read_bytes(path) if data is None else data
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is judged here, odd EXIF blocks are common
            image: Image.Image = Image.open(io.BytesIO(data), formats=_formats())
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(name, f"{image.width}×{image.height} pixels")
            ImageOps.exif_transpose(image, in_place=True)
            return _to_rgb(image)
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(
            f"{name} is not a picture that can be read: give a JPEG, PNG, WebP or TIFF"
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(name, "far too many pixels") from None
    except Exception as error:  # decoders raise whatever they stumble over in a damaged file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{name} is damaged or cut short: {reason}") from error


def check_picture(picture: np.ndarray) -> None:
    """Fail if an array is no picture.

    Raises:
        ValueError: it is not H×W×3 uint8.
        InputError: it is, of no pixels.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"a picture is H×W×3 uint8, not {picture.shape} {picture.dtype}")
    if not picture.size:
        raise InputError("the picture has no pixels: give one that shows a person")


def write_image(path: str | Path, picture: np.ndarray) -> None:
    """Write uint8 H×W×3 RGB as what the name ends in (.png, .jpg, .webp, …).

    Raises:
        UsageError: the name ends in nothing that pictures are written as.
        OutputError: the place cannot be written.
        TypeError: it is not uint8.
    """
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise UsageError(f"{path.name} does not end in .png or .jpg, which pictures are written as")
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(picture)).save(temporary, quality=95)


def named(path: str | Path) -> str:
    """What errors call a file."""
    return "stdin" if str(path) == "-" else str(path)


def _read_bytes(path: str | Path) -> bytes:
    name = named(path)
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {name}") from None
    except IsADirectoryError:
        raise InputError(f"{name} is a folder, not a picture") from None
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error
    if not data:
        raise InputError(f"{name} is empty")
    if len(data) > MAX_BYTES:
        raise _too_large(name, f"more than {MAX_BYTES >> 20} MB")
    return data


def _too_large(name: str, size: str) -> InputError:
    most = f"{MAX_PIXELS // 1_000_000} million pixels at most"
    return InputError(f"{name} has {size}: make it smaller first, {most}")


def _to_rgb(image: Image.Image) -> np.ndarray:
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # 16-bit or float grey
        return np.repeat(_to_bytes(np.asarray(image))[..., None], 3, axis=-1)
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    image = _in_srgb(image if image.mode == wanted else image.convert(wanted))
    if wanted == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.array(image)


def _in_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA in the colours that screens show; a profile that does not fit is ignored."""
    from PIL import ImageCms

    data = image.info.get("icc_profile")
    if not data:
        return image
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ImportError):
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        # What is in it already would only be rounded.
        if "sRGB" not in ImageCms.getProfileDescription(profile):
            there = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, profile, there) or image
    return image


def _to_bytes(grey: np.ndarray) -> np.ndarray:
    """H×W grey of any depth → uint8, a few rows at a time: a scan may be large."""
    largest = grey.max()
    unit = grey.dtype.kind == "f" and largest <= 1
    top = 1.0 if unit else 65535.0 if largest > 255 else 255.0
    out = np.empty(grey.shape, np.uint8)
    for row in range(0, len(grey), 64):
        scaled = np.nan_to_num(grey[row : row + 64] * np.float64(255 / top))
        out[row : row + 64] = np.clip(np.round(scaled), 0, 255)
    return out


def _formats() -> list[str]:
    """Those of `_FORMATS` that the installed Pillow was built with."""
    from PIL import Image

    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]
