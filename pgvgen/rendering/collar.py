"""A shirt about the shoulders, which rise and sink with the arms while the collar stays.

One affine map moves the torso, and on it neck and shoulders lie in a line. Raised shoulders that
come down would take the collar with them and stay the raised corners that the photo shows; those
of arms that go up would stay beside them.
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
_EDGE_ON, _ASIDE = 0.15, 0.25
"""Half of what the shoulders look wide, in body units: from aside they have no corners, and from
half aside all of them."""

# Beside a shoulder whose arm is raised, in body units: where the torso ends, and how softly.
_BESIDE, _SOFT = 0.12, 0.05
_RAISED = np.deg2rad(60)  # an arm that is so much higher than in the photo leaves its armpit free


def give_way(
    places: tuple[np.ndarray, np.ndarray],
    transforms: np.ndarray,
    usable: np.ndarray,
    target: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> tuple[np.ndarray, np.ndarray]:
    """How a torso gives way where an upper arm's elevation is not the photo's.

    Args:
        places, transforms, usable, target, confidence, unit: as for `joints.bend`.

    Returns:
        What to add to the torso's map, h×w complex64 of the places, source px; and how much of the
        torso is to be seen, h×w float32: muscle and sleeve, which hang over the armpit in the
        photo, go up with the arm.
    """
    right, left = (target[shoulder] for _, shoulder, _ in _SIDES)
    x, y = (at - middle for at, middle in zip(places, (left + right) / 2, strict=True))
    spine = target[NECK] - target[[*HIPS]].mean(0)
    up, linear = unit_vectors(spine), transforms[TORSO, :, :2]
    side = np.array([-up[1], up[0]])  # across the spine, to where the left shoulder mostly is
    width = float((left - right) @ side) / 2
    known = usable[TORSO] and confidence[[NECK, *HIPS]].min() >= SEEN
    if not known or abs(width) < _EDGE_ON * unit:
        shape = (len(y), len(x))
        return np.zeros(shape, np.complex64), np.ones(shape, np.float32)
    ahead = min((abs(width) / unit - _EDGE_ON) / (_ASIDE - _EDGE_ON), 1.0)
    sunk = np.zeros(2)  # radians by which the arms are lower than in the photo
    for i, (part, shoulder, elbow) in enumerate(_SIDES):
        if usable[part] and confidence[[shoulder, elbow]].min() >= SEEN:
            bone = target[elbow] - target[shoulder]
            was = _elevation(transforms[part, :, :2] @ bone, linear @ up)
            sunk[i] = was - _elevation(bone, up)
    along = (x * side[0] + y[:, None] * side[1]) / width
    below = -(x * up[0] + y[:, None] * up[1]) / unit
    of_right = along < 0
    out = np.minimum(np.hypot(along, _ROUND), _OUT)
    rise = (1 - out) * np.mean(sunk)
    rise -= _STEEPER * np.maximum(out - _CAP, 0) * np.where(of_right, *np.maximum(sunk, 0))
    rise *= smoothstep(1 - below / _DEEP)
    # Less of a spine that is foreshortened, as in `raise_shoulders`.
    most = ahead * RISE * min(unit, float(np.linalg.norm(spine)))
    lift = rise * complex(*(linear @ (-most * up)))
    beside = (np.abs(along) - 1) * abs(width) / unit
    hidden = smoothstep((beside - _BESIDE) / _SOFT + 0.5) * smoothstep(2 * (1 - below / _DEEP))
    hidden *= ahead * np.where(of_right, *smoothstep(-sunk / _RAISED))
    return lift.astype(np.complex64), (1 - hidden).astype(np.float32)


def _elevation(bone: np.ndarray, up: np.ndarray) -> float:
    return float(np.arcsin(np.clip(unit_vectors(bone) @ unit_vectors(up), -1, 1)))
