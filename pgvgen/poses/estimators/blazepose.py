"""BlazePose: MediaPipe's detector and landmark net (Bazarevsky et al. 2020), the default."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from pgvgen.poses.estimators.base import Person, distinct
from pgvgen.poses.estimators.detector import detect
from pgvgen.poses.estimators.landmarks import Landmarks, find_landmarks
from pgvgen.poses.estimators.region import Region

PRESENT = 0.5
"""Presence below which the landmark net's answer is no person."""

# BODY_18 from MediaPipe's 33: nose, (neck), right arm, left arm, right leg, left leg, eyes, ears.
_BODY_18 = [0, 0, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7]
_NECK, _SHOULDERS = 1, [11, 12]


class BlazePose:
    """Estimates BODY_18 poses with the bundled nets; no download, about 30 ms a photo."""

    def __init__(self, threads: int | None = None) -> None:
        """`threads`: of the nets, by default as many as the machine has, four at most."""
        self.threads = threads or min(4, os.cpu_count() or 1)

    def people(self, picture: np.ndarray) -> list[Person]:
        """Everybody in an H×W×3 uint8 RGB picture, largest (box × score) first."""
        detections = detect(picture, threads=self.threads)
        people = (self._look(picture, detection.region) for detection in detections)
        return distinct([person for person in people if person is not None])

    def follow(self, picture: np.ndarray, before: Sequence[Person]) -> list[Person | None]:
        """The same people one frame later, from where the last frame says they go."""
        return [
            self._look(picture, person.following) if person.following else None
            for person in before
        ]

    def _look(self, picture: np.ndarray, region: Region) -> Person | None:
        landmarks = find_landmarks(picture, region, threads=self.threads)
        if landmarks.presence < PRESENT:
            return None
        return to_person(landmarks, (picture.shape[1], picture.shape[0]))


def to_person(landmarks: Landmarks, size: tuple[int, int]) -> Person:
    """MediaPipe's 33 landmarks as BODY_18, in a picture of size (width, height).

    The neck is the middle of the shoulders, as sure as the less sure of them.
    """
    keypoints = landmarks.points[_BODY_18]
    confidence = landmarks.visibility[_BODY_18]
    keypoints[_NECK] = landmarks.points[_SHOULDERS].mean(0)
    confidence[_NECK] = landmarks.visibility[_SHOULDERS].min()
    return Person(
        keypoints=keypoints.astype(np.float32),
        confidence=confidence.astype(np.float32),
        box=_box(landmarks, size),
        score=landmarks.presence,
        following=landmarks.next_region,
    )


def _box(landmarks: Landmarks, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Around the visible landmarks, inside the picture."""
    visible = landmarks.visibility[:33] >= 0.5
    points = landmarks.points[:33][visible] if visible.any() else landmarks.points[:33]
    low = np.clip(points.min(0), 0, np.subtract(size, 1))
    high = np.clip(points.max(0), 0, np.subtract(size, 1))
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
