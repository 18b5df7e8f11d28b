"""What all stage one methods are measured on: the same windows, judged by the same classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation.baselines import at_random, retargeted
from pgvgen.evaluation.held_out import RealMotions, moved_to
from pgvgen.evaluation.judge import Judge
from pgvgen.evaluation.made import Made, displaced, generated
from pgvgen.evaluation.motion_classifier import train_classifier
from pgvgen.evaluation.motion_weights import Contestant, shared_labels
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.training.motion_examples import Example
from pgvgen.training.motion_windows import MotionWindows, rank_strengths
from pgvgen.training.psgan import MotionData

_LEAST, _MOST = 8, 24  # windows of each class
_POOL = 100  # real training motions of each class to choose from
_CLASSIFIER_STEPS = 500
_SEEDS, _ALL_SEEDS = 5, 20  # motions a start pose; of the whole table Action2Motion's number


@dataclass(frozen=True, eq=False)
class Bench:
    """What all methods are measured on.

    Attributes:
        labels: the names of the windows' labels.
        fps: of the windows.
        judge: with the windows.
        pool: real training motions.
        others: more real windows of the same split, one set a seed.
        seed: the first seed.
    """

    labels: tuple[str, ...]
    fps: float
    judge: Judge
    pool: Example
    others: list[Example]
    seed: int

    @property
    def runs(self) -> int:
        """How many seeds."""
        return len(self.others)

    def retargeted(self, which: Tensor) -> Made:
        """Motions of the pool, done by the people of the windows."""
        windows = self.judge.windows
        return displaced(windows, retargeted(windows, self.pool, which, self.fps))

    def generated(self, contestant: Contestant, *, as_strong: bool = False) -> list[Made]:
        """A motion of every window, a set a seed; one set where the network has no noise."""
        windows, psgan = self.judge.windows, contestant.psgan
        numbers = torch.tensor([psgan.config.labels.index(label) for label in self.labels])
        label = numbers.to(windows.label.device)[windows.label]
        runs = 1 if psgan.config.generator == "heatmap" else self.runs
        return [
            generated(psgan, windows, label, self.seed + n, as_strong=as_strong)
            for n in range(runs)
        ]

    def at_random(self) -> list[Made]:
        """Any real training motion of each window's class, a set a seed."""
        rngs = (np.random.default_rng([self.seed, n, 5]) for n in range(self.runs))
        return [self.retargeted(at_random(self.judge.windows, self.pool, rng)) for rng in rngs]


def make_bench(
    store: ClipStore,
    contestants: Sequence[Contestant],
    split: str,
    seed: int,
    data: MotionData,
    *,
    whole: bool = False,
) -> Bench:
    """The held-out windows of a split, real training motions, and a classifier of these.

    Args:
        store: with clips of the split, and of `train`.
        contestants: what is to be measured, on the actions that all know.
        split: test, val or train.
        seed: of the windows and the classifier.
        data: which of the store's clips count.
        whole: 20 seeds instead of 5.

    Raises:
        InputError: the store has no clips of the split, or of train, that the labels name.
    """
    labels, config = shared_labels(contestants), contestants[0].psgan.config
    where = next(contestants[0].psgan.parameters()).device
    frames, fps = config.frames, config.fps

    def clips(part: str) -> list[Clip]:
        found = data.select(store.clips(split=part, labels=labels))
        if not found:
            raise InputError(f"{store.folder} has no {part} clips of the weight's actions")
        return found

    parts = {part: clips(part) for part in dict.fromkeys((split, "train"))}
    strengths = rank_strengths([clip for part in parts.values() for clip in part], fps)
    held, train = (
        RealMotions(parts[part], labels, frames=frames, fps=fps, strengths=strengths)
        for part in (split, "train")
    )
    both = sorted({*held.classes} & {*train.classes})
    if not both:
        raise InputError(f"{store.folder} has no training clips of what its {split} clips show")
    pool, _ = train.draw(both, 1, _POOL, np.random.default_rng([seed, 4]))
    (windows, groups), *others = (
        held.draw(both, _LEAST, _MOST, np.random.default_rng([seed, n, 3]))
        for n in range(1 + (_ALL_SEEDS if whole else _SEEDS))
    )
    batches = MotionWindows(parts["train"], labels, frames=frames, fps=fps, batch_size=64)
    with torch.enable_grad():
        keypoints = len(SKELETONS[config.skeleton])
        classifier = train_classifier(batches, keypoints, steps=_CLASSIFIER_STEPS, seed=seed)
    judge = Judge(moved_to(windows, where), groups, classifier.to(where), seed)
    more = [moved_to(other, where) for other, _ in others]
    return Bench(labels, fps, judge, moved_to(pool, where), more, seed)
