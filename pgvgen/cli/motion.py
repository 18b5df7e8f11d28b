"""`pgvgen motion [POSE|PHOTO|-]`: a pose and an action's name become a pose sequence."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgvgen.cli._console import emit, say
from pgvgen.cli._options import (
    Device,
    Estimator,
    Fps,
    Json,
    Output,
    Overwrite,
    Person,
    Preview,
    Quiet,
    Seed,
    Weights,
)
from pgvgen.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence

Action = Annotated[
    str | None,
    typer.Option("--action", help="What the person shall do; several with commas between them."),
]
Driver = Annotated[
    str | None,
    typer.Option(
        "--motion",
        metavar="FILE",
        help="Do what this file shows, not a label: .bvh, video, or poses.",
    ),
]
Frames = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Frames of the result; by default 32 an action, or the whole --motion.",
        show_default=False,
    ),
]
Strength = Annotated[
    float, typer.Option(min=0, max=1, help="How energetic, 0 to 1, among people who do it.")
]
Samples = Annotated[
    int,
    typer.Option(min=1, help="So many motions, by consecutive seeds: FILE-0, FILE-1, …"),
]
Loop = Annotated[
    bool, typer.Option("--loop", help="Come back to the start pose: the video can be repeated.")
]
ListActions = Annotated[bool, typer.Option("--list-actions", help="Name the actions and exit.")]


def motion(
    source: Annotated[
        str | None,
        typer.Argument(metavar="POSE|PHOTO|-", help="A pose file (- is stdin) or a photo."),
    ] = None,
    action: Action = None,
    driver: Driver = None,
    output: Output = None,
    frames: Frames = None,
    fps: Fps = None,
    seed: Seed = 0,
    samples: Samples = 1,
    strength: Strength = 0.5,
    loop: Loop = False,
    preview: Preview = None,
    weights: Weights = "action",
    estimator: Estimator = "blazepose",
    person: Person = 0,
    list_actions: ListActions = False,
    device: Device = "auto",
    as_json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Write what the person does next.

    The poses go to stdout as JSON, or where -o says; the first is the start pose itself. Of several
    samples, stdout gets a line each and -o FILE.json becomes FILE-0.json, FILE-1.json, …; the
    preview has a row each, or plays them beside one another.
    """
    if list_actions:
        _list(weights, as_json)
        return
    if source is None or (action is None and driver is None):
        raise UsageError("motion wants a pose or a photo, and --action (--list-actions names them)")
    if driver is not None and (action is not None or samples > 1):
        raise UsageError("--motion says all that is done: leave out --action and --samples")
    piped = output in (None, "-")
    if as_json and piped:
        raise UsageError(
            "--json reports on stdout, where the poses go: name a file for them with -o"
        )
    outputs = [] if piped else _outputs(Path(str(output)), samples)
    _check_outputs(outputs, preview, overwrite=overwrite)

    start = _start(source, estimator, person)
    if driver is not None:
        from pgvgen.motion import drive

        made = [drive(start.pose, driver, frames=frames, fps=fps, loop=loop, estimator=estimator)]
    else:
        from pgvgen.motion import PSGAN, generate_motion
        from pgvgen.weights import device as find_device

        psgan = PSGAN.from_pretrained(weights, device=find_device(device))
        made = [
            generate_motion(
                start.pose, str(action), frames=frames, fps=fps, seed=seed + i,
                strength=strength, loop=loop, psgan=psgan,
            )
            for i in range(samples)
        ]  # fmt: skip
    if piped:
        _print(made)
    for path, one in zip(outputs, made, strict=False):
        one.save(path)
        done = one.label if driver is None else Path(driver).name
        if as_json:
            emit(
                {
                    "source": source,
                    "motion": str(path),
                    "action": one.label,
                    "frames": len(one),
                    "fps": one.fps,
                    "seed": one.seed,
                }
            )
        say(f"{path}: {done}, {len(one)} frames at {one.fps:g} fps", quiet=quiet or as_json)
    if preview is not None:
        from pgvgen.cli._motion_preview import draw_preview

        draw_preview(preview, made, start.picture)
        say(str(preview), quiet=quiet or as_json)


def _outputs(path: Path, samples: int) -> list[Path]:
    """The file that was named, or one a sample with its number before the ending."""
    if samples == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{i}{path.suffix}") for i in range(samples)]


def _print(made: list[PoseSequence]) -> None:
    """A pose file on stdout; of several a line each."""
    from pgvgen.poses.files import dumps

    for one in made:
        text = dumps(one)
        sys.stdout.write(text if len(made) == 1 else text.replace("\n", "") + "\n")
    sys.stdout.flush()


def _list(weights: str, as_json: bool) -> None:
    """The labels of a weight, one a line, without loading it."""
    import json

    from pgvgen.data.actions import ACTIONS
    from pgvgen.errors import WeightsError
    from pgvgen.weights import CONFIG_FILE, find

    file = find(weights, "psgan") / CONFIG_FILE
    try:
        labels = json.loads(file.read_text(encoding="utf-8"))["labels"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{file} is damaged or not pgvgen's: fetch it again") from error
    for label in labels:
        if as_json:
            aliases = ACTIONS[label].aliases if label in ACTIONS else ()
            emit({"action": label, "aliases": list(aliases)})
        else:
            typer.echo(label)


@dataclass
class _Start:
    """The start pose, and the photo that it comes from, if it does."""

    pose: PoseSequence
    picture: np.ndarray | None


def _start(source: str, estimator: str, person: int) -> _Start:
    """A pose file, stdin or OpenPose folder as it is; of a photo the pose is found."""
    from pgvgen.video import PICTURE_SUFFIXES

    if Path(source).suffix.lower() in PICTURE_SUFFIXES:
        from pgvgen.poses.estimators import estimate_pose
        from pgvgen.video import read_image

        picture = read_image(source)
        return _Start(estimate_pose(picture, estimator=estimator, person=person), picture)
    from pgvgen.poses.files import load

    return _Start(load(source), None)


def _check_outputs(outputs: list[Path], preview: Path | None, *, overwrite: bool) -> None:
    """Fail before the work if a result could not be written."""
    from pgvgen._files import check_output
    from pgvgen.cli._motion_preview import check_preview

    for output in outputs:
        check_output(output, overwrite=overwrite)
    if preview is not None:
        check_preview(preview, overwrite=overwrite)
