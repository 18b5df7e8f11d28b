"""Options that several commands share, each defined once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from pgvgen.batch.run import Engine
from pgvgen.batch.shard import Shard
from pgvgen.cli import _completion
from pgvgen.errors import UsageError


def _listen(verbose: bool) -> bool:
    from pgvgen.talk import listen

    listen(logging.INFO if verbose else logging.WARNING)
    return verbose


def _part(shard: str) -> str:
    Shard.parse(shard)
    return shard


def _place(output: str | None) -> str | None:
    if output == "":  # which as a folder would be the one that we are in
        raise UsageError("the name after -o is empty: is a shell variable unset?")
    return output


def refuse(context: typer.Context, why: str, *options: str) -> None:
    """Fail if one of these options was given, as it would be without effect.

    Raises:
        UsageError: it was.
    """
    for option in options:
        source = context.get_parameter_source(option)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"{why}: leave out --{option}")


Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE|FOLDER",
        callback=_place,
        help="Where to write the result, or the results.",
    ),
]
Action = Annotated[
    str | None,
    typer.Option(
        "-a",
        "--action",
        help="What the person shall do; several with commas between them.",
        autocompletion=_completion.actions,
    ),
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
        max=100_000,
        help="Frames of the result; by default 32 an action, or the whole --motion.",
        show_default=False,
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="How energetic, 0 to 1, among people who do it; mostly 0.5."),
]
Loop = Annotated[
    bool, typer.Option("--loop", help="End where it begins: the video can be repeated.")
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**63 - 1, help="The same seed gives the same result.")
]
Device = Annotated[
    str, typer.Option(help="auto, cpu, cuda or mps.", autocompletion=_completion.devices)
]
Weights = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Bundled name, folder, or Hub id (org/name or org/name@revision).",
        autocompletion=_completion.weights,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a result on stdout.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v",
        "--verbose",
        callback=_listen,
        help="Say what is loaded, how long it takes, and where it fails.",
    ),
]
Fps = Annotated[float | None, typer.Option(min=0.1, max=240, help="Frames a second of the result.")]
Preview = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also draw the pose over the picture (.png or .mp4)."),
]
Estimator = Annotated[
    str,
    typer.Option(
        help="Pose estimator: blazepose or openpose.", autocompletion=_completion.estimators
    ),
]
Person = Annotated[
    int, typer.Option(min=0, help="Which person, counted from the largest, 0 first.")
]
Size = Annotated[
    int | None,
    typer.Option(
        min=16,
        max=8192,
        metavar="PX",
        help="Longer side of the frames; the photo's own by default.",
    ),
]
Crop = Annotated[
    bool, typer.Option("--crop", help="Give the square around the motion, not the whole photo.")
]
Transparent = Annotated[
    bool,
    typer.Option("--transparent", help="Cut the person out: a .webm, .gif, .webp, .apng or NAME/."),
]
Grid = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also put some of the frames on one page (.png)."),
]
Canvas = Annotated[
    str | None,
    typer.Option(
        "--size", metavar="WxH", help="Of the drawn skeleton (-o FILE.mp4 or .png), in pixels."
    ),
]

_MANY = "Folders, globs and lists"
Jobs = Annotated[
    int,
    typer.Option(
        "-j",
        "--jobs",
        min=1,
        max=1024,
        rich_help_panel=_MANY,
        help="Work on so many at a time; each loads the networks once.",
    ),
]
Part = Annotated[
    str,
    typer.Option(
        "--shard",
        metavar="I/N",
        callback=_part,
        rich_help_panel=_MANY,
        help="Do part I of N only: the other parts are for other machines.",
    ),
]
FailFast = Annotated[
    bool,
    typer.Option("--fail-fast", rich_help_panel=_MANY, help="Stop when one fails."),
]
On = Annotated[
    Engine,
    typer.Option(
        "--engine", rich_help_panel=_MANY, help="Where: on this machine or a Ray cluster."
    ),
]
