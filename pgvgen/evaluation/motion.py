"""Table 1 for stage one weights: against real motions, between floors that make it readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from pgvgen.data.store import ClipStore
from pgvgen.devices import find_device
from pgvgen.errors import InputError
from pgvgen.evaluation.baselines import class_mean, nearest
from pgvgen.evaluation.bench import Bench, make_bench
from pgvgen.evaluation.held_out import some
from pgvgen.evaluation.judge import (
    BY_ACTION,
    BY_ACTION_NOTE,
    LIKENESS,
    LIKENESS_NOTE,
    MOVEMENT,
    MOVEMENT_NOTE,
    REAL,
    TRAINING,
    Figures,
)
from pgvgen.evaluation.long_motions import COLUMNS as LONG
from pgvgen.evaluation.long_motions import NOTE as LONG_NOTE
from pgvgen.evaluation.long_motions import SEGMENTS, long_row
from pgvgen.evaluation.made import Made, displaced, nearest_of
from pgvgen.evaluation.motion_classifier import FEATURES
from pgvgen.evaluation.motion_weights import Contestant, load_contestants, untried
from pgvgen.evaluation.tables import Row, Table, part_of
from pgvgen.motion.sequence import repeats
from pgvgen.training.psgan import MotionData

_DRAWS = 5  # motions a start pose, of which the nearest counts
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
        weights: names, folders or Hub ids of stage one weights, each with `NAME=` before it or
            not; several stand in one table, on the actions that all know.
        split: test, val or train.
        seed: of the windows, the noise and the classifier.
        device: auto, cpu, cuda or mps.
        data: which of the store's clips count; all by default.
        whole: 20 seeds instead of 5, and more long motions.

    Raises:
        InputError: the store has no clips of the split, or of train, that the weights' labels name.
        UsageError: weights that cannot stand in one table.
        WeightsError: a weight cannot be had.
    """
    contestants = load_contestants(
        [weights] if isinstance(weights, (str, Path)) else weights, find_device(device)
    )
    bench = make_bench(store, contestants, split, seed, data or MotionData(), whole=whole)
    made = {c.name: bench.generated(c) for c in contestants}
    strong = {
        c.name: bench.generated(c, as_strong=True)
        for c in contestants
        if c.psgan.config.generator != "heatmap"  # the paper's asks for the label only
    }
    drawn = bench.at_random()
    rows = [
        *_floors(bench, drawn),
        *_contestants(contestants, made, strong, bench),
        *untried(contestants),
    ]
    note = LIKENESS_NOTE.format(runs=bench.runs, features=FEATURES)
    label = bench.judge.windows.label
    title = f"Table 1: {len(label)} windows of {len(label.unique())} actions, {split}"
    trained = TRAINING if any(c.training for c in contestants) else ()
    tables = [
        part_of(title, (*LIKENESS, *trained), rows, note),
        part_of("Movement", MOVEMENT, [row for row in rows if row.values], MOVEMENT_NOTE),
    ]
    beside = bench.judge.by_class(drawn)
    tables += [_by_class(name, made[name], strong.get(name, []), bench, beside) for name in made]
    long = _long(contestants, bench, _LONG if whole else _LONG_QUICK)
    return [*tables, long] if long else tables


def _floors(bench: Bench, drawn: Sequence[Made]) -> list[Row]:
    """Real motions, and what needs no network."""
    judge, w = bench.judge, bench.judge.windows
    still = displaced(w, torch.zeros_like(w.motion))
    empty = displaced(w, still.moved, torch.zeros_like(still.confidence))
    mean = displaced(w, class_mean(w, bench.pool))
    real = displaced(w, w.motion, w.known)
    return [
        judge.row("real", [real], others=bench.others, paper={"Average L2": 0.0}),
        judge.row("first pose repeated", [still]),
        judge.row("empty", [empty]),
        judge.row("class mean", [mean]),
        judge.row("retrieval, nearest start pose", [bench.retargeted(nearest(w, bench.pool))]),
        judge.row("retrieval at random", drawn),
    ]


def _contestants(
    contestants: Sequence[Contestant],
    made: Mapping[str, list[Made]],
    strong: Mapping[str, list[Made]],
    bench: Bench,
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
    bench: Bench,
    drawn: Mapping[int, tuple[Figures, Figures]],
) -> Table:
    """Each action on its own, beside real training motions drawn at random."""
    recognised = bench.judge.real_by_class(bench.others)
    told = bench.judge.by_class(strong) if strong else {}
    rows = []
    for i, (values, intervals) in bench.judge.by_class(made).items():
        values |= {f"{REAL} {key}": drawn[i][0][key] for key in ("speed", "jerk")}
        values["real recognised"] = recognised[i]
        if i in told:
            for figures, of_told in zip((values, intervals), told[i], strict=True):
                figures |= {f"{key}, told the strength": of_told[key] for key in of_told}
        rows.append(Row(bench.labels[i], values, {}, intervals))
    return Table(f"{name} by action", BY_ACTION, tuple(rows), BY_ACTION_NOTE)


def _long(contestants: Sequence[Contestant], bench: Bench, each: int) -> Table | None:
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
