"""Keeping a motion in the picture: the video shows what the photo shows, and no more."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS, LEGS, NECK, NOSE
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import BODY_18

FOREARM = 0.75
"""Forearm and hand of which the picture shows less are cut off: raised, they would be a stump."""

_HAND = 0.45  # of the forearm's length, beyond the wrist
_HAIR = 1.0  # of the way from neck to nose, above the nose
_CHEEK = 0.5  # of the way from neck to nose, beside the nose
_CHIN = 0.5  # of the way from neck to nose, below the nose
_SINK = 0.7  # share of a jump's height that may be taken from it
_TRIED = np.linspace(0.9, 0, 10)  # shares of an upper arm's elevation
_RAMP = 0.4  # seconds until an arm is lowered: the first frame is the photo's


def keep_inside(motion: PoseSequence) -> PoseSequence:
    """The motion with lower jumps and elbows, if head or hands would leave the picture else.

    A head that the first frame shows whole stays in the picture, if a jump of a third of the height
    is low enough for it. Whose feet the picture does not show squats and bows no further than until
    neck and chin are at its lower border (of a portrait nothing would be left), not at all if the
    upper border cuts the head, and goes aside no further than until the head is at the border. An
    upper arm that is raised is lowered towards the horizontal, as far as it must be for the hand to
    stay in the picture or to leave it least: so people wave in a portrait. What the first frame
    does not show is left alone, and so is another skeleton.

    Args:
        motion: BODY_18 poses in the picture's px, beginning with the photo's own; it is returned as
            it is where the picture's size is not known.
    """
    if motion.skeleton != BODY_18 or not len(motion) or not motion.size_known:
        return motion
    where = motion.keypoints.astype(np.float64) @ np.array([1, 1j])  # T×18
    seen = motion.confidence[0] >= SEEN
    where += 1j * (_sunk(where, seen) - _lifted(where, seen, motion.size))[:, None]
    where -= _strayed(where, seen, motion.size)[:, None]
    ramp = smoothstep(np.arange(len(where)) / (_RAMP * motion.fps))
    for arm in ARMS:
        if not seen[[NECK, *arm]].all() or where[0, arm[-1]].imag < 0:
            continue
        best, least = where, _beyond(where, arm, motion.size)
        for share in _TRIED:
            if not least:
                break
            lowered = _lowered(where, arm, 1 - (1 - share) * ramp)
            beyond = _beyond(lowered, arm, motion.size)
            if beyond < least:
                best, least = lowered, beyond
        where = best
    return motion.replace(keypoints=np.stack([where.real, where.imag], axis=-1))


def cut_off(where: np.ndarray, start: PoseSequence) -> tuple[bool, bool]:
    """Whether the picture cuts off the right and the left forearm (`FOREARM`).

    Args:
        where: 18 complex px or more, the joints, in view or not.
        start: whose they are; nothing is cut off where the picture's size is not known.
    """
    width, height = start.size

    def cut(elbow: int, wrist: int) -> bool:
        forearm = where[elbow] + np.linspace(0, 1 + _HAND, 30) * (where[wrist] - where[elbow])
        x, y = forearm.real, forearm.imag
        within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        return bool(start.size_known and within.mean() < FOREARM)

    (_, *right), (_, *left) = ARMS
    return cut(*right), cut(*left)


def _sunk(where: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """T px by which jumps are lower, so that the head stays below the picture's upper border."""
    feet = [leg[-1] for leg in LEGS if seen[leg[-1]]]
    none = np.zeros(len(where))
    if not feet or not seen[[NOSE, NECK]].all():
        return none
    above = np.maximum((where[0, feet] - where[:, feet]).imag.min(axis=1), 0)
    crown = _crowns(where)
    if crown[0] < 0:
        return none
    needed = np.maximum(-crown, 0) / np.maximum(above, 1e-6)
    return np.asarray(above * min(float(needed[above > 1].max(initial=0)), _SINK))


def _lifted(where: np.ndarray, seen: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """T px by which who has no feet in the picture sinks less: neck and chin stay in it.

    Whose head's top the picture cuts off does not sink at all: nobody knows the rest of it.
    """
    none = np.zeros(len(where))
    if seen[[leg[-1] for leg in LEGS]].any() or not seen[NECK]:
        return none
    cut = bool(seen[NOSE]) and _crowns(where)[0] < 0
    joint = NOSE if cut else NECK
    lowest = where[:, joint].imag
    if seen[NOSE] and not cut:
        # Who bows has the chin below the neck.
        lowest = np.maximum(
            lowest, where[:, NOSE].imag + _CHIN * abs(where[0, NOSE] - where[0, NECK])
        )
    below = np.maximum(lowest - lowest[0], 0)
    room = 0.0 if cut else size[1] - lowest[0]
    return np.asarray(below * (1 - room / below.max())) if 0 <= room < below.max() else none


def _strayed(where: np.ndarray, seen: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """T px by which who has no feet in the picture goes less to the right, so that the head stays
    in it."""
    way = np.zeros(len(where))
    if seen[[leg[-1] for leg in LEGS]].any() or not seen[[NOSE, NECK]].all():
        return way
    head = where[:, NOSE].real
    gone = head - head[0]
    half = _CHEEK * float(np.abs(where[:, NOSE] - where[:, NECK]).max())
    for side, room in (-1, head[0] - half), (1, size[0] - half - head[0]):
        farthest = float((side * gone).max())
        if farthest > max(room, 0):
            way += np.where(side * gone > 0, gone, 0) * (1 - max(room, 0) / farthest)
    return way


def _crowns(where: np.ndarray) -> np.ndarray:
    """T px: how far below the upper border the head's top is. Raised shoulders hide some neck."""
    necks = np.abs(where[:, NOSE] - where[:, NECK])
    return np.asarray(where[:, NOSE].imag - _HAIR * np.maximum(necks, necks[0]))


def _lowered(where: np.ndarray, arm: tuple[int, ...], share: np.ndarray) -> np.ndarray:
    """Poses whose upper arm has a share (T) of its elevation; the forearm goes along as it is."""
    shoulder, elbow, wrist = arm
    outwards = np.sign((where[0, shoulder] - where[0, NECK]).real) or 1.0
    upper = where[:, elbow] - where[:, shoulder]
    elevation = np.angle(outwards * upper.real - 1j * upper.imag)
    # Beyond the vertical less and less of it, as an arm that points inwards goes either way.
    raised = np.clip(np.minimum(elevation, np.pi - elevation), 0, None)
    change = (np.exp(1j * outwards * (1 - share) * raised) - 1) * upper
    result = where.copy()
    result[:, [elbow, wrist]] += change[:, None]
    return result


def _beyond(where: np.ndarray, arm: tuple[int, ...], size: tuple[int, int]) -> float:
    """How far a hand gets beyond the upper border or those aside, px; 0 is within."""
    _, elbow, wrist = arm
    tip = where[:, wrist] + _HAND * (where[:, wrist] - where[:, elbow])
    out = np.stack([-tip.real, tip.real - size[0], -tip.imag])
    return float(out.max(axis=0).clip(0).sum())
