"""A folder, a glob or a list: what the commands that take one input do with many."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import typer

from pgvgen.batch import (
    Batch,
    Engine,
    Input,
    Outcome,
    Shard,
    Task,
    Work,
    find_inputs,
    name_results,
    root_of,
    run_batch,
)
from pgvgen.cli._console import console, emit, plain, say
from pgvgen.errors import OutputError, UsageError


@dataclass(frozen=True)
class Many:
    """The options that say how many inputs are done.

    Attributes:
        shard: `2/4`.
    """

    jobs: int
    shard: str
    fail_fast: bool
    engine: Engine
    overwrite: bool
    as_json: bool
    quiet: bool
    verbose: bool


def check_one_input(shard: str, engine: Engine) -> None:
    """Fail if one input is to be done in parts or on a cluster.

    So many --jobs at the most, and --fail-fast, are kept by one, too.

    Raises:
        UsageError: so it is.
    """
    parted = Shard.parse(shard).count > 1
    for option, wanted in (("--shard", parted), ("--engine ray", engine is Engine.ray)):
        if wanted:
            raise UsageError(f"{option} is for many inputs, and this is one: leave it out")


def folder_for(source: str, output: str | None) -> Path:
    """The folder of the results: the one that was named, or the one that the inputs are in.

    Raises:
        UsageError: a list has no folder of its own.
        OutputError: it is a file.
    """
    folder = Path(output) if output is not None else root_of(source)
    if folder is None or output == "-":
        raise UsageError(f"the results of {source} need a folder: name it with -o")
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file: name a folder for the results with -o")
    return folder


def plan(
    source: str, suffixes: Collection[str], what: str, into: Path, ending: str, count: int = 1
) -> list[Task]:
    """A task for every input; what is itself the result of another one is no input.

    Where pose files are wanted, nor is a picture whose own one is there.

    Args:
        source: folder, glob or list.
        suffixes: of the inputs.
        what: `picture`, what an input is called.
        into: folder of the results.
        ending: of the results' names.
        count: of each input's results, the first of which is the task's.
    """
    inputs = find_inputs(source, suffixes, what, leave_out=into)
    if ".json" in suffixes:
        inputs = _once(inputs)
    results = name_results((found.name for found in inputs), ending)
    made = {
        os.path.abspath(path)
        for result in results.values()
        for path in results_of(into / result, count)
    }
    return [
        Task(i.name, results[i.name], (i.path,), into / results[i.name], i.problem)
        for i in inputs
        if os.path.abspath(i.path) not in made
    ]


def _once(inputs: Sequence[Input]) -> list[Input]:
    """Without the pictures whose poses are inputs, too, called as `pgvgen pose` calls them."""
    from pgvgen.pictures import PICTURE_SUFFIXES

    names = {found.name for found in inputs}
    stems = {name: str(PurePosixPath(name).with_suffix("")) for name in names}
    others = {stem for name, stem in stems.items() if not name.endswith(".json")}

    def has_pose(picture: PurePosixPath) -> bool:
        if picture.suffix.lower() not in PICTURE_SUFFIXES:
            return False
        called = (str(picture), stems[str(picture)])
        # Everybody's first is a-0.json, unless that is the pose of a photo called a-0.jpg.
        everybody = [f"{name}-0" for name in called if f"{name}-0" not in others]
        return any(f"{name}.json" in names for name in (*called, *everybody))

    return [found for found in inputs if not has_pose(PurePosixPath(found.name))]


def results_of(first: Path, count: int) -> list[Path]:
    """Where an input's results are, of several the first one being called `…-0.json`."""
    stem = first.name.removesuffix("-0.json")
    return [first, *(first.with_name(f"{stem}-{i}.json") for i in range(1, count))]


def work_through(tasks: Sequence[Task], work: Work, into: Path, many: Many) -> None:
    """Do the tasks, show how it goes, and end with 3 if some failed, with 1 if all did."""
    shard = Shard.parse(many.shard)
    tasks = [task for task in tasks if shard.has(task.name)]
    batch = Batch(into / shard.report, many.overwrite, many.jobs, many.engine)
    began, count = time.monotonic(), Counter[str]()
    data = sys.stdout
    with (
        redirect_stdout(sys.stderr),  # whatever libraries print (Ray does) is talk
        _Bar(len(tasks), many) as bar,
        closing(run_batch(tasks, work, batch)) as outcomes,
    ):
        for outcome in outcomes:
            count[outcome.status] += 1
            if many.as_json:
                emit(report_of(outcome), data)
            _tell(outcome, many)
            bar.step(outcome.status)
            if outcome.status == "failed" and many.fail_fast:
                break
    failed, finished = count["failed"], count.total()
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    if failed:
        stopped = f", {len(tasks) - finished} not tried" if finished < len(tasks) else ""
        say(f"{failed} of {finished} failed{stopped}: {batch.report} says why", quiet=many.quiet)
        raise typer.Exit(3 if failed < finished else 1)
    there = f", {count['skipped']} there already" if count["skipped"] else ""
    said = f"{into}: {count['done']} done{there}, in {minutes}:{seconds:02d}"
    say(said, quiet=many.quiet or many.as_json)


def report_of(outcome: Outcome) -> dict[str, Any]:
    """What `--json` prints: the report's line, with paths as they can be opened from here."""
    paths = {"source": str(outcome.task.sources[0]), "output": str(outcome.task.target)}
    return outcome.record | paths | {"status": outcome.status}


def _tell(outcome: Outcome, many: Many) -> None:
    if outcome.status == "failed":
        if many.verbose and outcome.trace:
            say(outcome.trace.rstrip())
        source, error = str(outcome.task.sources[0]), str(outcome.error)
        say(plain(error if source in error else f"{source}: {error}"))
    elif outcome.status == "done" and not console.is_terminal:
        say(str(outcome.task.target), quiet=many.quiet or many.as_json)


class _Bar:
    """One bar for the whole, on a terminal: how many, photos a minute, how long still."""

    def __init__(self, total: int, many: Many) -> None:
        self.shown = console.is_terminal and not many.quiet and not many.verbose
        self.total, self.worked, self.failed = total, 0, 0
        self.began = time.monotonic()

    def __enter__(self) -> _Bar:
        if self.shown:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self.bar = Progress(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[pace]}"),
                console=console,
                transient=True,
            )
            self.bar.start()
            self.task = self.bar.add_task("", total=self.total, pace="loading")
        return self

    def step(self, status: str) -> None:
        if not self.shown:
            return
        self.failed += status == "failed"
        self.worked += status != "skipped"
        self.bar.update(self.task, advance=1)
        if self.worked:
            left = self.total - self.bar.tasks[0].completed
            each = (time.monotonic() - self.began) / self.worked
            hours, rest = divmod(round(left * each), 3600)
            pace = f"{60 / each:.3g} a minute, {hours}:{rest // 60:02d}:{rest % 60:02d} left"
            pace += f", {self.failed} failed" if self.failed else ""
            self.bar.update(self.task, pace=pace)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.bar.stop()
