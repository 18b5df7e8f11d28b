"""`pgvgen motion [POSE|PHOTO|-]`: a pose and an action's name become a pose sequence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

_SHEET_POSES = 8

Action = Annotated[str | None, typer.Option("--action", help="What the person shall do.")]
Frames = Annotated[int, typer.Option(min=1, help="Frames of the result.")]
ListActions = Annotated[bool, typer.Option("--list-actions", help="Name the actions and exit.")]


def motion(
    source: Annotated[
        str | None,
        typer.Argument(metavar="POSE|PHOTO|-", help="A pose file (- is stdin) or a photo."),
    ] = None,
    action: Action = None,
    output: Output = None,
    frames: Frames = 32,
    fps: Fps = None,
    seed: Seed = 0,
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

    The poses go to stdout as JSON, or where -o says; the first is the start pose itself.
    """
    if list_actions:
        _list(weights, as_json)
        return
    if source is None or action is None:
        raise UsageError("motion wants a pose or a photo, and --action (--list-actions names them)")
    piped = output in (None, "-")
    if as_json and piped:
        raise UsageError(
            "--json reports on stdout, where the poses go: name a file for them with -o"
        )
    _check_outputs(None if piped else str(output), preview, overwrite=overwrite)

    from pgvgen.motion import generate_motion

    start = _start(source, estimator, person)
    made = generate_motion(
        start.pose, action, frames=frames, fps=fps, seed=seed, psgan=weights, device=device
    )
    made.save("-" if piped else str(output))
    if as_json:
        emit(
            {
                "source": source,
                "motion": output,
                "action": made.label,
                "frames": len(made),
                "fps": made.fps,
                "seed": seed,
            }
        )
    elif not piped:
        say(f"{output}: {made.label}, {len(made)} frames at {made.fps:g} fps", quiet=quiet)
    if preview is not None:
        _draw(preview, made, start.picture)
        say(str(preview), quiet=quiet or as_json)


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


def _check_outputs(output: str | None, preview: Path | None, *, overwrite: bool) -> None:
    """Fail before the work if a result could not be written."""
    from pgvgen._files import check_output
    from pgvgen.video import PICTURE_SUFFIXES, check_video_name

    if output is not None:
        check_output(output, overwrite=overwrite)
    if preview is not None:
        if preview.suffix.lower() not in PICTURE_SUFFIXES:
            check_video_name(preview)
        check_output(preview, overwrite=overwrite)


def _draw(preview: Path, made: PoseSequence, picture: Any) -> None:
    """The motion over the photo, or over black: a video, or eight of its poses on one page."""
    from pgvgen.poses.drawing import draw_sequence
    from pgvgen.poses.sequence import SEEN
    from pgvgen.poses.sheets import contact_sheet
    from pgvgen.video import PICTURE_SUFFIXES, write_image, write_video

    made = made.replace(confidence=made.confidence * (made.confidence >= SEEN))
    if preview.suffix.lower() not in PICTURE_SUFFIXES:
        write_video(preview, draw_sequence(made, picture), made.fps)
        return
    count = min(_SHEET_POSES, len(made))
    chosen = [round(i * (len(made) - 1) / max(1, count - 1)) for i in range(count)]
    pictures = [next(iter(draw_sequence(made[i], picture))) for i in chosen]
    height = round(240 * made.size[1] / made.size[0])
    titles = [f"{made.label} {i}" for i in chosen]
    write_image(preview, contact_sheet(pictures, 4, titles, cell=(240, height)))
