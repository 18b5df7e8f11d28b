"""`pgvgen pose PHOTO|VIDEO|FOLDER|-`: where the joints of the people in pictures are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgvgen.cli._console import emit, progress, say
from pgvgen.cli._options import Estimator, Fps, Json, Output, Overwrite, Person, Preview, Quiet
from pgvgen.cli._pose_preview import check_preview, draw_preview
from pgvgen.errors import PgvgenError, UsageError

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence
    from pgvgen.video import Video

AllPeople = Annotated[
    bool,
    typer.Option("--all-people", help="Everybody: a line each on stdout, or FILE-0, FILE-1, …"),
]


def pose(
    source: Annotated[
        str, typer.Argument(metavar="PHOTO|VIDEO|FOLDER|-", help="Of people; - is stdin.")
    ],
    output: Output = None,
    preview: Preview = None,
    estimator: Estimator = "blazepose",
    person: Person = 0,
    all_people: AllPeople = False,
    fps: Fps = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Find the pose of a person in a photo, or in every frame of a video.

    The pose goes to stdout as JSON, or where -o says. Of a folder every photo and video gets its
    pose beside it as <name>.json, or in the folder that -o names; what is done is skipped.
    """
    if all_people and person:
        raise UsageError("--person and --all-people exclude each other")
    job = _Job(estimator, None if all_people else person, fps, quiet)
    if source != "-" and Path(source).is_dir():
        if preview is not None:
            raise UsageError("--preview draws one photo or video, not a folder of them")
        _folder(Path(source), output, job, overwrite=overwrite, as_json=as_json)
    else:
        _one(source, output, preview, job, overwrite=overwrite, as_json=as_json)


def _one(
    source: str,
    output: str | None,
    preview: Path | None,
    job: _Job,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """One photo or video."""
    from pgvgen._files import check_output

    piped = output in (None, "-")
    if as_json and piped:
        raise UsageError(
            "--json reports on stdout, where the pose goes: name a file for it with -o"
        )
    if not piped and not job.everybody:
        check_output(str(output), overwrite=overwrite)
    if preview is not None:
        check_preview(preview, source, overwrite=overwrite)
    pictures = job.open(source)
    people = job.estimate(pictures)
    if piped:
        _print(people, job)
    else:
        written = _save(people, Path(str(output)), job, overwrite=overwrite)
        report = _report(source, people, written)
        if as_json:
            emit(report)
        say(_said(report), quiet=job.quiet or as_json)
    if preview is not None:
        draw_preview(preview, pictures, people)
        say(str(preview), quiet=job.quiet or as_json)


@dataclass
class _Job:
    """What is to be done with every source; the estimator is loaded once."""

    estimator: str
    person: int | None
    fps: float | None
    quiet: bool

    @property
    def everybody(self) -> bool:
        return self.person is None

    def load(self) -> Any:
        from pgvgen.poses.estimators import load_estimator

        if not hasattr(self, "_loaded"):
            self._loaded = load_estimator(self.estimator)
        return self._loaded

    def open(self, source: str) -> Any:
        """What to give an estimator: a path, the picture from stdin, or a video that is watched."""
        from pgvgen.video import is_video, open_video, read_image

        if is_video(source):
            return _Watched(open_video(source, self.fps), self.quiet)
        return read_image(source) if source == "-" else source

    def estimate(self, pictures: Any) -> list[PoseSequence]:
        """The people who were asked for."""
        from pgvgen.poses.estimators import estimate_people, estimate_pose

        finder = self.load()
        if self.person is None:
            return estimate_people(pictures, estimator=finder, fps=self.fps)
        return [estimate_pose(pictures, estimator=finder, person=self.person, fps=self.fps)]


@dataclass
class _Watched:
    """A video whose frames move a progress bar."""

    video: Video
    quiet: bool

    @property
    def fps(self) -> float:
        return self.video.fps

    @property
    def path(self) -> Path:
        return self.video.path

    def __iter__(self) -> Iterator[np.ndarray]:
        video = self.video
        return progress(video, video.path.name, total=video.length, quiet=self.quiet)


def _print(people: list[PoseSequence], job: _Job) -> None:
    """The pose file on stdout; of everybody a line each."""
    from pgvgen.poses.files import dumps

    for someone in people:
        text = dumps(someone)
        sys.stdout.write(text.replace("\n", "") + "\n" if job.everybody else text)
    sys.stdout.flush()


def _save(
    people: list[PoseSequence], path: Path, job: _Job, *, overwrite: bool
) -> list[tuple[Path, PoseSequence]]:
    """Write the pose, or everybody's with their number before the ending."""
    from pgvgen._files import check_output

    names = [path]
    if job.everybody:
        names = [path.with_name(f"{path.stem}-{i}{path.suffix}") for i in range(len(people))]
    for name in names:
        check_output(name, overwrite=overwrite)
    for name, someone in zip(names, people, strict=True):
        someone.save(name)
    return list(zip(names, people, strict=True))


def _report(
    source: str, people: list[PoseSequence], written: list[tuple[Path, PoseSequence]]
) -> dict[str, Any]:
    first = people[0]
    return {
        "source": source,
        "poses": [str(path) for path, _ in written],
        "frames": len(first),
        "fps": first.fps,
        "size": list(first.size),
        "seen": [round(float(someone.present.any(1).mean()), 4) for someone in people],
    }


def _said(report: dict[str, Any]) -> str:
    frames = report["frames"]
    return f"{', '.join(report['poses'])}: {frames} {'frame' if frames == 1 else 'frames'}"


def _folder(folder: Path, output: str | None, job: _Job, *, overwrite: bool, as_json: bool) -> None:
    """Every photo and video of a folder; one that fails does not stop the rest."""
    sources = _sources(folder)
    into = Path(output) if output else folder
    job.load()
    failed = 0
    for source, name in sources:
        target = into / f"{name}.json"
        done = target.with_name(f"{name}-0.json") if job.everybody else target
        if done.exists() and not overwrite:
            report: dict[str, Any] = {"source": str(source), "poses": [str(done)], "skipped": True}
            said = f"{done}: there already"
        else:
            try:
                people = job.estimate(job.open(str(source)))
                written = _save(people, target, job, overwrite=overwrite)
                report = _report(str(source), people, written)
                said = _said(report)
            except PgvgenError as error:
                failed += 1
                report = {"source": str(source), "error": str(error)}
                said = f"{source}: {error}"
        if as_json:
            emit(report)
        say(said, quiet=(job.quiet or as_json) and "error" not in report)
    if failed:
        say(f"{failed} of {len(sources)} failed", quiet=job.quiet)
        raise typer.Exit(3 if failed < len(sources) else 1)


def _sources(folder: Path) -> list[tuple[Path, str]]:
    """Photos and videos of a folder, with the name of their pose: two of one stem keep endings."""
    from pgvgen.errors import InputError
    from pgvgen.video import PICTURE_SUFFIXES, VIDEO_SUFFIXES

    known = (*PICTURE_SUFFIXES, *VIDEO_SUFFIXES)
    files = [p for p in sorted(folder.iterdir()) if not p.name.startswith(".")]
    files = [p for p in files if p.suffix.lower() in known and p.is_file()]
    if not files:
        raise InputError(f"{folder} holds no picture or video")
    stems = [p.stem for p in files]
    return [(p, p.stem if stems.count(p.stem) == 1 else p.name) for p in files]
