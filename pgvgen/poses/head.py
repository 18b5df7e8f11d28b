"""The head, moved as one piece: the photo's face points about the neck, as the motion's turn."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import FACE, NECK, NOSE, ROOT, angle_between
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.skeletons import BODY_18

_MOST = np.radians(45)
"""No head turns further in the picture, against where it was: beyond it is a mistake more often."""

_NOD = np.radians(15)
"""What turns in the picture where a head is seen from aside is a nod: no further than this beyond
upright, or beyond how the torso leans. Further, the throat would open."""

_ROLL = np.radians(15)
"""By so much more than its middle swings about the neck does no head roll. Where the line between
its ears says more, it looks down and aside, which a photo's head cannot."""

_ASIDE = (0.12, 0.28)
"""How far the nose lies beside the middle of the ears, as a share of the way from neck to ears: by
less than the first from the front or the back, by more than the second from aside."""

_PAIRS = tuple(
    tuple(BODY_18.index(f"{side}_{part}") for side in ("right", "left")) for part in ("eye", "ear")
)


def place_face(
    body: np.ndarray,
    where: np.ndarray,
    shown: np.ndarray,
    photo: np.ndarray,
    seen: np.ndarray,
    lean: float | np.ndarray,
    fade: np.ndarray,
) -> None:
    """Set the face's points in `body`.

    The head swings about the neck and turns as it does in the motion since the motion's first
    frame, and besides leans with the torso as far as that first frame leans more than the photo.

    Args:
        body: T×19 complex, the photo's person in the motion's pose; changed in place.
        where: T×19, the motion.
        shown: 19 bool, the joints that the motion shows.
        photo: 19 complex, the photo's pose.
        seen: 19 bool, the joints that the photo shows.
        lean: the angle from the photo's spine to that of the motion's first frame.
        fade: T, from 1, the photo's pose, to 0, the motion's.
    """
    face = np.array(FACE)
    common = face[shown[face] & seen[face]]
    if shown[NECK] and len(common):
        centre = photo[common].mean() - photo[NECK]
        # The ears are in the head's middle: a face that turns aside gets away from the neck.
        inmost = list(_PAIRS[1]) if set(_PAIRS[1]) <= set(common.tolist()) else common
        swing = _swing(where[:, inmost].mean(axis=1) - where[:, NECK])
        swung = np.unwrap(np.angle(swing))
        roll = _roll(where, common) if len(common) > 2 else swung
        roll = roll.clip(swung - _ROLL, swung + _ROLL)
        aside, leans = _aside(photo, seen), _leaning(body)
        swing = np.abs(swing) * np.exp(1j * _nodding(np.angle(swing), leans, aside))
        roll = _nodding(roll, leans, aside)
        # The first frame's swing is 1, unless its head was foreshortened: fade that in, too.
        swing = swing + (1 - swing[0]) * fade
        lean_now = np.clip(lean, -_MOST, _MOST) * (1 - fade)
    else:
        centre = photo[face].mean() - photo[NECK]
        spine = body[:, NECK] - body[:, ROOT]
        roll = angle_between(spine, spine[0])
        swing, lean_now = np.exp(1j * roll), np.zeros(len(body))
    middle = body[:, NECK] + centre * swing * np.exp(1j * lean_now)
    turn = np.exp(1j * np.clip(roll + lean_now, -_MOST, _MOST))
    body[:, face] = middle[:, None] + turn[:, None] * (photo[face] - photo[NECK] - centre)


def _aside(photo: np.ndarray, seen: np.ndarray) -> float:
    """0 for a head that the photo shows from the front or the back, 1 for one from aside."""
    ears = [ear for ear in _PAIRS[1] if seen[ear]]
    if not (ears and seen[NOSE] and seen[NECK]):
        return 0.0
    up = photo[ears].mean() - photo[NECK]
    beside = np.abs(((photo[NOSE] - photo[ears].mean()) / up).imag if up else 0.0)
    return float(smoothstep((beside - _ASIDE[0]) / (_ASIDE[1] - _ASIDE[0])))


def _leaning(body: np.ndarray) -> np.ndarray:
    """T: the angle by which the torso leans more than in the first frame."""
    spine = body[:, NECK] - body[:, ROOT]
    return np.unwrap(angle_between(spine, spine[0]))


def _nodding(turn: np.ndarray, leans: np.ndarray, aside: float) -> np.ndarray:
    """T angles of a head: from aside it stays within a nod of upright and of the torso's lean."""
    natural = turn.clip(np.minimum(leans, 0) - _NOD, np.maximum(leans, 0) + _NOD)
    return turn + aside * (natural - turn)


def _swing(heads: np.ndarray) -> np.ndarray:
    """T complex: what the vector from neck to head is multiplied by since the first frame.

    A head that is foreshortened in the first frame (shorter than 0.6 of its length) is taken as
    0.6 long, and none gets longer than 1.25 times.
    """
    length = max(abs(heads[0]), 0.6 * float(np.quantile(np.abs(heads), 0.8)), 1e-6)
    swing = heads / (np.exp(1j * np.angle(heads[0])) * length)
    return np.asarray(swing * np.minimum(1, 1.25 / np.maximum(np.abs(swing), 1e-9)))


def _roll(where: np.ndarray, common: np.ndarray) -> np.ndarray:
    """T: by what angle the head, the points `common` of T×19, has turned since the first frame."""
    pairs = np.array([pair for pair in _PAIRS if set(pair) <= set(common.tolist())])
    if len(pairs):
        lines = where[:, pairs[:, 1]] - where[:, pairs[:, 0]]
        size = (np.abs(lines) ** 2).sum(axis=1)
        wide = size > 0.15 * size.max()
        if wide[0]:
            return _roll_of_lines(lines, np.flatnonzero(wide))
    return _roll_of_figure(where[:, common])


def _roll_of_lines(lines: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """T: how far the lines between eyes and between ears (T×N) have turned.

    A head that nods towards the camera keeps them, while its nose passes below the eyes. A line
    that points the other way is that of a head that looks away, so the angle is taken modulo a
    half circle; between the frames `wide`, where a head is seen edge-on, it is interpolated.
    """
    double = np.angle((lines**2 * np.conj(lines[0]) ** 2).sum(axis=1))
    return np.interp(np.arange(len(lines)), wide, np.unwrap(double[wide])) / 2


def _roll_of_figure(points: np.ndarray) -> np.ndarray:
    """T: by what angle T×N points have turned in the picture since the first frame (Procrustes).

    A head that looks away is another figure, or its mirror image, and tells nothing: interpolated.
    """
    offsets = points - points.mean(axis=1, keepdims=True)
    offsets /= np.maximum(np.linalg.norm(offsets, axis=1, keepdims=True), 1e-9)
    turn = (offsets * np.conj(offsets[0])).sum(axis=1)
    mirrored = (offsets * offsets[0]).sum(axis=1)
    alike = np.flatnonzero((np.abs(turn) > 0.6) & (np.abs(turn) >= np.abs(mirrored) - 1e-6))
    if not len(alike):
        return np.zeros(len(points))
    return np.interp(np.arange(len(points)), alike, np.unwrap(np.angle(turn[alike])))
