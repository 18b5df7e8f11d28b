"""Who else is in the photo where somebody is to move: they stay as the photo shows them.

The net that finds a person's pixels may take a neighbour's for theirs (`whose.apart`): unknown, the
neighbour would be moved along, or vanish when the person leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pgvgen.poses import PoseSequence
from pgvgen.poses.estimators.base import ALIKE, Person, same
from pgvgen.poses.estimators.blazepose import BlazePose
from pgvgen.poses.segmentation import one_body
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.framing import Frame, motion_square

AROUND = 0.25
"""People are looked for in the square of the motion and so much of its side around it."""


def bystanders(picture: np.ndarray, motions: Sequence[PoseSequence]) -> list[PoseSequence]:
    """The poses of who is near enough to be in the way of those who move: one frame a person.

    Who is much smaller is part of the background.

    Args:
        picture: H×W×3 uint8 RGB.
        motions: poses in its px, the first one as in the photo.
    """
    whole = Frame(0, 0, picture.shape[1], picture.shape[0])
    squares = Frame.around(map(motion_square, motions))
    margin = round(AROUND * max(squares.width, squares.height))
    near = squares.grown(margin).within((whole.width, whole.height))
    known = [_person(motion.keypoints[0], motion.confidence[0]) for motion in motions]
    others: list[Person] = []
    # Who is larger than the square is found in the whole photo only.
    for view in dict.fromkeys((near, whole)):
        corner = np.array([view.left, view.top], np.float32)
        for found in _people(view.cut(picture)):
            person = replace(found, keypoints=found.keypoints + corner)
            if not any(same(person, other, tolerance=ALIKE) for other in known + others):
                others.append(person)
    return [
        motions[0].replace(keypoints=person.keypoints[None], confidence=person.confidence[None])
        for person in others
        if near.holds(person.keypoints[person.confidence >= SEEN]).any()
        # Nor is who acts, though the first pose is not quite theirs.
        and not any(
            one_body(picture, [(who.keypoints, who.confidence) for who in (person, actor)])
            for actor in known
        )
    ]


def _people(picture: np.ndarray) -> list[Person]:
    """Who is seen at a glance; of several who stand close each effort misses another."""
    estimator = BlazePose()
    found = estimator.people(picture, "look")
    return found + estimator.people(picture, "search") if len(found) > 1 else found


def _person(keypoints: np.ndarray, confidence: np.ndarray) -> Person:
    """Whose pose it is."""
    seen = keypoints[confidence >= SEEN]
    (left, top), (right, bottom) = seen.min(0).tolist(), seen.max(0).tolist()
    return Person(keypoints, confidence, (left, top, right, bottom), score=1.0)
