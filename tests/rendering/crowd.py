"""Two capsule people in one picture, their masks exact: who stands where is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pgvgen.poses import PoseSequence
from tests.rendering import doll

WIDTH = 480
RED = (200, 50, 40)  # the second one's shirt


def motion(x: float, ways: list[tuple[float, float]], size: float = 1.0) -> PoseSequence:
    """Somebody x px to the right of where the doll stands, who goes so far from there."""
    feet = np.float32([120, 222])
    start = (doll.standing() - feet) * size + feet + np.float32([x, 0])
    poses = start + np.float32(ways)[:, None]
    return PoseSequence(poses, np.ones((len(ways), 18)), 15, (WIDTH, doll.SIZE[1]))


def wall() -> np.ndarray:
    """The picture without people: H×480×3 uint8."""
    return np.hstack([doll.background()] * 2)


def draw(*people: PoseSequence, frame: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """The picture of a frame, the last of the people in front, and what is to be seen of each."""
    picture, masks = wall(), []
    for i, person in enumerate(people):
        height = float(np.ptp(person.keypoints[0, :, 1]) / np.ptp(doll.standing()[:, 1]))
        one, mask = doll.draw(doll.standing())
        if i:
            one[doll.close(one, doll.SHIRT, 1)] = RED
        corner = person.keypoints[frame, 10] - height * doll.standing()[10]
        place = np.float32([[height, 0, corner[0]], [0, height, corner[1]]])
        size = (WIDTH, doll.SIZE[1])
        one, mask = (cv2.warpAffine(a, place, size, flags=cv2.INTER_NEAREST) for a in (one, mask))
        picture = np.where(mask[..., None] > 0, one, picture)
        masks = [other * (1 - mask) for other in masks] + [mask]
    return picture, masks


def see(monkeypatch: pytest.MonkeyPatch, *people: PoseSequence) -> np.ndarray:
    """The photo of the people, each of whom the mask net sees exactly; nobody looks for others."""
    photo, masks = draw(*people)
    known = dict(zip((p.keypoints[0].tobytes() for p in people), masks, strict=True))
    monkeypatch.setattr(
        "pgvgen.rendering.whose.person_mask",
        lambda picture, keypoints, confidence: known[keypoints.tobytes()],
    )
    monkeypatch.setattr("pgvgen.rendering.renderer.bystanders", lambda *_: [])
    return photo
