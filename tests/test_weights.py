"""A name, a folder or a Hub id becomes a network with its weights, or one line says why not."""

from __future__ import annotations

import json
import pickle
import resource
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from pgvgen import manifest, weights
from pgvgen.errors import OutputError, WeightsError
from pgvgen.pretrained import PretrainedModel
from pgvgen.rendering.scgan import SCGAN, SCGANConfig


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
    card = (saved / "scgan" / "README.md").read_text()
    assert "library_name: pgvgen" in card
    assert "`pgvgen render photo.jpg motion.json --weights FOLDER_OR_HUB_ID`" in card


def test_the_command_that_uses_them_is_that_of_the_stages_that_are_there() -> None:
    assert "animate" in weights.usage(["scgan", "psgan"], "org/name")
    assert "motion photo.jpg" in weights.usage(["psgan"], "org/name")
    assert "render" in weights.usage(["scgan"], "org/name")


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
    with pytest.raises(WeightsError, match=r"has a config\.json but no model"):
        Tiny.from_pretrained(saved)


def test_an_installation_without_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "__file__", str(tmp_path / "pgvgen" / "weights.py"))
    with pytest.raises(WeightsError, match="install pgvgen again"):
        weights.bundled_root()


def test_a_config_that_makes_no_sense_is_one_line(saved: Path) -> None:
    file = saved / "scgan" / "config.json"
    for spoilt, words in {
        '{"stage": "scgan", "width": "4"}': "width cannot be '4'",
        '{"stage": "scgan", "width": 4.5}': "width cannot be '4.5'",
        '{"stage": "scgan", "width": true}': "width cannot be 'True'",
        '{"stage": "scgan", "width": null}': "width cannot be 'None'",
        '{"stage": "scgan", "labels": "wave"}': "labels cannot be 'wave'",
        '{"stage": "scgan", "labels": [1]}': "damaged or not pgvgen's",
        '{"stage": "scgan", "labels": 1}': "damaged or not pgvgen's",
        '{"stage": "scgan", "width": -4}': "does not fit its config",
        '{"stage": "scgan", "width": 1000000000}': "a much larger network",
        '{"stage": ["scgan"]}': "damaged or not pgvgen's",
        "[" * 100_000: "damaged or not pgvgen's",
        '{"stage": "scgan", "width": 1' + "0" * 5000 + "}": "damaged or not pgvgen's",
        "\ufeff{}": "damaged or not pgvgen's",
    }.items():
        file.write_text(spoilt, encoding="utf-8")
        with pytest.raises(WeightsError, match=words) as caught:
            Tiny.from_pretrained(saved)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 1000


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"cannot write .*model\.safetensors"):
            SCGAN(SCGANConfig(width=4, blocks=1)).save_pretrained(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("change", [{"width": 10**6}, {"blocks": 10**9}, {"keypoints": 10**7}])
def test_a_config_of_a_giant_takes_neither_memory_nor_time(
    tmp_path: Path, change: dict[str, int]
) -> None:
    SCGAN(SCGANConfig(width=4, blocks=1)).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    before = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(WeightsError, match="much larger network"):
        SCGAN.from_pretrained(tmp_path)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_maxrss - before.ru_maxrss < 500_000, "kB"
    assert after.ru_utime - before.ru_utime < 5


def test_pickles_are_never_loaded(tmp_path: Path, saved: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return open, (str(tmp_path / "ran"), "w")  # type: ignore[return-value]

    for name in ("pytorch_model.bin", "model.pt", "last.ckpt"):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        shutil.copy(saved / "scgan" / "config.json", folder)
        (folder / name).write_bytes(pickle.dumps(Touch()))
        with pytest.raises(WeightsError, match=rf"only a pickle \({name}\).*never loaded"):
            Tiny.from_pretrained(folder)
        with pytest.raises(WeightsError, match="is a file: give the folder"):
            Tiny.from_pretrained(folder / name)
    (saved / "scgan" / "model.safetensors").write_bytes(pickle.dumps(Touch()))
    with pytest.raises(WeightsError, match="damaged or cut short"):
        Tiny.from_pretrained(saved)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kept", [0, 1, 8, 100, 0.5, -1])
def test_tensors_that_are_cut_short(saved: Path, kept: float) -> None:
    file = saved / "scgan" / "model.safetensors"
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data)) if kept == 0.5 else int(kept)])
    with pytest.raises(WeightsError, match="damaged or cut short"):
        Tiny.from_pretrained(saved)


def test_what_is_here_has_no_revisions(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match="no revisions: leave out @v1"):
        Tiny.from_pretrained(saved, revision="v1")
    monkeypatch.setattr(weights, "bundled_root", lambda: saved.parent)
    with pytest.raises(WeightsError, match="run is on this machine, which has no revisions"):
        weights.find("run@v1", "scgan")


def test_a_release_that_is_not_bundled_is_pinned_on_the_hub(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the manifest will have it: its name leads to the commit, its files are compared."""
    commit = "c" * 40
    snapshot = tmp_path / "cache" / "models--org--name" / "snapshots" / commit
    shutil.copytree(saved, snapshot)
    files = {
        f"scgan/{name}": manifest.sha256(saved / "scgan" / name)
        for name in ("config.json", "model.safetensors")
    }
    release = manifest.Release("large", "org/name", commit, files)
    monkeypatch.setattr(manifest, "releases", lambda: {"large": release})
    for name in ("large", f"org/name@{commit}"):
        found = weights.find(name, "scgan", cache_dir=tmp_path / "cache")
        assert found == snapshot / "scgan"
    with (snapshot / "scgan" / "model.safetensors").open("ab") as file:
        file.write(b" ")
    for name in ("large", f"org/name@{commit}"):
        with pytest.raises(WeightsError, match="is not the released large"):
            weights.find(name, "scgan", cache_dir=tmp_path / "cache")
