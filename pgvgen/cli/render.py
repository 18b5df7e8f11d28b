"""`pgvgen render PHOTO MOTION`: stage two, a photo and a motion become a video."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgvgen.batch import Do, Engine, Outcome, Task, is_many
from pgvgen.cli._batch import Many, check_one_input, folder_for, report_of, work_through
from pgvgen.cli._console import counted, emit, say
from pgvgen.cli._grid import check_grid, watching
from pgvgen.cli._options import (
    Crop,
    Device,
    FailFast,
    Fps,
    Grid,
    Jobs,
    Json,
    On,
    Output,
    Overwrite,
    Part,
    Quiet,
    Size,
    Transparent,
    Verbose,
    Weights,
)
from pgvgen.cli._pairs import are_many_poses, pair
from pgvgen.errors import UsageError
from pgvgen.talk import log, timed

if TYPE_CHECKING:
    from pgvgen.poses import PoseSequence


def render(
    photo: Annotated[
        str,
        typer.Argument(
            metavar="PHOTO|FOLDER|GLOB|@LIST", help="The photo of the person, or many photos."
        ),
    ],
    motion: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MOTION|FOLDER|GLOB|@LIST",
            help="Pose file of the motion, - (the default) for stdin; one a person; or a folder, "
            "glob or list of them, which go to the photos by name.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
    fps: Fps = None,
    size: Size = None,
    crop: Crop = False,
    transparent: Transparent = False,
    grid: Grid = None,
    weights: Weights = "action",
    device: Device = "auto",
    jobs: Jobs = 1,
    shard: Part = "1/1",
    engine: On = Engine.local,
    fail_fast: FailFast = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Let the person in a photo perform a motion (stage two: SCGAN).

    The video is what its name ends in: .mp4, .webm, .gif, .webp, .apng, or NAME/ for a folder of
    PNGs; <photo>-<action>.mp4 beside the photo by default, and .webm with --transparent.
    Of a photo of several people, name a motion for each who shall act.
    Of a folder of motions every one is painted, into the folder that -o names: a-wave.json goes to
    the photo a.jpg; what is done is skipped, and report.jsonl says what failed.

    Example: pgvgen render photo.jpg squat.json -o squat.mp4

    Example: pgvgen render photos/ motions/ -o videos/ --jobs 2
    """
    work = RenderWork(fps, size, crop, transparent, weights, device)
    motions = motion or ["-"]
    if is_many(photo) or any(map(are_many_poses, motions)):
        if len(motions) > 1:
            raise UsageError(
                "several motions are pose files, of several people in one photo: of many photos "
                "give one folder, glob or list of motions"
            )
        if grid is not None:
            raise UsageError("--grid is of one video, not of a folder of them")
        many = Many(jobs, shard, fail_fast, engine, overwrite, as_json, quiet, verbose)
        _render_many(photo, motions[0], output, work, many)
        return
    check_one_input(shard, engine)
    from pgvgen.poses import PoseSequence
    from pgvgen.video import check_video

    check_grid(grid, photo, output, overwrite=overwrite)
    if output is not None:
        check_video(output, transparent=transparent, overwrite=overwrite, source=photo)
    if motions.count("-") > 1:
        raise UsageError("- is stdin, which has one motion: name a file for the others")
    people = [PoseSequence.load(one) for one in motions]
    source = Path(photo)
    if output is None:
        stem = "photo" if photo == "-" else source.stem
        # The label comes from a file, which may say anything.
        name = re.sub(r"[^\w-]+", "-", people[0].label or "motion")[:80]
        output = str(source.with_name(f"{stem}-{name}{work.suffix}"))
        check_video(output, transparent=transparent, overwrite=overwrite, source=photo)
    work.check()
    made = work.start(watching(grid, quiet=quiet))(output, people, source)
    outcome = Outcome(Task(photo, output, (source,), Path(output)), "done", made)
    if as_json:
        emit(report_of(outcome))
    said = f"{output}: {counted(made['frames'], 'frame')} in {made['seconds']:.1f} s"
    say(said, quiet=quiet or as_json)


@dataclass(frozen=True)
class RenderWork:
    """What is to be done with every motion."""

    fps: float | None
    size: int | None
    crop: bool
    transparent: bool
    weights: str
    device: str

    @property
    def suffix(self) -> str:
        """Of a video that is not named."""
        return ".webm" if self.transparent else ".mp4"

    def check(self) -> None:
        """Fail now if the network is missing."""
        from pgvgen.weights import find

        find(self.weights, "scgan")

    def is_done(self, target: Path) -> bool:
        """Whether the video is there."""
        return target.is_file()

    def start(self, watch: Callable[..., Iterator[Any]] | None = None) -> Do:
        """Load the network; `watch(frames, title, total=…)` is given the frames to pass on."""
        from pgvgen.devices import find_device
        from pgvgen.poses import PoseSequence
        from pgvgen.rendering.renderer import render
        from pgvgen.rendering.scgan import SCGAN
        from pgvgen.video import write_video

        with timed("loading"):
            place = find_device(self.device)
            scgan = SCGAN.from_pretrained(self.weights, device=place)
        log.info("weights %s on %s", self.weights, place)

        def do(
            target: str | Path, motion: Path | list[PoseSequence], photo: Path
        ) -> dict[str, Any]:
            began = time.perf_counter()
            people = motion if isinstance(motion, list) else [PoseSequence.load(motion)]
            if self.fps is not None:
                people = [_at_rate(poses, self.fps) for poses in people]
            frames = render(
                photo, people, scgan=scgan, size=self.size, crop=self.crop,
                transparent=self.transparent, device=self.device,
            )  # fmt: skip
            total, fps = max(map(len, people)), people[0].fps
            shown = watch(frames, "render", total=total) if watch else frames
            with timed("render"):
                write_video(target, shown, fps)
            return {
                "photo": str(photo), "action": people[0].label, "people": len(people),
                "frames": total, "fps": fps, "seconds": round(time.perf_counter() - began, 2),
            }  # fmt: skip

        return do


def _at_rate(poses: PoseSequence, fps: float) -> PoseSequence:
    """The motion at another frame rate, and as long."""
    from pgvgen.motion.looping import hurried
    from pgvgen.poses.timing import resample

    if poses.photo is None:
        return resample(poses, fps)
    # It goes round: from its last frame to its first it is as far as from any other to the next.
    frames = max(1, round(len(poses) * fps / poses.fps))
    return hurried(poses, frames).replace(fps=fps)


def _render_many(photo: str, motion: str, output: str | None, work: RenderWork, many: Many) -> None:
    """Every motion with its photo."""
    if not are_many_poses(motion):
        raise UsageError(
            f"{photo} is many photos: each needs a motion of its own, so give a folder of them"
        )
    into = folder_for(motion, output)
    work.check()
    work_through(pair(photo, motion, into, work.suffix), work, into, many)
