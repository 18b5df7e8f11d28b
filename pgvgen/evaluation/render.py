"""Stage two against real frames: Table 5's SSIM, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.store import Clip, ClipStore
from pgvgen.errors import InputError, WeightsError
from pgvgen.evaluation.images import Box, person_box, psnr, ssim
from pgvgen.evaluation.tables import PAPER_TABLE_5, Column, Row, Table
from pgvgen.nn.efficientnet import EfficientNetLite0, feature_distance
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.rendering.transport import as_picture, as_tensor
from pgvgen.training.frame_pairs import FramePairs
from pgvgen.training.scgan import frames_of
from pgvgen.training.stage import Batch
from pgvgen.weights import device as find_device

PAIRS = 6
"""At most so many pairs of frames are drawn from a clip."""

COLUMNS = (
    Column("SSIM", 3, "higher"),
    Column("PSNR", 2, "higher"),
    Column("box SSIM", 3, "higher"),
    Column("box PSNR", 2, "higher"),
    Column("box EfficientNet-Lite0", 3, "lower"),
)
NOTE = (
    "128×128, {clips} clips, {pairs} pairs of frames (one becomes the other), seed {seed}. Box: "
    "the person's in both frames. EfficientNet-Lite0: distance of the box's unit-normalised "
    "ImageNet features; not LPIPS. Abnormal poses are Fig. 3's, made from the true ones. The "
    "paper's figures are of UCF101 + Weizmann, another split."
)


def evaluate_render(
    store: ClipStore, weights: str, *, split: str = "test", seed: int = 0, device: str = "auto"
) -> list[Table]:
    """One table a source (data set) of the split's clips with pictures.

    Raises:
        InputError: the split has no clips with pictures and masks.
        WeightsError: the weights cannot be loaded.
    """
    place = find_device(device)
    network = SCGAN.from_pretrained(weights, device=place)
    clips = [c for c in store.clips(split=split, frames=True) if c.masks and len(c) > 1]
    if not clips:
        raise InputError(f"{store.folder} has no {split} clips with pictures: prepare some frames")
    untrained = SCGAN(SCGANConfig(generator="transported")).to(place).eval()
    name = Path(weights).name
    methods = {"static": None, "transport, untrained": untrained, name: network}
    backbone = _backbone(place)
    sources = sorted({clip.source for clip in clips})
    return [
        _table(source, [c for c in clips if c.source == source], methods, backbone, seed, place)
        for source in sources
    ]


def _table(
    source: str,
    clips: list[Clip],
    methods: dict[str, SCGAN | None],
    backbone: EfficientNetLite0 | None,
    seed: int,
    device: torch.device,
) -> Table:
    figures: dict[str, list[list[float]]] = {}
    pairs = 0
    for batch in _pairs(clips, seed):
        pairs += 1
        batch = {name: part[None].to(device) for name, part in batch.items()}
        target = as_picture(batch["target"][0])
        masks = [batch[name][0, 0].cpu().numpy() for name in ("person", "target_person")]
        box = person_box(masks)
        for name, frame in _answers(methods, batch):
            scores = _scores(as_picture(frame[0]), target, box, backbone, device)
            figures.setdefault(name, []).append(scores)
    names = [column.name for column in COLUMNS]
    paper = {name: told["action"] for name, told in PAPER_TABLE_5.items()}
    rows = [
        Row(name, dict(zip(names, np.mean(values, axis=0).tolist(), strict=False)),
            paper.pop(name, {}))
        for name, values in figures.items()
    ]  # fmt: skip
    rows += [Row(f"the paper's {name}", {}, values) for name, values in paper.items()]
    columns = COLUMNS if backbone is not None else COLUMNS[:-1]
    note = NOTE.format(clips=len(clips), pairs=pairs, seed=seed)
    return Table(f"Frames: {source}", columns, tuple(rows), note)


def _pairs(clips: list[Clip], seed: int) -> Iterator[Batch]:
    """Every ordered pair of a short clip, some pairs of a long one; the same at the same seed."""
    pairs = FramePairs(clips)
    rng = np.random.default_rng(seed)
    for clip in clips:
        ordered = [(i, j) for i in range(len(clip)) for j in range(len(clip)) if i != j]
        some = rng.choice(len(ordered), min(PAIRS, len(ordered)), replace=False)
        for first, second in (ordered[i] for i in sorted(some)):
            yield pairs.example(clip, first, second, rng)


@torch.no_grad()
def _answers(methods: dict[str, SCGAN | None], batch: Batch) -> Iterator[tuple[str, Tensor]]:
    """What each method makes of a pair: static once, a network with abnormal and true poses."""
    true = batch | {
        f"{name}_predicted": batch[f"{name}_true"] for name in ("maps", "transforms", "usable")
    }
    for name, network in methods.items():
        if network is None:
            yield name, batch["photo"]
            continue
        yield f"{name}, abnormal pose", frames_of(network, batch, "predicted")[0]
        yield f"{name}, true pose", frames_of(network, true, "predicted")[0]


@torch.no_grad()
def _scores(
    picture: np.ndarray,
    target: np.ndarray,
    box: Box,
    backbone: EfficientNetLite0 | None,
    device: torch.device,
) -> list[float]:
    scores = [psnr(picture, target), psnr(picture, target, box)]
    # One equal pair would make the mean PSNR infinite.
    whole, inside = (min(score, 60.0) for score in scores)
    out = [ssim(picture, target), whole, ssim(picture, target, box), inside]
    if backbone is not None:
        left, top, right, bottom = box
        first, second = (
            backbone(as_tensor(p[top:bottom, left:right])[None].to(device))
            for p in (picture, target)
        )
        out.append(float(feature_distance(first, second)))
    return out


def _backbone(device: torch.device) -> EfficientNetLite0 | None:
    """The feature net, or None where its package is not installed: then its column is left out."""
    try:
        return EfficientNetLite0.load().to(device)
    except WeightsError:
        return None
