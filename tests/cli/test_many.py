"""Folders, globs and lists on the command line."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.cli._batch import plan, results_of
from pgvgen.cli._pairs import are_many_poses, pair
from pgvgen.pictures import write_image
from pgvgen.weights import bundled_root

PHOTO = astronaut()[::4, ::4].copy()


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos of somebody, one of nobody, below one another."""
    monkeypatch.chdir(tmp_path)
    write_image("photos/a.png", PHOTO)
    write_image("photos/b/c.png", PHOTO[:, ::-1].copy())
    write_image("photos/b/nobody.png", np.full((64, 64, 3), 90, np.uint8))
    return tmp_path / "photos"


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *shlex.split(line)])
    return _run()


def report(folder: str) -> dict[str, dict[str, Any]]:
    lines = (Path(folder) / "report.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return {record["source"]: record for record in records}


@pytest.mark.usefixtures("photos")
def test_names_and_folders_are_kept_and_failures_reported(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "pose photos -o poses --jobs 2 --json") == 3
    out, err = capfd.readouterr()
    told = {record["source"]: record for record in map(json.loads, out.splitlines())}
    assert told["photos/b/c.png"]["output"] == "poses/b/c.json"
    assert told["photos/b/c.png"]["status"] == "done"
    assert "no person" in told["photos/b/nobody.png"]["error"]
    assert err.splitlines()[-1] == "1 of 3 failed: poses/report.jsonl says why"
    assert Path("poses/a.json").is_file()
    assert Path("poses/b/c.json").is_file()
    assert {name: r["status"] for name, r in report("poses").items()} == {
        "a.png": "done", "b/c.png": "done", "b/nobody.png": "failed",
    }  # fmt: skip


@pytest.mark.usefixtures("photos")
def test_a_glob_a_list_and_shards_that_add_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "pose photos/**/[ac].png -o globbed -q") == 0
    assert set(report("globbed")) == {"a.png", "b/c.png"}
    stdin = io.TextIOWrapper(io.BytesIO(b"photos/a.png\nphotos/gone.png\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(monkeypatch, "pose @- -o listed -q") == 3
    assert Path("listed/photos/a.json").is_file()
    assert "no file" in report("listed")["photos/gone.png"]["error"]
    assert capfd.readouterr().out == ""
    codes = [run(monkeypatch, f"pose photos -o sharded -q --shard {i}/2") for i in (1, 2)]
    assert set(codes) <= {0, 1, 3}
    done = sorted(path.name for path in Path("sharded").rglob("*.json"))
    assert done == ["a.json", "c.json"]
    parts = sorted(path.name for path in Path("sharded").glob("*.jsonl"))
    assert parts == ["report-1-of-2.jsonl", "report-2-of-2.jsonl"]


@pytest.mark.parametrize("source", ["poses", "poses/**/*.json"])
@pytest.mark.parametrize("into", ["poses", "poses/made"])
def test_results_are_no_inputs_of_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, into: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("poses/made").mkdir(parents=True)
    Path("poses/a.json").touch()
    for _ in range(2):
        tasks = plan(source, (".json",), "pose file", Path(into), "-bow-0.json", 3)
        assert [task.target for task in tasks] == [Path(into) / "a-bow-0.json"]
        for path in results_of(tasks[0].target, 3):
            path.touch()


def test_a_photo_and_its_pose_are_one_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    Path("out").mkdir()
    for name in (
        "a.json", "a.png", "b.PNG", "b.PNG.json", "b.jpg", "b.jpg.json", "c.png",
        "d-0.json", "d-1.json", "d.jpg", "e-0.jpg", "e-0.json", "e.jpg",
    ):  # fmt: skip
        (Path("photos") / name).touch()
    tasks = plan("photos", (".json", ".png", ".jpg"), "input", Path("out"), "-bow.json")
    assert [(task.name, task.result) for task in tasks] == [
        ("a.json", "a-bow.json"), ("b.PNG.json", "b.PNG-bow.json"),
        ("b.jpg.json", "b.jpg-bow.json"), ("c.png", "c-bow.json"),
        ("d-0.json", "d-0-bow.json"), ("d-1.json", "d-1-bow.json"),
        ("e-0.json", "e-0-bow.json"), ("e.jpg", "e-bow.json"),
    ]  # fmt: skip
    for task in tasks:
        task.target.touch()
    assert [task.problem for task in pair("photos", "out", Path("videos"), ".mp4")] == [None] * 8


@pytest.mark.usefixtures("photos")
def test_more_samples_leave_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "pose photos/a.png -o poses/a.json -q") == 0
    line = "motion poses -a wave --frames 2 -o motions -q --samples"
    assert run(monkeypatch, f"{line} 1") == 0
    Path("motions/a-wave.json").rename("motions/a-wave-0.json")
    Path("motions/a-wave-0.json").write_text("edited by hand")
    assert run(monkeypatch, f"{line} 2") == 0
    assert Path("motions/a-wave-0.json").read_text() == "edited by hand"
    assert Path("motions/a-wave-1.json").is_file()
    assert run(monkeypatch, f"{line} 2 --overwrite") == 0
    assert Path("motions/a-wave-0.json").read_text() != "edited by hand"


@pytest.mark.usefixtures("photos")
def test_a_folder_in_the_place_of_a_result_is_no_result(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("made/a-wave.json").mkdir(parents=True)
    assert run(monkeypatch, "pose photos/a.png -o poses/a.json -q") == 0
    assert run(monkeypatch, "motion poses -a wave --frames 2 -o made") == 1
    assert "is a folder" in report("made")["a.json"]["error"]


@pytest.mark.usefixtures("photos")
def test_fail_fast_stops(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_image("photos/A-first.png", np.full((64, 64, 3), 90, np.uint8))
    assert run(monkeypatch, "pose photos -o poses --fail-fast") == 1
    assert "1 of 1 failed, 3 not tried" in capfd.readouterr().err
    assert list(report("poses")) == ["A-first.png"]


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("pose @list.txt", 2, "name it with -o"),
        ("motion photos -a wave", 2, "name it with -o"),
        ("pose photos -o file", 1, "is a file"),
        ("pose photos --shard 3/2", 2, "--shard"),
        ("pose photos/a.png -o a.json --shard 3/2", 2, "--shard"),
        ("pose photos/a.png --shard 1/2", 2, "leave it out"),
        ("motion photos/a.png -a wave --shard 1/2", 2, "leave it out"),
        ("animate photos/a.png -a wave --engine ray", 2, "leave it out"),
        ("render photos/a.png motion.json --engine ray", 2, "leave it out"),
        ("pose photos --jobs 0", 2, "--jobs"),
        ("render photos motion.json", 2, "folder of them"),
        ("animate photos -a wave --grid page.png", 2, "--grid"),
        ("motion photos -a wave -o out --preview page.png", 2, "--preview"),
        ("animate photos", 2, "--list-actions"),
        ("animate photos -a wave --motion clip.mp4", 2, "leave out --action"),
        ("animate photos --motion clip.mp4", 1, "no file clip.mp4"),
        ("animate photos --motion list.txt --strength 1", 2, "leave out --strength"),
        ("animate photos --motion list.txt --seed 0", 2, "leave out --seed"),
        ("animate photos --motion list.txt --weights action", 1, "not a pose file"),
        ("animate photos -a wave --weights half", 1, "scgan"),
        ("animate photos/a.png -a wave --weights half", 1, "scgan"),
        ("animate photos -a ,", 2, "no action"),
        ("motion photos -a , -o out", 2, "no action"),
        ("animate photos --motion list.txt", 1, "not a pose file"),
        ("motion photos --motion list.txt -o out", 1, "not a pose file"),
        ("animate photos -a wave -o ''", 2, "is empty"),
        ("pose photos -o ''", 2, "is empty"),
        ("animate photos -a wave --device tpu", 2, "tpu"),
        ("pose photos --engine ray -o out", 2, "pgvgen[ray]"),
    ],
)
def test_what_cannot_be_done_is_said_before_any_photo(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    line: str,
    code: int,
    words: str,
) -> None:
    Path("list.txt").write_text("photos/a.png\n")
    Path("file").touch()
    shutil.copytree(bundled_root() / "action" / "psgan", "half/psgan")
    monkeypatch.setitem(sys.modules, "ray", None)
    assert run(monkeypatch, line) == code
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err
    made = [p for p in Path().rglob("*") if p.suffix in (".mp4", ".json") and p.is_file()]
    assert [path for path in made if path.parts[0] != "half"] == []


def test_a_motion_goes_to_the_photo_whose_name_it_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "a-b.jpg", "two.jpg", "two.png", "s/a.jpg", "alone.jpg"):
        (Path("photos") / name).parent.mkdir(parents=True, exist_ok=True)
        (Path("photos") / name).touch()
    for name in (
        "a-wave.json", "a-b.json", "a-b-bow.json", "two-bow.json", "two.png-bow.json", "s/a.json",
        "stray-bow.json",
    ):  # fmt: skip
        (Path("motions") / name).parent.mkdir(parents=True, exist_ok=True)
        (Path("motions") / name).touch()
    tasks = {task.name: task for task in pair("photos", "motions", Path("out"), ".mp4")}
    found = {name: str(task.sources[1]) for name, task in tasks.items() if not task.problem}
    assert found == {
        "a-wave.json": "photos/a.jpg", "a-b.json": "photos/a-b.jpg",
        "a-b-bow.json": "photos/a-b.jpg", "two.png-bow.json": "photos/two.png",
        "s/a.json": "photos/s/a.jpg",
    }  # fmt: skip
    problems = {name: str(task.problem) for name, task in tasks.items() if task.problem}
    assert "two.jpg or two.png" in problems["two-bow.json"]
    assert "no photo" in problems["stray-bow.json"]
    assert "no motion" in problems["alone.jpg"]
    assert str(tasks["s/a.json"].target) == "out/s/a.mp4"
    Path("frames").mkdir()
    Path("frames/walk_000000000000_keypoints.json").touch()
    assert not are_many_poses("frames"), "one sequence, a file a frame"
    assert are_many_poses("motions")
