"""A name, a folder or a Hub id becomes a network with its weights, or one line says why not."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from pgvgen import weights
from pgvgen.errors import UsageError, WeightsError
from pgvgen.pretrained import PretrainedModel


@dataclass(frozen=True)
class TinyConfig:
    labels: tuple[str, ...] = ("wave", "bow")
    width: int = 3


class Tiny(PretrainedModel):
    """A network with what the real ones have: a shared layer, buffers, integers."""

    stage = "scgan"
    config_class = TinyConfig

    def __init__(self, config: TinyConfig | None = None) -> None:
        super().__init__()
        self.config = config or TinyConfig()
        self.first = nn.Linear(self.config.width, 2)
        self.second = nn.ModuleList([self.first, nn.BatchNorm1d(2)])
        self.register_buffer("large", torch.tensor([1e9]))


class Other(Tiny):
    stage = "psgan"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    Tiny(TinyConfig(("été",), 4)).save_pretrained(tmp_path / "run" / "scgan")
    return tmp_path / "run"


def test_round_trip(saved: Path) -> None:
    torch.manual_seed(0)
    expected = Tiny(TinyConfig(("été",), 4))
    loaded = Tiny.from_pretrained(saved)
    assert loaded.config == expected.config
    assert not loaded.training
    assert loaded.first is loaded.second[0]
    assert loaded.first.weight.dtype == torch.float32
    assert torch.equal(loaded.first.weight, expected.first.weight.half().float())
    assert loaded.large == 1e9, "what float16 cannot hold is kept as float32"
    assert torch.equal(Tiny.from_pretrained(saved / "scgan").first.weight, loaded.first.weight)


def test_what_is_stored(saved: Path) -> None:
    stored = load_file(saved / "scgan" / "model.safetensors")
    assert stored["first.weight"].dtype == torch.float16
    assert "second.0.weight" not in stored, "a shared layer is stored once"
    config = json.loads((saved / "scgan" / "config.json").read_text(encoding="utf-8"))
    assert config == {"stage": "scgan", "labels": ["été"], "width": 4}
    assert "library_name: pgvgen" in (saved / "scgan" / "README.md").read_text()


def test_bundled_name(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "bundled_root", lambda: saved.parent)
    assert weights.bundled_names() == ["run"]
    assert weights.find("run", "scgan") == saved / "scgan"
    with pytest.raises(WeightsError, match="run holds no psgan weights"):
        weights.find("run", "psgan")


def test_hub_id_from_the_cache(saved: Path, tmp_path: Path) -> None:
    """The layout that huggingface_hub documents for its cache."""
    repository = tmp_path / "cache" / "models--org--name"
    for revision, commit in (("main", "a" * 40), ("v1", "b" * 40)):
        shutil.copytree(saved, repository / "snapshots" / commit)
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / revision).write_text(commit)
    cache = tmp_path / "cache"
    assert weights.find("org/name", "scgan", cache_dir=cache).parent.name == "a" * 40
    assert weights.find("org/name@v1", "scgan", cache_dir=cache).parent.name == "b" * 40
    assert Tiny.from_pretrained("org/name", revision="v1", cache_dir=cache).config.width == 4
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set"):
        weights.find("org/name@v2", "scgan", cache_dir=cache)


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "no spaces/please", ""])
def test_names_that_are_nowhere(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError) as caught:
        weights.find(name or tmp_path / "missing", "scgan")
    assert "\n" not in str(caught.value)


def test_folders_that_are_not_what_they_should_be(saved: Path) -> None:
    folder = saved / "scgan"
    with pytest.raises(WeightsError, match="holds no psgan weights"):
        Other.from_pretrained(saved)
    with pytest.raises(WeightsError, match="holds scgan weights, psgan weights are wanted"):
        Other.from_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())

    (folder / "config.json").write_text(json.dumps(config | {"depth": 9}))
    with pytest.raises(WeightsError, match="says depth, which this version"):
        Tiny.from_pretrained(saved)
    (folder / "config.json").write_text(json.dumps(config | {"width": 5}))
    with pytest.raises(WeightsError, match="does not fit its config"):
        Tiny.from_pretrained(saved)
    for text in ("{", "[]", "{}"):
        (folder / "config.json").write_text(text)
        with pytest.raises(WeightsError, match="damaged or not pgvgen's"):
            Tiny.from_pretrained(saved)
    (folder / "config.json").write_text(json.dumps(config))

    tensors = load_file(folder / "model.safetensors")
    save_file({"first.weight": tensors["first.weight"]}, folder / "model.safetensors")
    with pytest.raises(WeightsError, match="8 tensors are missing"):
        Tiny.from_pretrained(saved)
    (folder / "model.safetensors").write_bytes(b"cut short")
    with pytest.raises(WeightsError, match="damaged or cut short"):
        Tiny.from_pretrained(saved)
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match="has a config.json but no model.safetensors"):
        Tiny.from_pretrained(saved)


def test_devices() -> None:
    assert weights.device("cpu") == torch.device("cpu")
    assert weights.device("auto").type in ("cpu", "cuda", "mps")
    for name in ("tpu", "cuda:99", "cpu:x", ""):
        with pytest.raises(UsageError, match="there is no device"):
            weights.device(name)


def test_an_installation_without_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "__file__", str(tmp_path / "pgvgen" / "weights.py"))
    with pytest.raises(WeightsError, match="install pgvgen again"):
        weights.bundled_root()
