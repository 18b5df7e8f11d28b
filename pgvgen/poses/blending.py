"""From one motion into another without a jump, as a body would go."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import (
    ACROSS,
    FACE,
    NECK,
    ROOT,
    USUAL,
    assembled,
    both_ends,
    places,
    vectors,
)
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import BODY_18

TURNED = 2.4
"""Radians between two poses of a limb beyond which it goes straight, not round."""
FORESHORTENED = 0.15
"""Share of its length below which a limb in the picture hardly has a direction."""


def crossfade(before: PoseSequence, after: PoseSequence, shared: int) -> PoseSequence:
    """The end of one motion led over into the beginning of another.

    A body's limbs turn from one direction into the other; shoulders and hips, and limbs that would
    turn by nearly a half circle or hardly have a direction, go straight. Another skeleton's points
    go straight.

    Args:
        before: T1 frames; its fps, size, label and seed are the result's.
        after: T2 frames of the same skeleton, rate and picture.
        shared: how many frames the two overlap by, at most T1 and T2; 0 puts one after the other.

    Returns:
        T1 + T2 − shared frames.
    """
    rest = len(before) - shared
    old, new = before[rest:], after[:shared]
    part = smoothstep((np.arange(shared) + 1) / (shared + 1))[:, None]
    keypoints = [before.keypoints[:rest], _between(old, new, part), after.keypoints[shared:]]
    confidence = [
        before.confidence[:rest],
        (1 - part) * old.confidence + part * new.confidence,
        after.confidence[shared:],
    ]
    return before.replace(
        keypoints=np.concatenate(keypoints), confidence=np.concatenate(confidence)
    )


def held(pose: PoseSequence, frames: int) -> PoseSequence:
    """The first frame, `frames` times."""
    return pose.replace(
        keypoints=np.repeat(pose.keypoints[:1], frames, axis=0),
        confidence=np.repeat(pose.confidence[:1], frames, axis=0),
    )


def _between(old: PoseSequence, new: PoseSequence, part: np.ndarray) -> np.ndarray:
    """S×K×2: S poses, `part` (S×1, 0 to 1) of the way from the ones to the others."""
    straight = (1 - part[..., None]) * old.keypoints + part[..., None] * new.keypoints
    if old.skeleton != BODY_18 or not len(old):
        return np.asarray(straight)
    first, second = _rooted(old), _rooted(new)
    a, b = vectors(first), vectors(second)
    turn = np.unwrap(np.angle(np.where(np.abs(a) > 0, b * a.conj(), 1)), axis=0)
    unit = np.quantile(np.abs([a, b]) / USUAL, 0.8)
    short = np.minimum(np.abs(a), np.abs(b)).min(axis=0) < FORESHORTENED * unit * USUAL
    there = (old.present & new.present).all(axis=0)
    known = both_ends(np.append(there, True))
    turning = known & ~ACROSS & ~short & (np.abs(turn).max(axis=0) < TURNED)
    turned = np.exp(1j * (np.angle(a) + turn * part)) * ((1 - part) * np.abs(a) + part * np.abs(b))
    bones = np.where(turning, turned, a + (b - a) * part)
    body = assembled((first + (second - first) * part)[:, ROOT], bones)
    face = list(FACE)
    first, second = (where[:, face] - where[:, [NECK]] for where in (first, second))
    body[:, face] = body[:, [NECK]] + first + (second - first) * part
    body = np.stack([body.real, body.imag], axis=-1)[:, :ROOT]
    return body if there[NECK] else np.asarray(straight)


def _rooted(motion: PoseSequence) -> np.ndarray:
    """T×19 complex; a body without hips has its root straight below its neck."""
    where, confidence = places(motion)
    below = where[:, NECK] + 1j
    return np.column_stack(
        [where[:, :ROOT], np.where(confidence[:, ROOT] > 0, where[:, ROOT], below)]
    )
