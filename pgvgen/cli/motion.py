"""`pgvgen motion [POSE|PHOTO|-]`: a pose and an action's name become a pose sequence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pgvgen.batch import Engine, Outcome, Task
from pgvgen.cli._actions import check_one, labels_of
from pgvgen.cli._batch import Many, check_one_input, folder_for, plan, report_of, work_through
from pgvgen.cli._console import counted, emit, emit_poses, say
from pgvgen.cli._motion_work import MotionWork, details
from pgvgen.cli._options import (
    Action,
    Canvas,
    Device,
    Driver,
    Estimator,
    FailFast,
    Fps,
    Frames,
    Jobs,
    Json,
    Loop,
    On,
    Output,
    Overwrite,
    Part,
    Person,
    Preview,
    Quiet,
    Seed,
    Strength,
    Verbose,
    Weights,
    refuse,
)
from pgvgen.cli._pairs import POSE_SUFFIXES, are_many_poses
from pgvgen.errors import UsageError

Samples = Annotated[
    int,
    typer.Option(min=1, help="So many motions, by consecutive seeds: FILE-0, FILE-1, …"),
]
ListActions = Annotated[bool, typer.Option("--list-actions", help="Name the actions and exit.")]


def motion(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="POSE|PHOTO|FOLDER|GLOB|@LIST|-",
            help="A pose file or a photo (- is stdin), or many.",
        ),
    ] = None,
    action: Action = None,
    driver: Driver = None,
    output: Output = None,
    frames: Frames = None,
    fps: Fps = None,
    seed: Seed = 0,
    samples: Samples = 1,
    strength: Strength = None,
    loop: Loop = False,
    size: Canvas = None,
    preview: Preview = None,
    weights: Weights = "action",
    estimator: Estimator = "blazepose",
    person: Person = 0,
    list_actions: ListActions = False,
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
    """Write what the person does next.

    The poses go to stdout as JSON, or where -o says: .json, .csv, .npz, NAME/ for a folder of
    OpenPose's files, or the skeleton drawn as .mp4. The first is the start pose itself. Of several
    samples, stdout gets a line each and -o FILE.json becomes FILE-0.json, FILE-1.json, …; the
    preview has a row each, or plays them beside one another. Of a folder every pose, and every
    photo without one beside it, gets its <name>-<action>.json in the folder that -o names; what is
    done is skipped, and report.jsonl says what failed.

    Example: pgvgen motion pose.json --action squat -o squat.json --preview squat.mp4

    Example: pgvgen motion poses/ --action wave -o motions/
    """
    if list_actions:
        _list(weights, as_json)
        return
    work = MotionWork(
        action, driver, frames, fps, seed, samples, strength, loop, weights, estimator, person,
        device, overwrite,
    )  # fmt: skip
    if source is None:
        raise UsageError("motion wants a pose or a photo, and --action (--list-actions names them)")
    if driver is not None:
        if samples > 1:
            raise UsageError("--motion says all that is done: leave out --samples")
        refuse(context, "--motion says all that is done", "seed", "strength", "weights")
    if seed + samples > 2**63:
        raise UsageError(f"--seed is {seed}: {samples} --samples from it go beyond 2^63 - 1")
    check_one(action, driver)
    if are_many_poses(source):
        many = Many(jobs, shard, fail_fast, engine, overwrite, as_json, quiet, verbose)
        _many(source, output, size, preview, work, many)
    else:
        check_one_input(shard, engine)
        _one(source, output, size, preview, work, as_json=as_json, quiet=quiet)


def _one(
    source: str,
    output: str | None,
    size: str | None,
    preview: Path | None,
    work: MotionWork,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """One start pose."""
    from pgvgen.cli._motion_preview import check_preview, draw_preview
    from pgvgen.pictures import is_picture, named, read_piped
    from pgvgen.poses import exports

    began, piped = time.perf_counter(), output in (None, "-")
    if as_json and piped:
        raise UsageError(
            "--json reports on stdout, where the poses go: name a file for them with -o"
        )
    outputs = [] if piped else [str(output)]
    if work.samples > 1 and outputs:
        outputs = exports.numbered(str(output), work.samples)
    drawn = exports.canvas(size) if size else None
    several = work.action is not None and work.frames != 1  # a driver may have one frame only
    for given in (source, work.driver):
        for path in outputs or ["-"]:
            exports.check(path, size=drawn, several=several, overwrite=work.overwrite, source=given)
        if preview is not None:
            check_preview(preview, given, outputs, overwrite=work.overwrite)
    work.check()
    data = read_piped(source)
    if work.person and not is_picture(source, data):
        raise UsageError(f"--person is of a photo, which {named(source)} is not: leave it out")
    made, picture = work.maker()(source, data)
    if piped:
        emit_poses(made, as_lines=work.samples > 1)
    for path, one in zip(outputs, made, strict=False):
        one.save(path, size=drawn)
        task = Task(source, path, (Path(source),), Path(path))
        if as_json:
            emit(report_of(Outcome(task, "done", details([one], began))))
        said = f"{path}: {work.name}, {counted(len(one), 'frame')} at {one.fps:g} fps"
        say(said, quiet=quiet or as_json)
    if preview is not None:
        draw_preview(preview, made, picture)
        say(str(preview), quiet=quiet or as_json)


def _many(
    source: str,
    output: str | None,
    size: str | None,
    preview: Path | None,
    work: MotionWork,
    many: Many,
) -> None:
    """Every pose and photo of a folder, a glob or a list."""
    from pgvgen.pictures import PICTURE_SUFFIXES

    if preview is not None:
        raise UsageError("--preview draws one motion, not a folder of them")
    if size is not None:
        raise UsageError("--size is of one drawn skeleton, not of a folder of motions")
    if output is None:
        raise UsageError(f"the motions of {source} need a folder of their own: name it with -o")
    into = folder_for(source, output)
    work.check()
    ending = f"-{work.name}.json" if work.samples == 1 else f"-{work.name}-0.json"
    suffixes = (*POSE_SUFFIXES, *PICTURE_SUFFIXES)
    tasks = plan(source, suffixes, "pose file or picture", into, ending, work.samples)
    work_through(tasks, work, into, many)


def _list(weights: str, as_json: bool) -> None:
    """The labels of a weight, one a line, without loading it."""
    from pgvgen.data.actions import ACTIONS
    from pgvgen.weights import find

    for label in labels_of(find(weights, "psgan")):
        if as_json:
            aliases = ACTIONS[label].aliases if label in ACTIONS else ()
            emit({"action": label, "aliases": list(aliases)})
        else:
            typer.echo(label)
