"""Motions that one method made for the held-out windows' start poses, ready to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pgvgen.evaluation.held_out import some
from pgvgen.evaluation.motion_metrics import average_l2, disk_l2, keypoint_error
from pgvgen.motion import PSGAN
from pgvgen.motion.coordinates import to_map
from pgvgen.motion.keypoint import STEP
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.training.motion_examples import Example

_CHUNK = 64
_CHUNK_OF_MAPS = 8


@dataclass(frozen=True, eq=False)
class Made:
    """A motion for each of N windows.

    Attributes:
        moved: N×T×K×2, displacement from the start pose in `STEP`s.
        confidence: N×T×K.
        map_error: N, Average L2 against the window's own motion.
    """

    moved: Tensor
    confidence: Tensor
    map_error: Tensor


def displaced(windows: Example, moved: Tensor, confidence: Tensor | None = None) -> Made:
    """Motions given as displacements; all keypoints of the start poses are there by default."""
    if confidence is None:
        confidence = windows.present[:, None].expand(moved.shape[:3])
    errors = []
    for i in range(0, len(moved), _CHUNK):
        part = slice(i, i + _CHUNK)
        w = some(windows, part)
        made, real = (to_map(w.start[:, None] + m * STEP) for m in (moved[part], w.motion))
        errors.append(disk_l2(made, real, confidence[part], w.known))
    return Made(moved, confidence, torch.cat(errors))


@torch.no_grad()
def generated(
    psgan: PSGAN, windows: Example, label: Tensor, seed: int, *, as_strong: bool = False
) -> Made:
    """What a network answers to the start poses.

    Args:
        psgan: the network.
        windows: their start poses are shown to it.
        label: N, the windows' actions in the network's own numbering.
        seed: of the noise, and of how energetic each motion shall be.
        as_strong: as energetic as the window's own motion is among its action's, not at random.
    """
    rng = torch.Generator().manual_seed(seed)
    writes_maps = psgan.config.generator == "heatmap"
    size = _CHUNK_OF_MAPS if writes_maps else _CHUNK
    moved, confidence, errors = [], [], []
    for i in range(0, len(label), size):
        part = slice(i, i + size)
        w = some(windows, part)
        drawn = torch.rand(len(w.label), generator=rng).to(w.start)
        strength = w.strength if as_strong else drawn
        motion = psgan(w.start, w.present, label[part], strength=strength, rng=rng)
        moved.append((motion.keypoints - w.start[:, None]) / STEP)
        confidence.append(motion.confidence)
        if motion.written_maps is not None:
            truth = to_map(w.start[:, None] + w.motion * STEP)
            real = draw_heatmaps(truth, w.known).transpose(1, 2)
            errors.append(average_l2(motion.maps, real, w.known.transpose(1, 2)))
    if writes_maps:
        return Made(torch.cat(moved), torch.cat(confidence), torch.cat(errors))
    return displaced(windows, torch.cat(moved), torch.cat(confidence))


def nearest_of(made: Sequence[Made], windows: Example) -> Made:
    """Of several motions a start pose, the one nearest to what happened."""
    errors = torch.stack([keypoint_error(m.moved, windows.motion, windows.known) for m in made])
    best, each = errors.argmin(0), torch.arange(errors.shape[1], device=errors.device)
    return Made(
        torch.stack([m.moved for m in made])[best, each],
        torch.stack([m.confidence for m in made])[best, each],
        torch.stack([m.map_error for m in made])[best, each],
    )
