"""The body as a tree of bones, for moving a motion from one body to another.

A place in the picture is a complex number x + iy here: a bone is the difference of two, turning it
is a product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import BODY_18

ROOT = len(BODY_18)
"""Index of the mid-hip, which BODY_18 lacks, behind its joints."""
NOSE, NECK = BODY_18.index("nose"), BODY_18.index("neck")
HIPS = (BODY_18.index("right_hip"), BODY_18.index("left_hip"))
FACE = tuple(BODY_18.index(j) for j in ("nose", "right_eye", "left_eye", "right_ear", "left_ear"))
LEGS = tuple(
    tuple(BODY_18.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
    for side in ("right", "left")
)
ARMS = tuple(
    tuple(BODY_18.index(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist"))
    for side in ("right", "left")
)
FOOT = 0.25
"""How far a foot reaches beyond its ankle, in body units."""


@dataclass(frozen=True)
class Bone:
    """One bone.

    Attributes:
        start: the joint nearer to the root.
        end: the joint that it places.
        usual: its usual length in body units; the torso is 1 (adult anthropometry).
        region: `torso`, `arm` or `leg`.
    """

    start: int
    end: int
    usual: float
    region: str


BONES = (
    Bone(ROOT, 1, 1.00, "torso"),
    Bone(1, 2, 0.36, "torso"), Bone(1, 5, 0.36, "torso"),
    Bone(ROOT, 8, 0.20, "torso"), Bone(ROOT, 11, 0.20, "torso"),
    Bone(2, 3, 0.62, "arm"), Bone(5, 6, 0.62, "arm"),
    Bone(3, 4, 0.52, "arm"), Bone(6, 7, 0.52, "arm"),
    Bone(8, 9, 0.84, "leg"), Bone(11, 12, 0.84, "leg"),
    Bone(9, 10, 0.84, "leg"), Bone(12, 13, 0.84, "leg"),
)  # fmt: skip
"""Parents before children; the spine first, then right and left in turn."""
STARTS, ENDS = [bone.start for bone in BONES], [bone.end for bone in BONES]
USUAL = np.array([bone.usual for bone in BONES])
ACROSS = np.array([bone.region == "torso" and bone.usual < 1 for bone in BONES])
"""B bool: the bones of shoulders and hips."""
TWINS = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11])
"""The same bone on the other side."""

GROWTH = 1.1
"""By how much a bone may become longer than the longest that is seen of its kind."""

_SHORT = 0.7  # of a bone's usual length beside the others': it points to the camera

# A standing figure in body units about its root, for joints that are known nowhere.
_STANDING = np.array([
    -1.45j, -1j, -0.36 - 1j, -0.42 - 0.4j, -0.45 + 0.1j, 0.36 - 1j, 0.42 - 0.4j, 0.45 + 0.1j,
    -0.2, -0.2 + 0.84j, -0.2 + 1.68j, 0.2, 0.2 + 0.84j, 0.2 + 1.68j,
    -0.07 - 1.52j, 0.07 - 1.52j, -0.15 - 1.48j, 0.15 - 1.48j, 0,
])  # fmt: skip


def places(sequence: PoseSequence) -> tuple[np.ndarray, np.ndarray]:
    """Where the joints and the root are (T×19 complex) and with what confidence (T×19)."""
    joints = sequence.keypoints.astype(np.float64) @ np.array([1, 1j])
    confidence = sequence.confidence.astype(np.float64)
    root = joints[:, HIPS].mean(axis=1, keepdims=True)
    root_confidence = confidence[:, HIPS].min(axis=1, keepdims=True)
    return np.hstack([joints, root]), np.hstack([confidence, root_confidence])


def filled(where: np.ndarray, there: np.ndarray) -> np.ndarray:
    """T×N: frames that lack a value are interpolated between (or held from) those that have it.

    A column that has none is left as it is.
    """
    result, times = where.copy(), np.arange(len(where))
    for i in range(where.shape[1]):
        known = np.flatnonzero(there[:, i])
        if 0 < len(known) < len(where):
            # np.interp takes complex values.
            result[:, i] = np.interp(times, known, where[known, i])
    return result


def completed(
    where: np.ndarray, known: np.ndarray, like: np.ndarray | None, scale: float
) -> np.ndarray:
    """19: one pose, its unknown joints placed as in another pose (or a standing figure) × scale.

    Args:
        where: 19 complex.
        known: 19 bool, at least one.
        like: 19 complex, the other pose; None for the standing figure in body units.
        scale: from the other pose to this one.
    """
    like = _STANDING if like is None else like
    offset = where[known].mean() - scale * like[known].mean()
    return np.where(known, where, scale * like + offset)


def vectors(where: np.ndarray) -> np.ndarray:
    """...×B complex: every bone, from its start to its end."""
    return np.asarray(where[..., ENDS] - where[..., STARTS])


def both_ends(mask: np.ndarray) -> np.ndarray:
    """...×B bool: which bones have both their joints in a mask of joints (...×19)."""
    return np.asarray(mask[..., ENDS] & mask[..., STARTS])


def angle_between(bone: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The angle from `other` to `bone` (complex, broadcast), in (−π, π]."""
    return np.asarray(np.angle(bone * np.conj(other)))


def assembled(root: np.ndarray, bones: np.ndarray) -> np.ndarray:
    """T×19: the places of the joints (the face's are not set) from the root (T) and bones (T×B)."""
    where = np.zeros((len(root), ROOT + 1), complex)
    where[:, ROOT] = root
    for i, bone in enumerate(BONES):
        where[:, bone.end] = where[:, bone.start] + bones[:, i]
    return where


@dataclass(frozen=True)
class Fit:
    """How a motion's body relates to the photo's.

    Attributes:
        scale: photo px a motion px, of the body as a whole.
        bone_scales: B, the same for every bone.
        longest: B, the longest that a bone may be in the motion, in motion px.
        unit: the torso's length in the motion, px.
    """

    scale: float
    bone_scales: np.ndarray
    longest: np.ndarray
    unit: float


def fit_bodies(
    motion: np.ndarray, shown: np.ndarray, photo: np.ndarray, seen: np.ndarray
) -> Fit | None:
    """Compare the lengths of the bones of two bodies.

    Pictures shorten bones and never lengthen them, so a bone's own length in the motion is the 90th
    percentile over its frames, of both sides' the longer, as far as a body can have it so. If the
    motion begins with the bone as it is in the photo, its first frame is the better comparison. A
    bone that is much too short in the photo points to the camera there: it gets the scale of the
    whole body.

    Args:
        motion: T×B complex bones, complete where shown.
        shown: B bool, the bones that the motion shows.
        photo: B complex bones.
        seen: B bool, the bones that the photo shows.

    Returns:
        The fit; None if no bone is in both.
    """
    lengths = np.abs(motion)
    own = np.where(shown, np.quantile(lengths, 0.9, axis=0), 0)
    both = shown & seen & (own > 1e-3) & (np.abs(photo) > 1e-3)
    if not both.any():
        return None
    unit = float(np.quantile(own[shown] / USUAL[shown], 0.8))
    own = np.minimum(np.maximum(own, own[TWINS]), 1.3 * unit * USUAL)
    own = np.maximum(own, 1e-6)

    first, there = np.maximum(lengths[0], 1e-6), np.maximum(np.abs(photo), 1e-6)
    turn = np.angle(np.where(both, photo * motion[0].conj(), 1))
    alike = np.exp(-((turn / np.radians(15)) ** 2)) * np.clip(first / (0.3 * own), 0, 1)
    ratio = np.log(there) - alike * np.log(first) - (1 - alike) * np.log(own)
    scale = np.exp(_weighted_median(ratio[both], USUAL[both]))

    from_first = np.log(there / (scale * first))
    alike *= np.exp(-((from_first / 0.15) ** 2))
    relative = there / (scale * own)
    trust = np.clip((relative - 0.5) / 0.3, 0, 1)
    from_all = trust * np.log(np.clip(relative, 0.8, 1.25))
    correction = np.where(both, alike * from_first + (1 - alike) * from_all, 0)
    longest = np.clip(1.25 * own, 1.15 * unit * USUAL, 1.45 * unit * USUAL)
    return Fit(float(scale), scale * np.exp(correction), longest, unit)


def longest_of(photo: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """B px: the longest that bones may become of a person in a photo.

    As long as it, or the same bone of the other side, is in the photo, and a little more. A bone
    that is much too short there, or not seen, points to the camera: it may become as long as usual.

    Args:
        photo: B complex bones.
        seen: B bool, the bones that the photo shows.
    """
    lengths = np.abs(photo)
    unit = np.quantile((lengths / USUAL)[seen], 0.8) if seen.any() else np.inf
    own = np.maximum(lengths * seen, (lengths * seen)[TWINS])
    longest = np.where(own < _SHORT * unit * USUAL, unit * USUAL, own)
    return np.asarray(np.maximum(GROWTH * longest, lengths))


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def shown_joints(confidence: np.ndarray) -> np.ndarray:
    """19 bool: the joints that a motion shows in a tenth of its frames or more."""
    return np.asarray((confidence >= SEEN).mean(axis=0) >= 0.1)


def body_height(keypoints: np.ndarray, confidence: np.ndarray) -> float:
    """The tallest (or, lying, longest) that a person appears, in px: 95th percentile.

    Args:
        keypoints: T×K×2.
        confidence: T×K, 0 where absent.
    """
    there = (confidence > 0)[..., None]
    low = np.where(there, keypoints, np.inf).min(1)
    high = np.where(there, keypoints, -np.inf).max(1)
    extent = (high - low)[there.any((1, 2))]
    return float(max(np.percentile(np.hypot(*extent.T), 95), 1.0)) if len(extent) else 1.0
