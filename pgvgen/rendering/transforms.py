"""How the parts move: the affine map of every part from one pose to another.

Limbs follow their bone, the torso follows neck, shoulders and hips, the head the face, feet stay
flat on the ground. Leading axes (`...`) are free: time, batch, or both.
"""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import NECK
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.parts import HEAD, PARTS, body_ratio, body_unit, left_of, unit_vectors

STRETCH = (0.4, 1.6)
"""How much shorter or longer than the body's ratio says a limb may be drawn (foreshortening)."""

SQUEEZE = (0.4, 1.25)
"""How much narrower or wider than the body's ratio says the torso may be drawn."""

TILT = np.deg2rad(35)
"""A foot stays as flat as it is in the photo while the shin turns by less than this."""

NOD = (np.deg2rad(10), np.deg2rad(25))
"""A head that would roll so much more than its face follows its neck, or its face alone."""

REST = (0.022, 0.105)
"""In body units: a part whose joints move by less than the first stays where it is, by more than
the second it follows them. An estimator trembles by as much, a body at rest does not."""

POINTED = (0.08, 0.2)
"""In body units: a bone that is shorter in the photo than the first points at the camera there, and
what is seen of the limb does not turn with it; that of one longer than the second does fully."""


def part_transforms(
    source: np.ndarray, source_conf: np.ndarray, target: np.ndarray, target_conf: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The affine map of every part, from the target's pixels to the source's (for sampling).

    Args:
        source: ...×18×2, the photo's joints in px; leading axes broadcast with the target's.
        source_conf: ...×18.
        target: ...×18×2 (usually T×18×2), the joints to be, in px of the same frame.
        target_conf: ...×18.

    Returns:
        transforms ...×P×2×3 float32: (x, y) in the source = M @ (x, y, 1) in the target;
        usable ...×P bool: the part's joints are seen in both poses. The transform of a part that
        is not usable is the identity.
    """
    shape = np.broadcast_shapes(np.shape(source)[:-2], np.shape(target)[:-2])
    source = np.broadcast_to(np.asarray(source, np.float64), (*shape, 18, 2))
    target = np.broadcast_to(np.asarray(target, np.float64), (*shape, 18, 2))
    seen_s = np.broadcast_to(np.asarray(source_conf), (*shape, 18)) >= SEEN
    seen_t = np.broadcast_to(np.asarray(target_conf), (*shape, 18)) >= SEEN
    seen = seen_s & seen_t
    ratio = body_ratio(source, seen_s, target, seen_t).astype(np.float64)

    transforms = np.empty((*shape, len(PARTS), 2, 3))
    usable = np.empty((*shape, len(PARTS)), bool)
    fits = {"limb": _limb, "foot": _foot, "head": _nodding_head, "torso": _torso}
    unit = np.asarray(body_unit(source, seen_s), np.float64)
    for i, part in enumerate(PARTS):
        at = list(part.joints)
        places = source[..., at, :], target[..., at, :], seen[..., at]
        if part.kind == "limb":
            places = places[0], _told(*places[:2], unit, ratio), places[2]
        fit, usable[..., i] = fits[part.kind](*places, ratio)
        share = _follows(*places, unit)[..., None, None]
        transforms[..., i, :, :] = np.eye(2, 3) + share * (fit - np.eye(2, 3))
    transforms[~usable] = np.eye(2, 3)
    return transforms.astype(np.float32), usable


def _follows(
    source: np.ndarray, target: np.ndarray, seen: np.ndarray, unit: np.ndarray
) -> np.ndarray:
    """How much a part follows its joints: 0 where none of them has moved, 1 where one has."""
    away = np.linalg.norm(target - source, axis=-1)
    furthest = np.where(seen, away, 0).max(-1) / np.maximum(unit, 1e-6)
    return smoothstep((furthest - REST[0]) / (REST[1] - REST[0]))


_Fit = tuple[np.ndarray, np.ndarray]


def _told(
    source: np.ndarray, target: np.ndarray, unit: np.ndarray, ratio: np.ndarray
) -> np.ndarray:
    """A limb's joints to be, ...×2×2, turned and lengthened no more than the photo's bone can tell.

    A thigh that points at the camera is a disc with two joints a few pixels apart: which way it
    lies is chance, and it would be flung about and drawn out as a log.
    """
    bone_s, bone_t = (_complex(ends[..., 1, :] - ends[..., 0, :]) for ends in (source, target))
    length = np.abs(bone_s) / np.maximum(unit, 1e-6)
    known = smoothstep((length - POINTED[0]) / (POINTED[1] - POINTED[0]))
    there = np.maximum(np.abs(bone_s), 1e-3) / ratio
    change = np.log(np.maximum(np.abs(bone_t), 1e-3) / there)
    turn = np.angle(bone_t * np.conj(bone_s))
    told = bone_s / ratio * np.exp(known * (change + 1j * turn))
    told = np.where(known < 1, told, bone_t)
    end = target[..., 0, :] + np.stack([told.real, told.imag], -1)
    return np.stack([target[..., 0, :], end], -2)


def _limb(source: np.ndarray, target: np.ndarray, seen: np.ndarray, ratio: np.ndarray) -> _Fit:
    """Along the bone by the ratio of its lengths, clamped; across it by the body's ratio."""
    bone_s, bone_t = source[..., 1, :] - source[..., 0, :], target[..., 1, :] - target[..., 0, :]
    length_s, length_t = np.linalg.norm(bone_s, axis=-1), np.linalg.norm(bone_t, axis=-1)
    usable = np.asarray(seen[..., :2].all(-1) & (length_s > 1e-3))
    # A bone that points at the camera has no direction of its own: keep the source's.
    along_s = unit_vectors(bone_s)
    along_t = np.where((length_t > 1e-3)[..., None], unit_vectors(bone_t), along_s)
    along = length_s / np.maximum(length_t, 1e-3)
    along = np.clip(along, ratio / STRETCH[1], ratio / STRETCH[0])
    across_s, across_t = left_of(along_s), left_of(along_t)
    linear = along[..., None, None] * (along_s[..., :, None] * along_t[..., None, :])
    linear += ratio[..., None, None] * (across_s[..., :, None] * across_t[..., None, :])
    return _affine(linear, source[..., 0, :], target[..., 0, :]), usable


def _foot(source: np.ndarray, target: np.ndarray, seen: np.ndarray, ratio: np.ndarray) -> _Fit:
    """Carried by the ankle; turned only by what the shin turns beyond `TILT`."""
    usable = np.asarray(seen[..., :2].all(-1))
    shin_s, shin_t = source[..., 0, :] - source[..., 1, :], target[..., 0, :] - target[..., 1, :]
    angle = np.angle(_complex(shin_s) * np.conj(_complex(shin_t)))
    angle = np.sign(angle) * np.maximum(np.abs(angle) - TILT, 0)
    linear = _rotation(ratio * np.exp(1j * angle))
    return _affine(linear, source[..., 0, :], target[..., 0, :]), usable


def _head(source: np.ndarray, target: np.ndarray, seen: np.ndarray, ratio: np.ndarray) -> _Fit:
    """Turned and moved as the face points and the neck, as large as the body's ratio says.

    Their own scale says little: shoulders that are raised bring the neck nearer to the face.
    """
    usable = seen[..., 0] | (seen[..., 2:].sum(-1) >= 2)
    weight = seen * np.array([2.0, 1.0, 1.5, 1.5, 1.0, 1.0])
    factor, centre_s, centre_t = _similarity(source, target, weight)
    lone = (seen.sum(-1) < 2) | (np.abs(factor) < 1e-6)
    turn = np.where(lone, 1, factor) / np.where(lone, 1, np.abs(factor))
    return _affine(_rotation(ratio * turn), centre_s, centre_t), usable


def _nodding_head(
    source: np.ndarray, target: np.ndarray, seen: np.ndarray, ratio: np.ndarray
) -> _Fit:
    """`_head`, but one that nods and does not roll.

    In a bow the neck comes to lie above the face. That is a nod, though a similarity on face and
    neck takes it for a roll; where it would roll much more than the face does, the face decides.
    """
    with_neck, usable = _head(source, target, seen, ratio)
    alone = seen & (np.arange(seen.shape[-1]) != PARTS[HEAD].joints.index(NECK))
    by_face, there = _head(source, target, alone, ratio)
    rolls = [np.arctan2(m[..., 1, 0] - m[..., 0, 1], m[..., 0, 0] + m[..., 1, 1])
             for m in (with_neck, by_face)]  # fmt: skip
    apart = np.abs(np.angle(np.exp(1j * (rolls[0] - rolls[1]))))
    share = np.clip((apart - NOD[0]) / (NOD[1] - NOD[0]), 0, 1) * there
    return with_neck + share[..., None, None] * (by_face - with_neck), usable


def _torso(source: np.ndarray, target: np.ndarray, seen: np.ndarray, ratio: np.ndarray) -> _Fit:
    """Affine on neck, shoulders and hips, pulled towards the similarity (a ridge).

    A body that has turned its back keeps the photo's side towards the camera, and one that is seen
    edge-on keeps some width: what a photo shows of a torso can be neither mirrored nor unfolded.
    """
    usable = seen[..., 1] & seen[..., 2]
    weight = seen.astype(np.float64)
    turned = _facing(source, seen) * _facing(target, seen) < 0
    target = np.where(turned[..., None, None], target[..., [0, 2, 1, 4, 3], :], target)
    factor, centre_s, centre_t = _similarity(source, target, weight)
    factor = np.where(np.abs(factor) < 1e-6, ratio, factor)
    scale = np.clip(np.abs(factor), ratio / STRETCH[1], ratio / STRETCH[0])
    similarity = _rotation(factor / np.abs(factor) * scale)
    off_s, off_t = source - centre_s[..., None, :], target - centre_t[..., None, :]
    moment = np.einsum("...k,...ki,...kj->...ij", weight, off_t, off_t)
    cross = np.einsum("...k,...ki,...kj->...ij", weight, off_s, off_t)
    # Without hips the three points lie on a line and say nothing about the other direction.
    hips = seen[..., 3] & seen[..., 4]
    size = np.trace(moment, axis1=-2, axis2=-1) + 1e-6
    ridge = (np.where(hips, 0.05, 1.0) * size)[..., None, None] * np.eye(2)
    linear = (cross + ridge @ similarity) @ np.linalg.inv(moment + ridge)
    linear = _bounded(linear, ratio / SQUEEZE[1], ratio / SQUEEZE[0])
    return _affine(linear, centre_s, centre_t), usable


def _facing(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Positive where left lies to the right of the spine in the picture (…: from the front)."""
    pairs = seen[..., [1, 3]] & seen[..., [2, 4]]
    across = ((points[..., [2, 4], :] - points[..., [1, 3], :]) * pairs[..., None]).sum(-2)
    hips = np.where(pairs[..., 1, None], points[..., 3:, :].mean(-2), points[..., 0, :] + [0, 1])
    down = hips - points[..., 0, :]
    return across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]


def _bounded(linear: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The linear maps with their singular values kept between two bounds."""
    left, values, right = np.linalg.svd(linear)
    values = np.clip(values, low[..., None], high[..., None])
    return (left * values[..., None, :]) @ right


def _similarity(
    source: np.ndarray, target: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least squares z_source = factor · z_target about the two centres (complex factor)."""
    total = np.maximum(weight.sum(-1), 1e-9)[..., None]
    centre_s = (weight[..., None] * source).sum(-2) / total
    centre_t = (weight[..., None] * target).sum(-2) / total
    z_s = _complex(source - centre_s[..., None, :])
    z_t = _complex(target - centre_t[..., None, :])
    spread = (weight * np.abs(z_t) ** 2).sum(-1)
    factor = (weight * z_s * np.conj(z_t)).sum(-1) / np.maximum(spread, 1e-9)
    return factor, centre_s, centre_t


def _affine(linear: np.ndarray, at_source: np.ndarray, at_target: np.ndarray) -> np.ndarray:
    """The 2×3 map with this linear part that takes one point to the other."""
    shift = at_source - (linear @ at_target[..., None])[..., 0]
    return np.concatenate([linear, shift[..., None]], -1)


def _rotation(factor: np.ndarray) -> np.ndarray:
    """A complex factor as a 2×2 matrix."""
    real, imag = np.real(factor), np.imag(factor)
    return np.stack([np.stack([real, -imag], -1), np.stack([imag, real], -1)], -2)


def _complex(vectors: np.ndarray) -> np.ndarray:
    return vectors[..., 0] + 1j * vectors[..., 1]
