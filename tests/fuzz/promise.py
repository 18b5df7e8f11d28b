"""What is promised whatever the input: one line, a known exit code, nothing half written or lost.

Calls run in this process, with stdout and stderr caught as the system sees them, so that what a C
library prints counts as well.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from pgvgen.cli import _run
from pgvgen.poses import PoseSequence, estimators
from pgvgen.video import is_video, open_video
from tests.fuzz.cases import Case, Material

SECONDS = 120
"""More than any case may take, on a busy machine too."""

ROOM = 40_000
"""Bytes that a file on the full disk can have."""


class Hang(BaseException):
    """Raised by the alarm clock; not an Exception, so that nobody catches it by mistake."""


def broken(case: Case, material: Material, folder: Path) -> list[str]:
    """Run a case in an empty folder: what of the promise it breaks, nothing mostly."""
    before = _lay(case, material, folder)
    line = [word.replace("{weights}", str(material.weights)) for word in case.line]
    code, out, err = _call(line, folder, case)
    found = [f"a traceback: {err[-1500:]}"] if "Traceback (most recent" in err + out else []
    after = _snapshot(folder)
    lost = [name for name in before if after.get(name) != before[name]]
    made = {Path(name).parts[0] for name in after if name not in before}
    if lost:
        found.append(f"input lost or changed: {lost}")
    if any(name.startswith(".pgvgen-") or "/.pgvgen-" in name for name in after):
        found.append(f"temporary files left: {sorted(made)}")
    if code == 0:
        found += _not_whole(folder, made)
    elif code not in (1, 2, 3):
        found.append(f"exit code {code!r}")
    elif code != 3 and not _is_many(case):
        if not err.startswith("pgvgen") or err.count("\n") != 1 or not err.endswith("\n"):
            found.append(f"not one line on stderr: {err[:1500]!r}")
        if made - {"g.png"}:  # the page of frames is whole when the video is not
            found.append(f"failed, and yet wrote {sorted(made)}")
    if "Warning" in err:
        found.append(f"a warning: {err[:500]!r}")
    return found


@functools.cache
def quicken() -> None:
    """Load a pose estimator once, not once a case."""
    estimators.load_estimator = functools.cache(estimators.load_estimator)


def _lay(case: Case, material: Material, folder: Path) -> dict[str, bytes | str]:
    for name, content in {**material.files, **case.files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
    return _snapshot(folder)


def _snapshot(folder: Path) -> dict[str, bytes | str]:
    """Every file's bytes and every link's target by name; links are not followed."""
    seen: dict[str, bytes | str] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            if path.is_symlink():
                seen[str(path.relative_to(folder))] = os.readlink(path)
            elif path.is_file():
                seen[str(path.relative_to(folder))] = path.read_bytes()
    return seen


def _call(line: list[str], folder: Path, case: Case) -> tuple[Any, str, str]:
    """Exit code, stdout and stderr of a call in a folder."""
    here, argv, stdin = Path.cwd(), sys.argv, sys.stdin
    os.chdir(folder)
    sys.argv, sys.stdin = ["pgvgen", *line], io.TextIOWrapper(io.BytesIO(case.stdin))
    code: Any
    try:
        with _caught() as (out, err), _alarm(), _nearly_full(case.full):
            try:
                code = _run()
            except SystemExit as left:
                code = left.code
            except Hang:
                code = "hang: " + traceback.format_exc()[-1500:]
            except BaseException:
                code = "Traceback: " + traceback.format_exc()[-1500:]
    finally:
        os.chdir(here)
        sys.argv, sys.stdin = argv, stdin
    return code, out(), err()


@contextlib.contextmanager
def _caught() -> Iterator[Any]:
    """stdout and stderr, down to the file descriptors, as functions that give the text."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush(), sys.stderr.flush()
        kept = os.dup(1), os.dup(2), sys.stdout, sys.stderr
        os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
        texts: list[str] = []
        try:
            yield (lambda: texts[0]), (lambda: texts[1])
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError):
                    stream.flush()
            os.dup2(kept[0], 1), os.dup2(kept[1], 2)
            os.close(kept[0]), os.close(kept[1])
            sys.stdout, sys.stderr = kept[2], kept[3]
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _nearly_full(full: bool) -> Iterator[None]:
    """No file can grow beyond `ROOM`: writes fail as they do on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _is_many(case: Case) -> bool:
    """Whether it is a batch, which reports in report.jsonl and by a line a failure."""
    return case.line[1] in (".", "folder")


def _not_whole(folder: Path, made: set[str]) -> list[str]:
    """Which results cannot be read back."""
    found = []
    for name in made:
        path = folder / name
        try:
            if path.suffix == ".json" and path.is_file():
                PoseSequence.load(path)
            elif is_video(path):
                assert list(open_video(path)), "no frames"
            elif path.suffix in (".png", ".apng"):
                Image.open(path).verify()
        except Exception as error:
            found.append(f"{name} is not whole: {error}")
    return found
