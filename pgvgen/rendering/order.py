"""Which part lies before which: the painter's order of a person, as the photo shows them."""

from __future__ import annotations

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.bones import NECK
from pgvgen.poses.facing import TORSO, facing
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.parts import PARTS

EDGE_ON = 0.35
"""Shoulders that look narrower than this, in torso lengths, are seen from aside."""

FROM_THE_FRONT: tuple[int, ...] = tuple(range(len(PARTS)))
"""Parts back to front: legs, torso, head, arms."""

_NOSE = BODY_18.index("nose")


def painters_order(keypoints: np.ndarray, confidence: np.ndarray) -> tuple[int, ...]:
    """Indices into `PARTS`, back to front.

    Arms move before the body; behind it, if the person is seen from behind. From aside the far
    arm and the far leg are behind the rest: those of the side that the face turns away.

    Args:
        keypoints: 18×2 px, the person's pose in the photo.
        confidence: 18; where the torso is not wholly seen, the person is taken to face the camera.
    """
    if confidence[TORSO].min() < SEEN:
        return FROM_THE_FRONT
    width = float(facing(keypoints[None])[0])
    if width >= EDGE_ON:
        return FROM_THE_FRONT
    if width <= -EDGE_ON:
        return _behind("right_upper_arm", "left_upper_arm", "right_forearm", "left_forearm")
    if confidence[[_NOSE, NECK]].min() < SEEN:
        return FROM_THE_FRONT
    spine = keypoints[TORSO[1::2]].mean(0) - keypoints[TORSO[::2]].mean(0)
    face = keypoints[_NOSE] - keypoints[NECK]
    to_the_left = face[0] * spine[1] < face[1] * spine[0]  # in the picture, of who stands upright
    far = "right" if to_the_left else "left"
    return _behind(*(f"{far}_{at}" for at in ("upper_arm", "forearm", "foot", "shin", "thigh")))


def _behind(*names: str) -> tuple[int, ...]:
    """The parts of these names, and then the others."""
    first = [index for name in names for index, part in enumerate(PARTS) if part.name == name]
    return (*first, *(index for index in FROM_THE_FRONT if index not in first))
