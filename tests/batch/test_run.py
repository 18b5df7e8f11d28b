"""A batch: what fails costs itself alone, what is done is not done again, the report is true."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pgvgen.batch import Batch, Engine, Outcome, run_batch
from pgvgen.batch.report import Report
from pgvgen.errors import OutputError, WeightsError
from tests.batch.toy import Capitals, tasks

WORDS = {name: f"word {name}" for name in "abcdefgh"}


def work(folder: Path, **options: Any) -> Capitals:
    return Capitals(folder / "diary", **options)


def run(folder: Path, texts: dict[str, str], jobs: int = 2, **options: Any) -> list[Outcome]:
    batch = Batch(folder / "out" / "report.jsonl", jobs=jobs, **options)
    return list(run_batch(tasks(folder, texts), work(folder), batch))


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "out" / "report.jsonl").read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def made(folder: Path) -> dict[str, str]:
    out = folder / "out"
    return {path.name: path.read_text() for path in out.iterdir() if path.name != "report.jsonl"}


def test_every_result_is_made_and_each_worker_loads_once(tmp_path: Path) -> None:
    outcomes = run(tmp_path, WORDS)
    assert Counter(outcome.status for outcome in outcomes) == {"done": 8}
    assert made(tmp_path) == {f"{name}.txt": text.upper() for name, text in WORDS.items()}
    assert {line["source"] for line in lines(tmp_path)} == set(WORDS)
    assert all(line["letters"] == 6 and line["status"] == "done" for line in lines(tmp_path))
    loaded = [line.split() for line in (tmp_path / "diary").read_text().splitlines()]
    assert len({process for process, _ in loaded}) == len(loaded) == 2
    assert str(os.getpid()) not in {process for process, _ in loaded}


def test_workers_share_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    run(tmp_path, WORDS, jobs=2)
    threads = {line.split()[1] for line in (tmp_path / "diary").read_text().splitlines()}
    assert threads == {str(max(1, len(os.sched_getaffinity(0)) // 2))}
    assert os.environ["OMP_NUM_THREADS"] == "64"


def test_a_worker_alone_has_all_cores_however_many_were_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    run(tmp_path, {"a": "banana"}, jobs=16)
    (line,) = (tmp_path / "diary").read_text().splitlines()
    assert line.split()[1] == str(len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("text", ["bad", "bug", "crash"])
def test_a_failure_is_a_line_with_its_reason_and_the_rest_goes_on(
    tmp_path: Path, text: str
) -> None:
    reason = {"bad": "is bad", "bug": "ZeroDivisionError", "crash": "signal 9"}[text]
    outcomes = run(tmp_path, WORDS | {"c": text}, jobs=1)
    (failed,) = (outcome for outcome in outcomes if outcome.status == "failed")
    assert (failed.task.name, reason in str(failed.error)) == ("c", True)
    assert sorted(made(tmp_path)) == [f"{name}.txt" for name in "abdefgh"]
    (line,) = (line for line in lines(tmp_path) if line["status"] == "failed")
    assert line == {"source": "c", "output": "c.txt", "status": "failed", "error": failed.error}
    assert "\n" not in str(failed.error)


def test_the_second_run_does_what_is_left_and_leaves_a_line_each(tmp_path: Path) -> None:
    run(tmp_path, WORDS | {"c": "bad"})
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.txt")}
    outcomes = run(tmp_path, WORDS)
    assert Counter(outcome.status for outcome in outcomes) == {"skipped": 7, "done": 1}
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    assert Counter(line["source"] for line in lines(tmp_path)) == dict.fromkeys(WORDS, 1)
    assert {line["status"] for line in lines(tmp_path)} == {"done"}
    assert all(line["letters"] == 6 for line in lines(tmp_path))


def test_nothing_is_loaded_when_nothing_is_left(tmp_path: Path) -> None:
    run(tmp_path, WORDS)
    (tmp_path / "diary").unlink()
    assert {outcome.status for outcome in run(tmp_path, WORDS)} == {"skipped"}
    assert not (tmp_path / "diary").exists()
    assert {outcome.status for outcome in run(tmp_path, WORDS, overwrite=True)} == {"done"}


def test_a_torn_line_and_a_lost_one_are_mended(tmp_path: Path) -> None:
    run(tmp_path, WORDS)
    report = tmp_path / "out" / "report.jsonl"
    whole = report.read_bytes().splitlines(keepends=True)
    other = b'{"source": "z", "output": "z-bow.mp4", "status": "done"}\n'
    report.write_bytes(other + b"".join(whole[:-2]) + whole[-2][:20])
    run(tmp_path, WORDS)
    assert Counter(line["source"] for line in lines(tmp_path)) == dict.fromkeys([*WORDS, "z"], 1)
    assert {line["status"] for line in lines(tmp_path)} == {"done"}


def test_weights_that_cannot_be_loaded_end_the_batch(tmp_path: Path) -> None:
    batch = Batch(tmp_path / "out" / "report.jsonl")
    with pytest.raises(WeightsError, match="gone"):
        list(run_batch(tasks(tmp_path, WORDS), work(tmp_path, loads=False), batch))
    assert made(tmp_path) == {}


def test_stopping_stops_at_once_and_leaves_nothing_half(tmp_path: Path) -> None:
    batch = Batch(tmp_path / "out" / "report.jsonl", jobs=2)
    slow = work(tmp_path, seconds=0.3)
    with closing(run_batch(tasks(tmp_path, WORDS), slow, batch)) as outcomes:
        first = next(outcomes)
    assert list(made(tmp_path).values()).count(first.task.sources[0].read_text().upper()) == 1
    assert all(len(text) == 6 for text in made(tmp_path).values())
    assert 1 <= len(made(tmp_path)) <= 4
    for line in (tmp_path / "diary").read_text().splitlines():
        with pytest.raises(ProcessLookupError):
            os.kill(int(line.split()[0]), 0)


def test_two_at_work_in_one_folder_do_not_spoil_each_others_report(tmp_path: Path) -> None:
    report = Report(tmp_path / "out" / "report.jsonl")
    with pytest.raises(OutputError, match="another pgvgen"):
        run(tmp_path, WORDS)
    report.close()
    assert len(run(tmp_path, WORDS)) == 8


def test_a_report_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot write"):
        run(tmp_path, WORDS)
    assert not (tmp_path / "diary").exists()


def test_the_same_on_a_ray_cluster_of_two_workers(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    outcomes = run(tmp_path, WORDS | {"c": "bad", "d": "crash"}, engine=Engine.ray)
    assert Counter(outcome.status for outcome in outcomes) == {"done": 6, "failed": 2}
    assert sorted(made(tmp_path)) == [f"{name}.txt" for name in "abefgh"]
    processes = {line.split()[0] for line in (tmp_path / "diary").read_text().splitlines()}
    assert 2 <= len(processes) <= 3, "another may come for the one that crashed"
    assert {outcome.status for outcome in run(tmp_path, WORDS, engine=Engine.ray)} == {
        "skipped",
        "done",
    }
