"""Where in a photo a motion takes place, and what of it the network sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from pgvgen.poses import PoseSequence
from pgvgen.poses.bones import FOOT, LEGS
from pgvgen.poses.heatmaps import draw_heatmaps, to_heatmap
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.framing import Frame, motion_square, painted_frame
from pgvgen.rendering.parts import body_unit

BATCH = 8
"""Frames that the network paints at once."""

_ANKLE = 0.1  # body units from the border: who shows so much below an ankle shows the foot


class View:
    """Where the motion takes place: a square for the network, a frame of the photo to be painted.

    Attributes:
        square: into which the whole motion fits.
        frame: what of the photo is taken apart; it may reach beyond the photo.
        shown: what of the frame is in the photo.
        poses: T×18×2 px of the photo.
        confidence: T×18.
        mask: H×W float32 in [0, 1], the person in the photo.
        acts: whether the person moves; who does not is as in the photo.

    Args:
        picture: H×W×3 uint8 RGB, the photo; of several people `whose.apart`'s.
        motion: poses in its px, the first one as in the photo.
        mask, acts: as above.
    """

    def __init__(
        self,
        picture: np.ndarray,
        motion: PoseSequence,
        mask: np.ndarray,
        *,
        acts: bool,
    ) -> None:
        self.picture, self.mask, self.acts = picture, mask, acts
        self.poses, self.confidence = motion.keypoints, motion.confidence
        self.square = motion_square(motion)
        self._unit = float(body_unit(self.poses[0], self.confidence[0]))
        self.frame = painted_frame(self.square, self.mask, self._unit)
        self.shown = self.frame.within((picture.shape[1], picture.shape[0]))

    def cut(self, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
        """Picture (h×w×3 uint8) and mask (h×w float32) of a frame; it may reach beyond the photo.

        Beyond the photo's border what it cuts goes on, but below the feet is nobody.
        """
        mask = frame.cut(self.mask)
        bottom = len(self.mask) - frame.top
        below = mask[bottom:]
        rows, columns = np.nonzero(below)
        if len(rows):
            place = np.stack([columns, rows + bottom], -1)  # N×2
            joints = np.flatnonzero(self.confidence[0] >= SEEN)
            away = frame.shift(self.poses[0, joints]) - place[:, None]  # N×J×2
            distance = np.hypot(away[..., 0], away[..., 1])
            nearest = joints[distance.argmin(1)]
            mask = mask.copy()
            beyond = (distance.min(1) > FOOT * self._unit) & np.isin(nearest, self._feet())
            mask[rows[beyond] + bottom, columns[beyond]] = 0
        return frame.cut(self.picture), mask

    def _feet(self) -> list[int]:
        """The ankles whose feet the photo shows."""
        lowest = len(self.mask) - _ANKLE * self._unit
        return [leg[-1] for leg in LEGS if self.poses[0, leg[-1], 1] < lowest]

    def small(self, edge: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Picture, mask and T×18×2 poses with the square drawn edge px wide."""
        import cv2

        picture, mask = (
            cv2.resize(image, (edge, edge), interpolation=cv2.INTER_AREA)
            for image in self.cut(self.square)
        )
        return picture, mask, to_heatmap(self.poses, self._box, edge)

    def heatmaps(self, edge: int, batch: slice) -> torch.Tensor:
        """N×18×edge×edge, of a slice of frames: of all of them it would be gigabytes."""
        poses = torch.from_numpy(to_heatmap(self.poses[batch], self._box, edge))
        return draw_heatmaps(poses, torch.from_numpy(self.confidence[batch].copy()), edge)

    def batches(self) -> Iterator[slice]:
        """Slices of frames that the network paints at once."""
        for first in range(0, len(self.poses), BATCH):
            yield slice(first, first + BATCH)

    @property
    def _box(self) -> tuple[int, int, int, int]:
        return self.square.left, self.square.top, self.square.right, self.square.bottom
