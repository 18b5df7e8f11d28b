"""The loop does what its settings say, stops when it is told, and leaves a run that is whole."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from pgvgen.errors import OutputError, UsageError
from pgvgen.training.ema import EMA
from pgvgen.training.keeper import DivergedError
from pgvgen.training.loop import LoopSettings, compile_generator, fit
from tests.training.toy import SETTINGS, Numbers, Toy


def settings(**changes: object) -> LoopSettings:
    return dataclasses.replace(SETTINGS, **changes)


def rows(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open() as file:
        return list(csv.DictReader(file))


def test_it_learns_and_leaves_a_whole_run(tmp_path: Path) -> None:
    stage = Toy()
    finish = fit(stage, Numbers(), tmp_path, settings(steps=200, log_every=20, save_every=50))
    assert (finish.step, finish.reason) == (200, "done")
    assert stage.seen == list(range(200))
    log = rows(tmp_path)
    assert [int(row["step"]) for row in log if row["loss"]] == list(range(10, 201, 10))
    assert float(log[-1]["loss"]) < 0.5 * float(log[0]["loss"])
    assert float(log[-1]["val/error"]) < 0.5 * float(log[0]["val/error"])
    assert sorted(p.name for p in (tmp_path / "sheets").iterdir())[:2] == [
        "000020.png",
        "000040.png",
    ]
    assert Image.open(tmp_path / "sheets/000020.png").size == (6, 4)
    released = load_file(tmp_path / "release/model.safetensors")
    for name, weight in stage.ema.network.state_dict().items():
        assert torch.equal(released[name], weight)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_logged_figure_is_the_mean_of_its_steps(tmp_path: Path) -> None:
    class Counting(Toy):
        def step(self, batch: dict[str, Tensor], step: int) -> dict[str, Tensor | float]:
            now_and_then = {"every_fourth": 8.0} if step % 4 == 0 else {}
            return {"number": torch.tensor(float(step)), **now_and_then}

    fit(Counting(), Numbers(), tmp_path, settings(steps=10, log_every=5, validate_every=0))
    assert [float(row["number"]) for row in rows(tmp_path)] == [2.0, 7.0]
    assert [float(row["every_fourth"]) for row in rows(tmp_path)] == [8.0, 8.0]


def test_batch_n_depends_on_the_seed_and_n_alone(tmp_path: Path) -> None:
    class Noting(Toy):
        def __init__(self) -> None:
            super().__init__()
            self.batches: list[Tensor] = []

        def step(self, batch: dict[str, Tensor], step: int) -> dict[str, Tensor | float]:
            self.batches.append(batch["x"])
            return {}

    one, many = Noting(), Noting()
    fit(one, Numbers(), tmp_path / "one", settings(steps=6, seed=5))
    fit(many, Numbers(), tmp_path / "many", settings(steps=6, seed=5, workers=2))
    for n in range(6):
        expected = Numbers().batch(np.random.default_rng([5, n]))["x"]
        assert torch.equal(one.batches[n], expected)
        assert torch.equal(many.batches[n], expected)


def test_what_validates_best_is_released(tmp_path: Path) -> None:
    class Worsening(Toy):
        def validate(self) -> dict[str, float]:
            return {"error": {10: 3.0, 20: 1.0}.get(len(self.seen), 2.0)}

        def release(self, folder: Path) -> None:
            (folder / "step").write_text(str(len(self.seen)))

    fit(Worsening(), Numbers(), tmp_path / "best", settings(best="error"))
    assert (tmp_path / "best/release/step").read_text() == "20"
    fit(Worsening(), Numbers(), tmp_path / "latest", settings())
    assert (tmp_path / "latest/release/step").read_text() == "60"


def test_a_release_tells_the_time_of_all_its_steps(tmp_path: Path) -> None:
    class Late(Toy):
        def validate(self) -> dict[str, float]:
            return {"error": {10: 2.0, 60: 1.0}.get(self.seen[-1] + 1 if self.seen else 0, 3.0)}

    fit(Late(), Numbers(), tmp_path, settings(steps=35, best="error"))
    about = tmp_path / "release/training.json"
    assert json.loads(about.read_text())["steps"] == 10
    log = rows(tmp_path)
    for row in log:
        row["seconds_a_step"] = "60"
    with (tmp_path / "log.csv").open("w") as file:
        writer = csv.DictWriter(file, log[0])
        writer.writeheader()
        writer.writerows(log)
    fit(Late(), Numbers(), tmp_path, settings(best="error"), resume=True)
    told = json.loads(about.read_text())
    assert told["steps"] == 60
    assert told["minutes"] == pytest.approx(35, abs=1)


def test_a_mistyped_best_is_refused_before_the_first_step(tmp_path: Path) -> None:
    stage = Toy()
    with pytest.raises(UsageError, match="best is 'eror', validation gives error"):
        fit(stage, Numbers(), tmp_path, settings(best="eror"))
    assert not stage.seen
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_keeps_the_step_it_came_in(tmp_path: Path, number: signal.Signals) -> None:
    class Stopped(Toy):
        def step(self, batch: dict[str, Tensor], step: int) -> dict[str, Tensor | float]:
            if step == 3:
                os.kill(os.getpid(), number)
            return super().step(batch, step)

    handler = signal.getsignal(number)
    finish = fit(Stopped(), Numbers(), tmp_path, settings())
    assert (finish.step, finish.reason) == (4, "stopped")
    assert signal.getsignal(number) is handler
    resumed = Toy()
    assert fit(resumed, Numbers(), tmp_path, settings(), resume=True).step == 60
    assert resumed.seen == list(range(4, 60))


def test_time_runs_out(tmp_path: Path) -> None:
    finish = fit(Toy(pause=0.05), Numbers(), tmp_path, settings(minutes=0.2 / 60))
    assert finish.reason == "time"
    assert 0 < finish.step < 60
    assert (tmp_path / "release/model.safetensors").exists()


def test_a_training_is_not_overwritten_by_accident(tmp_path: Path) -> None:
    fit(Toy(), Numbers(), tmp_path, settings(steps=2))
    with pytest.raises(OutputError, match="--resume"):
        fit(Toy(), Numbers(), tmp_path, settings(steps=2))


def test_divergence_is_told_and_not_saved(tmp_path: Path) -> None:
    class Diverging(Toy):
        def step(self, batch: dict[str, Tensor], step: int) -> dict[str, Tensor | float]:
            return {"loss": float("nan") if step > 20 else 1.0}

    with pytest.raises(DivergedError, match="loss is no number any more at step 25"):
        fit(Diverging(), Numbers(), tmp_path, settings(save_every=5, log_every=20))
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == 20
    with pytest.raises(DivergedError, match="step 22"):
        fit(Diverging(), Numbers(), tmp_path / "short", settings(steps=22, log_every=20))
    assert torch.load(tmp_path / "short/checkpoint.pt", weights_only=True)["step"] == 21


def test_an_error_while_drawing_a_batch_arrives(tmp_path: Path) -> None:
    class Broken(Numbers):
        def batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
            raise OSError("frame 7 is gone")

    with pytest.raises(OSError, match="frame 7 is gone"):
        fit(Toy(), Broken(), tmp_path, settings())


@pytest.mark.parametrize("name", ["steps", "batch_size", "log_every", "save_every", "workers"])
def test_settings_that_cannot_be_meant(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        settings(**{name: 0})


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 0.0},
        {"minutes": float("nan")},
        {"seed": 2**64},
        {"best": "error", "validate_every": 0},
    ],
)
def test_settings_that_would_do_nothing_or_fail_later(change: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(change))):
        settings(**change)


def test_ema_is_the_weighted_mean_of_what_it_saw() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(0.0)
    ema = EMA(network, decay=0.5)
    expected = 0.0
    for n, value in enumerate([1.0, 2.0, 3.0, 4.0] * 5):
        with torch.no_grad():
            network.weight.fill_(value)
        ema.update(network)
        decay = min(0.5, (1 + n) / (10 + n))
        expected = decay * expected + (1 - decay) * value
    assert float(ema.network.weight) == pytest.approx(expected, rel=1e-5)
    assert not ema.network.weight.requires_grad


class Doubling(nn.Module):
    """A network as the stages have them: what is called is its generator."""

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            return 2 * self.layer(x)

    def __init__(self) -> None:
        super().__init__()
        self.generator = Doubling.Generator()


def test_a_compiled_generator_is_one_graph_and_keeps_its_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only on CUDA is it compiled; here the compiler is asked to change nothing."""
    network, graphs = Doubling(), []

    def backend(graph: torch.fx.GraphModule, _: list[Tensor]) -> object:
        graphs.append(graph)
        return graph

    compiled = nn.Module.compile
    monkeypatch.setattr(nn.Module, "compile", lambda module: compiled(module, backend=backend))
    names, values = list(network.state_dict()), torch.ones(1, 3)
    expected = network.generator(values)
    compile_generator(network)
    torch.testing.assert_close(network.generator(values), expected)
    assert len(graphs) == 1
    assert list(network.state_dict()) == names
