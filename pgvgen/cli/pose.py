"""`pgvgen pose PHOTO|VIDEO|FOLDER|-`: where the joints of the people in pictures are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgvgen.batch import Do, Engine, Outcome, Task, is_many
from pgvgen.cli._batch import (
    Many,
    check_one_input,
    folder_for,
    plan,
    report_of,
    results_of,
    work_through,
)
from pgvgen.cli._console import counted, emit, emit_poses, progress, say
from pgvgen.cli._options import (
    Canvas,
    Estimator,
    FailFast,
    Fps,
    Jobs,
    Json,
    On,
    Output,
    Overwrite,
    Part,
    Person,
    Preview,
    Quiet,
    Verbose,
)
from pgvgen.cli._pose_preview import check_preview, draw_preview
from pgvgen.errors import UsageError
from pgvgen.talk import timed

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence
    from pgvgen.video import Video

AllPeople = Annotated[
    bool,
    typer.Option("--all-people", help="Everybody: a line each on stdout, or FILE-0, FILE-1, …"),
]

Steady = Annotated[
    bool,
    typer.Option(
        "--steady/--no-steady",
        help="In a video, let joints go along with what is seen of the person.",
    ),
]

Watch = Callable[..., Iterator[Any]]


def pose(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PHOTO|VIDEO|FOLDER|GLOB|@LIST|-", help="Of people; - is a photo from stdin."
        ),
    ],
    output: Output = None,
    size: Canvas = None,
    preview: Preview = None,
    estimator: Estimator = "blazepose",
    person: Person = 0,
    all_people: AllPeople = False,
    fps: Fps = None,
    steady: Steady = True,
    jobs: Jobs = 1,
    shard: Part = "1/1",
    engine: On = Engine.local,
    fail_fast: FailFast = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find the pose of a person in a photo, or in every frame of a video.

    The pose goes to stdout as JSON, or where -o says: .json, .csv, .npz, NAME/ for a folder of
    OpenPose's files, or the skeleton drawn as .png or .mp4, as ControlNet and its like want it.
    Of a folder every photo and video gets its pose beside it as <name>.json, or in the folder that
    -o names; what is done is skipped, and report.jsonl says what failed.

    Example: pgvgen pose photo.jpg -o pose.json --preview pose.png

    Example: pgvgen pose 'photos/**/*.jpg' -o poses/ --jobs 2
    """
    if all_people and person:
        raise UsageError("--person and --all-people exclude each other")
    work = PoseWork(estimator, None if all_people else person, fps, steady, overwrite)
    if is_many(source):
        if preview is not None:
            raise UsageError("--preview draws one photo or video, not a folder of them")
        if size is not None:
            raise UsageError("--size is of one drawn skeleton, not of a folder of poses")
        from pgvgen.pictures import PICTURE_SUFFIXES
        from pgvgen.video import VIDEO_SUFFIXES

        many = Many(jobs, shard, fail_fast, engine, overwrite, as_json, quiet, verbose)
        into = folder_for(source, output)
        suffixes = (*PICTURE_SUFFIXES, *VIDEO_SUFFIXES)
        ending = "-0.json" if all_people else ".json"
        work_through(plan(source, suffixes, "picture or video", into, ending), work, into, many)
        return
    check_one_input(shard, engine)
    _one(source, output, size, preview, work, as_json=as_json, quiet=quiet)


@dataclass(frozen=True)
class PoseWork:
    """What is to be done with every source; `person` is None for everybody."""

    estimator: str
    person: int | None
    fps: float | None
    steady: bool
    overwrite: bool

    def is_done(self, target: Path) -> bool:
        """Whether the pose is there; everybody's first, which is written last."""
        return target.exists()

    def start(self) -> Do:
        """Load the estimator."""
        find = self.finder()

        def do(target: Path, source: Path) -> dict[str, Any]:
            people = find(open_source(str(source), self.fps))
            save(people, results_of(target, len(people)))
            if self.overwrite and self.person is None:
                remove_rest(partial(results_of, target), len(people), source)
            return _details(people)

        return do

    def finder(self) -> Callable[[Any], list[PoseSequence]]:
        """The estimator, loaded, as a function that finds the people who were asked for."""
        from pgvgen.poses.estimators import estimate_people, estimate_pose, load_estimator

        with timed(f"loading {self.estimator}"):
            loaded = load_estimator(self.estimator)

        how: dict[str, Any] = {"estimator": loaded, "fps": self.fps, "steady": self.steady}

        def find(pictures: Any) -> list[PoseSequence]:
            with timed("pose"):
                if self.person is None:
                    return estimate_people(pictures, **how)
                return [estimate_pose(pictures, person=self.person, **how)]

        return find


def _one(
    source: str,
    output: str | None,
    size: str | None,
    preview: Path | None,
    work: PoseWork,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """One photo or video."""
    from pgvgen.poses import exports

    everybody, piped = work.person is None, output in (None, "-")
    if as_json and piped:
        raise UsageError(
            "--json reports on stdout, where the pose goes: name a file for it with -o"
        )
    path = "-" if piped else str(output)
    drawn = exports.canvas(size) if size else None
    pictures = open_source(source, work.fps, partial(progress, quiet=quiet))
    several = isinstance(pictures, _Watched) and (pictures.video.length or 1) > 1
    # How many people there will be is not known yet.
    free = work.overwrite or everybody
    exports.check(path, size=drawn, several=several, overwrite=free, source=source)
    if preview is not None:
        check_preview(preview, source, overwrite=work.overwrite)
        if _is_result(preview, path, everybody=everybody):
            raise UsageError(f"--preview and -o both write {preview}: name two files")
    people = work.finder()(pictures)
    if piped:
        emit_poses(people, as_lines=everybody)
    else:
        names = exports.numbered(path, len(people)) if everybody else [path]
        for name in names:
            exports.check(name, size=drawn, overwrite=work.overwrite, source=source)
        save(people, names, drawn)
        if work.overwrite and everybody:
            remove_rest(partial(exports.numbered, path), len(people), source)
        task = Task(source, names[0], (Path(source),), Path(names[0]))
        if as_json:
            emit(report_of(Outcome(task, "done", _details(people))))
        frames = counted(len(people[0]), "frame")
        say(f"{', '.join(names)}: {frames}", quiet=quiet or as_json)
    if preview is not None:
        draw_preview(preview, pictures, people)
        say(str(preview), quiet=quiet or as_json)


def _is_result(preview: Path, path: str, *, everybody: bool) -> bool:
    """Whether the preview would take the place of a result; of everybody's, of any number."""
    from pgvgen._files import is_one_file

    if path == "-":
        return False
    result = Path(path)
    if everybody:
        number = preview.stem.removeprefix(f"{result.stem}-")
        if not number.isdecimal():
            return False
        result = result.with_name(f"{result.stem}-{number}{result.suffix}")
    return is_one_file(preview, result)


def open_source(source: str, fps: float | None, watch: Watch | None = None) -> Any:
    """What to give an estimator: a path, the picture from a pipe, or a video that is watched."""
    from pgvgen.pictures import read_image
    from pgvgen.video import is_video, open_video

    if is_video(source):
        video = open_video(source, fps)
        return video if watch is None else _Watched(video, watch)
    # Stdin and pipes, such as the shell makes of <(…), give their picture once; a preview needs it.
    return source if source != "-" and os.path.isfile(source) else read_image(source)


@dataclass
class _Watched:
    """A video whose frames move a progress bar."""

    video: Video
    watch: Watch

    @property
    def fps(self) -> float:
        return self.video.fps

    @property
    def path(self) -> Path:
        return self.video.path

    def __iter__(self) -> Iterator[np.ndarray]:
        return self.watch(self.video, self.video.path.name, total=self.video.length)


def save(
    people: list[PoseSequence], names: Sequence[str | Path], size: tuple[int, int] | None = None
) -> None:
    """Write everybody's pose; the first one last, as its being there says that all are."""
    for someone, name in reversed(list(zip(people, names, strict=True))):
        someone.save(name, size=size)


def remove_rest(
    names: Callable[[int], Sequence[str | Path]], count: int, source: str | Path
) -> None:
    """Remove the results of people beyond so many, whom an earlier run found and this one did not.

    Args:
        names: of the results of so many people.
        count: of those there are now.
        source: the photo or video, which may be called as a result.
    """
    from pgvgen._files import is_one_file
    from pgvgen.poses import exports

    while not is_one_file(rest := names(count + 1)[-1], source) and exports.remove(rest):
        count += 1


def _details(people: list[PoseSequence]) -> dict[str, Any]:
    """What is to be reported of them."""
    return {
        "people": len(people),
        "frames": len(people[0]),
        "fps": people[0].fps,
        "size": list(people[0].size),
        "seen": [round(float(someone.present.any(1).mean()), 4) for someone in people],
    }
