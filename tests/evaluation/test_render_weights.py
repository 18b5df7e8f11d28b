"""What the rows of stage two's weights are called, and which of the paper's stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from pgvgen.errors import UsageError
from pgvgen.evaluation.render_weights import UNTRAINED, load_painters
from pgvgen.rendering.scgan import SCGAN, SCGANConfig

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for name in ("a/release", "b/release", "lr=1e-3"):
        SCGAN(SCGANConfig(width=4, blocks=1)).save_pretrained(folder / name)
    SCGAN(SCGANConfig(width=4, blocks=1, size=64)).save_pretrained(folder / "small")
    return folder


def names(weights: Sequence[str | Path]) -> list[str]:
    untrained, *painters = load_painters(weights, CPU)
    assert untrained.name == UNTRAINED
    return [painter.name for painter in painters]


def test_a_row_is_called_what_it_is_given_or_what_tells_it_apart(runs: Path) -> None:
    assert names([f"SCGAN-gen={runs}/a/release", runs / "b/release"]) == ["SCGAN-gen", "release"]
    both = [str(runs / "a/release"), str(runs / "b/release")]
    assert names(both) == both
    assert names([runs / "lr=1e-3"]) == ["lr=1e-3"]
    assert names([f"rate={runs}/lr=1e-3"]) == ["rate"]


def test_runs_of_one_row_have_its_name(runs: Path) -> None:
    both = [f"SCGAN={runs}/a/release", f"SCGAN={runs}/b/release"]
    assert names([*both, runs / "lr=1e-3"]) == ["SCGAN", "SCGAN", "lr=1e-3"]


def test_the_papers_figures_stand_beside_the_pose_they_are_of(runs: Path) -> None:
    told = ["SCGAN-gen", "SCGAN-gt", "SCGAN", "scgan"]
    _, *painters = load_painters([f"{name}={runs}/a/release" for name in told], CPU)
    figures = [(p.paper("predicted").get("SSIM"), p.paper("true").get("SSIM")) for p in painters]
    assert figures == [(0.73, None), (None, 0.89), (0.87, None), (None, None)]


def test_weights_that_cannot_stand_in_one_table_are_refused(runs: Path) -> None:
    with pytest.raises(UsageError, match="once"):
        load_painters([f"{UNTRAINED}={runs}/a/release"], CPU)
    with pytest.raises(UsageError, match="once"):
        load_painters([f"SCGAN={runs}/a/release"] * 2, CPU)
    with pytest.raises(UsageError, match="once"):
        load_painters([runs / "a/release"] * 2, CPU)
    with pytest.raises(UsageError, match="one frame size"):
        load_painters([runs / "small", runs / "a/release"], CPU)
