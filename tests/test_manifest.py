"""The manifest tells the truth about the weights that ship, and what differs is refused."""

from __future__ import annotations

import json
import runpy
import shutil
import time
from pathlib import Path

import pytest

from pgvgen import manifest, weights
from pgvgen.errors import WeightsError

ROOT = Path(__file__).parent.parent


def test_the_manifest_is_of_the_weights_that_ship() -> None:
    kept = json.loads(manifest.MANIFEST.read_text(encoding="utf-8"))
    made = runpy.run_path(str(ROOT / "train/manifest.py"))["manifest"](ROOT / "weights", kept)
    assert kept == made, "the weights have changed: run `python train/manifest.py`"


def test_every_bundled_weight_is_pinned() -> None:
    assert sorted(manifest.releases()) == weights.bundled_names()
    for name, release in manifest.releases().items():
        for stage in release.stages:
            assert weights.find(name, stage).name == stage


def test_a_repository_is_named_with_its_commit_or_not_at_all() -> None:
    """No revision is invented: what is not published says so."""
    for release in manifest.releases().values():
        assert (release.repository is None) == (release.revision is None)
        assert release.revision is None or len(release.revision) == 40


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, whose bundled weights may be spoilt."""
    shutil.copytree(weights.bundled_root() / "action", tmp_path / "action")
    monkeypatch.setattr(weights, "bundled_root", lambda: tmp_path)
    return tmp_path / "action"


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
def test_a_bundled_file_that_differs_is_refused(changed: Path, file: str) -> None:
    weights.find("action", "scgan")
    spoilt = changed / "scgan" / file
    spoilt.write_bytes(spoilt.read_bytes()[:-1] + b" ")
    with pytest.raises(WeightsError, match=f"{file} is not the released action") as caught:
        weights.find("action", "scgan")
    assert "\n" not in str(caught.value)
    assert weights.find("action", "psgan") == changed / "psgan", "the other stage is as it was"
    assert weights.find(changed, "scgan") == changed / "scgan", (
        "a folder of one's own is not pinned"
    )


def test_the_comparison_costs_little_beside_loading() -> None:
    began = time.process_time()
    weights.find("action", "scgan")
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "releases": 3}']
)
def test_a_damaged_manifest_is_one_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text(text)
    monkeypatch.setattr(manifest, "MANIFEST", tmp_path / "manifest.json")
    with pytest.raises(WeightsError, match="install pgvgen again"):
        manifest.releases.__wrapped__()


def test_the_script_keeps_what_is_published(tmp_path: Path) -> None:
    make = runpy.run_path(str(ROOT / "train/manifest.py"))["manifest"]
    for stage in ("psgan", "scgan"):
        (tmp_path / "face" / stage).mkdir(parents=True)
        (tmp_path / "face" / stage / "config.json").write_text("{}")
        (tmp_path / "face" / stage / "model.safetensors").write_bytes(b"abc")
    before = {"releases": {"face": {"repository": "org/face", "revision": "1" * 40}}}
    made = make(tmp_path, before)["releases"]["face"]
    assert (made["repository"], made["revision"]) == ("org/face", "1" * 40)
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert made["files"]["psgan/model.safetensors"] == abc
    assert make(tmp_path, {})["releases"]["face"]["revision"] is None


def test_publishing_is_noted_by_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And from then on the weights are also the Hub's, at that commit."""
    written = tmp_path / "manifest.json"
    shutil.copy(manifest.MANIFEST, written)
    monkeypatch.setattr(manifest, "MANIFEST", written)
    line = ["manifest.py", "action", "--repository", "org/name", "--revision", "1" * 40]
    monkeypatch.setattr("sys.argv", line)
    runpy.run_path(str(ROOT / "train/manifest.py"), run_name="__main__")
    release = manifest.releases.__wrapped__()["action"]
    assert release.hub_id == "org/name@" + "1" * 40
    assert release.files == manifest.releases()["action"].files
    monkeypatch.setattr("sys.argv", line[:4])
    with pytest.raises(SystemExit):
        runpy.run_path(str(ROOT / "train/manifest.py"), run_name="__main__")
