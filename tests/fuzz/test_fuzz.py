"""Bad input of every kind, a few dozen of each; `tests/fuzz/run.py` does thousands."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.cases import KINDS, Case, Material, png
from tests.fuzz.promise import broken, quicken

COUNTS = {"pose": 60, "picture": 40, "video": 8, "recipe": 40, "weights": 30, "name": 8, "place": 8}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    quicken()
    return Material(tmp_path_factory.mktemp("material"))


@pytest.mark.parametrize("kind", KINDS)
def test_one_line_and_nothing_half_written(kind: str, material: Material) -> None:
    @settings(
        max_examples=COUNTS[kind],
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.randoms(use_true_random=False))
    def keeps_the_promise(rng: Random) -> None:
        case = KINDS[kind][0](material, rng)
        with TemporaryDirectory() as folder:
            assert broken(case, material, Path(folder)) == [], case.line

    keeps_the_promise()


MEASURED = """
import re, sys
from pgvgen.cli import _run
code = _run()
# Not getrusage: there a process begins with the peak of the one that started it.
status = open("/proc/self/status").read()
print(re.search(r"VmHWM:\\s*(\\d+)", status)[1], file=sys.stderr)
sys.exit(code)
"""


def test_a_picture_as_large_as_a_house_is_refused_by_its_header(tmp_path: Path) -> None:
    rows = zlib.compress(bytes(20_000 * (1 + 20_000 // 8)))
    (tmp_path / "bomb.png").write_bytes(png(20_000, 20_000, 1, 0, rows))
    assert (tmp_path / "bomb.png").stat().st_size < 100_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "pose", "bomb.png"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    said, peak = done.stderr.splitlines()
    assert done.returncode == 1
    assert "far too many pixels: make it smaller first" in said
    assert int(peak) < 600_000, "kB: decoded it is 1,200,000 and more"


def one_frame(number: bytes, rest: bytes = b"") -> bytes:
    return b'{"people": [{"pose_keypoints_2d": [' + b",".join([number] * 54) + b"]}]" + rest + b"}"


# What the long runs have found.
DRIVE = ("motion", "bad.json", "--motion", "bad.json", "-o", "o.npz")
RECIPE = ("train", "psgan", "--data", "x", "--recipe", "bad.toml")
FOUND = [
    Case("recipe", RECIPE, {"bad.toml": b"[psgan.train]\nsteps = " + b"[" * 5000 + b"]" * 5000}),
    Case("pose", DRIVE, {"bad.json": one_frame(b"1", b', "fps": 1' + b"0" * 400)}),
    Case("pose", DRIVE, {"bad.json": one_frame(b"1", b', "seed": 1' + b"0" * 99)}),
    Case("pose", DRIVE, {"bad.json": one_frame(b"1e30")}),
    Case("recipe", (*RECIPE[:4], "--set", f"losses.learning_rate={'9' * 400}")),
    Case("place", ("pose", "photo.png", "-o", "null\0.png")),
    Case("name", ("pose", "photo.png", "-o", "gone.png"), {"gone.png": "nowhere/x"}),
    Case("name", ("pose", "new\nline\x1b[31m.png")),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: " ".join(case.line)[:40])
def test_what_was_found_stays_mended(case: Case, material: Material, tmp_path: Path) -> None:
    assert broken(case, material, tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_behind_stdout_is_one_line(material: Material) -> None:
    line = ["motion", "pose.json", "--action", "wave", "--weights", "weights"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pgvgen", *line],
            cwd=material.weights.parent, stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=120,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("pgvgen: No space left")
    assert done.stderr.count("\n") == 1
