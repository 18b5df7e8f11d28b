"""The preview of `pgvgen motion`: skeletons over the photo, of one motion or of several."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pgvgen.errors import UsageError
from pgvgen.poses.sheets import contact_sheet

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence

_POSES = 8  # on a page, of each motion
_SIDE = 320  # px, the longer one of each
_COLUMNS = 4


def check_preview(
    preview: Path, source: str | None, outputs: list[str], *, overwrite: bool
) -> None:
    """Fail before the work if the preview could not be written.

    Raises:
        UsageError: it ends neither as a picture nor as a video, or is where poses go.
        OutputError: it exists, is the source itself, or its place cannot be written.
    """
    from pgvgen._files import check_output, is_one_file
    from pgvgen.pictures import PICTURE_SUFFIXES
    from pgvgen.video import check_video_name

    if preview.suffix.lower() not in PICTURE_SUFFIXES:
        check_video_name(preview)
    if any(is_one_file(preview, output) for output in outputs):
        raise UsageError(f"--preview and -o are both {preview}: name two files")
    check_output(preview, overwrite=overwrite, source=source)


def draw_preview(preview: Path, motions: list[PoseSequence], picture: np.ndarray | None) -> None:
    """Motions from one start pose over the photo, or over black.

    Args:
        preview: a video's name: the motion, or a grid of several that play at once. A picture's
            name: eight poses of the motion on one page, or a row of them for each of several.
            Where there is more than one picture, they are of a window about the motions.
        motions: equally long.
        picture: the photo, H×W×3 uint8 RGB.
    """
    from pgvgen.pictures import PICTURE_SUFFIXES, write_image
    from pgvgen.video import write_video

    if preview.suffix.lower() in PICTURE_SUFFIXES:
        write_image(preview, _page(motions, picture))
    else:
        write_video(preview, _playing(motions, picture), motions[0].fps)


def _page(motions: list[PoseSequence], picture: np.ndarray | None) -> np.ndarray:
    """Evenly spaced poses, from the first to the last, and the way of hands and feet to each."""
    from pgvgen.poses.closeup import close_up
    from pgvgen.poses.drawing import draw_stills

    last = len(motions[0]) - 1
    count = min(_POSES, last + 1)
    chosen = [round(i * last / max(1, count - 1)) for i in range(count)]
    close, window = close_up(motions, picture, side=_SIDE)
    pictures = [still for motion in close for still in draw_stills(motion, chosen, window)]
    titles = [f"{_named(motion, motions)}: {i}" for motion in motions for i in chosen]
    columns = _COLUMNS if len(motions) == 1 else count
    return contact_sheet(pictures, columns, titles, cell=window.shape[1::-1])


def _playing(motions: list[PoseSequence], picture: np.ndarray | None) -> Iterator[np.ndarray]:
    from pgvgen.poses.closeup import close_up
    from pgvgen.poses.drawing import draw_sequence

    if len(motions) == 1:
        yield from draw_sequence(motions[0], picture)
        return
    close, window = close_up(motions, picture, side=_SIDE)
    drawn = [draw_sequence(motion, window) for motion in close]
    titles = [_named(motion, motions) for motion in motions]
    columns = min(_COLUMNS, len(motions))
    for pictures in zip(*drawn, strict=True):
        yield contact_sheet(pictures, columns, titles, cell=window.shape[1::-1])


def _named(motion: PoseSequence, motions: list[PoseSequence]) -> str:
    name = motion.label or "motion"
    return name if len(motions) == 1 else f"{name}, seed {motion.seed}"
