"""Table 1 for stage one weights: against real motions, between floors that make it readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.store import Clip, ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation.baselines import at_random, class_mean, nearest, retargeted
from pgvgen.evaluation.held_out import RealMotions, moved_to, some
from pgvgen.evaluation.judge import (
    BY_ACTION,
    LIKENESS,
    LIKENESS_NOTE,
    MOVEMENT,
    MOVEMENT_NOTE,
    TRAINING,
    Judge,
)
from pgvgen.evaluation.long_motions import COLUMNS as LONG
from pgvgen.evaluation.long_motions import NOTE as LONG_NOTE
from pgvgen.evaluation.long_motions import SEGMENTS, long_row
from pgvgen.evaluation.made import Made, displaced, generated, nearest_of
from pgvgen.evaluation.motion_classifier import FEATURES, train_classifier
from pgvgen.evaluation.motion_weights import Contestant, load_contestants, shared_labels, untried
from pgvgen.evaluation.tables import Row, Table, part_of
from pgvgen.motion.sequence import repeats
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.training.motion_examples import Example
from pgvgen.training.motion_windows import MotionWindows, rank_strengths
from pgvgen.training.psgan import MotionData
from pgvgen.weights import device as find_device

_LEAST, _MOST = 8, 24  # windows of each class
_POOL = 100  # real training motions of each class to choose from
_CLASSIFIER_STEPS = 500
_DRAWS = 5  # motions a start pose, of which the nearest counts
_SEEDS = 20  # motions a start pose of the whole table: Action2Motion's
_LONG_QUICK, _LONG = 1, 4  # long motions of each action that repeats


@torch.no_grad()
def evaluate_motion(
    store: ClipStore,
    weights: str | Path | Sequence[str | Path],
    *,
    split: str = "test",
    seed: int = 0,
    device: str = "auto",
    data: MotionData | None = None,
    whole: bool = False,
) -> list[Table]:
    """Table 1: likeness, movement, each action on its own, and long motions.

    Args:
        store: with clips of the split, and of `train` for the floors and the classifier.
        weights: names, folders or Hub ids of stage one weights; several stand in one table, on the
            actions that all know.
        split: test, val or train.
        seed: of the windows, the noise and the classifier.
        device: auto, cpu, cuda or mps.
        data: which of the store's clips count; all by default.
        whole: 20 seeds with their 95 % intervals instead of 5, and more long motions.

    Raises:
        InputError: the store has no clips of the split, or of train, that the weights' labels name.
        UsageError: weights that cannot stand in one table.
        WeightsError: a weight cannot be had.
    """
    contestants = load_contestants(
        [weights] if isinstance(weights, (str, Path)) else weights, find_device(device)
    )
    bench = _bench(store, contestants, split, seed, data or MotionData(), whole)
    w = bench.judge.windows
    made = {c.name: _generate(c, bench) for c in contestants}
    strong = {
        c.name: _generate(c, bench, as_strong=True)
        for c in contestants
        if c.psgan.config.generator != "heatmap"  # the paper's asks for the label only
    }
    retrieval = displaced(w, bench.retargeted(nearest(w, bench.pool)))
    rows = [
        *_floors(bench, retrieval),
        *_contestants(contestants, made, strong, bench),
        *untried(contestants),
    ]
    note = LIKENESS_NOTE.format(
        runs=bench.runs, features=FEATURES, interval=" ± half the 95 % interval" if whole else ""
    )
    classes = len(w.label.unique())
    title = f"Table 1: {len(w.label)} windows of {classes} actions, {split}"
    trained = TRAINING if any(c.training for c in contestants) else ()
    tables = [
        part_of(title, (*LIKENESS, *trained), rows, note),
        part_of("Movement", MOVEMENT, [row for row in rows if row.values], MOVEMENT_NOTE),
    ]
    beside = bench.judge.by_class([retrieval])
    tables += [_by_class(name, made[name], strong.get(name, []), bench, beside) for name in made]
    long = _long(contestants, bench, _LONG if whole else _LONG_QUICK)
    return [*tables, long] if long else tables


@dataclass(frozen=True, eq=False)
class _Bench:
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

    def retargeted(self, which: Tensor) -> Tensor:
        """Motions of the pool, done by the people of the windows."""
        return retargeted(self.judge.windows, self.pool, which, self.fps)


def _bench(
    store: ClipStore,
    contestants: Sequence[Contestant],
    split: str,
    seed: int,
    data: MotionData,
    whole: bool,
) -> _Bench:
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
    pool = train.draw(both, 1, _POOL, np.random.default_rng([seed, 4]))
    windows, *others = (
        moved_to(held.draw(both, _LEAST, _MOST, np.random.default_rng([seed, n, 3])), where)
        for n in range(1 + (_SEEDS if whole else _DRAWS))
    )
    batches = MotionWindows(parts["train"], labels, frames=frames, fps=fps, batch_size=64)
    with torch.enable_grad():
        keypoints = len(SKELETONS[config.skeleton])
        classifier = train_classifier(batches, keypoints, steps=_CLASSIFIER_STEPS, seed=seed)
    judge = Judge(windows, classifier.to(where), seed)
    return _Bench(labels, fps, judge, moved_to(pool, where), others, seed)


def _generate(contestant: Contestant, bench: _Bench, *, as_strong: bool = False) -> list[Made]:
    """A motion of every window, a set a seed; one set where the network has no noise."""
    windows, own = bench.judge.windows, contestant.psgan.config.labels
    numbers = torch.tensor([own.index(label) for label in bench.labels])
    label = numbers.to(windows.label.device)[windows.label]
    runs = 1 if contestant.psgan.config.generator == "heatmap" else bench.runs
    return [
        generated(contestant.psgan, windows, label, bench.seed + n, as_strong=as_strong)
        for n in range(runs)
    ]


def _floors(bench: _Bench, retrieval: Made) -> list[Row]:
    """Real motions, and what needs no network."""
    judge, w = bench.judge, bench.judge.windows
    still = displaced(w, torch.zeros_like(w.motion))
    empty = displaced(w, still.moved, torch.zeros_like(still.confidence))
    mean = displaced(w, class_mean(w, bench.pool))
    drawn = [
        displaced(
            w,
            bench.retargeted(at_random(w, bench.pool, np.random.default_rng([bench.seed, n, 5]))),
        )
        for n in range(bench.runs)
    ]
    real = displaced(w, w.motion, w.known)
    return [
        judge.row("real", [real], others=bench.others, paper={"Average L2": 0.0}),
        judge.row("first pose repeated", [still]),
        judge.row("empty", [empty]),
        judge.row("class mean", [mean]),
        judge.row("retrieval, nearest start pose", [retrieval]),
        judge.row("retrieval at random", drawn),
    ]


def _contestants(
    contestants: Sequence[Contestant],
    made: Mapping[str, list[Made]],
    strong: Mapping[str, list[Made]],
    bench: _Bench,
) -> list[Row]:
    """Every weight, told how strong the motion was where it asks, and the nearest of several of
    its motions where they differ."""
    judge, rows = bench.judge, []
    for c in contestants:
        sets = made[c.name]
        rows.append(judge.row(c.name, sets, paper=c.figures, known=c.training))
        if c.name in strong:
            rows.append(judge.row(f"{c.name}, told the strength", strong[c.name]))
        if len(sets) > 1:
            groups = [sets[i : i + _DRAWS] for i in range(0, len(sets), _DRAWS)]
            best = [nearest_of(group, judge.windows) for group in groups]
            rows.append(judge.row(f"{c.name}, nearest of {_DRAWS}", best))
    return rows


def _by_class(
    name: str,
    made: Sequence[Made],
    strong: Sequence[Made],
    bench: _Bench,
    retrieval: Mapping[int, Mapping[str, float]],
) -> Table:
    """Each action on its own, with the speed of motions told the strength, and of retrieval."""
    real = bench.judge.real_by_class(bench.others)
    figures = bench.judge.by_class(made)
    for i, of in retrieval.items():
        figures[i] |= {"retrieval's speed": of["speed"], "real recognised": real[i]}
    for i, of in (bench.judge.by_class(strong) if strong else {}).items():
        figures[i]["speed, told the strength"] = of["speed"]
    rows = [Row(bench.labels[i], of) for i, of in figures.items()]
    return Table(f"{name} by action", BY_ACTION, tuple(rows))


def _long(contestants: Sequence[Contestant], bench: _Bench, each: int) -> Table | None:
    """Long motions of the actions that repeat; None where there are no such actions."""
    windows = bench.judge.windows
    repeat = [i for i in windows.label.unique().tolist() if repeats(bench.labels[i])]
    if not repeat:
        return None
    first = torch.cat([(windows.label == i).nonzero()[:each, 0] for i in repeat])
    starts = some(windows, first)
    rows = []
    for c in contestants:
        try:
            rows.append(long_row(c.name, c.psgan, starts, bench.labels, bench.seed))
        except InputError:  # a network that has hardly been trained
            rows.append(Row(f"{c.name}: shows nobody"))
    frames = SEGMENTS * contestants[0].psgan.config.frames
    title = f"Seams: {len(first)} motions of {frames} frames, {len(repeat)} actions that repeat"
    return Table(title, LONG, tuple(rows), LONG_NOTE)
