"""Thighs that part: what either has of the other about the crotch is not to be seen everywhere."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.parts import INDEX, PARTS

_THIGHS = INDEX["right_thigh"], INDEX["left_thigh"]
_EDGE = 0.06  # of what a thigh keeps of the other, how soft, in body units
_SHORT = 0.3  # a thigh that is shorter, in body units, points at the camera and has no side


def keep_thighs_apart(
    keep: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    part: int,
    transforms: np.ndarray,
    target: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> None:
    """Take from a thigh what it has of the other one, in place, where the other one is not.

    Each keeps the other's pixels about the crotch (`sharing.CROTCH`), so that legs that part do not
    tear the trousers open. Of hips that are seen edge-on it would stand off like a tail.

    Args:
        keep, places, part, transforms, target, confidence, unit: as for `joints.bend`.
    """
    if part not in _THIGHS:
        return
    other = _THIGHS[1 - _THIGHS.index(part)]
    ends = [*PARTS[part].joints, *PARTS[other].joints]
    hip, knee, other_hip, other_knee = (complex(*target[joint]) for joint in ends)
    length = abs(knee - hip)
    if confidence[ends].min() < SEEN or length < _SHORT * unit:
        return
    mapped = ((part, hip), (part, knee), (other, other_hip))
    in_photo = (transforms[i].astype(float) @ (at.real, at.imag, 1) for i, at in mapped)
    hip_was, knee_was, other_was = (complex(*place) for place in in_photo)
    inwards = np.sign(((other_was - hip_was) * (knee_was - hip_was).conjugate()).imag)
    along = (knee - hip) / length
    x, y = places
    z = ((x - hip.real) + 1j * (y[:, None] - hip.imag)) / along  # the bone is its real axis
    there, below = (inwards * ((at - hip) / along).imag for at in (other_hip, other_knee))
    axis = there + np.clip(z.real / length, 0, 1) * (below - there)  # of the other thigh
    most = np.maximum(axis, 0) + PARTS[part].radii[0] * unit
    keep *= smoothstep((most - inwards * z.imag) / (_EDGE * unit) + 0.5)
