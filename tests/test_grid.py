"""A contact sheet is made of the frames that pass, which are not changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pgvgen.errors import UsageError
from pgvgen.grid import with_grid
from pgvgen.pictures import read_image


def plain(count: int, channels: int = 3) -> list[np.ndarray]:
    """Frames of one grey each: the i-th is 8 i, and half transparent if it has alpha."""
    frames = [np.full((60, 80, channels), 8 * i, np.uint8) for i in range(count)]
    for frame in frames if channels == 4 else []:
        frame[..., 3] = 128
    return frames


@pytest.mark.parametrize(("count", "shown"), [(1, [0]), (5, [0, 1, 2, 3, 4])])
def test_few_frames_are_all_there(tmp_path: Path, count: int, shown: list[int]) -> None:
    passed = list(with_grid(plain(count), tmp_path / "grid.png", count))
    assert all(np.array_equal(a, b) for a, b in zip(passed, plain(count), strict=True))
    assert greys(tmp_path / "grid.png")[:count] == [8 * i for i in shown]


def test_of_many_twelve_from_the_first_to_the_last(tmp_path: Path) -> None:
    list(with_grid(plain(32), tmp_path / "grid.png", 32))
    seen = greys(tmp_path / "grid.png")
    assert len(seen) == 12
    assert (seen[0], seen[-1]) == (0, 8 * 31)
    assert seen == sorted(seen)


def test_transparency_shows_a_chequered_ground(tmp_path: Path) -> None:
    list(with_grid(plain(1, channels=4), tmp_path / "grid.png", 1))
    values = np.unique(read_image(tmp_path / "grid.png")[10:170, 10:230, 0])
    assert values.tolist() == [76, 102]  # 0.498 of black over 153 and 204


def test_only_a_pictures_name_will_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.png"):
        list(with_grid(plain(1), tmp_path / "grid.mp4", 1))


def greys(path: Path) -> list[int]:
    """The value in the middle of every cell, row by row: 240×180 px with a caption below."""
    sheet = read_image(path)
    rows, columns = (sheet.shape[0] - 4) // 200, (sheet.shape[1] - 4) // 244
    return [
        int(sheet[4 + 200 * row + 90, 4 + 244 * column + 120, 0])
        for row in range(rows)
        for column in range(columns)
    ]
