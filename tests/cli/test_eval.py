"""`pgvgen eval motion|render`: the tables on stdout, read by people or by programs."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from pgvgen.cli import _run
from pgvgen.cli.evaluate import show
from pgvgen.evaluation import bench, render
from pgvgen.evaluation.tables import Column, Row, Table
from pgvgen.motion import PSGAN
from pgvgen.motion.config import PSGANConfig
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from tests.training.tiny import tiny_store


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and untrained weights of both stages."""
    folder = tmp_path_factory.mktemp("eval")
    tiny_store(folder / "store")
    config = PSGANConfig(("squat", "wave"), generator="flow", width=16, frames=16, steps=2)
    PSGAN(config).save_pretrained(folder / "weights/psgan")
    SCGAN(SCGANConfig(width=4, blocks=1)).save_pretrained(folder / "weights/scgan")
    return folder


@pytest.mark.parametrize(
    ("command", "paper"), [("motion", ("Average L2", 0.0064)), ("render", ("SSIM", 0.87))]
)
def test_programs_get_one_object_a_row(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    command: str,
    paper: tuple[str, float],
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setattr(bench, "_CLASSIFIER_STEPS", 20)
    monkeypatch.setattr(render, "_PAIRS", 2)
    line = f"pgvgen eval {command} --data store --weights weights --json"
    monkeypatch.setattr(sys, "argv", line.split())
    assert _run() == 0
    out, err = capfd.readouterr()
    assert err == ""
    records = [json.loads(row) for row in out.splitlines()]
    column, figure = paper
    assert figure in [record["paper"].get(column) for record in records if "paper" in record]
    ours = [value for record in records for value in record["ours"].values()]
    assert len(ours) > 10
    assert all(math.isfinite(value) for value in ours)


def test_several_weights_on_a_recipes_clips_stand_in_one_table(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    for name in ("_CLASSIFIER_STEPS", "_ALL_SEEDS", "_LEAST", "_MOST"):
        monkeypatch.setattr(bench, name, 2)
    Path("recipe.toml").write_text('[psgan.data]\nleave_out = ["tiny/wave"]\n')
    line = "pgvgen eval motion --data store --table --weights weights --weights weights/psgan"
    options = ["--weights", "mine=weights", "--recipe", "recipe.toml", "--json"]
    monkeypatch.setattr(sys, "argv", [*line.split(), *options])
    assert _run() == 0
    records = [json.loads(row) for row in capfd.readouterr().out.splitlines()]
    rows = {record["row"]: record for record in records if "Table 1" in record["table"]}
    names = ("PSGAN (flow, gru) weights", "PSGAN (flow, gru) weights/psgan", "mine")
    first, second, third = (rows[name] for name in names)
    assert first["ours"] == second["ours"] == third["ours"]
    assert first["interval"]["FID"] > 0
    actions = [r["row"] for r in records if r["table"].endswith("by action")]
    assert actions == ["squat"] * 3


def test_several_named_weights_stand_in_one_table_of_frames(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setattr(render, "_PAIRS_WHOLE", 2)
    line = "pgvgen eval render --data store --weights SCGAN=weights --weights weights/scgan --table"
    monkeypatch.setattr(sys, "argv", [*line.split(), "--json"])
    assert _run() == 0
    records = [json.loads(row) for row in capfd.readouterr().out.splitlines()]
    rows = {record["row"]: record for record in records}
    first, second = (rows[f"{name}, predicted pose"] for name in ("SCGAN", "scgan"))
    assert first["ours"] == second["ours"]
    assert first["paper"] == {"SSIM": 0.87, "LPIPS": 0.041}
    assert "paper" not in second
    assert first["interval"]["SSIM"] > 0


def test_people_get_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    rows = (Row("static", {"SSIM": 0.8}, {"SSIM": 0.66}), Row("SCGAN", {"SSIM": 0.9}))
    show([Table("Table 5", (Column("SSIM"),), rows)] * 2, as_json=False)
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("### Table 5") == 2
    assert out.count("| static | 0.800 | 0.660 |") == 2
