"""An action of any length out of segments as long as the network writes them.

A network that goes on from its own last poses drifts: after a few segments limbs lengthen and the
gait dissolves. So every segment begins with the start pose, and a motion that repeats goes over
from one into the next where the two are most alike (as in Kovar et al., Motion Graphs, 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from pgvgen.data.actions import ACTIONS
from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.seams import seam_costs, steps, stretches
from pgvgen.poses.blending import crossfade
from pgvgen.poses.bones import ARMS, LEGS, NECK, ROOT, places
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.facing import ANKLES, TORSO, astride, facing
from pgvgen.poses.hands import between_hands, join
from pgvgen.poses.sequence import SEEN, PoseSequence

SHARED = 6
"""Frames that two segments overlap by, at the network's rate."""

_CHOICE = 8  # segments, of which the one that fits best is taken
_TRIES = 16  # where it can be said how well it is done; of four walks the best began with a lunge
_BLEND = 5  # frames after which feet and hands are where the action wants them
_AHEAD = 0.4  # torso lengths that the shoulders of somebody who faces the camera look wide
_GAIN = 0.25  # share of a segment by which it makes the motion longer at the least


@dataclass(frozen=True, eq=False)
class Writer:
    """A network that writes what one person does, at its own rate.

    Attributes:
        psgan: the network.
        start: the pose that every action begins with, T = 1.
        strength: 0 to 1, how energetic; None as each action is done best.
        rng: where variety comes from: two segments differ.
    """

    psgan: PSGAN
    start: PoseSequence
    strength: float | None
    rng: torch.Generator

    @property
    def frames(self) -> int:
        """Of one segment."""
        return self.psgan.config.frames

    @property
    def fps(self) -> float:
        """Of what is written."""
        return self.psgan.config.fps

    def once(self, label: str) -> PoseSequence:
        """One segment: the action from the start pose on."""
        return self._choice(label, 1)[0]

    def on_and_on(self, label: str, frames: int) -> tuple[PoseSequence, list[int]]:
        """So many frames of an action that repeats by itself.

        Returns:
            The motion, and its seams: the first of the `SHARED` frames in which one segment leads
            over into the next.
        """
        motion, seams = self.once(label), []
        while len(motion) < frames:
            end, segment = _best_seam(motion, self._choice(label))
            motion = crossfade(motion[: end + SHARED], segment, SHARED)
            seams.append(end)
        return motion[:frames], [seam for seam in seams if seam < frames]

    def _choice(self, label: str, count: int = _CHOICE) -> list[PoseSequence]:
        """So many segments; where it can be said how well they are done, the best few of more."""
        fault = self._fault(label)
        if fault is None:
            return self._segments(label, count)
        best = sorted(self._segments(label, _TRIES), key=fault)[: max(1, count // 2)]
        return [_meeting(segment) for segment in best] if ACTIONS[label].touches else best

    def _fault(self, label: str) -> Callable[[PoseSequence], float] | None:
        """How badly a segment does an action, if that can be said of this person."""
        action, sure = ACTIONS.get(label), self.start.confidence[0]
        if action and action.steady and sure[TORSO].min() >= SEEN:
            return self._unsteadiness
        if action and action.touches and action.cyclic and sure[np.array(ARMS)].min() >= SEEN:
            return _unheard
        if action and action.reaches:
            arms = ARMS if action.mirror == label else ARMS[:1]
            if sure[[NECK, *np.ravel(arms)]].min() >= SEEN:
                return partial(_held_back, arms=arms)
        if action and action.sinks and sure[[NECK, *TORSO]].min() >= SEEN:
            return _half_done
        return None

    def _unsteadiness(self, segment: PoseSequence) -> float:
        """How far the body turns away from where it faces in the start pose.

        Of somebody who faces the camera the feet go to and fro: none steps far across the picture.
        """
        fault = np.abs(facing(segment.keypoints) - facing(self.start.keypoints)).mean()
        if _ahead(self.start) and self.start.confidence[0, ANKLES].min() >= SEEN:
            fault += np.abs(astride(segment.keypoints)[_BLEND:]).max()
        return float(fault)

    @torch.no_grad()
    def _segments(self, label: str, count: int) -> list[PoseSequence]:
        device = next(self.psgan.parameters()).device
        keypoints = torch.tensor(self.start.keypoints, device=device)  # 1×K×2
        present = torch.tensor(self.start.confidence >= SEEN, device=device).to(keypoints)
        frame = body_frame(keypoints, present)
        strength = None if self.strength is None else keypoints.new_full((count,), self.strength)
        motion = self.psgan(
            frame.normalise(keypoints).expand(count, -1, -1),
            present.expand(count, -1),
            torch.full((count,), self.psgan.config.labels.index(label), device=device),
            strength=strength,
            rng=self.rng,
        )
        where = frame.place(motion.keypoints)
        segments = [
            self.start.replace(keypoints=one, confidence=sure, fps=self.fps)
            for one, sure in zip(where.cpu().numpy(), motion.confidence.cpu().numpy(), strict=True)
        ]
        action = ACTIONS.get(label)
        return [_rooted(s) for s in segments] if action and action.rooted else segments


def _ahead(poses: PoseSequence) -> bool:
    """Whether somebody faces the camera, or turns their back on it, at first."""
    return bool(abs(facing(poses.keypoints[:1])[0]) > _AHEAD)


def _torso(where: np.ndarray) -> float:
    """How long the torso is at first, px of T×19 complex."""
    return max(abs(complex(where[0, NECK] - where[0, ROOT])), 1e-6)


def _rooted(segment: PoseSequence) -> PoseSequence:
    """The segment with legs and trunk left as they are at first, upright; arms and head move."""
    if segment.confidence[:, NECK].min() < SEEN:
        return segment
    where, sure = places(segment)
    legs, shoulders = np.ravel(LEGS), np.array(ARMS)[:, 0]
    where -= where[:, [NECK]] - where[:1, [NECK]]
    line = where[:, shoulders[1]] - where[:, shoulders[0]]
    if sure[0, TORSO].min() >= SEEN and _ahead(segment):
        upright = line[:1] * line.conj() / np.maximum(np.abs(line[:1] * line), 1e-9)
        where = where[:, [NECK]] + (where - where[:, [NECK]]) * upright[:, None]
    where[:, legs] = where[0, legs]
    return _placed(segment, where)


def _meeting(segment: PoseSequence) -> PoseSequence:
    """The segment with hands that meet where they come nearest to one another."""
    where, _ = places(segment)
    apart = between_hands(where)
    near = np.quantile(np.abs(apart)[_BLEND:], 0.1)
    apart *= np.maximum(0, 1 - near / np.maximum(np.abs(apart), 1e-9))
    share = smoothstep(np.arange(len(where)) / _BLEND)
    join(where, apart, share, _torso(where))
    return _placed(segment, where)


def _placed(segment: PoseSequence, where: np.ndarray) -> PoseSequence:
    """The segment with its joints there: T×19 complex."""
    joints = where[:, :ROOT]
    return segment.replace(keypoints=np.stack([joints.real, joints.imag], -1).astype(np.float32))


def _unheard(segment: PoseSequence) -> float:
    """How far hands that clap stay apart, and how little they come and go."""
    apart = np.abs(between_hands(places(segment)[0]))[_BLEND:]
    return float(np.quantile(apart, 0.1) - 4 * np.abs(np.diff(apart)).mean())


def _held_back(segment: PoseSequence, arms: Sequence[tuple[int, ...]]) -> float:
    """How low the hands of these arms stay, how little they get about, and how much too far the
    body goes aside, in torso lengths: some leave the picture.

    Who is not shown down to the feet should not go far, or little of them is left in it.
    """
    where, sure = places(segment)
    hands = where[:, [wrist for *_, wrist in arms]] - where[:, [NECK]]
    about = np.abs(np.ptp(hands.real, axis=0) + 1j * np.ptp(hands.imag, axis=0))
    room = 1.0 if sure[0, ANKLES].min() >= SEEN else 0.0
    aside = max(np.ptp(where[:, NECK].real) / _torso(where) - room, 0)
    return float((np.quantile(hands.imag, 0.1, axis=0) - about).mean() / _torso(where) + 2 * aside)


def _half_done(segment: PoseSequence) -> float:
    """How little the hips go down and come up again, in torso lengths, and how far aside leans or
    bends its knees who does that facing the camera."""
    where, sure = places(segment)
    torso = _torso(where)
    sunk = (where[:, ROOT] - where[0, ROOT]).imag / torso
    fault = abs(sunk[-1]) - sunk.max()
    if _ahead(segment):
        fault += _aside(where[:, [NECK]] - where[:, [ROOT]], torso)
        knees = np.array(LEGS)[:, 1]
        if sure[0, knees].min() >= SEEN:
            fault += _aside(where[:, knees] - where[:, [ROOT]], torso)
    return float(fault)


def _aside(limbs: np.ndarray, torso: float) -> float:
    """How far T×N limbs together point to another side than at first, in torso lengths."""
    side = limbs.real.sum(axis=1)
    return float(np.abs(side - side[0]).mean() / torso)


def _best_seam(motion: PoseSequence, choice: list[PoseSequence]) -> tuple[int, PoseSequence]:
    """At which frame the motion should be left, and with what to go on: a segment's later part.

    Where the two are most alike over the `SHARED` frames that lead over, and the way from one to
    the other is no faster than the motion mostly is.
    """
    seen = motion.present.all(axis=0)
    length, keypoints = len(choice[0]), motion.keypoints[:, seen]
    room = max(length - SHARED - max(1, round(_GAIN * length)), 0)  # frames that may get lost
    first = max(len(motion) - room - SHARED, 0)
    ends = stretches(keypoints[first:], SHARED)
    begins = np.stack([stretches(s.keypoints[: room + SHARED, seen], SHARED) for s in choice])
    cost = seam_costs(ends, begins, float(np.median(steps(keypoints))))  # C×B×E
    lost = np.arange(begins.shape[1])[:, None] + np.arange(len(ends))[::-1]
    cost = np.where(lost <= room, cost, np.inf)
    which, begin, end = (int(i) for i in np.unravel_index(cost.argmin(), cost.shape))
    return first + end, choice[which][begin:]
