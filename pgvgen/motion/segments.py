"""An action of any length out of segments as long as the network writes them.

A network that goes on from its own last poses drifts: after a few segments limbs lengthen and the
gait dissolves. So every segment begins with the start pose, and a motion that repeats goes over
from one into the next where the two are most alike (as in Kovar et al., Motion Graphs, 2002).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from pgvgen.data.actions import ACTIONS
from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.faults import SETTLED, ahead, fault_of, torso
from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.seams import seam_costs, steps, stretches
from pgvgen.poses.blending import crossfade
from pgvgen.poses.bones import ARMS, LEGS, NECK, ROOT, places
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.facing import TORSO
from pgvgen.poses.hands import between_hands, join
from pgvgen.poses.sequence import SEEN, PoseSequence

SHARED = 6
"""Frames that two segments overlap by, at the network's rate."""

_CHOICE = 8  # segments, of which the one that fits best is taken
_TRIES = 64  # where it can be said how well it is done; of four walks the best began with a lunge
_GAIN = 0.25  # share of a segment by which it makes the motion longer at the least


@dataclass(frozen=True, eq=False)
class Writer:
    """A network that writes what one person does, at its own rate.

    Attributes:
        psgan: the network.
        start: the pose that every action begins with, T = 1.
        strength: 0 to 1, how energetic; None as each action is done best.
        rng: where variety comes from: two segments differ.
        choosing: take the segments in which the action is done best; else they are as they come.
    """

    psgan: PSGAN
    start: PoseSequence
    strength: float | None
    rng: torch.Generator
    choosing: bool = field(default=True, kw_only=True)

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
        fault = fault_of(label, self.start) if self.choosing else None
        if fault is None:
            return self._segments(label, count)
        best = sorted(self._segments(label, _TRIES), key=fault)[: max(1, count // 2)]
        return [_meeting(segment) for segment in best] if ACTIONS[label].touches else best

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


def _rooted(segment: PoseSequence) -> PoseSequence:
    """The segment with legs and trunk left as they are at first, upright; arms and head move."""
    if segment.confidence[:, NECK].min() < SEEN:
        return segment
    where, sure = places(segment)
    legs, shoulders = np.ravel(LEGS), np.array(ARMS)[:, 0]
    where -= where[:, [NECK]] - where[:1, [NECK]]
    line = where[:, shoulders[1]] - where[:, shoulders[0]]
    if sure[0, TORSO].min() >= SEEN and ahead(segment):
        upright = line[:1] * line.conj() / np.maximum(np.abs(line[:1] * line), 1e-9)
        where = where[:, [NECK]] + (where - where[:, [NECK]]) * upright[:, None]
    where[:, legs] = where[0, legs]
    return _placed(segment, where)


def _meeting(segment: PoseSequence) -> PoseSequence:
    """The segment with hands that meet where they come nearest to one another."""
    where, _ = places(segment)
    apart = between_hands(where)
    near = np.quantile(np.abs(apart)[SETTLED:], 0.1)
    apart *= np.maximum(0, 1 - near / np.maximum(np.abs(apart), 1e-9))
    share = smoothstep(np.arange(len(where)) / SETTLED)
    join(where, apart, share, torso(where))
    return _placed(segment, where)


def _placed(segment: PoseSequence, where: np.ndarray) -> PoseSequence:
    """The segment with its joints there: T×19 complex."""
    joints = where[:, :ROOT]
    return segment.replace(keypoints=np.stack([joints.real, joints.imag], -1).astype(np.float32))


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
