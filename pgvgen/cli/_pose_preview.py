"""The preview of `pgvgen pose`: the poses that were found, over the pictures they are from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgvgen.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence


def check_preview(preview: Path, source: str, *, overwrite: bool) -> None:
    """Fail before the work if the preview could not be written.

    Raises:
        UsageError: it is to be a video of a photo, or ends in nothing known.
        OutputError: it exists, is the source itself, or its place cannot be written.
    """
    from pgvgen._files import check_output
    from pgvgen.pictures import PICTURE_SUFFIXES
    from pgvgen.video import check_video_name, is_video

    if preview.suffix.lower() not in PICTURE_SUFFIXES:
        if not is_video(source):
            raise UsageError(f"{preview} must end in .png or .jpg: {source} is one picture")
        check_video_name(preview)
    check_output(preview, overwrite=overwrite, source=source)


def draw_preview(preview: Path, pictures: Any, people: list[PoseSequence]) -> None:
    """The poses over the photo, the video, or the video's first frame that shows somebody.

    Args:
        preview: a picture's or a video's name.
        pictures: a photo's path, a picture, or the frames of a video.
        people: who was found in them.
    """
    from pgvgen.pictures import PICTURE_SUFFIXES, read_image, write_image
    from pgvgen.video import write_video

    if isinstance(pictures, str):
        pictures = [read_image(pictures)]
    elif hasattr(pictures, "shape"):
        pictures = [pictures]
    drawn = _over(pictures, people)
    if preview.suffix.lower() in PICTURE_SUFFIXES:
        first = min(int(someone.present.any(1).argmax()) for someone in people)
        write_image(preview, next(itertools.islice(drawn, first, None)))
    else:
        write_video(preview, drawn, people[0].fps)


def _over(pictures: Any, people: list[PoseSequence]) -> Iterator[np.ndarray]:
    """Each frame with everybody drawn over it."""
    from pgvgen.poses.drawing import draw_pose

    for i, picture in enumerate(pictures):
        for someone in people:
            if i < len(someone):
                pose = someone.keypoints[i], someone.confidence[i]
                picture = draw_pose(picture, *pose, someone.skeleton)
        yield picture
