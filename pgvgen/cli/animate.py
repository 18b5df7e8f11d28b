"""`pgvgen animate PHOTO --action LABEL`: the two stages in one process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgvgen.cli._console import emit, progress, say
from pgvgen.cli._options import (
    Crop,
    Device,
    Estimator,
    Fps,
    Json,
    Output,
    Overwrite,
    Person,
    Quiet,
    Seed,
    Size,
    Weights,
)
from pgvgen.errors import PgvgenError

if TYPE_CHECKING:
    from pgvgen.animation import Animation


def animate(
    photo: Annotated[
        Path, typer.Argument(metavar="PHOTO|FOLDER", help="A photo of a person, or many.")
    ],
    action: Annotated[str, typer.Option("--action", "-a", help="What the person is to do.")],
    output: Output = None,
    frames: Annotated[int, typer.Option(min=2, max=1000, help="How many frames.")] = 32,
    fps: Fps = None,
    seed: Seed = 0,
    person: Person = 0,
    estimator: Estimator = "blazepose",
    size: Size = None,
    crop: Crop = False,
    weights: Weights = "action",
    device: Device = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let the person in a photo perform an action: pose, motion and render in one go.

    The video is an mp4, gif or webm by its name: <photo>-<action>.mp4 beside the photo by default.
    Of a folder every photo is animated, into the folder that -o names; what is done is skipped.
    """
    job = _Job(action, frames, fps, seed, person, estimator, size, crop, weights, device)
    if photo.is_dir():
        _animate_folder(photo, output, job, overwrite=overwrite, as_json=as_json, quiet=quiet)
        return
    from pgvgen._files import check_output
    from pgvgen.video import check_video_name

    target = Path(output or photo.with_name(f"{photo.stem}-{job.name}.mp4"))
    check_video_name(target)
    check_output(target, overwrite=overwrite)
    report = job.run(photo, target, quiet=quiet)
    if as_json:
        emit(report)
    said = f"{target}: {report['action']}, {report['frames']} frames in {report['seconds']:.1f} s"
    say(said, quiet=quiet or as_json)


@dataclass
class _Job:
    """What is to be done with every photo; networks are loaded once."""

    action: str
    frames: int
    fps: float | None
    seed: int
    person: int
    estimator: str
    size: int | None
    crop: bool
    weights: str
    device: str

    @property
    def name(self) -> str:
        """The action as a part of a file's name."""
        from pgvgen.data.actions import canonical

        plain = "_".join(self.action.lower().split()).replace("/", "_")
        return canonical(self.action) or plain

    def load(self) -> None:
        """Load the networks, and fail now if they do not know the action."""
        from pgvgen.data.actions import resolve_action
        from pgvgen.motion import PSGAN
        from pgvgen.poses.estimators import load_estimator
        from pgvgen.rendering.scgan import SCGAN

        self._psgan = PSGAN.from_pretrained(self.weights)
        resolve_action(self.action, self._psgan.config.labels)
        self._scgan = SCGAN.from_pretrained(self.weights)
        self._estimator = load_estimator(self.estimator)

    def run(self, photo: Path, target: Path, *, quiet: bool) -> dict[str, Any]:
        """Animate one photo; what is to be reported of it."""
        from pgvgen.video import write_video

        began = time.perf_counter()
        animation = self._animation(photo)
        motion = animation.motion
        bar: Iterator[Any] = progress(animation, photo.name, total=len(motion), quiet=quiet)
        write_video(target, bar, motion.fps)
        return {
            "photo": str(photo), "video": str(target), "action": motion.label,
            "frames": len(motion), "fps": motion.fps, "seed": motion.seed,
            "seconds": round(time.perf_counter() - began, 2),
        }  # fmt: skip

    def _animation(self, photo: Path) -> Animation:
        from pgvgen.animation import animate

        return animate(
            photo, self.action, frames=self.frames, fps=self.fps, seed=self.seed,
            person=self.person, estimator=getattr(self, "_estimator", self.estimator),
            size=self.size, crop=self.crop, psgan=getattr(self, "_psgan", self.weights),
            scgan=getattr(self, "_scgan", self.weights), device=self.device,
        )  # fmt: skip


def _animate_folder(
    folder: Path, output: str | None, job: _Job, *, overwrite: bool, as_json: bool, quiet: bool
) -> None:
    """Every photo of a folder; one that fails does not stop the rest, but the exit is 3."""
    from pgvgen.pictures import pictures_in

    photos = pictures_in(folder)
    into = Path(output) if output else folder
    job.load()
    failed = 0
    for photo in photos:
        target = into / f"{photo.stem}-{job.name}.mp4"
        if target.exists() and not overwrite:
            report: dict[str, Any] = {"photo": str(photo), "video": str(target), "skipped": True}
            said = f"{target}: there already"
        else:
            try:
                report = job.run(photo, target, quiet=quiet)
                said = f"{target}: {report['frames']} frames in {report['seconds']:.1f} s"
            except PgvgenError as error:
                failed += 1
                report = {"photo": str(photo), "error": str(error)}
                said = f"{photo}: {error}"
        if as_json:
            emit(report)
        say(said, quiet=quiet or (as_json and "error" not in report))
    if failed:
        say(f"{failed} of {len(photos)} photos failed", quiet=quiet)
        raise typer.Exit(3 if failed < len(photos) else 1)
