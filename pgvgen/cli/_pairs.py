"""Which motion belongs to which photo: `sub/a-wave.json` to `sub/a.jpg`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pgvgen.batch import Input, Task, find_inputs, is_many
from pgvgen.cli._batch import plan

POSE_SUFFIXES = (".json",)

_FRAME = re.compile(r"(.*_)?\d{12}_keypoints\.json")


def are_many_poses(source: str) -> bool:
    """Whether it is many pose files; a folder of OpenPose's, a file a frame, is one sequence."""
    if not is_many(source):
        return False
    folder = Path(source)
    return not (folder.is_dir() and any(_FRAME.fullmatch(file.name) for file in folder.iterdir()))


def pair(photos: str, motions: str, into: Path, suffix: str) -> list[Task]:
    """A task for every motion and its photo, and one that fails for a photo without motion.

    A motion is called as its photo is, with or without the photo's ending, and may go on with a
    hyphen: what `pgvgen pose` and `pgvgen motion` make of a folder of photos is called so.

    Args:
        photos: one photo for all motions; or a folder, glob or list.
        motions: a folder, glob or list.
        into: folder of the videos.
        suffix: of the videos.
    """
    from pgvgen.pictures import PICTURE_SUFFIXES

    tasks = plan(motions, POSE_SUFFIXES, "pose file", into, suffix)
    if not is_many(photos):
        return [replace(task, sources=(*task.sources, Path(photos))) for task in tasks]
    by_name: defaultdict[str, list[Input]] = defaultdict(list)
    inputs = find_inputs(photos, PICTURE_SUFFIXES, "picture", leave_out=into)
    for photo in inputs:
        for name in {photo.name, str(PurePosixPath(photo.name).with_suffix(""))}:
            by_name[name].append(photo)
    paired, used = [], set()
    for task in tasks:
        found = _photos_of(str(PurePosixPath(task.name).with_suffix("")), by_name)
        used |= set(found)
        if len(found) == 1:
            paired.append(replace(task, sources=(*task.sources, found[0].path)))
        else:
            paired.append(replace(task, problem=task.problem or _why_not(found, photos)))
    return paired + [_without_motion(i, motions, into) for i in inputs if i not in used]


def _photos_of(motion: str, by_name: dict[str, list[Input]]) -> Sequence[Input]:
    """The photos of the longest name that the motion's begins with."""
    for end in range(len(motion), 0, -1):
        if (end == len(motion) or motion[end] == "-") and motion[:end] in by_name:
            return by_name[motion[:end]]
    return ()


def _why_not(found: Sequence[Input], photos: str) -> str:
    if not found:
        return f"belongs to no photo in {photos}: a-wave.json is of a.jpg"
    names = " or ".join(photo.name for photo in found)
    return f"may belong to {names}: call it as the photo with its ending ({found[0].name}-….json)"


def _without_motion(photo: Input, motions: str, into: Path) -> Task:
    problem = photo.problem or f"has no motion in {motions}: make one with `pgvgen motion`"
    result = f"{photo.name}.mp4"
    return Task(photo.name, result, (photo.path,), into / result, problem)
