"""`pgvgen animate PHOTO --action LABEL`: the two stages in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pgvgen.batch import Do, Engine, Outcome, Task, is_many
from pgvgen.cli._actions import check_actions, check_one, plain_name, read_driver
from pgvgen.cli._batch import Many, check_one_input, folder_for, plan, report_of, work_through
from pgvgen.cli._console import counted, emit, say
from pgvgen.cli._grid import check_grid, watching
from pgvgen.cli._options import (
    Action,
    Crop,
    Device,
    Driver,
    Estimator,
    FailFast,
    Fps,
    Frames,
    Grid,
    Jobs,
    Json,
    Loop,
    On,
    Output,
    Overwrite,
    Part,
    Person,
    Quiet,
    Seed,
    Size,
    Strength,
    Transparent,
    Verbose,
    Weights,
    refuse,
)
from pgvgen.errors import UsageError
from pgvgen.talk import log, timed

AllPeople = Annotated[
    bool, typer.Option("--all-people", help="Everybody in the photo does it, not only one.")
]


def animate(
    context: typer.Context,
    photo: Annotated[
        str,
        typer.Argument(
            metavar="PHOTO|FOLDER|GLOB|@LIST|-",
            help="A photo of a person (- is stdin), or many (@- is a list from stdin).",
        ),
    ],
    action: Action = None,
    driver: Driver = None,
    output: Output = None,
    frames: Frames = None,
    fps: Fps = None,
    seed: Seed = 0,
    strength: Strength = None,
    loop: Loop = False,
    person: Person = 0,
    all_people: AllPeople = False,
    estimator: Estimator = "blazepose",
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
    """Let the person in a photo perform an action: pose, motion and render in one go.

    The video is what its name ends in: .mp4, .webm, .gif, .webp, .apng, or NAME/ for a folder of
    PNGs; <photo>-<action>.mp4 beside the photo by default, and .webm with --transparent.
    Of a folder every photo is animated, into the folder that -o names; what is done is skipped, and
    report.jsonl says what failed.

    Example: pgvgen animate photo.jpg --action jumping_jack -o jack.gif

    Example: pgvgen animate photos/ --action wave -o videos/ --jobs 4
    """
    if driver is not None:
        refuse(context, "--motion says all that is done", "seed", "strength")
    if all_people:
        refuse(context, "--all-people is everybody", "person")
    work = AnimateWork(
        action, driver, frames, fps, seed, strength, loop, None if all_people else person,
        estimator, size, crop, transparent, weights, device,
    )  # fmt: skip
    if is_many(photo):
        from pgvgen.pictures import PICTURE_SUFFIXES

        if grid is not None:
            raise UsageError("--grid is of one video, not of a folder of them")
        many = Many(jobs, shard, fail_fast, engine, overwrite, as_json, quiet, verbose)
        into = folder_for(photo, output)
        work.check()
        tasks = plan(photo, PICTURE_SUFFIXES, "picture", into, work.ending)
        work_through(tasks, work, into, many)
        return
    check_one_input(shard, engine)
    from pgvgen.video import check_video

    source = Path(photo)
    stem = "photo" if photo == "-" else source.stem
    target = output or str(source.with_name(stem + work.ending))
    for given in (photo, driver):
        check_video(target, transparent=transparent, overwrite=overwrite, source=given)
    check_grid(grid, photo, target, overwrite=overwrite)
    work.check()
    made = work.start(watching(grid, quiet=quiet))(target, source)
    outcome = Outcome(Task(photo, target, (source,), Path(target)), "done", made)
    if as_json:
        emit(report_of(outcome))
    said = f"{target}: {work.name}, {counted(made['frames'], 'frame')} in {made['seconds']:.1f} s"
    say(said, quiet=quiet or as_json)


@dataclass(frozen=True)
class AnimateWork:
    """What is to be done with every photo; `person` is None for everybody."""

    action: str | None
    driver: str | None
    frames: int | None
    fps: float | None
    seed: int
    strength: float | None
    loop: bool
    person: int | None
    estimator: str
    size: int | None
    crop: bool
    transparent: bool
    weights: str
    device: str

    @property
    def name(self) -> str:
        """What is done, as a part of a file's name."""
        return plain_name(self.action, self.driver)

    @property
    def ending(self) -> str:
        """Of a video's name, the photo's before it."""
        return f"-{self.name}{'.webm' if self.transparent else '.mp4'}"

    def check(self) -> None:
        """Fail now if an option is wrong or a network is missing."""
        from pgvgen.weights import find

        check_one(self.action, self.driver)
        if self.action is not None:
            check_actions(self.action, find(self.weights, "psgan"))
        find(self.weights, "scgan")

    def is_done(self, target: Path) -> bool:
        """Whether the video is there."""
        return target.is_file()

    def start(self, watch: Callable[..., Iterator[Any]] | None = None) -> Do:
        """Load the networks; `watch(frames, title, total=…)` is given the frames to pass on."""
        from pgvgen.animation import animate
        from pgvgen.devices import find_device
        from pgvgen.motion import PSGAN
        from pgvgen.poses.estimators import load_estimator
        from pgvgen.rendering.scgan import SCGAN
        from pgvgen.video import write_video

        with timed("loading"):
            place = find_device(self.device)
            estimator = load_estimator(self.estimator, self.device)
            scgan = SCGAN.from_pretrained(self.weights, device=place)
            # A motion from elsewhere does without stage one.
            psgan: Any = self.weights
            if self.action is not None:
                psgan = PSGAN.from_pretrained(self.weights, device=place)
            driver = read_driver(self.driver, lambda: estimator)
        log.info("weights %s on %s, pose by %s", self.weights, place, self.estimator)

        def do(target: str | Path, photo: Path) -> dict[str, Any]:
            began = time.perf_counter()
            animation = animate(
                photo, self.action, motion=driver, frames=self.frames, fps=self.fps,
                seed=self.seed, strength=self.strength, loop=self.loop, person=self.person,
                estimator=estimator, size=self.size, crop=self.crop, transparent=self.transparent,
                psgan=psgan, scgan=scgan, device=self.device,
            )  # fmt: skip
            motion = animation.motion
            total = len(animation)
            frames = watch(animation, photo.name, total=total) if watch else animation
            with timed("render"):
                write_video(target, frames, motion.fps)
            return {
                "action": motion.label, "people": len(animation.motions), "frames": total,
                "fps": motion.fps, "seed": motion.seed,
                "seconds": round(time.perf_counter() - began, 2),
            }  # fmt: skip

        return do
