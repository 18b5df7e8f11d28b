"""Table 5 for stage two weights: against real frames, between floors that make it readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zlib import crc32

import numpy as np
import torch

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore, read_picture
from pgvgen.devices import find_device
from pgvgen.errors import InputError
from pgvgen.evaluation.frame_judge import COLUMNS, Figures, FrameJudge
from pgvgen.evaluation.images import person_box
from pgvgen.evaluation.intervals import mean_over_clips
from pgvgen.evaluation.render_weights import TOLD, Painter, load_painters
from pgvgen.evaluation.tables import PAPER_TABLE_5, Column, Row, Table
from pgvgen.poses import PoseSequence
from pgvgen.poses.segmentation import body_region
from pgvgen.rendering.encoders import Stream
from pgvgen.rendering.renderer import render
from pgvgen.rendering.transport import as_picture
from pgvgen.training.cuts import believed, certain
from pgvgen.training.frame_pairs import FramePairs, in_square
from pgvgen.training.scgan import frames_of
from pgvgen.training.stage import Batch

_PAIRS, _PAIRS_WHOLE = 6, 12  # of frames, drawn from a clip
_BY_ACTION = "box SSIM"
_SHOWN = ", as `render` shows it"
_POSES: tuple[Stream, ...] = ("predicted", "true")

_WRITTEN = "PSGAN's (of several, 8 by default, the nearest to the true poses)"
_NOTE = (
    "{size}×{size}, {clips} clips{interval}, {pairs} pairs of frames (one becomes the other), seed "
    "{seed}; clips count alike. Predicted pose: {predicted}. The paper's figures are of UCF101 + "
    "Weizmann, another split. "
)
_SHOWN_NOTE = (
    "As `render` shows it: the true pose, made at the photo's own size by its own mattes, which "
    "the network corrects. "
)
_INTERVAL = (
    " ± half the 95 % interval over them (rows are of the same pairs: they differ more surely)"
)


@torch.no_grad()
def evaluate_render(
    store: ClipStore,
    weights: str | Path | Sequence[str | Path],
    *,
    split: str = "test",
    seed: int = 0,
    device: str = "auto",
    whole: bool = False,
) -> list[Table]:
    """Table 5: one a source (data set) of the split's clips with pictures.

    With `whole`, a source of several actions has a second one, of each action's box SSIM.

    Args:
        store: with clips of the split that have pictures and masks.
        weights: names, folders or Hub ids of stage two weights, each with `NAME=` before it or
            not; several stand in one table, those of one name as the mean of their frames' figures.
        split: test, val or train.
        seed: of the pairs and of Fig. 3's abnormal poses.
        device: auto, cpu, cuda or mps.
        whole: with 95 % intervals, the pose error of the frames, twice the pairs of a long
            clip, each action by itself, and what `render` shows in true poses.

    Raises:
        InputError: the split has no clips with pictures and masks.
        UsageError: weights that cannot stand in one table.
        WeightsError: a weight cannot be had.
    """
    place = find_device(device)
    painters = load_painters([weights] if isinstance(weights, (str, Path)) else weights, place)
    clips = [c for c in store.clips(split=split, frames=True) if c.masks and len(c) > 1]
    if not clips:
        raise InputError(f"{store.folder} has no {split} clips with pictures: prepare some frames")
    judge = FrameJudge.load(place, poses=whole)
    bench = _Bench(judge, painters, place, seed, whole)
    sources = sorted({clip.source for clip in clips})
    of_sources = [[clip for clip in clips if clip.source == source] for source in sources]
    return [table for clips in of_sources for table in bench.tables(clips)]


@dataclass(frozen=True, eq=False)
class _Bench:
    """What every clip is measured with.

    Attributes:
        judge: of single frames.
        painters: whose frames.
        device: where they are painted.
        seed: of the pairs.
        whole: all of the table.
    """

    judge: FrameJudge
    painters: Sequence[Painter]
    device: torch.device
    seed: int
    whole: bool

    @property
    def size(self) -> int:
        """The edge of all frames in px."""
        return self.painters[0].scgan.config.size

    def tables(self, clips: Sequence[Clip]) -> list[Table]:
        """The rows of one data set, and what they are made of."""
        measured = [self._measure(clip) for clip in clips]
        tables = [self._table(clips, measured)]
        if self.whole and len({clip.label for clip in clips}) > 1:
            tables.append(_by_action(clips, measured))
        return tables

    def _table(self, clips: Sequence[Clip], measured: Sequence[dict[str, list[Figures]]]) -> Table:
        rows = [self._row("static", measured, PAPER_TABLE_5["static"]["action"])]
        rows += [
            self._row(_row_of(p, pose), measured, p.paper(pose))
            for p in {painter.name: painter for painter in self.painters}.values()
            for pose in _POSES
        ]
        tried = Counter(painter.name for painter in self.painters)
        shown = [self._row(name, measured, {}) for name in measured[0] if name.endswith(_SHOWN)]
        rows += shown + [
            Row(f"{name}, the paper's", {}, PAPER_TABLE_5[name]["action"])
            for name in TOLD
            if name not in tried
        ]
        note = _NOTE.format(
            size=self.size,
            clips=len(clips),
            interval=_INTERVAL if self.whole else "",
            pairs=sum(len(clip["static"]) for clip in measured),
            seed=self.seed,
            predicted=kinds_of_prediction(clips),
        )
        note += _SHOWN_NOTE if shown else ""
        several = (f"{name}: mean of {n} weights. " for name, n in tried.items() if n > 1)
        note += "".join(several) + self.judge.note
        columns = tuple(c for c in COLUMNS if any(c.name in row.values for row in rows))
        return Table(f"Frames: {clips[0].source}", columns, tuple(rows), note)

    def _measure(self, clip: Clip) -> dict[str, list[Figures]]:
        """The figures of a clip's pairs, by row."""
        figures: dict[str, list[Figures]] = {}
        for first, second, example in self._pairs(clip):
            pose = (clip.keypoints[second] + 0.5) * self.size / max(clip.size) - 0.5
            region = body_region(pose, clip.confidence[second])
            batch = {name: part[None].to(self.device) for name, part in example.items()}
            masks = [example[name][0].numpy() for name in ("person", "target_person")]
            real = self.judge.real(as_picture(batch["target"][0]), person_box(masks), region)
            rendered = self._rendered(clip, first, second) if self.whole else ()
            for name, picture in chain(self._frames(batch), rendered):
                figures.setdefault(name, []).append(self.judge.figures(picture, real))
        return figures

    def _pairs(self, clip: Clip) -> Iterator[tuple[int, int, Batch]]:
        """Every ordered pair of a short clip, some of a long one, by its frames' numbers.

        The same at the same seed, whatever other clips there are.
        """
        examples = FramePairs([clip], size=self.size)
        ordered = [(i, j) for i in range(len(clip)) for j in range(len(clip)) if i != j]
        own = crc32(clip.id.encode())
        drawn, errors = (np.random.default_rng([self.seed, own, n]) for n in range(2))
        most = _PAIRS_WHOLE if self.whole else _PAIRS
        some = drawn.choice(len(ordered), min(most, len(ordered)), replace=False)
        for first, second in (ordered[i] for i in sorted(some)):
            yield first, second, examples.example(clip, first, second, errors)

    def _frames(self, batch: Batch) -> Iterator[tuple[str, np.ndarray]]:
        """What each row makes of a pair, poses through the encoder of inference: H×W×3 uint8."""
        yield "static", as_picture(batch["photo"][0])
        for p in self.painters:
            for pose in _POSES:
                frames, _ = frames_of(p.scgan, batch, pose, "predicted")
                yield _row_of(p, pose), as_picture(frames[0])

    def _rendered(self, clip: Clip, first: int, second: int) -> Iterator[tuple[str, np.ndarray]]:
        """What `render` shows of a pair, made at the frame's own size: H×W×3 uint8."""
        assert clip.frames
        photo = read_picture(clip.frames[first])
        confidence = np.stack([believed(clip, first), certain(clip, second)])
        poses = PoseSequence(clip.keypoints[[first, second]], confidence, clip.fps, clip.size)
        for p in self.painters[1:]:
            if p.scgan.config.generator == "transported":
                *_, frame = render(photo, poses, scgan=p.scgan, device=self.device.type)
                yield f"{p.name}{_SHOWN}", in_square(frame, self.size)

    def _row(
        self, name: str, measured: Sequence[dict[str, list[Figures]]], paper: Mapping[str, float]
    ) -> Row:
        values, intervals = {}, {}
        for column in measured[0][name][0]:
            mean, half = _over_clips(measured, name, column)
            if np.isfinite(mean):
                values[column] = mean
            if self.whole and half is not None:
                intervals[column] = half
        return Row(name, values, paper, intervals)


def _by_action(clips: Sequence[Clip], measured: Sequence[dict[str, list[Figures]]]) -> Table:
    """Each action's box SSIM, a column a row of Table 5."""
    columns = tuple(Column(name, better="higher") for name in measured[0])
    rows = []
    for label in sorted({clip.label for clip in clips}):
        of = [figures for clip, figures in zip(clips, measured, strict=True) if clip.label == label]
        rows.append(Row(label, {name: _over_clips(of, name, _BY_ACTION)[0] for name in of[0]}))
    note = f"{_BY_ACTION} of the table above; its rows are the columns here. Clips count alike."
    return Table(f"Frames: {clips[0].source} by action", columns, tuple(rows), note)


def _over_clips(
    measured: Sequence[dict[str, list[Figures]]], name: str, column: str
) -> tuple[float, float | None]:
    """One figure of one row: its mean, and half its interval."""
    return mean_over_clips([np.array([figures[column] for figures in c[name]]) for c in measured])


def _row_of(painter: Painter, pose: Stream) -> str:
    return f"{painter.name}, {pose} pose"


def kinds_of_prediction(clips: Sequence[Clip]) -> str:
    """Where the clips' P̂ comes from, in words."""
    written = sum(clip.predicted is not None for clip in clips)
    drawn = "Fig. 3's abnormal ones, made from the true"
    if written in (0, len(clips)):
        return _WRITTEN if written else drawn
    return f"{_WRITTEN} in {written} of {len(clips)} clips, in the others {drawn}"
