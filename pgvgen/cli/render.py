"""`pgvgen render PHOTO MOTION`: stage two, a photo and a motion become a video."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pgvgen.cli._console import emit, progress, say
from pgvgen.cli._options import Crop, Device, Fps, Json, Output, Overwrite, Quiet, Size, Weights


def render(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo of the person.")],
    motion: Annotated[
        str, typer.Argument(metavar="MOTION", help="Pose file of the motion, - for stdin.")
    ] = "-",
    output: Output = None,
    fps: Fps = None,
    size: Size = None,
    crop: Crop = False,
    weights: Weights = "action",
    device: Device = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let the person in a photo perform a motion (stage two: SCGAN).

    The video is an mp4, gif or webm by its name: <photo>-<action>.mp4 beside the photo by default.
    """
    from pgvgen._files import check_output
    from pgvgen.poses import PoseSequence
    from pgvgen.video import check_video_name, write_video

    began = time.perf_counter()
    if output is not None:
        check_video_name(output)
        check_output(output, overwrite=overwrite)
    poses = PoseSequence.load(motion)
    target = Path(output or photo.with_name(f"{photo.stem}-{poses.label or 'motion'}.mp4"))
    check_output(target, overwrite=overwrite)
    if fps is not None:
        from pgvgen.poses.timing import resample

        poses = resample(poses, fps)
    from pgvgen.rendering import renderer

    frames = renderer.render(photo, poses, scgan=weights, size=size, crop=crop, device=device)
    write_video(target, progress(frames, "render", total=len(poses), quiet=quiet), poses.fps)
    seconds = round(time.perf_counter() - began, 2)
    if as_json:
        emit(
            {
                "photo": str(photo), "video": str(target), "action": poses.label,
                "frames": len(poses), "fps": poses.fps, "seconds": seconds,
            }
        )  # fmt: skip
    say(f"{target}: {len(poses)} frames in {seconds:.1f} s", quiet=quiet or as_json)
