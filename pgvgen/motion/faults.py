"""How badly a motion shows its action: of several the network writes, the best is taken.

The network writes what its data show: squats filmed from everywhere, throws from below the
shoulder, punches towards the camera, which nobody sees. What is good is said here, in torso lengths
where it is a length; nothing is changed by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from pgvgen.poses.bones import ARMS, LEGS, NECK, ROOT, places
from pgvgen.poses.facing import ANKLES, KNEES, TORSO, across, facing
from pgvgen.poses.hands import between_hands
from pgvgen.poses.sequence import SEEN, PoseSequence

Fault: TypeAlias = Callable[[PoseSequence], float]

_BOTH = (*ARMS[0], *ARMS[1])
_HANDS = [wrist for *_, wrist in ARMS]

SETTLED = 5
"""Frames after which feet and hands are where the action wants them."""

_AHEAD = 0.4  # torso lengths that the shoulders of somebody who faces the camera look wide
_FREE = 0.2  # torso lengths between wrists that swing beside the body
_ARM, _LEG = 0.45, 0.9  # torso lengths that their ends hang down when they are stretched out


def fault_of(label: str, start: PoseSequence) -> Fault | None:
    """How badly a motion that begins with the start pose does an action: more is worse.

    None where nothing is known about the action, or the person does not show what it takes.
    """
    fault, needed = _FAULTS.get(label, (None, ()))
    return fault if start.confidence[0, list(needed)].min(initial=1) >= SEEN else None


def ahead(poses: PoseSequence) -> bool:
    """Whether somebody faces the camera, or turns their back on it, at first."""
    return bool(abs(facing(poses.keypoints[:1])[0]) > _AHEAD)


def torso(where: np.ndarray) -> float:
    """How long the torso is at first, px of T×19 complex."""
    return max(abs(complex(where[0, NECK] - where[0, ROOT])), 1e-6)


def _turned(motion: PoseSequence) -> float:
    """How far the body turns away from where it faces at first."""
    return float(np.abs(facing(motion.keypoints) - facing(motion.keypoints[:1])).mean())


def _strayed(motion: PoseSequence) -> float:
    """How far who goes turns away, and how little the feet are lifted: who faces the camera comes
    towards it, and the legs go to and fro, none far across the picture, least across the other; nor
    do the hands cross."""
    fault, sure = _turned(motion), motion.confidence[0]
    feet = sure[ANKLES].min() >= SEEN
    if feet:  # who stands still does not turn away either
        fault -= 20 * float(np.abs(np.diff(_heights(motion), axis=0)).mean())
    if not ahead(motion):
        return fault
    way, legs = np.sign(facing(motion.keypoints[:1])), ANKLES if feet else KNEES
    if sure[legs].min() >= SEEN:
        apart = way * across(motion.keypoints, legs)[SETTLED:]
        fault += float(np.abs(apart).max()) + 2 * max(-float(apart.min()), 0)
    if sure[_HANDS].min() >= SEEN:
        apart = way * across(motion.keypoints, _HANDS)[SETTLED:]
        fault += 2 * max(_FREE - float(apart.min()), 0)
    return fault


def _heights(motion: PoseSequence) -> np.ndarray:
    """T×2: how low both feet are in the picture, in torso lengths, once they are on their way."""
    where, _ = places(motion)
    return np.asarray(where[SETTLED:, [ankle for *_, ankle in LEGS]].imag / torso(where))


def _unheard(motion: PoseSequence) -> float:
    """How far hands that clap stay apart, and how little they come and go."""
    where, _ = places(motion)
    apart = np.abs(between_hands(where))[SETTLED:] / torso(where)
    return float(np.quantile(apart, 0.1) - 4 * np.abs(np.diff(apart)).mean())


def _held_back(motion: PoseSequence, arms: Sequence[tuple[int, ...]]) -> float:
    """How low the hands of these arms stay, how little they get about, and how much too far the
    neck goes: some leave the picture, some bend double.

    Who is not shown down to the feet should not go far, or little of them is left in it.
    """
    where, sure = places(motion)
    hands = (where[:, [wrist for *_, wrist in arms]] - where[:, [NECK]]) / torso(where)
    about = np.abs(np.ptp(hands.real, axis=0) + 1j * np.ptp(hands.imag, axis=0))
    room = 0.7 if sure[0, ANKLES].min() >= SEEN else 0.0
    gone = max(np.abs(where[:, NECK] - where[0, NECK]).max() / torso(where) - room, 0)
    return float((np.quantile(hands.imag, 0.1, axis=0) - about).mean() + 2 * gone)


def _danced_away(motion: PoseSequence) -> float:
    """How little the hands of who dances get up and about, and how far the body turns away where
    it shows that."""
    fault = _held_back(motion, ARMS)
    return fault + (_turned(motion) if motion.confidence[0, TORSO].min() >= SEEN else 0)


def _half_done(motion: PoseSequence) -> float:
    """How little the hips go down and come up again, and how far aside leans or bends its knees who
    does that facing the camera."""
    where, sure = places(motion)
    where = where / torso(where)
    sunk = (where[:, ROOT] - where[0, ROOT]).imag
    fault = abs(sunk[-1]) - sunk.max()
    if ahead(motion):
        fault += _aside(where[:, [NECK]] - where[:, [ROOT]])
        knees = np.array(LEGS)[:, 1]
        if sure[0, knees].min() >= SEEN:
            fault += _aside(where[:, knees] - where[:, [ROOT]])
    return float(fault)


def _aside(limbs: np.ndarray) -> float:
    """How far T×N limbs together point to another side than at first."""
    side = limbs.real.sum(axis=1)
    return float(np.abs(side - side[0]).mean())


def _grounded(motion: PoseSequence) -> float:
    """How little both feet go up and down, and how far apart in height they are."""
    feet = _heights(motion)
    apart = np.abs(feet[:, 0] - feet[:, 1]).mean()
    return float(0.1 * apart - np.abs(np.diff(feet, axis=0)).min(axis=1).mean())


def _pulled(motion: PoseSequence) -> float:
    """How little of an arm is seen when a fist is furthest out."""
    return -float(np.abs(_stretched(motion, ARMS, _ARM)).max())


def _low(motion: PoseSequence) -> float:
    """How little of a leg is seen when a foot is furthest out, and how far the body turns."""
    return _turned(motion) - float(np.abs(_stretched(motion, LEGS, _LEG)).max())


def _hanging(motion: PoseSequence) -> float:
    """How little is seen of arms that both point the same way all the time."""
    return -float(np.abs(_stretched(motion, ARMS, _ARM)[SETTLED:].mean(axis=1)).mean())


def _stretched(motion: PoseSequence, limbs: Sequence[tuple[int, ...]], level: float) -> np.ndarray:
    """T×2: how far across the picture the limbs' ends are from where they begin; 0 where they hang
    further down than the level."""
    where, _ = places(motion)
    begin, _, end = np.array(limbs).T
    reach = (where[:, end] - where[:, begin]) / torso(where)
    return np.asarray(np.where(reach.imag < level, reach.real, 0))


_FAULTS: dict[str, tuple[Fault, Sequence[int]]] = {
    **dict.fromkeys(("walk", "walk_back", "run", "dash", "sneak"), (_strayed, TORSO)),
    **dict.fromkeys(
        ("throw", "pitch", "tennis_serve"), (partial(_held_back, arms=ARMS[:1]), (NECK, *ARMS[0]))
    ),
    **dict.fromkeys(
        ("wave_both", "golf_swing", "slash"), (partial(_held_back, arms=ARMS), (NECK, *_BOTH))
    ),
    "clap": (_unheard, _BOTH),
    "dance": (_danced_away, (NECK, *_BOTH)),
    "jump_rope": (_grounded, (NECK, *ANKLES)),
    "kick": (_low, (NECK, *TORSO, *np.ravel(LEGS).tolist())),
    "punch": (_pulled, (NECK, *_BOTH)),
    "squat": (_half_done, (NECK, *TORSO)),
    "zombie": (_hanging, (NECK, *_BOTH)),
}
