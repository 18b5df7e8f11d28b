"""A checkpoint brings a stage back bit for bit, and a bad one is a clear line."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from pgvgen.errors import WeightsError
from pgvgen.training.checkpoint import load_checkpoint, save_checkpoint
from pgvgen.training.loop import fit
from tests.training.toy import SETTINGS, Numbers, Toy


def test_everything_comes_back(tmp_path: Path) -> None:
    trained, fresh = Toy(), Toy()
    fit(trained, Numbers(), tmp_path, SETTINGS)
    save_checkpoint(tmp_path / "c.pt", trained, step=60, best=0.25)
    assert load_checkpoint(tmp_path / "c.pt", fresh) == (60, 0.25)
    for name, module in trained.modules().items():
        for key, weight in module.state_dict().items():
            assert torch.equal(fresh.modules()[name].state_dict()[key], weight), (name, key)
    batch = Numbers().batch(np.random.default_rng(0))
    for stage in (trained, fresh):
        torch.manual_seed(1)
        stage.step(batch, 60)  # equal only if Adam's moments and step count are, too
    assert torch.equal(trained.network[0].weight, fresh.network[0].weight)


class Nasty:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("was-run"),))


def test_a_bad_file_is_one_line_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, Toy(), step=1, best=None)
    whole = path.read_bytes()
    torch.save({"step": Nasty()}, tmp_path / "nasty.pt")
    for content in (whole[: len(whole) // 2], b"", b"not one", b"hello world",
                    pickle.dumps(Nasty(), protocol=2),
                    (tmp_path / "nasty.pt").read_bytes()):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(
            WeightsError, match=r"checkpoint\.pt is no checkpoint or a damaged one"
        ) as caught:
            load_checkpoint(path, Toy())
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("content", [[1, 2], {"step": 1}])
def test_a_file_of_something_else_is_one_line(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "c.pt")
    with pytest.raises(WeightsError, match="does not fit"):
        load_checkpoint(tmp_path / "c.pt", Toy())


def test_other_networks_are_told_apart(tmp_path: Path) -> None:
    class Wider(Toy):
        def __init__(self) -> None:
            super().__init__()
            self.network[0] = torch.nn.Linear(9, 32)

    save_checkpoint(tmp_path / "c.pt", Toy(), step=1, best=None)
    with pytest.raises(WeightsError, match="recipe"):
        load_checkpoint(tmp_path / "c.pt", Wider())
