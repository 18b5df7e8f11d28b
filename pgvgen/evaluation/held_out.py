"""Real windows to measure against: as many of every class, from as many takes as there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.clip import Clip
from pgvgen.poses.sequence import SEEN
from pgvgen.training.motion_examples import Example, example
from pgvgen.training.motion_windows import MotionWindows

_SHOWN = 6  # keypoints without which a window's first pose is no start


class RealMotions:
    """Windows of real clips as they are, each beginning as its action begins.

    Args:
        clips: of one split.
        labels: the classes, in the order of the windows' labels.
        frames: T.
        fps: frames a second.
        strengths: of the clips by their id (`rank_strengths`).
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        labels: tuple[str, ...],
        *,
        frames: int,
        fps: float,
        strengths: Mapping[str, float],
    ) -> None:
        self._clips: dict[int, list[tuple[MotionWindows, str]]] = {}
        self._shown: set[int] = set()
        for clip in clips:
            shown = int((clip.confidence >= SEEN).sum(1).max())
            one = MotionWindows(
                [clip], labels, frames=frames, fps=fps, batch_size=1, augmented=False,
                strengths=strengths,
            )  # fmt: skip
            for label in one.filled:
                self._clips.setdefault(label, []).append((one, clip.group))
                if shown >= _SHOWN:
                    self._shown.add(label)

    @property
    def classes(self) -> list[int]:
        """The labels that have clips, of which one shows enough of a person."""
        return sorted(self._shown)

    def draw(
        self, classes: Sequence[int], least: int, most: int, rng: np.random.Generator
    ) -> tuple[Example, list[str]]:
        """A window of every clip of the classes, `least` (some from one clip) to `most` of each.

        Returns:
            N windows, and each one's group, as `Clip` has it.
        """
        drawn: list[tuple[dict[str, Tensor], str]] = []
        for label in classes:
            clips = self._clips[label]
            order = rng.permutation(len(clips))
            wanted = min(max(len(clips), least), most)
            found = []
            for n in range(10 * wanted):
                clip, group = clips[order[n % len(order)]]
                batch = clip.batch(rng)
                if batch["known"][0, 0].sum() >= _SHOWN:
                    found.append((batch, group))
                if len(found) == wanted:
                    break
            drawn += found
        batches, groups = zip(*drawn, strict=True)
        windows = {name: torch.cat([b[name] for b in batches]) for name in batches[0]}
        return example(windows), list(groups)


def some(windows: Example, which: Tensor | slice) -> Example:
    """Some of the windows, by mask, indices or slice."""
    parts = {f.name: getattr(windows, f.name)[which] for f in dataclasses.fields(Example)}
    return Example(**parts)


def moved_to(windows: Example, device: torch.device) -> Example:
    """The windows on a device."""
    return Example(
        **{f.name: getattr(windows, f.name).to(device) for f in dataclasses.fields(Example)}
    )
