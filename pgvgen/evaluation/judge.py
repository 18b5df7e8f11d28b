"""The figures of one method's motions, beside those of the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgvgen.evaluation.body_metrics import foot_slide, limb_excess
from pgvgen.evaluation.distribution_metrics import diversity, frechet_distance, multimodality
from pgvgen.evaluation.intervals import half_interval, ratio_over_groups
from pgvgen.evaluation.made import Made
from pgvgen.evaluation.motion_classifier import MotionClassifier
from pgvgen.evaluation.motion_metrics import keypoint_error, lost_share, mean_speed, per_class
from pgvgen.evaluation.tables import Column, Row
from pgvgen.motion.keypoint import STEP
from pgvgen.training.motion_examples import Example

LIKENESS = (
    Column("Average L2", 4, "lower"),
    Column("px", 1, "lower"),
    Column("recognised", 2, "higher"),
    Column("FID", 1, "lower"),
    Column("diversity", 2),
    Column("multimodality", 2),
    Column("lost", 3, "lower"),
)
MOVEMENT = (
    Column("speed", 2),
    Column("acceleration", 2),
    Column("jerk", 2),
    Column("limb growth", 3, "lower"),
    Column("at its peak", 3, "lower"),
    Column("foot slide", 4, "lower"),
)
TRAINING = (Column("steps", 0), Column("minutes", 0))
REAL = "real training motions'"
BY_ACTION = (
    Column("groups", 0),
    Column("speed", 2),
    Column("speed, told the strength", 2),
    Column(f"{REAL} speed", 2),
    Column("jerk", 2),
    Column(f"{REAL} jerk", 2),
    Column("recognised", 2, "higher"),
    Column("real recognised", 2),
)
LIKENESS_NOTE = (
    "Means of {runs} seeds ± half the 95 % interval, each one motion a window; classes count "
    "alike. Average L2: mean squared difference of 64×64 maps; the paper's on UCF101 + Weizmann. "
    "px: of keypoints at 128×128. recognised, FID, diversity, multimodality: by a classifier "
    "trained on real training motions, and on its {features} features; those of real are of other "
    "windows of the held-out takes. Diversity and multimodality as Action2Motion defines them: "
    "best where real is. lost: keypoints of the start pose that the motion lacks. retrieval: a "
    "real training motion of the class, on the bones of the start pose. told the strength: by how "
    "energetic the window's take is among its action's; at random otherwise."
)
MOVEMENT_NOTE = (
    "speed, acceleration, jerk: first to third difference, against the real motions', mean over "
    "classes. limb growth: what bones exceed the longest that the first frame allows, share of "
    "it, mean over time; then its peak. foot slide: body heights a frame of a foot that is down."
)
BY_ACTION_NOTE = (
    "speed, jerk: against the held-out motions', ± half the 95 % interval over their groups "
    "(takes, recordings), where there are three and more. Real training motions, drawn at random "
    "and done by the people of the same start poses, say how far that comparison goes."
)

ORDERS = {"speed": 1, "acceleration": 2, "jerk": 3}
PX = STEP * 76
"""px at 128×128 of a displacement of one `STEP`: a body is 76 px high there."""

Figures = dict[str, float]


@dataclass(frozen=True, eq=False)
class Judge:
    """What every row is measured against.

    Attributes:
        windows: the real motions, and the start poses of all others.
        groups: N, the take, person or recording that each window is of.
        classifier: of real motions, trained on others.
        seed: of the pairs that diversity and multimodality draw.
    """

    windows: Example
    groups: Sequence[str]
    classifier: MotionClassifier
    seed: int

    def row(
        self,
        name: str,
        made: Sequence[Made],
        *,
        others: Sequence[Example] = (),
        paper: Mapping[str, float] | None = None,
        known: Mapping[str, float] | None = None,
    ) -> Row:
        """The mean figures of several sets of motions, with the interval over them.

        Args:
            name: the row's.
            made: one set a seed.
            others: real windows whose features are measured in place of the motions' own.
            paper: the paper's figures for the same thing.
            known: figures that are known already.
        """
        runs = [self._paired(m) for m in made]
        judged = [(self._features(o.motion, o.present), o.label) for o in others]
        judged = judged or [(self._features(m.moved), self.windows.label) for m in made]
        spread = [self._distribution(*f, self.seed + n) for n, f in enumerate(judged)]
        values, intervals = {}, {}
        for figures in (runs, spread):
            for key in figures[0]:
                all_of = np.array([run[key] for run in figures])
                if np.isfinite(all_of).all():
                    values[key] = float(all_of.mean())
                    if half := half_interval(all_of):
                        intervals[key] = half
        return Row(name, values | dict(known or {}), dict(paper or {}), intervals)

    def by_class(self, made: Sequence[Made]) -> dict[int, tuple[Figures, Figures]]:
        """Each class's figures, means of the sets: speed, acceleration and jerk against real ones,
        accuracy, the number of groups; and half the intervals over these."""
        w, table = self.windows, {}
        right = torch.stack([self._right(self._features(m.moved), w.label) for m in made]).mean(0)
        changes = {
            name: (
                torch.stack([mean_speed(m.moved, w.known, n) for m in made]).mean(0).cpu().numpy(),
                mean_speed(w.motion, w.known, n).cpu().numpy(),
            )
            for name, n in ORDERS.items()
        }
        for i in w.label.unique().tolist():
            of = (w.label == i).cpu().numpy()
            groups = np.array(self.groups)[of]
            values = {"recognised": float(right[of].mean()), "groups": len(set(groups))}
            intervals = {}
            for name, (a, b) in changes.items():
                values[name], half = ratio_over_groups(a[of], b[of], groups)
                if half is not None:
                    intervals[name] = half
            table[i] = values, intervals
        return table

    def real_by_class(self, others: Sequence[Example]) -> dict[int, float]:
        """How many of each class's real windows are recognised, mean of several sets."""
        label = torch.cat([o.label for o in others])
        features = torch.cat([self._features(o.motion, o.present) for o in others])
        right = self._right(features, label)
        return {i: float(right[label == i].mean()) for i in label.unique().tolist()}

    def _paired(self, made: Made) -> Figures:
        """What is measured start pose by start pose."""
        w = self.windows
        where = w.start[:, None] + made.moved * STEP
        growth, peak = limb_excess(where, w.known)
        figures = {
            "Average L2": float(per_class(made.map_error, w.label)),
            "px": PX * float(per_class(keypoint_error(made.moved, w.motion, w.known), w.label)),
            "lost": float(lost_share(made.confidence, w.present)),
            "limb growth": float(per_class(growth, w.label)),
            "at its peak": float(per_class(peak, w.label)),
            "foot slide": _where_seen(foot_slide(where, w.known), w.label),
        }
        for name, order in ORDERS.items():
            changed, real = (mean_speed(m, w.known, order) for m in (made.moved, w.motion))
            of = [w.label == i for i in w.label.unique()]
            ratios = [changed[which].mean() / real[which].mean() for which in of]
            figures[name] = float(torch.stack(ratios).mean())
        return figures

    def _distribution(self, features: Tensor, label: Tensor, seed: int) -> Figures:
        """What is measured of the motions as a whole."""
        rng = np.random.default_rng([seed, 6])
        return {
            "recognised": float(per_class(self._right(features, label), label)),
            "FID": frechet_distance(self._features(self.windows.motion), features),
            "diversity": diversity(features, rng),
            "multimodality": multimodality(features, label, rng),
        }

    @torch.no_grad()
    def _features(self, moved: Tensor, present: Tensor | None = None) -> Tensor:
        """Of motions of the windows' people, or of others."""
        return self.classifier.features(moved, self.windows.present if present is None else present)

    @torch.no_grad()
    def _right(self, features: Tensor, label: Tensor) -> Tensor:
        return (self.classifier.head(features).argmax(1) == label).float()


def _where_seen(values: Tensor, label: Tensor) -> float:
    """`per_class` of the values that are numbers; NaN where there are none."""
    kept = ~values.isnan()
    return float(per_class(values[kept], label[kept])) if kept.any() else float("nan")
