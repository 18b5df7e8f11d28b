"""Options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write the result.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same result.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Weights = Annotated[
    str, typer.Option(metavar="NAME", help="Bundled name, folder, or Hub id org/name[@revision].")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a result on stdout.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Fps = Annotated[float | None, typer.Option(min=0.1, max=240, help="Frames a second of the result.")]
Preview = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also draw the pose over the picture (.png or .mp4)."),
]
Estimator = Annotated[str, typer.Option(help="Pose estimator: blazepose or openpose.")]
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
