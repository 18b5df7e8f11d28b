"""A person made of coloured capsules over a striped wall: pose, mask and picture are exact."""

from __future__ import annotations

import cv2
import numpy as np

SIZE = (240, 260)
"""(width, height) of the pictures in px."""

SKIN, SHIRT, TROUSERS = (220, 170, 140), (40, 60, 200), (30, 120, 60)


def standing() -> np.ndarray:
    """18×2 px: a person seen from the front, arms hanging a little off the body."""
    return np.array(
        [
            (120, 48), (120, 72), (98, 74), (88, 108), (80, 138), (142, 74), (152, 108), (160, 138),
            (106, 134), (104, 180), (102, 222), (134, 134), (136, 180), (138, 222),
            (115, 43), (125, 43), (109, 46), (131, 46),
        ],
        np.float32,
    )  # fmt: skip


def turned(keypoints: np.ndarray, joint: int, carried: list[int], degrees: float) -> np.ndarray:
    """The pose with some joints turned about another one."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    out = keypoints.copy()
    out[carried] = (out[carried] - out[joint]) @ turn.T + out[joint]
    return out


def background() -> np.ndarray:
    """H×W×3 uint8: a wall with upright stripes above a plain floor."""
    width, height = SIZE
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    wall = np.where((x // 8) % 2 == 0, 150, 190)
    grey = np.where(y < 200, wall, 100)
    return np.dstack([grey, grey, grey]).astype(np.uint8)


def draw(keypoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture (H×W×3 uint8) and the person's mask (H×W float32)."""
    mask = np.zeros(SIZE[::-1], np.uint8)
    picture = background()

    def paint(shape: np.ndarray, colour: tuple[int, int, int]) -> None:
        mask[shape > 0] = 1
        picture[shape > 0] = colour

    for a, b, radius, colour in (
        (8, 9, 9, TROUSERS), (9, 10, 7, TROUSERS), (11, 12, 9, TROUSERS), (12, 13, 7, TROUSERS),
    ):  # fmt: skip
        paint(_capsule(keypoints[a], keypoints[b], radius), colour)
    body = np.zeros_like(mask)
    corners = keypoints[[2, 5, 11, 8]] + np.array([(-4, -4), (4, -4), (6, 4), (-6, 4)])
    cv2.fillPoly(body, [np.rint(corners).astype(np.int32)], 1)
    paint(body, SHIRT)
    centre = (int(keypoints[0, 0]), int(keypoints[0, 1]))
    paint(cv2.circle(np.zeros_like(mask), centre, 17, 1, -1), SKIN)
    for a, b in ((2, 3), (3, 4), (5, 6), (6, 7)):
        paint(_capsule(keypoints[a], keypoints[b], 6), SKIN)
    return picture, mask.astype(np.float32)


def _capsule(start: np.ndarray, end: np.ndarray, radius: int) -> np.ndarray:
    shape = np.zeros(SIZE[::-1], np.uint8)
    a, b = (tuple(int(v) for v in np.rint(p)) for p in (start, end))
    return cv2.line(shape, a, b, 1, 2 * radius)


def close(picture: np.ndarray, colour: tuple[int, int, int], by: int = 40) -> np.ndarray:
    """H×W bool: which pixels are of about that colour."""
    return np.abs(picture[..., :3].astype(int) - colour).max(-1) < by
