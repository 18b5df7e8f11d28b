"""An action of any length out of segments as long as the network writes them.

A network that goes on from its own last poses drifts: after a few segments limbs lengthen and the
gait dissolves. So every segment begins with the start pose, and a motion that repeats goes over
from one into the next where the two are most alike (as in Kovar et al., Motion Graphs, 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.psgan import PSGAN
from pgvgen.poses.blending import crossfade
from pgvgen.poses.sequence import SEEN, PoseSequence

SHARED = 6
"""Frames that two segments overlap by, at the network's rate."""

_CHOICE = 8  # segments of which the one that fits best is taken
_ENTERED = 0.5  # share of a segment in which it may be entered: a hand that waves is up by then
_LEFT = 0.25  # share before its end in which it may be left


@dataclass(frozen=True, eq=False)
class Writer:
    """A network that writes what one person does, at its own rate.

    Attributes:
        psgan: the network.
        start: the pose that every action begins with, T = 1.
        strength: 0 to 1, how energetic.
        rng: where variety comes from: two segments differ.
    """

    psgan: PSGAN
    start: PoseSequence
    strength: float
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
        return self._segments(label, 1)[0]

    def on_and_on(self, label: str, frames: int) -> tuple[PoseSequence, list[int]]:
        """So many frames of an action that repeats by itself.

        Returns:
            The motion, and its seams: the first of the `SHARED` frames in which one segment leads
            over into the next.
        """
        motion, seams = self.once(label), []
        # With more, a segment entered late and left early would add nothing.
        most = self.frames - SHARED - 1
        late = min(round(_ENTERED * self.frames), most)
        early = min(round(_LEFT * self.frames), most - late)
        while len(motion) < frames:
            choice = self._segments(label, _CHOICE)
            end, segment = _best_seam(motion, choice, late, early)
            motion = crossfade(motion[: end + SHARED], segment, SHARED)
            seams.append(end)
        return motion[:frames], [seam for seam in seams if seam < frames]

    @torch.no_grad()
    def _segments(self, label: str, count: int) -> list[PoseSequence]:
        device = next(self.psgan.parameters()).device
        keypoints = torch.tensor(self.start.keypoints, device=device)  # 1×K×2
        present = torch.tensor(self.start.confidence >= SEEN, device=device).to(keypoints)
        frame = body_frame(keypoints, present)
        motion = self.psgan(
            frame.normalise(keypoints).expand(count, -1, -1),
            present.expand(count, -1),
            torch.full((count,), self.psgan.config.labels.index(label), device=device),
            strength=torch.full((count,), self.strength, device=device),
            rng=self.rng,
        )
        places = motion.keypoints * frame.height + frame.centre
        return [
            self.start.replace(keypoints=one, confidence=sure, fps=self.fps)
            for one, sure in zip(places.cpu().numpy(), motion.confidence.cpu().numpy(), strict=True)
        ]


def _best_seam(
    motion: PoseSequence, choice: list[PoseSequence], late: int, early: int
) -> tuple[int, PoseSequence]:
    """At which frame the motion should be left, and with what to go on: a segment's later part.

    Args:
        motion: left in one of its last `early` frames that still have `SHARED` behind them.
        choice: segments, entered in one of their first `late` frames.
        late, early: as above.
    """
    windows = np.lib.stride_tricks.sliding_window_view
    first = len(motion) - early - SHARED
    ends = windows(motion.keypoints[first:], SHARED, axis=0)  # E×K×2×S
    begins = np.stack([windows(s.keypoints[: late + SHARED], SHARED, axis=0) for s in choice])
    seen = motion.present.all(axis=0)
    apart = begins[:, :, None, seen] - ends[None, None, :, seen]  # C×B×E×K×2×S
    unlike = np.linalg.norm(apart, axis=-2).mean(axis=(-2, -1))
    which, begin, end = (int(i) for i in np.unravel_index(unlike.argmin(), unlike.shape))
    return first + end, choice[which][begin:]
