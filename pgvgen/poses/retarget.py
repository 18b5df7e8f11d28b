"""Moving a motion onto the person in the photo.

Bone directions come from the motion, bone lengths from the photo (and foreshortening from the
motion again); the mid-hip is the anchor, standing feet stay where they stand, the head is rigid.
The first frame is the photo's own pose, from which the motion is blended in.
"""

from __future__ import annotations

import numpy as np

from pgvgen.errors import InputError
from pgvgen.poses.blending import FORESHORTENED, TURNED
from pgvgen.poses.bones import (
    ACROSS,
    ARMS,
    BONES,
    FOOT,
    GROWTH,
    LEGS,
    NECK,
    ROOT,
    Fit,
    angle_between,
    assembled,
    both_ends,
    completed,
    filled,
    fit_bodies,
    longest_of,
    places,
    shown_joints,
    vectors,
)
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.footing import corrections, reach, stands
from pgvgen.poses.hands import between_hands, join
from pgvgen.poses.head import place_face
from pgvgen.poses.inside import cut_off
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.shoulders import raise_shoulders
from pgvgen.poses.skeletons import BODY_18
from pgvgen.poses.timing import bridge_gaps

_LEAN = 0.4  # spines' lengths that a neck moves over hips that are not shown
_SPINE = 0
_WIDTHS = (1, 2), (3, 4)  # bones to right and left: shoulders, hips
_ARMS = np.array([bone.region == "arm" for bone in BONES])


def retarget(
    motion: PoseSequence,
    start: PoseSequence,
    *,
    grounded: bool = False,
    facing: bool = False,
    touching: bool = False,
    shrugging: bool = False,
) -> PoseSequence:
    """The motion, done by the person of the start pose, in their picture.

    Args:
        motion: any body of any size at any place; joints it lacks in some frames are interpolated,
            what it never shows stays as it is in the photo.
        start: the person's pose in the photo; its first frame counts.
        grounded: keep a foot on the ground at any time; so it is done anyway with feet that the
            photo does not show.
        facing: the body does not turn: shoulders and hips stay as wide as they begin.
        touching: hands that come together in the motion do so on the person.
        shrugging: shoulders rise with the arms, as those of motions that were written or captured
            hardly do; what an estimator finds in a video has it.

    Returns:
        As many frames as the motion, at its fps, in the photo's pixels and with the photo's
        confidences: a joint that the photo lacks stays absent, one that is only guessed there stays
        a guess. Arms whose forearms the picture cuts off hang as they do in it. The first frame is
        the start pose. The motion's label and seed are kept.

    Raises:
        InputError: the skeletons differ, or the two have not a single bone in common.
    """
    if motion.skeleton != start.skeleton:
        raise InputError(
            f"the motion is a {motion.skeleton.name} pose and the start a {start.skeleton.name} "
            "one: give two of the same kind"
        )
    if not len(motion) or not len(start):
        raise InputError("a motion or start pose without frames: nothing to move")
    start = start.start
    if motion.skeleton == BODY_18:
        keypoints = _body(motion, start, grounded, facing, touching, shrugging)
    else:
        keypoints = _shape(motion, start)
    keypoints[0] = start.keypoints[0]
    confidence = np.repeat(start.confidence, len(motion), axis=0)
    return motion.replace(
        keypoints=keypoints,
        confidence=confidence,
        size=start.size,
        size_known=start.size_known,
        photo=None,
    )


def _body(
    motion: PoseSequence,
    start: PoseSequence,
    grounded: bool,
    facing: bool,
    touching: bool,
    shrugging: bool,
) -> np.ndarray:
    """T×18×2 for bodies."""
    where, confidence = places(bridge_gaps(motion))
    (photo,), (photo_confidence,) = places(start)
    shown, seen = shown_joints(confidence), photo_confidence >= SEEN
    where = filled(where, confidence > 0)

    bones = _as_wide(vectors(where)) if facing else vectors(where)
    fit = fit_bodies(bones, both_ends(shown), vectors(photo), both_ends(seen))
    if fit is None:
        raise InputError("the motion and the start pose show no bone in common: use a fuller view")
    first = completed(where[0], confidence.max(axis=0) > 0, None, fit.unit)
    photo = completed(photo, photo_confidence > 0, first, fit.scale)
    for arm, cut in zip(ARMS, cut_off(photo, start), strict=True):
        shown[[*arm[1:]]] &= not cut
    own, unit = vectors(photo), fit.unit * fit.scale

    root, bones = _moved(where, bones, shown, photo, fit)
    rests = _rests(where, shown, seen, fit, motion.fps)
    root = root + _floor(assembled(root[:1], bones[:1])[0], photo, rests)
    fade = _fade(len(motion), motion.fps)
    lengths = np.minimum(
        np.maximum(fit.longest * fit.bone_scales, np.abs(own)), longest_of(own, both_ends(seen))
    )
    blended = _blended(bones, own, fade, lengths)
    body = assembled(root + (photo[ROOT] - root[0]) * fade, blended)
    _pin(body, rests, unit, motion.fps)
    if grounded or not _shows_feet(photo, seen, start, unit):
        # Whoever leaves the ground shows their feet, and these the photo does not show.
        legs = [leg for leg, rest in zip(LEGS, rests, strict=True) if rest is not None]
        body += 1j * _down(body, photo, legs, ROOT if seen[ROOT] else NECK)[:, None]
    lean = angle_between(bones[0, _SPINE], own[_SPINE])
    place_face(body, where, shown, photo, seen, lean, fade)
    arms = (shown & seen)[np.array(ARMS)]
    if shrugging:
        raise_shoulders(body, lengths / GROWTH, arms[:, :2].all(axis=1), unit)
    if touching and arms.all():
        join(body, fit.scale * between_hands(where), 1 - fade, unit)
    return np.stack([body.real, body.imag], axis=-1)[:, :ROOT]


def _moved(
    where: np.ndarray, bones: np.ndarray, shown: np.ndarray, photo: np.ndarray, fit: Fit
) -> tuple[np.ndarray, np.ndarray]:
    """The root (T) and the bones (T×B) of the photo's person in the motion's pose."""
    own = vectors(photo)
    lengths = np.maximum(np.abs(bones), 1e-9)
    bones = bones * fit.bone_scales * np.minimum(1, fit.longest / lengths)
    bones = np.where(both_ends(shown), bones, own)
    if shown[ROOT]:
        root = photo[ROOT] + fit.scale * (where[:, ROOT] - where[0, ROOT])
    else:
        # Hips that are not shown stay where the neck moves a little over them, and go along beyond:
        # of who squats to the ground the neck would come to lie below them, upside down.
        root = np.full(len(where), photo[ROOT])
        if shown[NECK]:
            sway = fit.scale * (where[:, NECK] - where[0, NECK])
            most = _LEAN * abs(own[_SPINE])
            lean = np.clip(sway.real, -most, most) + 1j * np.clip(sway.imag, 0, most)
            bones[:, _SPINE] = own[_SPINE] + lean
            root = root + sway - lean
    # Arms that the motion, or the photo, does not show are carried by the torso.
    carried = _ARMS & ~both_ends(shown)
    turn = angle_between(bones[:, _SPINE], own[_SPINE])
    bones[:, carried] *= np.exp(1j * turn)[:, None]
    return root, bones


def _as_wide(bones: np.ndarray) -> np.ndarray:
    """T×B bones with the width of shoulders and hips that they begin with.

    Many a squat was learnt from aside, where a body is narrow.
    """
    bones = bones.copy()
    for right, left in _WIDTHS:
        across = bones[:, left] - bones[:, right]
        wide = np.abs(across[0]) / np.maximum(np.abs(across), 1e-9)
        middle = (bones[:, left] + bones[:, right]) / 2
        for side, half in (right, -0.5), (left, 0.5):
            bones[:, side] = middle + half * across * wide
    return bones


def _rests(
    where: np.ndarray, shown: np.ndarray, seen: np.ndarray, fit: Fit, fps: float
) -> list[list[tuple[int, int]] | None]:
    """When each foot stands; None for one that the photo lacks. Legs never shown always stand."""
    rests: list[list[tuple[int, int]] | None] = []
    for leg in LEGS:
        if not seen[list(leg)].all():
            rests.append(None)
        elif not shown[list(leg)].all():
            rests.append([(0, len(where) - 1)])
        else:
            rests.append(stands(where[:, leg[-1]], fit.unit, fps))
    return rests


def _floor(
    first: np.ndarray, photo: np.ndarray, rests: list[list[tuple[int, int]] | None]
) -> complex:
    """What brings the feet that stand at the beginning to where the photo's stand.

    So a motion that begins in a crouch lowers the photo's hips, and does not lift the feet.
    """
    ankles = [leg[-1] for leg, rest in zip(LEGS, rests, strict=True) if rest and rest[0][0] == 0]
    return complex((photo[ankles] - first[ankles]).mean()) if ankles else 0j


def _shows_feet(photo: np.ndarray, seen: np.ndarray, start: PoseSequence, unit: float) -> bool:
    """Whether one of the feet is in the picture whole."""
    lowest = start.size[1] - FOOT * unit if start.size_known else np.inf
    return any(bool(seen[leg[-1]]) and photo[leg[-1]].imag <= lowest for leg in LEGS)


def _down(
    body: np.ndarray, photo: np.ndarray, legs: list[tuple[int, ...]], middle: int
) -> np.ndarray:
    """T px by which the body is to be lowered until a foot is as low as in the photo.

    Where the photo has no feet it is lowered so far that its middle does not rise.
    """
    ends = [leg[-1] for leg in legs]
    if not ends:
        return np.maximum((photo[middle] - body[:, middle]).imag, 0)
    above = (photo[ends] - body[:, ends]).imag.min(axis=1)
    return _eased(above)


def _fade(frames: int, fps: float) -> np.ndarray:
    """T: from 1, the photo's pose, to 0, the motion's, over a third of a second or 5 frames."""
    return 1 - smoothstep(np.arange(frames) / max(5, round(fps / 3)))


def _blended(
    bones: np.ndarray, own: np.ndarray, fade: np.ndarray, longest: np.ndarray
) -> np.ndarray:
    """T×B: the motion's bones, the first frame's difference to the photo's faded out.

    Limbs turn from one direction into the other. Shoulders and hips, and limbs that would turn by
    nearly a half circle or hardly have a direction, go straight: that is how a turn towards the
    camera looks.
    """
    fade = fade[:, None]
    first, lengths = bones[0], np.abs(bones)
    turn = angle_between(own, first)
    short = np.minimum(np.abs(first), np.abs(own)) < FORESHORTENED * longest
    straight = ACROSS | short | (np.abs(turn) > TURNED)
    turned = np.exp(1j * (np.angle(bones) + turn * fade))
    turned = turned * np.maximum(lengths + (np.abs(own) - np.abs(first)) * fade, 0)
    blended = np.where(straight, bones + (own - first) * fade, turned)
    return np.asarray(blended * np.minimum(1, longest / np.maximum(np.abs(blended), 1e-9)))


def _pin(
    body: np.ndarray, rests: list[list[tuple[int, int]] | None], unit: float, fps: float
) -> None:
    """Keep standing feet in place: what they share moves the body, the rest the legs."""
    changes = {
        leg: corrections(body[:, leg[-1]], rest, unit, fps)
        for leg, rest in zip(LEGS, rests, strict=True)
        if rest is not None
    }
    if not changes:
        return
    shared = _eased(np.mean(list(changes.values()), axis=0))
    body += shared[:, None]
    for leg, change in changes.items():
        reach(body, leg, change - shared, unit)


def _eased(change: np.ndarray) -> np.ndarray:
    """T: a foot that touches the ground stops at once; the body above it does not."""
    return np.convolve(np.pad(change, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")


def _shape(motion: PoseSequence, start: PoseSequence) -> np.ndarray:
    """T×K×2 for a face: the photo's face plus the motion's changes, turned and scaled to fit it."""
    there = motion.present
    where = filled(motion.keypoints.astype(np.float64) @ np.array([1, 1j]), there)
    photo = start.keypoints[0].astype(np.float64) @ np.array([1, 1j])
    common = there.any(axis=0) & start.present[0]
    if common.sum() < 2:
        raise InputError(
            "the motion and the start pose show no points in common: use a fuller view"
        )
    first = where[0, common] - where[0, common].mean()
    own = photo[common] - photo[common].mean()
    fit = (own * np.conj(first)).sum() / max((np.abs(first) ** 2).sum(), 1e-9)
    moved = photo + fit * (where - where[0])
    # A point that the motion never shows goes along with the others.
    drift = (fit * (where - where[0]))[:, common].mean(axis=1, keepdims=True)
    moved = np.where(there.any(axis=0), moved, photo + drift)
    return np.stack([moved.real, moved.imag], axis=-1)
