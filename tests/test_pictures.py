"""A picture arrives upright, opaque, 8-bit RGB, or one line says why it does not."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.data import astronaut

from pgvgen import pictures
from pgvgen.errors import InputError, OutputError, UsageError
from pgvgen.pictures import read_image, write_image

PHOTO = astronaut()[:96, 150:300]  # 96×150


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b).mean())


def test_png_survives_as_it_is(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", PHOTO)
    assert np.array_equal(read_image(tmp_path / "a.png"), PHOTO)


@pytest.mark.parametrize("suffix", ["jpg", "jfif", "webp", "bmp", "tif"])
def test_other_formats_come_close(tmp_path: Path, suffix: str) -> None:
    write_image(tmp_path / f"a.{suffix}", PHOTO)
    assert difference(read_image(tmp_path / f"a.{suffix}"), PHOTO) < 3


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, PHOTO[:, ::-1]),
        (3, PHOTO[::-1, ::-1]),
        (6, np.rot90(PHOTO, 1)),
        (8, np.rot90(PHOTO, -1)),
    ],
)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, stored: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert difference(read_image(tmp_path / "a.jpg"), PHOTO) < 3


def test_colours_are_as_the_profile_says(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for a, b in ((b"rXYZ", b"...."), (b"gXYZ", b"rXYZ"), (b"....", b"gXYZ")):
        profile = profile.replace(a, b, 1)  # red and green change places
    profile = profile.replace("sRGB".encode("utf-16-be"), "grbS".encode("utf-16-be"))
    image = Image.fromarray(np.ascontiguousarray(PHOTO[..., [1, 0, 2]]))
    image.save(tmp_path / "a.png", icc_profile=profile)
    assert difference(read_image(tmp_path / "a.png"), PHOTO) < 1
    image.convert("RGBA").save(tmp_path / "b.png", icc_profile=profile)
    assert difference(read_image(tmp_path / "b.png"), PHOTO) < 1
    image.save(tmp_path / "c.png", icc_profile=b"no profile")
    assert np.array_equal(read_image(tmp_path / "c.png"), np.asarray(image))


def test_transparency_lies_over_white(tmp_path: Path) -> None:
    alpha = np.zeros(PHOTO.shape[:2], np.uint8)
    alpha[:, 75:] = 255
    Image.fromarray(np.dstack([PHOTO, alpha])).save(tmp_path / "a.png")
    read = read_image(tmp_path / "a.png")
    assert (read[:, :75] == 255).all()
    assert np.array_equal(read[:, 75:], PHOTO[:, 75:])


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    image = Image.fromarray(PHOTO).convert(mode)
    image.save(tmp_path / f"a.{suffix}")
    read = read_image(tmp_path / f"a.{suffix}")
    assert read.shape == PHOTO.shape
    assert read.dtype == np.uint8
    assert difference(read, np.asarray(image.convert("RGB"))) < 4


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path, channels: int) -> None:
    stored = PHOTO.astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / "a.png"), stored[..., 0] if channels == 1 else stored[..., ::-1])
    expected = PHOTO[..., :1].repeat(3, -1) if channels == 1 else PHOTO
    assert difference(read_image(tmp_path / "a.png"), expected) <= 1


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (8, 6), "red"), Image.new("RGB", (8, 6), "blue")
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (read_image(tmp_path / "a.gif") == (255, 0, 0)).all()


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    Image.fromarray(PHOTO).save(data, "png")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.getvalue())))
    assert np.array_equal(read_image("-"), PHOTO)


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    write_image(tmp_path / "whole.jpg", PHOTO)
    whole = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("I am no picture")
    (tmp_path / "empty.jpg").touch()
    expected = {
        "cut.jpg": "damaged or cut short",
        "text.jpg": "not a picture",
        "empty.jpg": "is empty",
        "missing.jpg": "there is no file",
        "": "is a folder",
    }
    for name, words in expected.items():
        with pytest.raises(InputError, match=words) as caught:
            read_image(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_too_large_is_told_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_image(tmp_path / "a.png", PHOTO)
    monkeypatch.setattr(pictures, "MAX_PIXELS", PHOTO.shape[0] * PHOTO.shape[1] - 1)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("was decoded"))
    with pytest.raises(InputError, match="150×96 pixels"):
        read_image(tmp_path / "a.png")


def test_a_device_that_never_ends_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 1 << 20)
    with pytest.raises(InputError, match="more than 1 MB"):
        read_image("/dev/zero")


def test_only_what_cameras_and_editors_write_is_decoded(tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "a.eps")  # which Pillow would give to Ghostscript
    with pytest.raises(InputError, match="not a picture that can be read"):
        read_image(tmp_path / "a.eps")


def test_writing_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is not a folder"):
        write_image(tmp_path / "file" / "a.png", PHOTO)
    with pytest.raises(UsageError, match="does not end in"):
        write_image(tmp_path / "a.xyz", PHOTO)
    with pytest.raises(TypeError):  # and not a black picture
        write_image(tmp_path / "a.png", PHOTO / 255)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
