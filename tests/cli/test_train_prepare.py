"""`pgvgen train prepare` as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

from pgvgen.data.store import ClipStore
from tests.data.humanoid import waving, write_bvh


def prepare(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pgvgen", "train", "prepare", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_two_sources_go_into_one_store(tmp_path):
    for name, take in (("one", "wave_hello"), ("two", "bye")):
        (tmp_path / name).mkdir()
        write_bvh(tmp_path / name / f"{take}.bvh", waving())
    store = tmp_path / "store"
    first = prepare(tmp_path / "one", "--kind", "bvh", "-o", store, "--json")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert report["clips"] == {"wave": 9}
    assert "9 clips added" in first.stderr
    second = prepare(tmp_path / "two", "--kind", "bvh", "-o", store, "-q")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    found = Counter((clip.label, clip.source) for clip in ClipStore.open(store).all_clips)
    assert found == {("wave", "one"): 9, ("wave", "two"): 9}
    again = prepare(tmp_path / "two", "--kind", "bvh", "-o", store)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1
    assert len(ClipStore.open(store)) == 18


def test_what_cannot_be_is_one_line(tmp_path):
    for arguments, code in (
        ((tmp_path / "nowhere", "--kind", "bvh", "-o", tmp_path / "store"), 1),
        ((tmp_path, "--kind", "vhs", "-o", tmp_path / "store"), 2),
        ((tmp_path, "--kind", "bvh", "-o", tmp_path / "store"), 1),
        ((tmp_path, "--kind", "bvh", "--estimator", "openpose", "-o", tmp_path / "store"), 2),
    ):
        done = prepare(*arguments)
        assert done.returncode == code
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("pgvgen: ")
