"""Training stage one: the recipe's tables, and what builds a stage and its batches from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pgvgen.data.clip import Clip
from pgvgen.data.facing import while_facing
from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError, UsageError
from pgvgen.motion.config import PSGANConfig
from pgvgen.poses.skeletons import BODY_18
from pgvgen.training.motion_windows import MotionWindows, long_enough
from pgvgen.training.psgan_judged import HeatmapStage, KeypointStage
from pgvgen.training.psgan_settings import PSGANLosses
from pgvgen.training.psgan_stages import FlowStage, PSGANStage
from pgvgen.training.remarks import say_not_held_out, say_unmatched
from pgvgen.training.settings import LoopSettings
from pgvgen.training.stage import Batches, Stage


@dataclass(frozen=True)
class MotionData:
    """Which clips of the store are learnt from; a recipe's `[psgan.data]` table.

    Attributes:
        leave_out: `<source>`, or `<source>/<label>`, whose clips are not used.
        views: per label how far from the front the camera may stand, in degrees, least and most;
            only clips that say where it stood are judged.
        facing: labels whose clips are cut where the body turns round, and left out if it does so
            early; what was filmed from behind is seen from the front. Photos mostly show people
            from the front, and one side of them only.
    """

    leave_out: tuple[str, ...] = ()
    views: dict[str, tuple[int, int]] = field(default_factory=dict)
    facing: tuple[str, ...] = ()

    def select(self, clips: Iterable[Clip]) -> list[Clip]:
        """The clips that are learnt from."""
        taken = (
            while_facing(clip) if clip.label in self.facing else clip
            for clip in clips
            if self._takes(clip)
        )
        return [clip for clip in taken if clip is not None]

    def _takes(self, clip: Clip) -> bool:
        if clip.source in self.leave_out or f"{clip.source}/{clip.label}" in self.leave_out:
            return False
        if "yaw" not in clip.notes or clip.label not in self.views:
            return True
        least, most = self.views[clip.label]
        return least <= abs(clip.notes["yaw"]) <= most

    def say_unmatched(self, store: ClipStore) -> None:
        """A line for each key that names what the store lacks."""
        pairs = {(clip.source, clip.label) for clip in store.all_clips}
        sources = {source for source, _ in pairs} | {f"{one}/{label}" for one, label in pairs}
        labels = {label for _, label in pairs}
        say_unmatched(store.folder, "data.leave_out", self.leave_out, sources)
        say_unmatched(store.folder, "data.views", self.views, labels)
        say_unmatched(store.folder, "data.facing", self.facing, labels)


@dataclass(frozen=True)
class PSGANRecipe:
    """How a stage one weight is made; a recipe's `[psgan.*]` tables. The defaults are the paper's.

    Attributes:
        model: the network; no labels means all that the store has.
        train: the loop.
        losses: objectives and optimisers.
        data: which clips.
    """

    model: PSGANConfig = field(default_factory=lambda: PSGANConfig(labels=()))
    train: LoopSettings = field(default_factory=LoopSettings)
    losses: PSGANLosses = field(default_factory=PSGANLosses)
    data: MotionData = field(default_factory=MotionData)


def build(recipe: PSGANRecipe, store: ClipStore) -> tuple[Stage, Batches]:
    """The stage to train and where its batches come from.

    Raises:
        InputError: the store has no training clip of any of the labels.
        UsageError: a network of other keypoints than a store has.
    """
    if recipe.model.skeleton != BODY_18.name:
        raise UsageError(f"skeleton is {recipe.model.skeleton!r}, the clips' is {BODY_18.name!r}")
    clips = [clip for clip in recipe.data.select(store.all_clips) if long_enough(clip)]
    found = {clip.label for clip in clips if clip.split == "train"}
    labels = recipe.model.labels or tuple(sorted(found))
    if lacking := [label for label in labels if label not in found]:
        raise InputError(
            f"{store.folder} has no training clips of {', '.join(lacking)}: "
            f"prepare more data, or take them out of the recipe's labels"
        )
    if not labels:
        raise InputError(f"{store.folder} has no training clips: prepare a store with some")

    recipe.data.say_unmatched(store)

    def own(key: str, values: dict[str, float]) -> dict[str, float]:
        say_unmatched("the network", f"model.{key}", values, labels)
        return {label: value for label, value in values.items() if label in labels}

    config = replace(
        recipe.model,
        labels=labels,
        guidance_of=own("guidance_of", recipe.model.guidance_of),
        strength_of=own("strength_of", recipe.model.strength_of),
    )

    def windows(split: str, size: int, augmented: bool) -> MotionWindows:
        part = [clip for clip in clips if clip.split == split]
        return MotionWindows(
            part,
            labels,
            frames=config.frames,
            fps=config.fps,
            batch_size=size,
            facing=recipe.data.facing,
            augmented=augmented,
        )

    held_out = windows("val", 128, False)
    if not held_out.filled:
        say_not_held_out(store)
        held_out = windows("train", 128, False)
    stages: dict[str, type[PSGANStage]] = {
        "heatmap": HeatmapStage,
        "keypoint": KeypointStage,
        "flow": FlowStage,
    }
    stage = stages[config.generator](config, recipe.losses, held_out, steps=recipe.train.steps)
    return stage, windows("train", recipe.train.batch_size, True)
