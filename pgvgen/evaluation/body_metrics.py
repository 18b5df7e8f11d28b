"""What a body cannot do: limbs that grow, feet that slide while they stand."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from pgvgen.poses.bones import ENDS, HIPS, LEGS, STARTS, TWINS, USUAL

_LIFTED = 0.03
"""Body heights (5 cm) above its lowest place about that time at which a foot is up."""
_STEP = 15
"""Frames within which a foot that walks comes down."""


def limb_excess(keypoints: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """N each: how far limbs grow beyond what the first frame allows, as a share of their length.

    Pictures shorten bones and never lengthen them. So a bone may become as long as it, or the same
    bone of the other side, is in the first frame, or as long as usual beside the other bones of
    that frame, whichever is longer; what it exceeds that by is the excess. That is not 0 for real
    motions either: people differ, and joints are marked a little off.

    Args:
        keypoints: N×T×18×2, any unit.
        known: N×T×18, 0 where a joint lacks.

    Returns:
        The mean over bones of the excess's mean over time, and of its peak.
    """
    lengths, there = _bones(keypoints, known > 0)  # N×T×B
    usual = torch.tensor(USUAL, dtype=lengths.dtype, device=lengths.device)
    twins = torch.tensor(TWINS, device=lengths.device)
    first = lengths[:, 0] * there[:, 0]
    units = (first / usual).masked_fill(~there[:, 0], torch.nan)
    unit = units.nanquantile(0.8, dim=1, keepdim=True)  # N×1, NaN where no bone is seen
    longest = torch.maximum(torch.maximum(first, first[:, twins]), usual * unit.nan_to_num(0))
    seen = there & (there[:, 0] & (longest > 0))[:, None]
    excess = (lengths / longest.clamp_min(1e-6)[:, None] - 1).clamp_min(0) * seen
    frames = seen.sum(1)
    bones = (frames > 0).sum(1).clamp_min(1)
    return (excess.sum(1) / frames.clamp_min(1)).sum(1) / bones, excess.amax(1).sum(1) / bones


def foot_slide(keypoints: Tensor, known: Tensor) -> Tensor:
    """N: the mean speed of the ankles while the foot is down, in the keypoints' unit a frame.

    A foot is down where its ankle is within 3 % of a body height of the lowest that it is within
    half a second before and after. Motions whose feet are never seen down give NaN.

    Args:
        keypoints: N×T×18×2 in body heights, y downwards.
        known: N×T×18.
    """
    ankles = [leg[-1] for leg in LEGS]
    path, there = keypoints[:, :, ankles], known[:, :, ankles] > 0  # N×T×2×2, N×T×2
    height = path[..., 1].masked_fill(~there, -torch.inf).transpose(1, 2)  # N×2×T
    floor = functional.max_pool1d(height, _STEP, stride=1, padding=_STEP // 2)
    down = ((height >= floor - _LIFTED) & there.transpose(1, 2)).transpose(1, 2)
    standing = down[:, 1:] & down[:, :-1]
    speed = path.diff(dim=1).norm(dim=-1) * standing
    return speed.sum((1, 2)) / standing.sum((1, 2))


def _bones(keypoints: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """The length of every bone and whether both its ends are there: N×T×B each."""
    root = keypoints[:, :, list(HIPS)].mean(2, keepdim=True)
    places = torch.cat([keypoints, root], dim=2)
    there = torch.cat([there, there[:, :, list(HIPS)].all(2, keepdim=True)], dim=2)
    lengths = (places[:, :, ENDS] - places[:, :, STARTS]).norm(dim=-1)
    return lengths, there[:, :, ENDS] & there[:, :, STARTS]
