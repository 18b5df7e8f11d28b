"""Tiny clip stores for tests: a drawn figure that waves or squats, its poses, pictures, masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipWriter
from pgvgen.poses.skeletons import BODY_18

SIZE = 96
# A person who stands there, in px of a 96×96 picture; the person's right is the picture's left.
STANDING = np.array(
    [[48, 16], [48, 28], [39, 28], [36, 40], [35, 51], [57, 28], [60, 40], [61, 51], [42, 52],
     [41, 68], [41, 84], [54, 52], [55, 68], [55, 84], [46, 14], [50, 14], [43, 15], [53, 15]],
    np.float32,
)  # fmt: skip


def poses(label: str, frames: int, rng: np.random.Generator) -> np.ndarray:
    """T×18×2: `wave` swings the right forearm above the shoulder, `squat` goes down and up."""
    phase = 2 * np.pi * np.arange(frames) / 12 + rng.uniform(0, 1)
    keypoints = np.repeat(STANDING[None], frames, axis=0)
    if label == "wave":
        keypoints[:, 3] = [30, 24]
        keypoints[:, 4] = np.stack([30 + 7 * np.sin(phase), 12 + 2 * np.cos(phase)], axis=1)
    else:
        depth = 8 * (1 - np.cos(phase))[:, None]
        above = [i for i, joint in enumerate(BODY_18.joints) if "knee" not in joint]
        above = [i for i in above if "ankle" not in BODY_18.joints[i]]
        keypoints[:, above, 1] += depth
        keypoints[:, 9, 0] -= depth[:, 0] / 3
        keypoints[:, 12, 0] += depth[:, 0] / 3
    return (keypoints + rng.normal(size=(18, 2)) * 0.5).astype(np.float32)


def draw(keypoints: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One frame, 96×96×3 uint8 RGB, and the figure's mask, 96×96 in [0, 1]."""
    picture = np.full((SIZE, SIZE, 3), (150, 170, 190), np.uint8)
    picture[70:] = (120, 140, 90)
    mask = np.zeros((SIZE, SIZE), np.uint8)
    points = [tuple(int(v) for v in np.rint(point)) for point in keypoints]
    torso = np.array([points[i] for i in (2, 5, 11, 8)])
    for canvas, cloth, skin in ((picture, (170, 40, 60), (225, 185, 150)), (mask, 255, 255)):
        for a, b in BODY_18.limbs[:13]:
            cv2.line(canvas, points[a], points[b], cloth, 6)
        cv2.fillConvexPoly(canvas, torso, cloth)
        cv2.circle(canvas, points[0], 7, skin, -1)
    noise = rng.integers(-6, 7, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8), mask / np.float32(255)


def tiny_store(folder: Path, *, pictures: bool = True, frames: int = 24) -> Path:
    """A prepared store of ten clips: two actions, three training people, one to validate, one to
    test."""
    rng = np.random.default_rng(0)
    with ClipWriter(folder) as writer:
        for label in ("wave", "squat"):
            for person, split in enumerate(("train", "train", "train", "val", "test")):
                keypoints = poses(label, frames, rng)
                clip = Clip(
                    id=f"{label}-{person}", label=label, source="tiny", group=f"person-{person}",
                    split=split, fps=15.0, size=(SIZE, SIZE), keypoints=keypoints,
                    confidence=np.ones((frames, 18), np.float32),
                )  # fmt: skip
                drawn = [draw(pose, rng) for pose in keypoints] if pictures else []
                writer.add(clip, *(list(part) for part in zip(*drawn, strict=True)))
    return folder
