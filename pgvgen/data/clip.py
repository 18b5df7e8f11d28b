"""`Clip`: what every data set is brought into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen.poses.skeletons import BODY_18

SPLITS = ("train", "val", "test")


def clip_id(*parts: str) -> str:
    """A clip's id of the names that make it up: what no folder should be called by becomes `_`."""
    return re.sub(r"[^\w.-]", "_", ".".join(parts))


@dataclass(frozen=True, eq=False)
class Clip:
    """One person doing one action once.

    Attributes:
        id: unique in its store, usable as a folder's name.
        label: the canonical action (`pgvgen.data.actions`).
        source: the data set it comes from.
        group: what must stay on one side of a split: a take, an actor, an exercise.
        split: train, val or test.
        fps: frames a second.
        size: (width, height) in px of the frame that the keypoints live in.
        keypoints: T×18×2 float32 in px, (0, 0) where absent.
        confidence: T×18 float32 in [0, 1], 0 for absent or lacking in the data set.
        frames: T picture files, or None where the data set has poses only.
        masks: T mask files (8-bit grey, 255 = person), or None.
        notes: what else the importer knows: mood, camera yaw in degrees, …
        predicted: T×18×2 float32 in px, P̂ of Section 3.3: what PSGAN makes of the first pose and
            the label (`pgvgen train predict`), or None.
    """

    id: str
    label: str
    source: str
    group: str
    split: str
    fps: float
    size: tuple[int, int]
    keypoints: np.ndarray
    confidence: np.ndarray
    frames: list[Path] | None = None
    masks: list[Path] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    predicted: np.ndarray | None = None

    def __post_init__(self) -> None:
        length = len(self.keypoints)
        if self.keypoints.shape != (length, len(BODY_18), 2) or length == 0:
            raise ValueError(f"{self.id}: keypoints are {self.keypoints.shape}, not (T, 18, 2)")
        if self.confidence.shape != (length, len(BODY_18)):
            raise ValueError(f"{self.id}: confidence is {self.confidence.shape}, not (T, 18)")
        if self.predicted is not None and self.predicted.shape != self.keypoints.shape:
            raise ValueError(f"{self.id}: {self.predicted.shape} predicted for {length} poses")
        if not (np.isfinite(self.keypoints).all() and np.isfinite(self.confidence).all()):
            raise ValueError(f"{self.id}: a keypoint or its confidence is not finite")
        if not re.fullmatch(r"[\w.-]+", self.id) or self.split not in SPLITS:
            raise ValueError(f"{self.id!r} in split {self.split!r}: neither may hold anything odd")

    def __len__(self) -> int:
        return len(self.keypoints)
