"""Thighs that part or come up: what of their cloth is not to be seen then."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.parts import PARTS, THIGHS

_EDGE = 0.06  # of what is taken away, how soft, in body units
_SHORT = 0.3  # a thigh that is shorter, in body units, points at the camera and has no side
_ROUND = 1.2  # how far cloth stands off a thigh that points at the camera, in its radii


def trim_thighs(
    keep: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    part: int,
    transforms: np.ndarray,
    target: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> None:
    """Take from a thigh, in place, what of its cloth would stick out.

    Each keeps the other's pixels about the crotch (`sharing.CROTCH`), so that legs that part do not
    tear the trousers open. Where the other one is not, of hips that are seen edge-on, it would
    stand off like a tail. And the hem of one that comes up, as in a squat, would hang from it.

    Args:
        keep, places, part, transforms, target, confidence, unit: as for `joints.bend`.
    """
    if part not in THIGHS:
        return
    other = THIGHS[1 - THIGHS.index(part)]
    ends = [*PARTS[part].joints, *PARTS[other].joints]
    hip, knee, other_hip, other_knee = (complex(*target[joint]) for joint in ends)
    length = abs(knee - hip)
    if confidence[ends].min() < SEEN or length == 0:
        return
    mapped = ((part, hip), (part, knee), (other, other_hip))
    in_photo = (transforms[i].astype(float) @ (at.real, at.imag, 1) for i, at in mapped)
    hip_was, knee_was, other_was = (complex(*place) for place in in_photo)
    along = (knee - hip) / length
    x, y = places
    z = ((x - hip.real) + 1j * (y[:, None] - hip.imag)) / along  # the bone is its real axis
    at = np.clip(z.real / length, 0, 1)
    upper, lower = PARTS[part].radii
    reach = _stand_off(knee - hip, knee_was - hip_was) * (upper + at * (lower - upper)) * unit
    keep *= smoothstep((reach - np.abs(z - at * length)) / (_EDGE * unit) + 0.5)
    if length < _SHORT * unit:
        return
    inwards = np.sign(((other_was - hip_was) * (knee_was - hip_was).conjugate()).imag)
    there, below = (inwards * ((joint - hip) / along).imag for joint in (other_hip, other_knee))
    most = np.maximum(there + at * (below - there), 0) + upper * unit  # to the other one's axis
    keep *= smoothstep((most - inwards * z.imag) / (_EDGE * unit) + 0.5)


def _stand_off(bone: complex, was: complex) -> float:
    """How far a thigh's cloth may stand off it, in its radii: far, unless it is short and turned.

    Seen from the front, the hem's corners of a thigh that comes up turn with it and point down.
    """
    ratio = abs(bone) / max(abs(was), 1e-6)
    straight = max((bone * was.conjugate()).real / max(abs(bone * was), 1e-6), 0)
    return _ROUND * (1 + straight**2) + 4 * max(ratio - 0.45, 0)
