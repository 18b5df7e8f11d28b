"""Shoulders that rise with the arms.

Whoever raises an arm raises the shoulder, too: the shirt goes up, the neck gets shorter. Motion
capture hardly says so, and a motion on the photo's own bones would hang raised arms on shoulders
that stay down, or lowered ones on shoulders that the photo shows raised.
"""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS, NECK, ROOT, USUAL, vectors

RISE = 0.07
"""Body units by which a shoulder rises along the spine a radian of its upper arm's elevation.

Of 176 people whom free-exercise-db shows upright in two poses, BlazePose's necks rise over the hips
by 0.054 to 0.082 a radian (95 %), and come as much nearer to the nose."""

NARROWING = 0.023
"""Body units by which it comes nearer to the neck at the same time: theirs by 0.018 to 0.028."""

_WIDTH = USUAL[1]
_UPPER_ARMS = (5, 6)  # of the bones, to right and left


def raise_shoulders(body: np.ndarray, longest: np.ndarray, moving: np.ndarray, unit: float) -> None:
    """Move shoulders, arms and the neck between them as the upper arms' elevation has changed.

    Args:
        body: T×19 complex px, changed in place; as the first frame is, it stays.
        longest: B px, how long the bones are where nothing foreshortens them.
        moving: 2 bool, the right and the left arm's: whether it counts.
        unit: body unit in px.
    """
    spine = body[:, NECK] - body[:, ROOT]
    up = spine / np.maximum(np.abs(spine), unit)  # a spine that is foreshortened rises less
    upper = vectors(body)[:, _UPPER_ARMS]
    shifts = np.zeros((len(body), 2), complex)
    for side, (shoulder, _, _) in enumerate(ARMS):
        if not moving[side]:
            continue
        length = max(longest[_UPPER_ARMS[side]], float(np.abs(upper[:, side]).max()), 1e-9)
        height = (upper[:, side] * up.conj()).real / length
        elevation = np.arcsin(np.clip(height, -1, 1))
        inward = body[:, NECK] - body[:, shoulder]
        inward = inward / np.maximum(np.abs(inward), _WIDTH * unit)
        way = RISE * up + NARROWING * inward
        shifts[:, side] = unit * (elevation - elevation[0]) * way
    for side, arm in enumerate(ARMS):
        body[:, arm] += shifts[:, side, None]
    body[:, NECK] += shifts.mean(axis=1)
