"""Table 1 for a stage one weight: against real motions, between floors that make it readable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.store import Clip, ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation.motion_classifier import MotionClassifier, train_classifier
from pgvgen.evaluation.motion_metrics import (
    average_l2,
    keypoint_error,
    lost_share,
    mean_speed,
    per_class,
)
from pgvgen.evaluation.tables import PAPER_TABLE_1, Column, Row, Table
from pgvgen.motion import PSGAN
from pgvgen.motion.coordinates import to_map
from pgvgen.motion.keypoint import STEP
from pgvgen.motion.psgan import Motion
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.training.motion_examples import Example, example
from pgvgen.training.motion_windows import MotionWindows
from pgvgen.weights import device as find_device

_A_CLASS = 8  # windows of each class
_CLASSIFIER_STEPS = 400
_DRAWS = 5  # motions a start pose, of which the nearest counts
_PX = STEP * 76  # px at 128×128 of a displacement of one STEP: a body is 76 px high there
_CHUNK = 16

_COLUMNS = (
    Column("Average L2", 4, "lower"),
    Column("px", 1, "lower"),
    Column("speed"),
    Column("acceleration"),
    Column("recognised", 2, "higher"),
    Column("lost", 3, "lower"),
)
_NOTE = (
    "Average L2: mean squared difference of 64×64 maps; the paper's on UCF101 + Weizmann. px: of "
    "keypoints at 128×128. speed, acceleration: against the real motions', mean over classes. "
    "recognised: by a classifier trained on real motions. lost: keypoints of the start pose that "
    "the motion lacks."
)


@dataclass(frozen=True, eq=False)
class _Judge:
    """What every row is measured against."""

    windows: Example
    classifier: MotionClassifier

    def row(self, name: str, motion: Motion, paper: float | None = None) -> Row:
        """The figures of one method's motions."""
        windows = self.windows
        moved = (motion.keypoints - windows.start[:, None]) / STEP
        values = {
            "Average L2": float(per_class(self._average_l2(motion), windows.label)),
            "px": float(
                per_class(keypoint_error(moved, windows.motion, windows.known), windows.label)
            )
            * _PX,
            "speed": self._ratio(moved, 1),
            "acceleration": self._ratio(moved, 2),
            "recognised": float(per_class(self._right(moved), windows.label)),
            "lost": float(lost_share(motion.confidence, windows.present)),
        }
        return Row(name, values, {} if paper is None else {"Average L2": paper})

    def _ratio(self, moved: Tensor, order: int) -> float:
        """Mean over classes of the mean speed (order 1) against the real one."""
        w = self.windows
        made, real = (mean_speed(part, w.known, order) for part in (moved, w.motion))
        ratios = [made[w.label == i].mean() / real[w.label == i].mean() for i in w.label.unique()]
        return float(torch.stack(ratios).mean())

    def _right(self, moved: Tensor) -> Tensor:
        w = self.windows
        return self.classifier(moved, w.start, w.present).argmax(1) == w.label

    def _average_l2(self, motion: Motion) -> Tensor:
        w, parts = self.windows, []
        for i in range(0, len(w.label), _CHUNK):
            part = slice(i, i + _CHUNK)
            known = w.known[part]
            truth = _real(w).keypoints[part]
            shown = Motion(
                motion.keypoints[part],
                motion.confidence[part],
                None if motion.written_maps is None else motion.written_maps[part],
            )
            real = draw_heatmaps(to_map(truth), known).transpose(1, 2)
            parts.append(average_l2(shown.maps, real, known.transpose(1, 2)))
        return torch.cat(parts)

    def by_class(self, moved: Tensor, labels: tuple[str, ...]) -> Table:
        """Speed, acceleration and accuracy of every class."""
        w, rows = self.windows, []
        right = self._right(moved)
        for i in w.label.unique().tolist():
            of = w.label == i
            speeds = [
                float(
                    mean_speed(moved, w.known, n)[of].mean()
                    / mean_speed(w.motion, w.known, n)[of].mean()
                )
                for n in (1, 2)
            ]
            values = dict(zip(("speed", "acceleration"), speeds, strict=True))
            rows.append(Row(labels[i], {**values, "recognised": float(right[of].float().mean())}))
        return Table("PSGAN by action", (_COLUMNS[2], _COLUMNS[3], _COLUMNS[4]), tuple(rows))


@torch.no_grad()
def evaluate_motion(
    store: ClipStore,
    weights: str | Path,
    *,
    split: str = "test",
    seed: int = 0,
    device: str = "auto",
) -> list[Table]:
    """Table 1, and each action on its own.

    Args:
        store: with clips of the split, and of `train` for the floors and the classifier.
        weights: name, folder or Hub id of a stage one weight.
        split: test, val or train.
        seed: of the windows, the noise and the classifier.
        device: auto, cpu, cuda or mps.

    Raises:
        InputError: the store has no clips of the split, or of train, that the weight's labels name.
        WeightsError: the weight cannot be had.
    """
    where = find_device(device)
    psgan = PSGAN.from_pretrained(weights, device=where)
    held = _windows(store, psgan, split, size=64, augmented=False)
    train = _windows(store, psgan, "train", size=64, augmented=True)
    windows = _even(held, seed, where)
    with torch.enable_grad():
        count = len(SKELETONS[psgan.config.skeleton])
        classifier = train_classifier(train, count, steps=_CLASSIFIER_STEPS, seed=seed)
    judge = _Judge(windows, classifier.to(where))
    motions = [_generate(psgan, windows, seed + n) for n in range(_DRAWS)]
    paper = {name: figures["action"] for name, figures in PAPER_TABLE_1.items()}
    kind = psgan.config.generator
    rows = [
        judge.row("real", _real(windows), 0.0),
        judge.row("first pose repeated", _still(windows)),
        judge.row("empty", _empty(windows)),
        judge.row("class mean", _moved(windows, _class_mean(train, windows, seed))),
        judge.row("nearest real motion", _moved(windows, _nearest(train, windows, seed))),
        judge.row(f"PSGAN ({kind})", motions[0], paper["PSGAN"]),
        judge.row(f"PSGAN ({kind}), nearest of {_DRAWS}", _best(motions, windows)),
        *(Row(f"PSGAN, paper's: {name}", {}, {"Average L2": paper[name]})
          for name in ("PSGAN-L1", "PSGAN w/o LSTM")),
    ]  # fmt: skip
    count = len(windows.label.unique())
    title = f"Table 1: {weights}, {len(windows.label)} windows of {count} actions, {split}"
    moved = (motions[0].keypoints - windows.start[:, None]) / STEP
    return [Table(title, _COLUMNS, tuple(rows), _NOTE), judge.by_class(moved, psgan.config.labels)]


def _windows(
    store: ClipStore, psgan: PSGAN, split: str, *, size: int, augmented: bool
) -> MotionWindows:
    clips: list[Clip] = store.clips(split=split, labels=psgan.config.labels)
    if not clips:
        raise InputError(f"{store.folder} has no {split} clips of the weight's actions")
    return MotionWindows(
        clips,
        psgan.config.labels,
        frames=psgan.config.frames,
        fps=psgan.config.fps,
        batch_size=size,
        augmented=augmented,
    )


def _even(held: MotionWindows, seed: int, device: torch.device) -> Example:
    """As many windows of every class, each beginning as an action begins."""
    wanted = dict.fromkeys(held.filled, _A_CLASS)
    batches: list[dict[str, Tensor]] = []
    for n in range(1000):
        batch = held.batch(np.random.default_rng([seed, n, 3]))
        keep = []
        for i, label in enumerate(batch["label"].tolist()):
            if wanted[label]:
                wanted[label] -= 1
                keep.append(i)
        batches.append({name: part[keep] for name, part in batch.items()})
        if not any(wanted.values()):
            break
    joined = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
    return example({name: part.to(device) for name, part in joined.items()})


def _moved(windows: Example, moved: Tensor) -> Motion:
    """Displacements N×T×K×2 in `STEP`s from the start poses."""
    sure = windows.present[:, None].expand(moved.shape[:3])
    return Motion(windows.start[:, None] + moved * STEP, sure)


def _real(windows: Example) -> Motion:
    motion = _moved(windows, windows.motion)
    return Motion(motion.keypoints, windows.known)


def _still(windows: Example) -> Motion:
    return _moved(windows, torch.zeros_like(windows.motion))


def _empty(windows: Example) -> Motion:
    still = _still(windows)
    return Motion(still.keypoints, torch.zeros_like(still.confidence))


def _generate(psgan: PSGAN, windows: Example, seed: int) -> Motion:
    rng = torch.Generator().manual_seed(seed)
    parts = [
        psgan(
            windows.start[i : i + 64],
            windows.present[i : i + 64],
            windows.label[i : i + 64],
            rng=rng,
        )
        for i in range(0, len(windows.label), 64)
    ]
    written = [part.written_maps for part in parts if part.written_maps is not None]
    return Motion(
        torch.cat([part.keypoints for part in parts]),
        torch.cat([part.confidence for part in parts]),
        torch.cat(written) if written else None,
    )


def _best(motions: list[Motion], windows: Example) -> Motion:
    """Of several motions a start pose, the one nearest to what happened."""
    real = _real(windows).keypoints
    errors = torch.stack([keypoint_error(m.keypoints, real, windows.known) for m in motions])
    best, each = errors.argmin(0), torch.arange(errors.shape[1], device=errors.device)
    keypoints = torch.stack([m.keypoints for m in motions])[best, each]
    return Motion(keypoints, torch.stack([m.confidence for m in motions])[best, each])


def _pool(train: MotionWindows, seed: int, device: torch.device) -> Example:
    """Real motions to choose from."""
    batches = [train.batch(np.random.default_rng([seed, n, 4])) for n in range(40)]
    joined = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
    return example({name: part.to(device) for name, part in joined.items()})


def _class_mean(train: MotionWindows, windows: Example, seed: int) -> Tensor:
    """Every class's mean displacement."""
    pool = _pool(train, seed, windows.label.device)
    means = torch.zeros_like(windows.motion)
    for i in windows.label.unique():
        of = pool.label == i
        weight = pool.known[of][..., None]
        means[windows.label == i] = (pool.motion[of] * weight).sum(0) / weight.sum(0).clamp_min(1)
    return means


def _nearest(train: MotionWindows, windows: Example, seed: int) -> Tensor:
    """The displacement of the real motion of the class whose start pose is nearest."""
    pool = _pool(train, seed, windows.label.device)
    both = windows.present[:, None] * pool.present  # N×M×K
    distance = (windows.start[:, None] - pool.start).norm(dim=-1) * both
    distance = distance.sum(-1) / both.sum(-1).clamp_min(1) - 0.1 * both.mean(-1)
    distance = distance.masked_fill(windows.label[:, None] != pool.label, torch.inf)
    return pool.motion[distance.argmin(1)]
