"""How windows of poses are varied: cameras, bodies, joints that a photo lacks, starts at rest."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.facing import NARROWEST
from pgvgen.poses.bones import FACE
from pgvgen.poses.skeletons import BODY_18

# BODY_18 as a tree from the neck: every joint with its parent, parents first, and which length it
# shares with its twin on the other side.
_PARENT = (1, 1, 1, 2, 3, 1, 5, 6, 1, 8, 9, 1, 11, 12, 0, 0, 14, 15)
_ORDER = (1, 0, 2, 5, 8, 11, 3, 6, 9, 12, 4, 7, 10, 13, 14, 15, 16, 17)
_AT_REST = 0.35  # share of windows that begin in a standing pose
_BLEND = (6, 11)  # frames from it to the motion, at least and below
_FROM_BEHIND = 0.2  # share of windows
_SHOULDERS, _HIPS = (2, 5), (8, 11)

# How often a photo ends above these joints, and how often these are hidden on their own.
_CUTS = (([10, 13], 0.25), ([9, 12], 0.17), ([8, 11], 0.08))
_HIDDEN = (
    ([4], 0.05), ([7], 0.05), ([3, 4], 0.03), ([6, 7], 0.03), ([14, 16], 0.1), ([15, 17], 0.1),
    ([14, 15], 0.04), ([16, 17], 0.05), ([1], 0.04), ([0, 14, 15], 0.03),
)  # fmt: skip


def augment(
    batch: dict[str, Tensor],
    mirror: Tensor,
    facing: Tensor,
    rng: np.random.Generator,
) -> dict[str, Tensor]:
    """Vary a batch of windows; see each step below.

    Args:
        batch: keypoints N×T×K×2 in px, known N×T×K, label N, given N, and what is left as it is.
        mirror: per label the index of the mirrored action, −1 for none.
        facing: per label whether it is to be seen from the front though it was filmed from behind.
        rng: all randomness comes from it.
    """
    torch_rng = torch.Generator().manual_seed(int(rng.integers(2**62)))
    keypoints, known, label = batch["keypoints"], batch["known"], batch["label"]
    if keypoints.shape[2] == len(BODY_18):
        keypoints, known, label = _mirror(keypoints, known, label, mirror, torch_rng)
        keypoints = _other_side(keypoints, known, facing[label], torch_rng)
        keypoints = _proportion(keypoints, known, torch_rng)
        keypoints = _begin_at_rest(keypoints, known, batch["given"], torch_rng)
        keypoints = _camera(keypoints, torch_rng)
        known = _hide(known, torch_rng)
    return {**batch, "keypoints": keypoints, "known": known, "label": label}


def _chance(count: int, probability: float, rng: torch.Generator) -> Tensor:
    return torch.rand(count, generator=rng) < probability


def _mirror(
    keypoints: Tensor, known: Tensor, label: Tensor, mirror: Tensor, rng: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Half of the windows as in a mirror, left and right exchanged, `wave` becoming `wave_left`."""
    flip = _chance(len(label), 0.5, rng) & (mirror[label] >= 0)
    order = list(BODY_18.mirror)
    flipped = keypoints[:, :, order] * keypoints.new_tensor([-1.0, 1.0])
    keypoints = torch.where(flip[:, None, None, None], flipped, keypoints)
    known = torch.where(flip[:, None, None], known[:, :, order], known)
    return keypoints, known, torch.where(flip, mirror[label], label)


def _other_side(keypoints: Tensor, known: Tensor, facing: Tensor, rng: torch.Generator) -> Tensor:
    """One window in five seen from behind; for some actions the others from the front.

    From afar a body looks from behind as it does from the front in a mirror, left remaining left.
    """
    first, torso = keypoints[:, 0], list(_SHOULDERS + _HIPS)
    width, tall = _width(first), (first[:, _HIPS, 1] - first[:, _SHOULDERS, 1]).mean(1)
    behind = _chance(len(first), _FROM_BEHIND, rng)
    clear = (known[:, 0, torso] > 0).all(1) & (width.abs() > NARROWEST * tall)
    flip = clear & torch.where(width > 0, behind, facing & ~behind)
    mirrored = keypoints * keypoints.new_tensor([-1, 1])
    return torch.where(flip[:, None, None, None], mirrored, keypoints)


def _proportion(keypoints: Tensor, known: Tensor, rng: torch.Generator) -> Tensor:
    """Other bodies: every bone's length times a factor, the same on both sides and over time."""
    count = len(keypoints)
    factor = 1 + 0.1 * torch.randn(count, len(BODY_18), generator=rng).clamp(-2, 2)
    twin = torch.tensor(BODY_18.mirror)
    factor = (factor + factor[:, twin]) / 2
    factor[:, _SHOULDERS] *= 0.85 + 0.3 * torch.rand(count, 1, generator=rng)
    factor[:, 11] = factor[:, 8]  # the torso is one bone, however many lines it is drawn by
    root = keypoints[:, :, 1]
    lacking = known[:, :, 1] == 0
    root = torch.where(lacking[..., None], keypoints[:, :, list(_SHOULDERS)].mean(2), root)
    source = keypoints.clone()
    source[:, :, 1] = root
    out = source.clone()
    for joint in _ORDER[1:]:
        parent = _PARENT[joint]
        # A parent that the data set lacks has no place: its child hangs from the neck.
        has = (known[:, :, parent] > 0)[..., None] | (parent == 1)
        base = torch.where(has, source[:, :, parent], root)
        moved = torch.where(has, out[:, :, parent], root)
        out[:, :, joint] = moved + (source[:, :, joint] - base) * factor[:, None, joint, None]
    return out


def _width(pose: Tensor) -> Tensor:
    """N: how wide the shoulders look, with sign: which way a pose faces. N×K×2 of unit height."""
    return pose[:, _SHOULDERS[1], 0] - pose[:, _SHOULDERS[0], 0]


def _begin_at_rest(keypoints: Tensor, known: Tensor, given: Tensor, rng: torch.Generator) -> Tensor:
    """Some windows begin in another window's standing pose that faces about the same way.

    A photo shows somebody who stands there, rarely somebody caught in the action's first frame;
    over a few frames the pose goes over into the motion.
    """
    first = keypoints[:, 0]
    seen = (known[:, 0, [1, 2, 5, 8, 10, 11, 13]] > 0).all(1)
    tall = first[:, [10, 13], 1].mean(1) - first[:, 1, 1]
    hips = first[:, list(_HIPS), 1].mean(1) - first[:, 1, 1]
    arms_down = first[:, [4, 7], 1].amin(1) > first[:, [8, 11], 1].mean(1) - 0.35 * hips
    standing = seen & arms_down & (hips > 0.3 * tall) & (hips < 0.5 * tall) & (tall > 0)
    pool = standing.nonzero()[:, 0]
    # Not windows from the middle of a single action: at rest comes before it, not within.
    use = _chance(len(first), _AT_REST, rng) & (given == 1) & (tall > 0)
    use &= (known[:, 0, [1, 10, 13]] > 0).all(1)
    if len(pool) < 2 or not use.any():
        return keypoints
    unit = (first - first[:, 1:2]) / tall.clamp_min(1e-3)[:, None, None]  # N×K×2
    far = (_width(unit)[:, None] - _width(unit)[pool]).abs()
    far = far + 0.03 * torch.rand(far.shape, generator=rng)
    lender = pool[far.argmin(1)]
    rest = unit[lender] * tall[:, None, None] + first[:, 1:2]
    # What the lender's data set lacks stays the window's own, a face as a whole.
    lacks = known[:, 0] > known[lender, 0]
    lacks[:, FACE] |= lacks[:, FACE].any(1, keepdim=True)
    rest = torch.where(lacks[..., None], first, rest)
    length = torch.randint(*_BLEND, (len(first), 1), generator=rng)
    share = (torch.arange(keypoints.shape[1]) / length).clamp(max=1)  # N×T
    share = (share * share * (3 - 2 * share))[..., None, None]
    out = rest[:, None] * (1 - share) + keypoints * share
    both = use[:, None, None, None] & (known[:, 0] > 0)[:, None, :, None]
    return torch.where(both, out, keypoints)


def _camera(keypoints: Tensor, rng: torch.Generator) -> Tensor:
    """A camera held a little askew (± 6°), a little higher or lower (height ± 6 %)."""
    count = len(keypoints)
    roll = (torch.rand(count, generator=rng) - 0.5) * 0.2
    squeeze = 1 + (torch.rand(count, generator=rng) - 0.5) * 0.12
    cos, sin = roll.cos(), roll.sin()
    turn = torch.stack([cos, -sin * squeeze, sin, cos * squeeze], dim=1).reshape(count, 1, 2, 2)
    return keypoints @ turn.transpose(-1, -2)


def _hide(known: Tensor, rng: torch.Generator) -> Tensor:
    """Photos that end at the knee, thigh or hip; hidden arms, faces and single joints."""
    count = len(known)
    hidden = torch.zeros(count, known.shape[2], dtype=torch.bool)
    cut = torch.rand(count, generator=rng)
    for joints, chance in _CUTS:
        hidden[:, joints] |= (cut < chance)[:, None]
    for joints, chance in _HIDDEN:
        hidden[:, joints] |= _chance(count, chance, rng)[:, None]
    return known * ~hidden[:, None]
