"""The figures of one painted frame, beside the real one: the columns of Table 5 and more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from pgvgen.evaluation.images import Box, psnr, ssim
from pgvgen.evaluation.perceptual import (
    efficientnet_distance,
    load_efficientnet,
    load_lpips,
    lpips_distance,
)
from pgvgen.evaluation.pose_error import (
    Joints,
    average_keypoint_distance,
    joints_in,
    missing_keypoint_rate,
)
from pgvgen.evaluation.tables import Column
from pgvgen.nn.efficientnet import EfficientNetLite0
from pgvgen.poses.estimators.region import Region

COLUMNS = (
    Column("SSIM", 3, "higher"),
    Column("LPIPS", 3, "lower"),
    Column("PSNR", 2, "higher"),
    Column("EfficientNet-Lite0", 3, "lower"),
    Column("box SSIM", 3, "higher"),
    Column("box PSNR", 2, "higher"),
    Column("box EfficientNet-Lite0", 3, "lower"),
    Column("AKD", 2, "lower"),
    Column("MKR", 3, "lower"),
)
FIGURES_NOTE = (
    "Box: the person's in both frames. EfficientNet-Lite0: distance of unit-normalised ImageNet "
    "features; not LPIPS."
)
POSES_NOTE = (
    " AKD: px at 128×128 between joints that BlazePose finds in both frames, where the real person "
    "is; MKR: share of those in the real frame that it misses in the other."
)
NO_LPIPS = " LPIPS is left out: its package `lpips` or the backbone it downloads cannot be had."
SCALE = 128
"""AKD is in px of a frame of this edge, however large the frame is."""

_MOST = 60.0  # dB: one equal pair would make the mean PSNR infinite

Figures = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Real:
    """A frame as it was.

    Attributes:
        picture: H×W×3 uint8.
        box: the person's, in this frame and the photo.
        region: where the person is, turned upright.
        joints: what is found there, if poses are measured.
    """

    picture: np.ndarray
    box: Box
    region: Region | None
    joints: Joints | None


@dataclass(frozen=True, eq=False)
class FrameJudge:
    """What frames are measured with; what is missing leaves its columns out.

    Attributes:
        efficientnet: the feature net.
        lpips: of the package of that name.
        poses: measure the pose error.
    """

    efficientnet: EfficientNetLite0 | None
    lpips: nn.Module | None
    poses: bool

    @classmethod
    def load(cls, device: torch.device, *, poses: bool) -> FrameJudge:
        """All that can be had here; with the pose error, 0.05 s a frame, only if `poses`."""
        return cls(load_efficientnet(device), load_lpips(device), poses)

    @property
    def note(self) -> str:
        """How to read the columns."""
        lpips = "" if self.lpips is not None else NO_LPIPS
        return FIGURES_NOTE + (POSES_NOTE if self.poses else "") + lpips

    def real(self, picture: np.ndarray, box: Box, region: Region | None) -> Real:
        """A real H×W×3 uint8 frame, looked at once for all that is compared with it.

        Args:
            picture: the frame.
            box: the person's, in this frame and the photo.
            region: where the person is in this frame, None where no pose is known.
        """
        joints = joints_in(picture, region) if self.poses else None
        return Real(picture, box, region, joints)

    def figures(self, picture: np.ndarray, real: Real) -> Figures:
        """A painted H×W×3 uint8 frame against the real one, by column; NaN for no joints."""
        left, top, right, bottom = real.box
        inside, wanted = (p[top:bottom, left:right] for p in (picture, real.picture))
        out = {
            "SSIM": ssim(picture, real.picture),
            "PSNR": min(psnr(picture, real.picture), _MOST),
            "box SSIM": ssim(picture, real.picture, real.box),
            "box PSNR": min(psnr(picture, real.picture, real.box), _MOST),
        }
        if self.lpips is not None:
            out["LPIPS"] = lpips_distance(self.lpips, picture, real.picture)
        if self.efficientnet is not None:
            net = self.efficientnet
            out["EfficientNet-Lite0"] = efficientnet_distance(net, picture, real.picture)
            out["box EfficientNet-Lite0"] = efficientnet_distance(net, inside, wanted)
        if real.joints is not None:
            joints = joints_in(picture, real.region)
            scale = SCALE / max(picture.shape[:2])
            out["AKD"] = scale * average_keypoint_distance(joints, real.joints)
            out["MKR"] = missing_keypoint_rate(joints, real.joints)
        return out
