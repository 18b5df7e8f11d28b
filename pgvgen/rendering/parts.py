"""The body as parts: which there are, how large the body is, and where in a picture they lie.

Part transport (the `transported` generator) moves the photo's pixels by one affine map a part
(`transforms.py`). Leading axes (`...`) are free: time, batch, or both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.sequence import SEEN
from pgvgen.sizes import rescaled, size_within


@dataclass(frozen=True)
class Part:
    """One part of the body.

    Attributes:
        name: e.g. `left_forearm`.
        kind: how its transform is fitted: `limb` along a bone, `head` similarity, `torso` affine,
            `foot` carried by the ankle.
        joints: the joints that move it; a limb's and a foot's first two are the bone's ends.
        radii: half its width at either end of the bone, in body units (see `body_unit`).
        reach: how far it goes beyond the bone's two ends, in bone lengths (hand, sole).
    """

    name: str
    kind: Literal["limb", "head", "torso", "foot"]
    joints: tuple[int, ...]
    radii: tuple[float, float]
    reach: tuple[float, float] = (0.0, 0.0)


def _part(
    name: str,
    kind: Literal["limb", "head", "torso", "foot"],
    joints: str,
    radii: tuple[float, float],
    reach: tuple[float, float] = (0.0, 0.0),
) -> Part:
    return Part(name, kind, tuple(BODY_18.index(joint) for joint in joints.split()), radii, reach)


PARTS: tuple[Part, ...] = (
    _part("right_foot", "foot", "right_ankle right_knee", (0.13, 0.13)),
    _part("left_foot", "foot", "left_ankle left_knee", (0.13, 0.13)),
    _part("right_shin", "limb", "right_knee right_ankle", (0.15, 0.11), (0.0, 0.08)),
    _part("left_shin", "limb", "left_knee left_ankle", (0.15, 0.11), (0.0, 0.08)),
    _part("right_thigh", "limb", "right_hip right_knee", (0.21, 0.15)),
    _part("left_thigh", "limb", "left_hip left_knee", (0.21, 0.15)),
    _part("torso", "torso", "neck right_shoulder left_shoulder right_hip left_hip", (0.14, 0.19)),
    _part("head", "head", "nose neck right_eye left_eye right_ear left_ear", (0.17, 0.26)),
    _part("right_upper_arm", "limb", "right_shoulder right_elbow", (0.15, 0.12)),
    _part("left_upper_arm", "limb", "left_shoulder left_elbow", (0.15, 0.12)),
    _part("right_forearm", "limb", "right_elbow right_wrist", (0.12, 0.12), (0.0, 0.45)),
    _part("left_forearm", "limb", "left_elbow left_wrist", (0.12, 0.12), (0.0, 0.45)),
)
"""The parts in painter's order: what comes later lies over what came before."""

INDEX: dict[str, int] = {part.name: i for i, part in enumerate(PARTS)}
"""Where `PARTS` has which part."""

TORSO, HEAD = INDEX["torso"], INDEX["head"]
THIGHS = INDEX["right_thigh"], INDEX["left_thigh"]
SHINS = INDEX["right_shin"], INDEX["left_shin"]

_COARSE = 112  # px of the longer side at which `coarse_depth` looks

_OTHER_SIDE = {"right": "left", "left": "right"}


def _mirrored(name: str) -> str:
    side, _, rest = name.partition("_")
    return f"{_OTHER_SIDE[side]}_{rest}" if side in _OTHER_SIDE else name


MIRROR: tuple[int, ...] = tuple(INDEX[_mirrored(part.name)] for part in PARTS)
"""Which part each part is in a mirror: left and right exchanged."""

# Bones and their usual length in body units (adult anthropometry: the torso is .29 of the height).
_BONES: tuple[tuple[int, int, float], ...] = (
    (2, 3, 0.62), (3, 4, 0.52), (5, 6, 0.62), (6, 7, 0.52),
    (8, 9, 0.84), (9, 10, 0.84), (11, 12, 0.84), (12, 13, 0.84),
    (2, 8, 1.00), (5, 11, 1.00), (1, 2, 0.36), (1, 5, 0.36), (1, 0, 0.45),
)  # fmt: skip
_USUAL = np.array([usual for *_, usual in _BONES], np.float32)
# How much each tells of the body's size: the trunk less than the limbs, as shoulders rise.
_TELLS = np.array([1.0] * 8 + [0.25] * 5, np.float32)


def body_unit(keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """The length of the torso that the body's bones suggest: ... float32, in px.

    Foreshortening only shortens, so it is the 80th percentile over the bones that are seen of
    (length / usual length). 0 where no bone is seen.

    Args:
        keypoints: ...×18×2 px.
        confidence: ...×18.
    """
    lengths, seen = _bone_lengths(keypoints, confidence)
    return _quantile(lengths / _USUAL, seen, 0.8)


def body_ratio(
    source: np.ndarray, source_conf: np.ndarray, target: np.ndarray, target_conf: np.ndarray
) -> np.ndarray:
    """How much larger the source's body is than the target's: ... float32 (1 if unknown).

    The mean over the bones seen in both of the log ratio of their lengths, nearly all of the weight
    on those that look longest for their kind in both poses: a bone that is foreshortened in one of
    the two says nothing of the body's size. The trunk says less than limbs do: shoulders rise.
    """
    lengths_s, seen_s = _bone_lengths(source, source_conf)
    lengths_t, seen_t = _bone_lengths(target, target_conf)
    lengths_s, lengths_t = np.maximum(lengths_s, 1e-3), np.maximum(lengths_t, 1e-3)
    weight = (seen_s & seen_t) * np.minimum(lengths_s, lengths_t) / _USUAL
    weight = _TELLS * (weight / np.maximum(weight.max(-1, keepdims=True), 1e-9)) ** 8
    logs = np.log(lengths_s) - np.log(lengths_t)
    mean = (weight * logs).sum(-1) / np.maximum(weight.sum(-1), 1e-9)
    return np.exp(mean).astype(np.float32)


def part_distances(
    keypoints: np.ndarray, confidence: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """How deep every pixel lies in every part: ...×P×h×w float32, in body units.

    Positive inside (at most the part's radius), 0 on the rim, negative outside, -inf for a part
    whose joints are not seen. The part of the largest depth owns a pixel.

    Args:
        keypoints: ...×18×2, px of the picture.
        confidence: ...×18.
        size: (width, height) of the picture in px.
    """
    keypoints = np.asarray(keypoints, np.float32)
    seen = np.asarray(confidence) >= SEEN
    unit = np.maximum(body_unit(keypoints, confidence), 1e-3)
    width, height = size
    out = np.full((*seen.shape[:-1], len(PARTS), height, width), -np.inf, np.float32)
    for at in np.ndindex(*seen.shape[:-1]):
        for i, part in enumerate(PARTS):
            for start, end, radii in _capsules(part, keypoints[at], seen[at], unit[at]):
                depth = _capsule_depth(size, start, end, radii, float(unit[at]))
                np.maximum(out[at][i], depth, out=out[at][i])
    return out


def coarse_depth(
    keypoints: np.ndarray,
    confidence: np.ndarray,
    size: tuple[int, int],
    which: slice | np.ndarray = slice(None),
) -> np.ndarray:
    """How deep every pixel lies in the body: h×w float32, in body units; found at a reduced size.

    Args:
        keypoints: 18×2, px of the picture.
        confidence: 18.
        size: (width, height) of the picture in px.
        which: of the parts (P bool); all by default.
    """
    import cv2

    small = size_within(size, _COARSE)
    depth = part_distances(rescaled(keypoints, size, small), confidence, small)
    return cv2.resize(depth[which].max(0).clip(-9), size)


def part_priors(
    keypoints: np.ndarray, confidence: np.ndarray, size: tuple[int, int], softness: float = 0.08
) -> np.ndarray:
    """Soft capsules around the parts' bones: ...×P×h×w float32 in [0, 1], 0.5 on the rim.

    Args:
        keypoints, confidence, size: as in `part_distances`.
        softness: how wide the fall from 1 to 0 is, in body units.
    """
    depth = part_distances(keypoints, confidence, size)
    return np.clip(depth / softness + 0.5, 0, 1)


_Capsule = tuple[np.ndarray, np.ndarray, tuple[float, float]]


def _capsules(part: Part, points: np.ndarray, seen: np.ndarray, unit: float) -> list[_Capsule]:
    """The tapered capsules that make up a part (none where its joints are not seen)."""
    joints, there = points[list(part.joints)], seen[list(part.joints)]
    if part.kind in ("limb", "foot") and not there[:2].all():
        return []
    if part.kind == "limb":
        bone = joints[1] - joints[0]
        start, end = joints[0] - part.reach[0] * bone, joints[1] + part.reach[1] * bone
        return [(start, end, part.radii)]
    if part.kind == "foot":
        down = unit_vectors(joints[0] - joints[1]) * unit * 0.12
        return [(joints[0] + down * 0.2, joints[0] + down, part.radii)]
    if part.kind == "head":
        return _head_capsules(part, joints, there, unit)
    right, left, right_hip, left_hip = joints[1:]
    if not there[1:3].all():
        return []
    if not there[3:].all():  # a half-length photo: the torso goes on below the picture
        down = left_of(unit_vectors(right - left)) * unit
        down = down if down[1] > 0 else -down
        right_hip, left_hip = right + down, left + down
    return [
        (right + u * (left - right), right_hip + u * (left_hip - right_hip), part.radii)
        for u in np.linspace(0.12, 0.88, 5)
    ]


def _head_capsules(
    part: Part, joints: np.ndarray, there: np.ndarray, unit: float
) -> list[_Capsule]:
    """One capsule from the neck over the face to the crown."""
    face = np.array([0, 2, 3, 4, 5])[there[[0, 2, 3, 4, 5]]]
    if not len(face):
        return []
    centre = joints[face].mean(0)
    neck = joints[1] if there[1] else centre + np.array([0, 0.45 * unit], np.float32)
    up = unit_vectors(centre - neck)
    return [(neck + 0.12 * unit * up, centre + 0.1 * unit * up, part.radii)]


def _capsule_depth(
    size: tuple[int, int],
    start: np.ndarray,
    end: np.ndarray,
    radii: tuple[float, float],
    unit: float,
) -> np.ndarray:
    x = np.arange(size[0], dtype=np.float32) - np.float32(start[0])
    y = np.arange(size[1], dtype=np.float32)[:, None] - np.float32(start[1])
    bone_x, bone_y = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    square = max(bone_x**2 + bone_y**2, np.float32(1e-6))
    t = np.clip(x * (bone_x / square) + y * (bone_y / square), 0, 1)
    x, y = x - t * bone_x, y - t * bone_y
    distance = np.sqrt(x * x + y * y)
    return radii[0] + t * np.float32(radii[1] - radii[0]) - distance / np.float32(unit)


def _bone_lengths(keypoints: np.ndarray, confidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = [b[0] for b in _BONES], [b[1] for b in _BONES]
    keypoints, seen = np.asarray(keypoints), np.asarray(confidence) >= SEEN
    lengths = np.linalg.norm(keypoints[..., first, :] - keypoints[..., second, :], axis=-1)
    return lengths, seen[..., first] & seen[..., second]


def _quantile(values: np.ndarray, valid: np.ndarray, q: float) -> np.ndarray:
    """Quantile over the last axis of the valid values (0 where none is)."""
    with np.errstate(invalid="ignore"):
        ordered = np.sort(np.where(valid, values, np.inf), axis=-1)
    count = np.broadcast_to(valid, values.shape).sum(-1)
    place = q * np.maximum(count - 1, 0)
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    a = np.take_along_axis(ordered, low[..., None], -1)[..., 0]
    b = np.take_along_axis(ordered, high[..., None], -1)[..., 0]
    a, b = np.where(count > 0, a, 0), np.where(count > 0, b, 0)
    return (a + (place - low) * (b - a)).astype(np.float32)


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """The vectors (...×2) at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def left_of(vectors: np.ndarray) -> np.ndarray:
    """The vectors (...×2) turned by 90°, to the left where y points down."""
    return np.stack([vectors[..., 1], -vectors[..., 0]], -1)
