"""Two photos of one scene under one camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import coffee

from pgvgen.data.registration import find_camera
from pgvgen.data.shots import Square

ROOM = cv2.resize(coffee(), (480, 320), interpolation=cv2.INTER_AREA)
CAMERA = np.array([[1.05, 0.02, -22.0], [-0.02, 1.05, 9.0]])  # px of the second to px of the first


def somebody(left: int) -> tuple[np.ndarray, np.ndarray]:
    """The room with somebody in checks at `left`, and their mask."""
    mask = np.zeros(ROOM.shape[:2], np.float32)
    mask[60:300, left : left + 90] = 1
    checks = 255 * (np.add(*np.indices(mask.shape) // 12) % 2).astype(np.uint8)
    return np.where(mask[..., None] > 0, checks[..., None], ROOM), mask


@pytest.fixture(scope="module")
def pair():
    """Somebody in two places, seen by two cameras: frames and masks."""
    first, second = somebody(150), somebody(210)
    back = cv2.invertAffineTransform(CAMERA)
    seen = [
        cv2.warpAffine(picture, back, (480, 320), borderMode=cv2.BORDER_REPLICATE)
        for picture in second
    ]
    return [first[0], seen[0]], [first[1], seen[1]]


def test_the_backgrounds_tell_where_the_camera_was(pair):
    camera = find_camera(*pair)
    corners = np.array([[0, 479, 0, 479], [0, 0, 319, 319], [1, 1, 1, 1]])
    assert np.abs(camera @ corners - CAMERA @ corners).max() < 1


def test_the_second_photo_is_cut_as_the_first_camera_sees_it(pair):
    square = Square(100, 20, 280, 140)
    camera = find_camera(*pair)
    person = square.cut(np.maximum(pair[1][0], somebody(210)[1])) > 0
    first, second, wrong = (
        square.cut(frame, at).astype(float)
        for frame, at in zip((*pair[0], pair[0][1]), (None, camera, None), strict=True)
    )
    apart, before = (np.abs(first - other)[~person].mean() for other in (second, wrong))
    assert apart < before / 3


def test_a_person_does_not_tell_where_the_camera_was():
    (first, here), (second, there) = somebody(150), somebody(210)
    walls = np.full_like(ROOM, 120)
    frames = [np.where(m[..., None] > 0, p, walls) for p, m in ((first, here), (second, there))]
    assert find_camera(frames, [here, there]) is None


def test_photos_of_two_rooms_stay_as_they_are(pair):
    frames, masks = pair
    assert find_camera([frames[0], frames[1][:, ::-1].copy()], masks) is None


def test_a_camera_that_stood_still_is_still(pair):
    frames, masks = pair
    found = find_camera([frames[0], somebody(210)[0]], [masks[0], somebody(210)[1]])
    assert found is None or np.abs(found - np.eye(2, 3)).max() < 0.2
