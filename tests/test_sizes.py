"""Sizes of pictures made smaller, and where things in them come to lie."""

import numpy as np
import pytest

from pgvgen.sizes import Size, rescaled, size_within


@pytest.mark.parametrize(
    ("size", "within"),
    [((4000, 3000), (200, 150)), ((50, 20), (50, 20)), ((3000, 1), (200, 1))],
)
def test_a_picture_keeps_its_shape_and_is_never_enlarged(size: Size, within: Size) -> None:
    assert size_within(size, 200) == within


def test_corners_and_middles_of_pixels_stay_what_they_are() -> None:
    corners = np.array([[-0.5, -0.5], [399.5, 299.5], [0.5, 0.5]], np.float32)
    smaller = rescaled(corners, (400, 300), (200, 150))
    np.testing.assert_allclose(smaller, [[-0.5, -0.5], [199.5, 149.5], [0, 0]])
    assert smaller.dtype == np.float32
