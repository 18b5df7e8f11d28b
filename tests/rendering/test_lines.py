"""Lines that a hole interrupts: found on both of its sides, joined, and continued in the fill."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.rendering.lines import continued, lines_behind
from pgvgen.rendering.patches import complete

HEIGHT, WIDTH = 160, 200
LEFT, RIGHT = 96, 108  # the pole's columns
WALL, POLE = (150, 60, 50), (180, 180, 185)


def _pole(tilt: float = 0.0) -> np.ndarray:
    """A light pole in front of a wall: H×W×3 uint8; the tilt is in px a row."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    on = (columns >= LEFT + tilt * rows) & (columns < RIGHT + tilt * rows)
    picture = np.where(on[..., None], POLE, WALL) + rng.normal(0, 3, (HEIGHT, WIDTH, 1))
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _hole(first: int = 50, last: int = 110) -> np.ndarray:
    """As wide as a torso, H×W bool."""
    hole = np.zeros((HEIGHT, WIDTH), bool)
    hole[first:last, 70:140] = True
    return hole


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("tilt", [0.0, 0.1, -0.1])
def test_both_edges_of_a_pole_go_on_behind_a_person(tilt: float, hidden: bool) -> None:
    picture = np.where(hidden & _hole()[..., None], np.uint8(90), _pole(tilt))
    lines = lines_behind(picture, _hole(), _hole())
    assert lines.shape == (2, 4, 2)
    for edge, line in zip((LEFT, RIGHT), sorted(lines, key=lambda line: line[1, 0]), strict=True):
        assert np.abs(line[:, 0] - (edge + tilt * line[:, 1])).max() < 2
        assert sorted(line[1:3, 1]) == pytest.approx([50, 110], abs=3)
        assert np.ptp(line[:, 1]) > 110  # most of what is seen of it


def test_what_ends_behind_a_person_does_not_go_on() -> None:
    picture = _pole()
    picture[80:] = WALL
    assert not len(lines_behind(picture, _hole(), _hole()))


def test_an_edge_from_light_to_dark_is_none_from_dark_to_light() -> None:
    picture = _pole()
    picture[80:, RIGHT:] = POLE
    picture[80:, LEFT:RIGHT] = WALL
    assert not len(lines_behind(picture, _hole(), _hole()))


def test_peoples_outlines_are_no_lines() -> None:
    foreign = _hole()
    foreign[:, LEFT - 5 : RIGHT + 5] = True
    assert not len(lines_behind(_pole(), _hole(), foreign))


def test_a_line_is_continued_from_its_longer_end() -> None:
    line = np.array([(100, 0), (100, 60), (100, 90), (100, 110)], np.float32)
    pixels = np.argwhere(np.ones((120, 120), bool))
    places = pixels[(pixels[:, 0] < 60) | (pixels[:, 0] >= 90)]
    on, there, way = continued(line, pixels, places)
    assert way == pytest.approx([1, 0])
    rows, columns = pixels[on].T
    assert set(columns) == {99, 100, 101}
    assert (rows.min(), rows.max()) == (58, 92)
    assert np.array_equal(places[there][:, 1], columns)
    hidden = rows >= 60
    assert np.array_equal(places[there][hidden, 0], rows[hidden] - 60)


def test_a_line_that_cannot_be_copied_is_not_continued() -> None:
    line = np.array([(100, 0), (100, 60), (100, 90), (100, 110)], np.float32)
    pixels = np.argwhere(np.ones((120, 120), bool))
    on, there, _ = continued(line, pixels, pixels[pixels[:, 1] < 90])
    assert len(on) == len(there) == 0


@pytest.mark.parametrize("tilt", [0.0, 0.1])
def test_the_fill_continues_a_pole(tilt: float) -> None:
    whole, hole = _pole(tilt), _hole(30, 130)
    picture = np.where(hole[..., None], np.uint8(0), whole)
    filled = complete(picture, hole)
    off = np.abs(filled.astype(int) - whole).mean(-1)[hole]
    assert (off > 40).mean() < 0.03
