"""Killing a training at a random moment and resuming it gives the weights of one never killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

TOY = Path(__file__).with_name("toy.py")


def run_killed(command: list[str], run: Path, *, kills: int, seconds: tuple[float, float]) -> int:
    """Run a training to its end, killed so many times on the way at moments drawn at random.

    The first moment counts from the first checkpoint or log row, so that a kill hits the training
    and not the start of Python. Returns how often it really was killed.
    """
    killed = 0
    for _ in range(kills):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        began, changed = time.monotonic(), _trace(run)
        while process.poll() is None and _trace(run) == changed:
            assert time.monotonic() - began < 120, "the training never began"
            time.sleep(0.02)
        time.sleep(random.uniform(*seconds))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
    subprocess.run(command, check=True, capture_output=True, text=True)
    return killed


def _trace(run: Path) -> tuple[float, ...]:
    """Changes when the run writes anything."""
    paths = (run / "log.csv", run / "checkpoint.pt")
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


def assert_same(one: Any, other: Any, where: str = "checkpoint") -> None:
    """Bit for bit, all the way down."""
    assert type(one) is type(other), where
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_same(a, b, f"{where}[{i}]")
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other), where
    else:
        assert one == other, where


def load(run: Path) -> Any:
    return torch.load(run / "checkpoint.pt", weights_only=True)


def test_a_toy_killed_three_times(tmp_path: Path) -> None:
    def command(run: str, pause: float) -> list[str]:
        return [sys.executable, str(TOY), str(tmp_path / run), "60", str(pause)]

    subprocess.run(command("whole", 0), check=True)
    slow = command("killed", 0.03)
    assert run_killed(slow, tmp_path / "killed", kills=3, seconds=(0.0, 0.5)) > 0
    assert_same(load(tmp_path / "whole"), load(tmp_path / "killed"))
    released = [tmp_path / run / "release/model.safetensors" for run in ("whole", "killed")]
    assert released[0].read_bytes() == released[1].read_bytes()
    # The log has each row once, as if nothing had happened (all but how long the steps took).
    logs = [(tmp_path / run / "log.csv").read_text().splitlines() for run in ("whole", "killed")]
    assert [row.split(",")[0] for row in logs[0]] == [row.split(",")[0] for row in logs[1]]
