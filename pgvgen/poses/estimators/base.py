"""What every pose estimator answers with, and what it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from pgvgen.poses.bones import NECK, NOSE
from pgvgen.poses.estimators.region import Region
from pgvgen.poses.sequence import SEEN

Effort = Literal["glance", "look", "search", "everybody"]
"""How hard to look: once; for whoever takes up much of the picture; until somebody is found; for
everybody, however small."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one picture.

    Attributes:
        keypoints: 18×2 float32, `BODY_18` in px of the picture.
        confidence: 18 float32 in [0, 1], 0 where absent.
        box: (x0, y0, x1, y1) in px around what is seen of the person.
        score: in [0, 1]: that this is a person.
        following: where an estimator that tracks would look in the next frame.
    """

    keypoints: np.ndarray
    confidence: np.ndarray
    box: tuple[float, float, float, float]
    score: float
    following: Region | None = field(default=None, repr=False)

    @property
    def area(self) -> float:
        """Of the box, in px²."""
        return max(0.0, self.box[2] - self.box[0]) * max(0.0, self.box[3] - self.box[1])

    @property
    def extent(self) -> float:
        """The longer side of the box, in px."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def rank(self) -> float:
        """Area × score: who comes first among several."""
        return self.area * self.score

    def covers(self, other: Person) -> bool:
        """Whether the boxes share more than half of the smaller one."""
        mine, theirs = np.array(self.box).reshape(2, 2), np.array(other.box).reshape(2, 2)
        extent = np.minimum(mine[1], theirs[1]) - np.maximum(mine[0], theirs[0])
        return float(np.prod(np.clip(extent, 0, None))) > 0.5 * min(self.area, other.area)


class Estimator(Protocol):
    """Finds people in pictures."""

    def people(self, picture: np.ndarray, effort: Effort = "search") -> list[Person]:
        """People in an H×W×3 uint8 RGB picture, largest first."""
        ...

    def follow(self, picture: np.ndarray, before: Sequence[Person]) -> list[Person | None]:
        """The same people one frame later, in their order; None for one who was lost."""
        ...


ALIKE = 0.18
"""Of the extent, by which joints are apart on average. Of 146 photos it was 0.13 at most between
poses of one person, found twice, and 0.24 at least between those of two who sat and stood in line.
"""

ONE_FACE = 0.5
"""Of the way from neck to nose, by which noses are apart: two heads would be in one place."""


def distinct(people: Sequence[Person]) -> list[Person]:
    """Largest first, without those who stand where a larger one already does."""
    kept: list[Person] = []
    for person in sorted(people, key=lambda p: p.rank, reverse=True):
        if not any(same(person, other, tolerance=ALIKE) for other in kept):
            kept.append(person)
    return kept


def same(one: Person, other: Person, *, tolerance: float = 0.08) -> bool:
    """Whether two poses are of one person: one face, or joints apart by a small part of the
    extent."""
    if _faces_apart(one, other) < ONE_FACE:
        return True
    shared = np.minimum(one.confidence, other.confidence)
    if shared.sum() <= 0:
        return False
    apart = np.linalg.norm(one.keypoints - other.keypoints, axis=1)
    mean = float(np.average(apart, weights=shared))
    return mean < tolerance * max(one.extent, other.extent)


def _faces_apart(one: Person, other: Person) -> float:
    """How far apart two noses are, in the longer way from neck to nose; infinite if one is not
    seen."""
    ends = [NOSE, NECK]
    if min(one.confidence[ends].min(), other.confidence[ends].min()) < SEEN:
        return np.inf
    noses, necks = np.stack([one.keypoints[ends], other.keypoints[ends]], axis=1)
    head = np.linalg.norm(noses - necks, axis=-1).max()
    return float(np.linalg.norm(noses[0] - noses[1]) / max(head, 1e-6))
