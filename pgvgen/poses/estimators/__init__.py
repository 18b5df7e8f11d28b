"""From pictures to poses: `estimate_pose`, `estimate_people`, and the estimators by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pgvgen.errors import NoPersonError, UsageError
from pgvgen.poses.estimators.base import Effort, Estimator, Person

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence

__all__ = ["Estimator", "Person", "estimate_people", "estimate_pose", "load_estimator"]

PHOTO_FPS = 25.0
"""What a sequence of one photo says, as every sequence has a frame rate."""


class Frames(Protocol):
    """Pictures in a row that can be gone through again, as a `Video` is.

    Its `path`, if it has one, is named in errors.
    """

    @property
    def fps(self) -> float:
        """How many of them make a second."""
        ...

    def __iter__(self) -> Iterator[np.ndarray]:
        """uint8 H×W×3 RGB, one at a time."""
        ...


Source: TypeAlias = "str | Path | np.ndarray | Frames"


def load_estimator(name: str = "blazepose", device: str = "auto") -> Estimator:
    """An estimator by its name: `blazepose`, `openpose` or `openpose:<folder or Hub id>`.

    The device (auto, cpu, cuda or mps) is openpose's; blazepose runs on the CPU.

    Raises:
        UsageError: there is no such estimator, or no such device.
        WeightsError: its weights cannot be had.
    """
    kind, _, option = name.partition(":")
    if kind == "blazepose" and not option:
        from pgvgen.poses.estimators.blazepose import BlazePose

        return BlazePose()
    if kind == "openpose":
        from pgvgen.poses.estimators.openpose import OpenPose

        return OpenPose(option or None, device)
    raise UsageError(f"there is no estimator {name!r}: choose blazepose or openpose")


def estimate_pose(
    source: Source,
    *,
    estimator: str | Estimator = "blazepose",
    person: int = 0,
    fps: float | None = None,
    steady: bool = True,
) -> PoseSequence:
    """The pose of one person in a photo, or in every frame of a video.

    Args:
        source: path of a photo or video, H×W×3 uint8 RGB picture, or an opened `Video`.
            `-` is a photo from stdin.
        estimator: its name, or one that is loaded.
        person: which one, counted from the largest.
        fps: frames a second to take from a video; its own, or as it was opened, by default.
        steady: in a video, joints go along with what is seen of the person
            (`pgvgen.poses.steadying`), who is followed back from where they were found; else they
            are where the estimator saw them in each frame.

    Returns:
        `BODY_18` in px of the picture; frames where the person is not seen have confidence 0.

    Raises:
        InputError: the source cannot be read.
        NoPersonError: nobody, or fewer people than `person` asks for.
        UsageError: there is no such estimator, or an fps that is none.
    """
    effort: Effort = "everybody" if person else "search"
    frames, people = _estimate(source, estimator, fps, effort, back=steady)
    if not 0 <= person < len(people):
        raise NoPersonError(
            f"{_named(source)} has {len(people)} {'person' if len(people) == 1 else 'people'}: "
            f"person {person} is not there, they count from 0"
        )
    return _steadied(people[person], frames) if steady else people[person]


def estimate_people(
    source: Source,
    *,
    estimator: str | Estimator = "blazepose",
    fps: float | None = None,
    steady: bool = True,
) -> list[PoseSequence]:
    """Like `estimate_pose`, for everybody: one sequence a person, largest first, never empty."""
    frames, people = _estimate(source, estimator, fps, "everybody", back=steady)
    return [_steadied(person, frames) for person in people] if steady else people


def _estimate(
    source: Source, estimator: str | Estimator, fps: float | None, effort: Effort, *, back: bool
) -> tuple[Any, list[PoseSequence]]:
    """The frames of a source, and everybody in them, never nobody."""
    from pgvgen.poses.estimators.tracking import track
    from pgvgen.poses.sequence import PoseSequence

    finder = load_estimator(estimator) if isinstance(estimator, str) else estimator
    frames, rate = _open(source, fps)
    tracks, size = track(frames, finder, rate, effort, back=back)
    if not tracks:
        raise NoPersonError(
            f"no person found in {_named(source)}: choose one that shows the whole person, "
            "upright and well lit"
        )
    people = [PoseSequence(t.keypoints, t.confidence, fps=rate, size=size) for t in tracks]
    return frames, people


def _steadied(person: PoseSequence, frames: Any) -> PoseSequence:
    from pgvgen.poses.steadying import steady

    return steady(person, frames)


def _open(source: Source, fps: float | None) -> tuple[Any, float]:
    """The frames of a source, and how many of them make a second."""
    import numpy as np

    from pgvgen.pictures import check_picture, read_image
    from pgvgen.poses.timing import check_fps
    from pgvgen.video import Video, is_video, open_video

    check_fps(fps)
    if isinstance(source, np.ndarray):
        check_picture(source)
        return [source], fps or PHOTO_FPS
    if isinstance(source, Video) and fps:
        source = replace(source, fps=fps, length=None)
    if not isinstance(source, str | Path):
        return source, source.fps
    if is_video(source):
        video = open_video(source, fps=fps)
        return video, video.fps
    return [read_image(source)], fps or PHOTO_FPS


def _named(source: Source) -> str:
    path = source if isinstance(source, str | Path) else getattr(source, "path", "-")
    return "the picture" if str(path) == "-" else str(path)
