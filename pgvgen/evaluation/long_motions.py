"""Motions longer than the network's own, as people get them: do the segments' seams show?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from pgvgen.evaluation.baselines import pose
from pgvgen.evaluation.body_metrics import foot_slide, limb_excess
from pgvgen.evaluation.motion_metrics import lost_share
from pgvgen.evaluation.tables import Column, Row
from pgvgen.motion import PSGAN
from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.ease import at_ease
from pgvgen.motion.generate import done_by
from pgvgen.motion.segments import SHARED, Writer
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.timing import bridge_gaps, smooth
from pgvgen.training.motion_examples import Example

SEGMENTS = 3  # times the network's own length
COLUMNS = (
    Column("speed at seams", 2, "lower"),
    Column("elsewhere", 2),
    Column("jolt at seams", 2, "lower"),
    Column("jolt elsewhere", 2),
    Column("limb growth", 3, "lower"),
    Column("at its peak", 3, "lower"),
    Column("foot slide", 4, "lower"),
    Column("lost", 3, "lower"),
)
NOTE = (
    "As `pgvgen motion` gives them, on the person's own bones. At seams: the fastest step while "
    "one segment leads over into the next, as a share of the 95th percentile of the motion's own "
    "steps; elsewhere: the same of as many steps where there is no seam. Jolt: the same of the "
    "acceleration. lost: keypoints of the start pose that the network does not write."
)


def at_seams(
    keypoints: np.ndarray, seams: Sequence[int], length: int, order: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """How fast a motion is at its seams, as shares of the 95th percentile of its own steps.

    Args:
        keypoints: T×K×2 of the keypoints that are there.
        seams: frames at which one segment begins to lead over into the next.
        length: frames that it takes to.
        order: 1 for speed, 2 for acceleration.

    Returns:
        The fastest step of each seam, and of every stretch as long that is away from seams.
    """
    change = np.linalg.norm(np.diff(keypoints, order, axis=0), axis=-1).mean(1)  # T−order
    times = np.arange(len(change)) + order / 2
    fast = max(float(np.quantile(change, 0.95)), 1e-9)
    frames = np.arange(1, len(keypoints) - length)
    within = (times >= frames[:, None] - 1) & (times <= frames[:, None] + length)
    peaks = np.where(within, change, 0).max(1) / fast
    away = np.all([np.abs(frames - s) > length + 1 for s in seams], axis=0)
    return peaks[np.isin(frames, list(seams))], peaks[away]


def long_row(name: str, psgan: PSGAN, starts: Example, labels: Sequence[str], seed: int) -> Row:
    """The figures of one network's long motions.

    Args:
        name: the row's.
        psgan: the network.
        starts: windows whose first pose is the start, of actions that repeat.
        labels: the names of the windows' labels.
        seed: of the first motion; the next has the next.

    Raises:
        InputError: the network shows nobody.
    """
    frames = SEGMENTS * psgan.config.frames
    motions: list[PoseSequence] = []
    shown: list[torch.Tensor] = []
    found: dict[str, list[float]] = {column.name: [] for column in COLUMNS}
    for i, label in enumerate(starts.label.tolist()):
        start = pose(starts.start[i : i + 1], starts.present[i : i + 1], psgan.config.fps)
        # As `generate_motion` does it, which does not say where the seams are.
        writer = Writer(psgan, at_ease(start), None, torch.Generator().manual_seed(seed + i))
        written, seams = writer.on_and_on(labels[label], frames)
        motion = done_by(start, smooth(bridge_gaps(written)), [labels[label]])
        motions.append(motion)
        shown.append(torch.tensor(written.confidence))
        seen = motion.keypoints[:, motion.present.all(0)].astype(np.float64)
        for first, rest, order in (COLUMNS[0], COLUMNS[1], 1), (COLUMNS[2], COLUMNS[3], 2):
            seam, away = at_seams(seen, seams, SHARED, order)
            found[first.name] += seam.tolist()
            found[rest.name] += away.tolist()
    keypoints = torch.tensor(np.stack([m.keypoints for m in motions]))
    sure = torch.tensor(np.stack([m.confidence for m in motions]))
    placed = body_frame(keypoints[:, 0], sure[:, 0]).normalise(keypoints)
    slide = foot_slide(placed, sure)
    growth, peak = limb_excess(placed, sure)
    found["limb growth"], found["at its peak"] = growth.tolist(), peak.tolist()
    found["foot slide"] = slide[~slide.isnan()].tolist()
    # On the person's own bones nothing is lost: what is not written stays as it is in the photo.
    found["lost"] = [float(lost_share(torch.stack(shown), starts.present.cpu()))]
    return Row(name, {key: float(np.mean(values)) for key, values in found.items() if values})
