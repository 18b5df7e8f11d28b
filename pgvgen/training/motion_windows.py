"""Windows of T frames drawn from the clip store: what stage one learns from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.actions import ACTIONS, Action
from pgvgen.data.clip import Clip
from pgvgen.poses.sequence import SEEN
from pgvgen.training.motion_augment import augment
from pgvgen.training.stage import Batches

_RANK = 0.1  # by which a window may be more or less energetic than its take
_BRISK = 1.6  # times its own speed
# A long take (s) of what repeats ends with stopping (s), which is not the action.
_LONG, _STOP = 4.0, 0.8


@dataclass(frozen=True, eq=False)
class _Track:
    """A clip at the windows' frame rate."""

    keypoints: np.ndarray  # T×K×2 in px
    known: np.ndarray  # T×K bool
    onset: int  # the frame at which it begins to move
    speed: float  # mean of the joints, in sizes of the person a frame
    strength: float | None = None  # rank of its speed in [0, 1] among its action's and camera's


class MotionWindows(Batches):
    """Draws windows, classes evenly; a `Batches` of the training loop.

    Args:
        clips: all of one split.
        labels: the classes, in the network's order; clips of others are left out.
        frames: T.
        fps: frames a second of the windows.
        batch_size: windows a batch.
        facing: labels to be seen from the front though they were filmed from behind.
        augmented: False draws them as they are, for validation.
        strengths: of clips by their id (`rank_strengths`); among the clips themselves by default.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        labels: Sequence[str],
        *,
        frames: int,
        fps: float,
        batch_size: int,
        facing: Collection[str] = (),
        augmented: bool = True,
        strengths: Mapping[str, float] | None = None,
    ) -> None:
        self.labels, self.frames, self.batch_size = tuple(labels), frames, batch_size
        self.augmented = augmented
        self.tracks: list[list[list[_Track]]] = []
        taken = [clip for clip in clips if clip.label in labels and long_enough(clip)]
        tracks = [_track(clip, fps) for clip in taken]
        ranks = _ranks(taken, tracks) if strengths is None else strengths
        tracks = [
            replace(track, strength=ranks.get(clip.id))
            for clip, track in zip(taken, tracks, strict=True)
        ]
        for label in labels:
            sources: dict[str, list[_Track]] = {}
            for clip, track in zip(taken, tracks, strict=True):
                if clip.label == label:
                    sources.setdefault(clip.source, []).append(track)
            self.tracks.append(list(sources.values()))
        self.filled = [i for i, sources in enumerate(self.tracks) if sources]
        self.facing = torch.tensor([label in facing for label in labels])
        self.mirror = torch.tensor([_mirror_index(label, self.labels) for label in labels])

    def batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """A batch.

        Returns:
            keypoints N×T×K×2 in px, known N×T×K, label N, strength N in [0, 1], given N (how many
            of the first frames a generator may see), already mirrored, rolled and so on.
        """
        parts = [self._draw(rng) for _ in range(self.batch_size)]
        keypoints, known, label, strength, given = (
            np.stack(part) for part in zip(*parts, strict=True)
        )
        batch = {
            "keypoints": torch.from_numpy(keypoints.astype(np.float32)),
            "known": torch.from_numpy(known.astype(np.float32)),
            "label": torch.from_numpy(label),
            "strength": torch.from_numpy(strength.astype(np.float32)),
            "given": torch.from_numpy(given),
        }
        if not self.augmented:
            return batch
        return augment(batch, self.mirror, self.facing, rng)

    def _draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int, float, int]:
        label = self.filled[rng.integers(len(self.filled))]
        sources = self.tracks[label]
        # A source's share grows with the root of its size: one actor's fifty takes are not worth
        # fifty other people's one.
        share = np.sqrt([len(tracks) for tracks in sources])
        tracks = sources[rng.choice(len(sources), p=share / share.sum())]
        track = tracks[rng.integers(len(tracks))]
        cyclic = self.labels[label] in ACTIONS and ACTIONS[self.labels[label]].cyclic
        rate = rng.uniform(0.85, 1.2) if self.augmented else 1.0
        if not cyclic:
            # What takes long is done a little faster, so that most of it fits into a window.
            left = len(track.keypoints) - track.onset
            rate *= min(max(1.0, left / self.frames), _BRISK)
        start, continued = self._start(track, cyclic, rate, rng)
        low = 2 if continued else 1
        given = int(rng.integers(low, 9)) if continued or rng.random() < 0.25 else 1
        keypoints, known = _window(track, start, rate, self.frames, hold=not cyclic)
        # The only one of its kind is neither faint nor strong, and no rank is exact.
        strength = rng.random() if track.strength is None else track.strength
        strength += rng.uniform(-_RANK, _RANK) if self.augmented else 0.0
        return keypoints, known, label, min(max(strength, 0.0), 1.0), given

    def _start(
        self, track: _Track, cyclic: bool, rate: float, rng: np.random.Generator
    ) -> tuple[float, bool]:
        """Where a window begins, and whether it begins in the middle of a single action."""
        last = max(0.0, len(track.keypoints) - 1 - rate * (self.frames - 1))
        if cyclic:
            at_its_beginning = rng.random() < 0.15
            return (0.0 if at_its_beginning else rng.uniform(0, last)), False
        begin = min(max(0, track.onset - 2), len(track.keypoints) - 2)
        if rng.random() < 0.7 or not self.augmented:
            return max(0.0, begin + rng.uniform(-2, 1)), False
        return rng.uniform(begin, max(begin, len(track.keypoints) - 8)), True


def long_enough(clip: Clip) -> bool:
    """Whether a clip shows more than a moment."""
    return len(clip) / clip.fps > 0.4


def _track(clip: Clip, fps: float) -> _Track:
    seconds = (len(clip) - 1) / clip.fps
    if seconds > _LONG and ACTIONS.get(clip.label, Action("")).cyclic:
        seconds -= _STOP
    count = int(seconds * fps + 1e-6) + 1
    keypoints, known = _interpolate(
        clip.keypoints, clip.confidence >= SEEN, np.arange(count) * (clip.fps / fps)
    )
    size = max(1e-3, float(np.ptp(clip.keypoints[clip.confidence >= SEEN], axis=0).max()))
    both = known[1:] & known[:-1]
    speed = (np.linalg.norm(np.diff(keypoints, axis=0), axis=-1) * both).sum(1) / size
    if len(speed) == 0:
        return _Track(keypoints, known, 0, 0.0)
    moving = speed > 0.15 * np.quantile(speed, 0.9)
    mean = float(speed.sum() / max(1, both.sum()))
    return _Track(keypoints, known, int(np.argmax(moving)), mean)


def rank_strengths(clips: Sequence[Clip], fps: float) -> dict[str, float]:
    """How energetic each clip is among those of its action and camera, in [0, 1], by its id.

    Fifteen moods under one label make how strongly somebody waves a matter of chance; so the
    network is told. What is faster only because of where the camera stands is not stronger. The
    only clip of its kind has no rank.
    """
    return _ranks(clips, [_track(clip, fps) for clip in clips])


def _ranks(clips: Sequence[Clip], tracks: Sequence[_Track]) -> dict[str, float]:
    groups: dict[tuple[str, float], list[int]] = {}
    for i, clip in enumerate(clips):
        mirror = ACTIONS[clip.label].mirror if clip.label in ACTIONS else None
        label = min(clip.label, mirror or clip.label)
        groups.setdefault((label, abs(clip.notes.get("yaw", -1))), []).append(i)
    return {
        clips[i].id: (rank + 0.5) / len(group)
        for group in groups.values()
        if len(group) > 1
        for rank, i in enumerate(sorted(group, key=lambda i: tracks[i].speed))
    }


def _window(
    track: _Track, start: float, rate: float, frames: int, *, hold: bool
) -> tuple[np.ndarray, np.ndarray]:
    """T frames from `start` on; beyond the end the last pose holds, or nothing is known."""
    times = start + rate * np.arange(frames)
    keypoints, known = _interpolate(track.keypoints, track.known, times)
    if not hold:
        known[times > len(track.keypoints) - 1 + 1e-6] = False
    return keypoints, known


def _interpolate(
    keypoints: np.ndarray, known: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Linear between frames; known only where both neighbours are. Beyond the end: the end."""
    low = np.clip(times.astype(int), 0, len(keypoints) - 1)
    high = np.minimum(low + 1, len(keypoints) - 1)
    share = np.clip(times - low, 0, 1)[:, None, None]
    places = keypoints[low] * (1 - share) + keypoints[high] * share
    return places, known[low] & known[high]


def _mirror_index(label: str, labels: tuple[str, ...]) -> int:
    """The index of the mirrored action, −1 where the action must not be mirrored."""
    other = ACTIONS[label].mirror if label in ACTIONS else None
    return labels.index(other) if other in labels else -1
