"""Floors and ceilings: what needs no network, so that the networks' figures can be read."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pgvgen.errors import InputError
from pgvgen.motion.keypoint import STEP
from pgvgen.poses.retarget import retarget
from pgvgen.poses.sequence import PoseSequence
from pgvgen.training.motion_examples import Example

_HEIGHT, _NECK, _SIZE = 100.0, (128.0, 90.0), (256, 256)  # px of a picture to put a pose in


def class_mean(windows: Example, pool: Example) -> Tensor:
    """N×T×K×2 in `STEP`s: every class's mean displacement in a pool of real windows."""
    means = torch.zeros_like(windows.motion)
    for i in windows.label.unique():
        of = pool.label == i
        weight = pool.known[of][..., None]
        means[windows.label == i] = (pool.motion[of] * weight).sum(0) / weight.sum(0).clamp_min(1)
    return means


def nearest(windows: Example, pool: Example) -> Tensor:
    """N indices into the pool: the real motion of the class whose start pose is nearest."""
    both = windows.present[:, None] * pool.present  # N×M×K
    distance = (windows.start[:, None] - pool.start).norm(dim=-1) * both
    distance = distance.sum(-1) / both.sum(-1).clamp_min(1) - 0.1 * both.mean(-1)
    return distance.masked_fill(windows.label[:, None] != pool.label, torch.inf).argmin(1)


def at_random(windows: Example, pool: Example, rng: np.random.Generator) -> Tensor:
    """N indices into the pool: any real motion of the class."""
    label = pool.label.cpu().numpy()
    return torch.tensor([rng.choice(np.flatnonzero(label == i)) for i in windows.label.tolist()])


def retargeted(windows: Example, pool: Example, which: Tensor, fps: float) -> Tensor:
    """N×T×K×2 in `STEP`s: motions of the pool, done by the people of the windows' start poses."""
    moved = []
    for n, m in enumerate(which.tolist()):
        start = pose(windows.start[n : n + 1], windows.present[n : n + 1], fps)
        motion = pose(pool.start[m] + pool.motion[m] * STEP, pool.known[m], fps)
        try:
            there = torch.from_numpy(retarget(motion, start).keypoints.copy())
        except InputError:  # no bone that both show: what is known goes along as it is
            moved.append(pool.motion[m].cpu())
            continue
        placed = (there - torch.tensor(_NECK)) / _HEIGHT
        moved.append((placed - windows.start[n].cpu()) / STEP)
    kept = torch.stack(moved).to(windows.motion)
    return kept * windows.present[:, None, :, None]


def pose(keypoints: Tensor, known: Tensor, fps: float) -> PoseSequence:
    """Poses in their own coordinates, T×K×2 and T×K, as a sequence in a picture."""
    placed = keypoints.cpu().numpy() * _HEIGHT + np.array(_NECK)
    return PoseSequence(placed, known.cpu().numpy(), fps, _SIZE)
