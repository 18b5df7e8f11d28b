"""Stage one's figures in closed form, and the table on a tiny store."""

from __future__ import annotations

import json
import math
import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError, UsageError
from pgvgen.evaluation import bench, long_motions, motion
from pgvgen.evaluation.held_out import RealMotions
from pgvgen.evaluation.motion import evaluate_motion
from pgvgen.evaluation.motion_metrics import (
    average_l2,
    disk_l2,
    keypoint_error,
    lost_share,
    mean_speed,
    per_class,
)
from pgvgen.motion import PSGAN
from pgvgen.motion.config import PSGANConfig
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.training.psgan import MotionData
from tests.training.tiny import tiny_store

ROOT = Path(__file__).parent.parent.parent


def test_average_l2_of_an_empty_answer_is_the_disks_share_of_the_map() -> None:
    keypoints = torch.full((1, 18, 32, 2), 30.0)
    truth = draw_heatmaps(keypoints, torch.ones(1, 18, 32))  # N×K×T×64×64
    known = torch.ones(1, 18, 32)
    assert average_l2(torch.zeros_like(truth), truth, known).item() == pytest.approx(49 / 4096)
    assert average_l2(truth, truth, known).item() == 0
    # Beside the disk's 49 pixels, 9 are new and 9 are left, when it moves by one column.
    off = draw_heatmaps(keypoints + torch.tensor([1.0, 0.0]), known)
    assert average_l2(off, truth, known).item() == pytest.approx(18 / 4096)


def test_average_l2_counts_known_keypoints_only() -> None:
    maps, truth, known = torch.ones(1, 2, 1, 8, 8), torch.zeros(1, 2, 1, 8, 8), torch.ones(1, 2, 1)
    truth[:, 0] = 1
    known[:, 1] = 0
    assert average_l2(maps, truth, known).item() == 0


def test_average_l2_without_drawing_is_the_same() -> None:
    rng = torch.Generator().manual_seed(0)
    truth = torch.rand(3, 5, 18, 2, generator=rng) * 80 - 8  # some beside the map
    motion = truth + 3 * torch.randn(truth.shape, generator=rng)
    shown, known = (torch.rand(2, 3, 5, 18, generator=rng) > 0.2).float()
    maps = draw_heatmaps(motion, shown).transpose(1, 2)
    drawn = average_l2(maps, draw_heatmaps(truth, known).transpose(1, 2), known.transpose(1, 2))
    torch.testing.assert_close(disk_l2(motion, truth, shown, known), drawn)


def test_jerk_of_a_cubic() -> None:
    t = torch.arange(8.0)
    motion = torch.stack([t**3 / 6, -(t**2)], dim=-1)[None, :, None]  # 1×8×1×2
    assert mean_speed(motion, torch.ones(1, 8, 1), order=3).item() == pytest.approx(1, rel=1e-4)


def test_keypoint_error_speed_and_acceleration_of_a_parabola() -> None:
    t = torch.arange(6.0)
    motion = torch.stack([t**2 / 2, torch.zeros(6)], dim=-1)[None, :, None]  # 1×6×1×2
    known = torch.ones(1, 6, 1)
    assert mean_speed(motion, known).item() == pytest.approx(2.5)  # mean of .5, 1.5, … 4.5
    assert mean_speed(motion, known, order=2).item() == pytest.approx(1)
    assert keypoint_error(motion + 3, motion, known).item() == pytest.approx(3 * 2**0.5)
    known[:, 3:] = 0
    assert mean_speed(motion, known).item() == pytest.approx(1)


def test_lost_keypoints_are_those_of_the_start_pose() -> None:
    confidence = torch.ones(1, 4, 3)
    confidence[:, 2:, 0] = 0.1
    confidence[:, :, 2] = 0
    present = torch.tensor([[1.0, 1.0, 0.0]])
    assert lost_share(confidence, present).item() == pytest.approx(2 / 8)


def test_every_class_weighs_the_same() -> None:
    values, label = torch.tensor([1.0, 1.0, 1.0, 0.0]), torch.tensor([0, 0, 0, 1])
    assert per_class(values, label).item() == 0.5


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer windows, seeds and steps: what is promised needs no more."""
    for name, value in {
        "_LEAST": 3, "_MOST": 4, "_CLASSIFIER_STEPS": 30, "_ALL_SEEDS": 6,
    }.items():  # fmt: skip
        monkeypatch.setattr(bench, name, value)
    for module, name, value in (
        (motion, "_LONG", 1), (motion, "SEGMENTS", 2), (long_motions, "SEGMENTS", 2),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("quick")
def test_the_table_of_the_released_weight(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path, pictures=False, frames=60))
    likeness, movement, by_class, seams = evaluate_motion(store, "action")
    name = "PSGAN w/o LSTM (keypoint)"
    rows = {row.name: row.values for row in likeness.rows}
    moves = {row.name: row.values for row in movement.rows}
    assert rows["real"]["Average L2"] == 0
    assert moves["real"]["speed"] == pytest.approx(1)
    assert moves["real"]["jerk"] == pytest.approx(1)
    assert moves["first pose repeated"]["speed"] == 0
    assert moves["first pose repeated"]["limb growth"] == 0
    assert moves["first pose repeated"]["foot slide"] == 0
    assert rows["empty"]["Average L2"] == pytest.approx(49 / 4096, rel=0.05)
    assert rows["empty"]["lost"] == 1
    assert rows[name]["lost"] == 0
    assert rows[f"{name}, nearest of 5"]["px"] <= rows[name]["px"]
    # Two actions that differ as these do: copies of real ones are recognised and lie near them.
    assert rows["retrieval at random"]["recognised"] > 0.8
    assert rows["retrieval at random"]["FID"] < rows["first pose repeated"]["FID"]
    assert {row.name for row in by_class.rows} == {"squat", "wave"}
    told = [row.values["speed, told the strength"] for row in by_class.rows]
    assert sum(told) / len(told) == pytest.approx(moves[f"{name}, told the strength"]["speed"])
    assert told != [row.values["speed"] for row in by_class.rows]
    drawn = [row.values["real training motions' speed"] for row in by_class.rows]
    assert sum(drawn) / len(drawn) == pytest.approx(moves["retrieval at random"]["speed"])
    assert likeness.rows[6].paper == {"Average L2": 0.0072}
    assert [row.name for row in seams.rows] == [name]


@pytest.mark.usefixtures("quick")
def test_the_whole_table_of_several_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = []
    for kind, recurrent, about in (
        ("keypoint", "gru", {"steps": 50, "minutes": 1.5, "adversarial": 1.0}),
        ("keypoint", "none", {"steps": 40, "minutes": 1.0, "adversarial": 1.0}),
        ("heatmap", "none", {"steps": 30, "minutes": 2.0, "adversarial": 0.0}),
    ):
        config = PSGANConfig(
            ("squat", "wave"), generator=kind, recurrent=recurrent, width=16, base=8, blocks=1
        )
        folder = tmp_path / f"{kind}-{recurrent}"
        PSGAN(config).save_pretrained(folder)
        (folder / "training.json").write_text(json.dumps(about))
        weights.append(folder)
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=60))
    likeness, movement, *by_class, seams = evaluate_motion(store, weights, whole=True)
    rows = {row.name: row for row in likeness.rows}
    names = ["PSGAN (keypoint, gru)", "PSGAN w/o LSTM (keypoint)", "PSGAN-L1 (heatmap)"]
    assert [rows[name].values["minutes"] for name in names] == [1.5, 1.0, 2.0]
    assert [rows[name].paper["Average L2"] for name in names] == [0.0064, 0.0072, 0.0124]
    assert [row.name for row in seams.rows] == names
    assert [table.title for table in by_class] == [f"{name} by action" for name in names]
    # The paper's generator has no noise, so that its seeds do not differ.
    assert rows[names[0]].interval["FID"] > 0
    assert "FID" not in rows[names[2]].interval
    assert f"± {rows[names[0]].interval['px']:.1f}" in likeness.markdown()
    assert [row.name for row in movement.rows][-1] == names[2]


@pytest.mark.usefixtures("quick")
def test_a_recipes_clips_are_the_ones_that_count_and_a_seed_says_it_all(tmp_path: Path) -> None:
    config = PSGANConfig(("squat", "wave"), generator="keypoint", width=16)
    PSGAN(config).save_pretrained(tmp_path / "small")
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False))
    data = MotionData(leave_out=("tiny/wave",))
    tables, again = (evaluate_motion(store, tmp_path / "small", data=data) for _ in range(2))
    assert {row.name for row in tables[2].rows} == {"squat"}
    assert [table.records() for table in again] == [table.records() for table in tables]


@pytest.mark.usefixtures("quick")
def test_guidance_is_chosen_by_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tiny_store(tmp_path, pictures=False)
    script = runpy.run_path(str(ROOT / "train/guidance.py"))
    script["TRIED"][:] = [1.0, 9.0]
    recipe = str(ROOT / "train/flow-action.toml")
    monkeypatch.setattr("sys.argv", ["guidance.py", str(store), "action-flow", recipe])
    script["main"]()
    out, err = capsys.readouterr()
    assert out.startswith("[psgan.model.guidance_of]\n")
    chosen = dict(re.findall(r"^(\w+) = ([\d.]+)", out, re.MULTILINE))
    assert set(chosen) == {"squat", "wave"}
    for label, guidance in chosen.items():
        speeds = dict(re.findall(r"([19]\.0): ([\d.]+)", err.split(f"{label}: ")[1]))
        distance = {g: abs(math.log(float(speed))) for g, speed in speeds.items()}
        assert guidance == min(distance, key=distance.__getitem__)


def test_weights_of_another_length_need_their_own_table(tmp_path: Path) -> None:
    config = PSGANConfig(("squat", "wave"), generator="flow", width=16, frames=16)
    PSGAN(config).save_pretrained(tmp_path / "short")
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False))
    with pytest.raises(UsageError, match="as many frames"):
        evaluate_motion(store, ["action", tmp_path / "short"])


def test_a_split_without_clips_is_refused(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path, pictures=False))
    empty = ClipStore(store.folder, tuple(c for c in store.all_clips if c.split != "test"))
    with pytest.raises(InputError, match="no test clips"):
        evaluate_motion(empty, "action")


def test_an_action_that_shows_nobody_does_not_count(tmp_path: Path) -> None:
    clips = ClipStore.open(tiny_store(tmp_path, pictures=False)).clips(split="test")
    hidden = [
        replace(clip, confidence=clip.confidence * (np.arange(18) < 5)) if hide else clip
        for clip, hide in zip(clips, (True, False), strict=True)
    ]
    labels = tuple(clip.label for clip in clips)
    real = RealMotions(hidden, labels, frames=16, fps=15.0, strengths={})
    assert real.classes == [1]
    windows, groups = real.draw(real.classes, 2, 4, np.random.default_rng(0))
    assert windows.label.tolist() == [1, 1]
    assert groups == [clips[1].group] * 2
