"""Where in a photo a motion takes place, and what of it the network sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from pgvgen.poses import PoseSequence
from pgvgen.poses.bones import LEGS
from pgvgen.poses.heatmaps import draw_heatmaps, to_heatmap
from pgvgen.rendering.framing import Frame, motion_square, painted_frame
from pgvgen.rendering.parts import PARTS, body_unit, coarse_depth

BATCH = 8
"""Frames that the network paints at once."""

LOOSE = 0.05
"""By so many body units sleeves and shoes may be thicker than arms and feet."""

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

        Beyond the photo's border what it cuts goes on, but an arm or a foot no farther than it is
        thick: turned, it would be a slab.
        """
        mask = frame.cut(self.mask)
        beyond = np.ones(mask.shape, bool)
        photo = frame.within((self.mask.shape[1], self.mask.shape[0]))
        beyond[photo.relative_to(frame).box] = False
        if mask[beyond].any():
            mask = np.where(beyond & self._too_thick(frame), 0, mask)
        return frame.cut(self.picture), mask

    def _too_thick(self, frame: Frame) -> np.ndarray:
        """Where in a frame an arm or a foot is nearest and has ended: h×w bool."""
        lowest = len(self.mask) - _ANKLE * self._unit
        feet = [leg[-1] for leg in LEGS if self.poses[0, leg[-1], 1] < lowest]
        ends = [p.name.endswith("arm") or (p.kind == "foot" and p.joints[0] in feet) for p in PARTS]
        pose = frame.shift(self.poses[0]), self.confidence[0], (frame.width, frame.height)
        nearest, others = (coarse_depth(*pose, np.equal(ends, which)) for which in (True, False))
        return np.asarray((nearest < -LOOSE) & (nearest > others))

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
