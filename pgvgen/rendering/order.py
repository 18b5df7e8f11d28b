"""Which part lies before which: the painter's order of a person, as the photo shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.bones import NECK
from pgvgen.poses.facing import TORSO, facing
from pgvgen.poses.hands import GUESSED
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.parts import INDEX, PARTS

EDGE_ON = 0.35
"""Shoulders that look narrower than this, in torso lengths, are seen from aside."""

FROM_THE_FRONT: tuple[int, ...] = tuple(range(len(PARTS)))
"""Parts back to front: legs, torso, head, arms."""

_NOSE = BODY_18.index("nose")


def painters_order(keypoints: np.ndarray, confidence: np.ndarray) -> tuple[int, ...]:
    """Indices into `PARTS`, back to front.

    Arms move before the body; behind it, if the person is seen from behind. From aside the far
    arm and the far leg are behind the rest: those of the side that the face turns away. So is an
    arm that the photo hides (`hidden_arms`).

    Args:
        keypoints: 18×2 px, the person's pose in the photo.
        confidence: 18; where the torso is not wholly seen, the person is taken to face the camera.
    """
    return _behind(_hindmost(keypoints, confidence) or hidden_arms(confidence))


def _hindmost(keypoints: np.ndarray, confidence: np.ndarray) -> tuple[int, ...]:
    """What lies behind the rest, by how the body stands to the camera; none from the front."""
    if confidence[TORSO].min() < SEEN:
        return ()
    width = float(facing(keypoints[None])[0])
    if width <= -EDGE_ON:
        return _parts(("right", "left"), ("upper_arm", "forearm"))
    if width >= EDGE_ON or confidence[[_NOSE, NECK]].min() < SEEN:
        return ()
    spine = keypoints[TORSO[1::2]].mean(0) - keypoints[TORSO[::2]].mean(0)
    face = keypoints[_NOSE] - keypoints[NECK]
    to_the_left = face[0] * spine[1] < face[1] * spine[0]  # in the picture, of who stands upright
    far = "right" if to_the_left else "left"
    return _parts((far,), ("upper_arm", "forearm", "foot", "shin", "thigh"))


def hidden_arms(confidence: np.ndarray) -> tuple[int, ...]:
    """The parts of arms that are there, but that something hides (`GUESSED`): indices into `PARTS`.

    Args:
        confidence: 18.
    """
    elbows = {side: confidence[BODY_18.index(f"{side}_elbow")] for side in ("right", "left")}
    hidden = [side for side, sure in elbows.items() if SEEN <= sure <= GUESSED]
    return _parts(hidden, ("upper_arm", "forearm"))


def from_aside(keypoints: np.ndarray, confidence: np.ndarray) -> bool:
    """Whether the body is seen edge-on; not where the torso is not wholly seen."""
    seen = confidence[TORSO].min() >= SEEN
    return bool(seen and abs(facing(keypoints[None])[0]) < EDGE_ON)


def _parts(sides: Iterable[str], names: Sequence[str]) -> tuple[int, ...]:
    """Indices into `PARTS`, by name and then by side."""
    return tuple(INDEX[f"{side}_{name}"] for name in names for side in sides)


def _behind(first: tuple[int, ...]) -> tuple[int, ...]:
    """These parts, and then the others."""
    return (*first, *(index for index in FROM_THE_FRONT if index not in first))
