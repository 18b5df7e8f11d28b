"""Killing a training at a random moment and resuming it gives the weights of one never killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from pgvgen.training.loop import fit
from tests.training.tiny import tiny_store
from tests.training.toy import SETTINGS, Numbers, Toy

TOY = Path(__file__).with_name("toy.py")


ALONE = {**os.environ, "OMP_NUM_THREADS": "1"}
"""Runs are the same bit for bit if they have as many threads."""


def kill(command: list[str], run: Path, step: int) -> None:
    """Begin or go on with a training and kill it a moment after this step was logged."""
    process = subprocess.Popen(command, env=ALONE, stderr=subprocess.PIPE, text=True)
    began = time.monotonic()
    while process.poll() is None and logged(run) < step:
        assert time.monotonic() - began < 300, f"step {step} never came"
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.1))
    process.kill()
    error = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL, f"it was over before the kill: {error}"


def logged(run: Path) -> int:
    """The last step in the log."""
    path = run / "log.csv"
    rows = path.read_text().splitlines() if path.exists() else []
    return int(rows[-1].split(",")[0]) if len(rows) > 1 else 0


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


def assert_same_runs(whole: Path, killed: Path) -> None:
    states = [torch.load(run / "checkpoint.pt", weights_only=True) for run in (whole, killed)]
    assert_same(*states)
    released = [run / "release/model.safetensors" for run in (whole, killed)]
    assert released[0].read_bytes() == released[1].read_bytes()
    # Each row of the log is there once, as if nothing had happened.
    logs = [(run / "log.csv").read_text().splitlines() for run in (whole, killed)]
    assert [row.split(",")[0] for row in logs[0]] == [row.split(",")[0] for row in logs[1]]


def test_a_toy_killed_twice(tmp_path: Path) -> None:
    fit(Toy(), Numbers(), tmp_path / "whole", SETTINGS)
    killed = tmp_path / "killed"
    for step in sorted(random.sample(range(1, 50), 2)):
        kill([sys.executable, str(TOY), str(killed), "0.05"], killed, step)
    fit(Toy(), Numbers(), killed, SETTINGS, resume=True)
    assert_same_runs(tmp_path / "whole", killed)


STAGES = {
    "psgan-heatmap": ["model.generator=heatmap", "model.base=4", "model.blocks=1",
                      "losses.discriminator_base=4"],
    "psgan-keypoint": ["model.generator=keypoint", "model.width=16", "model.frames=16",
                       "losses.ema=0.9", "losses.discriminator_base=4"],
    "psgan-flow": ["model.generator=flow", "model.width=16", "model.frames=16", "losses.ema=0.9"],
    "scgan-painted": ["model.generator=painted", "model.width=4", "model.blocks=1",
                      "losses.discriminator_width=4"],
    "scgan-transported": ["model.generator=transported", "model.width=4", "model.blocks=1",
                          "losses.adversarial=0", "losses.decay=0.9"],
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("name", STAGES)
def test_the_real_trainings(name: str, store: Path, tmp_path: Path) -> None:
    stage = name.split("-")[0]
    often = {"steps": 6, "batch_size": 2, "log_every": 1, "save_every": 2, "sheet_every": 0,
             "validate_every": 0, "device": "cpu"}  # fmt: skip
    settings = [*STAGES[name], *(f"train.{key}={value}" for key, value in often.items())]

    asked = [part for setting in settings for part in ("--set", setting)]

    def arguments(run: str, *more: str) -> list[str]:
        return ["train", stage, "--data", str(store), "-o", str(tmp_path / run), *asked, *more]

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "pgvgen", *arguments], env=ALONE, check=True)

    run(*arguments("whole"))
    step = random.randrange(1, 5)
    kill([sys.executable, "-m", "pgvgen", *arguments("killed")], tmp_path / "killed", step)
    run(*arguments("killed", "--resume"))
    assert_same_runs(tmp_path / "whole", tmp_path / "killed")
