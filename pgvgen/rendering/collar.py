"""A shirt between neck and shoulders, which rise and sink with the arms while the collar stays.

One affine map moves the torso, and on it neck and shoulders lie in a line. Raised shoulders that
come down would take the collar with them and stay the raised corners that the photo shows.
"""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS, HIPS, NECK
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.shoulders import RISE
from pgvgen.rendering.parts import INDEX, TORSO, unit_vectors

_SIDES = tuple(
    (INDEX[f"{side}_upper_arm"], *arm[:2])
    for side, arm in zip(("right", "left"), ARMS, strict=True)
)

# Along the shoulders, in their distance from the neck: how round the collar is, from where on what
# lies on the arm's muscle sinks with it, how many times as fast, and how far out.
_ROUND, _CAP, _STEEPER, _OUT = 0.25, 0.6, 3.0, 1.5
_DEEP = 0.6  # how far below the shoulders a shirt gives way, in body units
_EDGE_ON = 0.15  # shoulders as near to each other, in body units, have no corners


def collar_lift(
    places: tuple[np.ndarray, np.ndarray],
    transforms: np.ndarray,
    usable: np.ndarray,
    target: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> np.ndarray:
    """What to add to the torso's map where an upper arm's elevation is not the photo's.

    Args:
        places, transforms, usable, target, confidence, unit: as for `joints.bend`.

    Returns:
        h×w complex64 of the places, source px.
    """
    right, left = (target[shoulder] for _, shoulder, _ in _SIDES)
    half = (left - right) / 2
    x, y = (at - middle for at, middle in zip(places, (left + right) / 2, strict=True))
    known = usable[TORSO] and confidence[[NECK, *HIPS]].min() >= SEEN
    if not known or np.linalg.norm(half) < _EDGE_ON * unit:
        return np.zeros((len(y), len(x)), np.complex64)
    spine = target[NECK] - target[[*HIPS]].mean(0)
    up, linear = unit_vectors(spine), transforms[TORSO, :, :2]
    sunk = []  # radians by which the arms are lower than in the photo
    for part, shoulder, elbow in _SIDES:
        bone = target[elbow] - target[shoulder]
        was = _elevation(transforms[part, :, :2] @ bone, linear @ up)
        seen = usable[part] and confidence[[shoulder, elbow]].min() >= SEEN
        sunk.append(was - _elevation(bone, up) if seen else 0.0)
    along = (x * half[0] + y[:, None] * half[1]) / (half @ half)
    below = -(x * up[0] + y[:, None] * up[1]) / unit
    out = np.minimum(np.hypot(along, _ROUND), _OUT)
    rise = (1 - out) * np.mean(sunk)
    caps = np.maximum(sunk, 0)  # raised arms cover theirs
    rise -= _STEEPER * np.maximum(out - _CAP, 0) * np.where(along < 0, *caps)
    rise *= smoothstep(1 - below / _DEEP)
    # Less of a spine that is foreshortened, as in `raise_shoulders`.
    most = RISE * min(unit, float(np.linalg.norm(spine)))
    return (rise * complex(*(linear @ (-most * up)))).astype(np.complex64)


def _elevation(bone: np.ndarray, up: np.ndarray) -> float:
    return float(np.arcsin(np.clip(unit_vectors(bone) @ unit_vectors(up), -1, 1)))
