"""`PoseSequence`: the type that travels between the estimators, stage one and stage two."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen.poses.skeletons import BODY_18, Skeleton

SEEN = 0.2
"""Below this confidence a joint's place is a guess: pose nets invent what is out of view."""


@dataclass(frozen=True, eq=False)
class PoseSequence:
    """The poses of one person over time, in pixels of the picture they belong to.

    Pixel centres have integer coordinates: the top left pixel's centre is (0, 0).

    Attributes:
        keypoints: T×K×2 float32, (x, y) in pixels; NaN-free, (0, 0) where absent.
        confidence: T×K float32 in [0, 1]; 0 means absent.
        fps: frames a second, > 0.
        size: (width, height) of the picture in pixels.
        skeleton: what the K keypoints are.
        label: the action, where the sequence was generated from one.
        seed: the seed it was generated with.
        photo: the person's pose in the photo, T = 1, of the same skeleton and size, where it is not
            the first frame; only the pose file keeps it.
        size_known: False where nothing says how large the picture is, as in OpenPose's files;
            `size` is then what the keypoints fit into.

    Raises:
        ValueError: shapes that do not fit together, or an fps or size that is not positive.
    """

    keypoints: np.ndarray
    confidence: np.ndarray
    fps: float
    size: tuple[int, int]
    skeleton: Skeleton = BODY_18
    label: str | None = None
    seed: int | None = None
    photo: PoseSequence | None = None
    size_known: bool = True

    def __post_init__(self) -> None:
        confidence = np.array(self.confidence, dtype=np.float32)
        keypoints = np.array(self.keypoints, dtype=np.float32)
        if keypoints.ndim != 3 or keypoints.shape[1:] != (len(self.skeleton), 2):
            raise ValueError(
                f"keypoints are {keypoints.shape}, {self.skeleton.name} wants (T, "
                f"{len(self.skeleton)}, 2)"
            )
        if confidence.shape != keypoints.shape[:2]:
            raise ValueError(f"confidence is {confidence.shape}, keypoints {keypoints.shape}")
        if not 0 < self.fps < math.inf:
            raise ValueError(f"fps is {self.fps}, it must be positive")
        if min(self.size) <= 0:
            raise ValueError(f"size is {self.size}, it must be positive")
        if self.photo is not None and self.photo.keypoints.shape != (1, *keypoints.shape[1:]):
            raise ValueError(f"the pose in the photo is {self.photo.keypoints.shape}, not one pose")
        absent = ~(np.isfinite(keypoints).all(-1) & (confidence > 0))
        keypoints[absent], confidence[absent] = 0, 0
        np.clip(confidence, 0, 1, out=confidence)
        keypoints.flags.writeable = confidence.flags.writeable = False
        object.__setattr__(self, "keypoints", keypoints)
        object.__setattr__(self, "confidence", confidence)
        object.__setattr__(self, "fps", float(self.fps))
        object.__setattr__(self, "size", (int(self.size[0]), int(self.size[1])))

    def __len__(self) -> int:
        """T, the number of frames."""
        return len(self.keypoints)

    def __getitem__(self, frames: int | slice) -> PoseSequence:
        """Some of the frames, or one, as a sequence.

        Raises:
            IndexError: there is no such frame.
        """
        if not isinstance(frames, slice):
            # An index out of range must raise IndexError: `for frame in sequence` ends by it.
            frame = range(len(self))[operator.index(frames)]
            frames = slice(frame, frame + 1)
        return self.replace(keypoints=self.keypoints[frames], confidence=self.confidence[frames])

    def replace(self, **changes: Any) -> PoseSequence:
        """A copy with some attributes changed."""
        return replace(self, **changes)

    @property
    def present(self) -> np.ndarray:
        """T×K bool: which keypoints are there."""
        return np.asarray(self.confidence > 0)

    @property
    def start(self) -> PoseSequence:
        """The person's pose in the photo, T = 1: `photo`, or the first frame."""
        return self[:1].replace(photo=None) if self.photo is None else self.photo

    def mirrored(self) -> PoseSequence:
        """As seen in a mirror: x flipped over the picture's width, left and right exchanged."""
        order = list(self.skeleton.mirror)
        keypoints = self.keypoints[:, order].copy()
        keypoints[..., 0] = self.size[0] - 1 - keypoints[..., 0]
        photo = self.photo and self.photo.mirrored()
        return self.replace(keypoints=keypoints, confidence=self.confidence[:, order], photo=photo)

    @classmethod
    def load(cls, path: str | Path) -> PoseSequence:
        """Read a pose file, an OpenPose file or folder, or `-` for stdin.

        Raises:
            InputError: not a pose file, of another version, or damaged.
        """
        from pgvgen.poses.files import load

        return load(path)

    def save(self, path: str | Path, *, size: tuple[int, int] | None = None) -> None:
        """Write the pose file, or what else the name ends in; `-` is the pose file on stdout.

        Args:
            path: `.json`; `.csv` and `.npz`; `NAME/` for OpenPose's JSON, a file a frame; a video
                or a picture for skeletons in OpenPose's colours (`pgvgen.poses.exports`).
            size: (width, height) in px of a drawing, into which the poses' picture is fitted.

        Raises:
            UsageError: an ending that is not known.
            OutputError: the place cannot be written.
        """
        from pgvgen.poses.exports import save

        save(self, path, size=size)
