"""Stage one's figures in closed form, and the table on a tiny store."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation import motion
from pgvgen.evaluation.motion import evaluate_motion
from pgvgen.evaluation.motion_metrics import (
    average_l2,
    keypoint_error,
    lost_share,
    mean_speed,
    per_class,
)
from pgvgen.poses.heatmaps import draw_heatmaps
from tests.training.tiny import tiny_store


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


def test_the_table_of_the_released_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "_A_CLASS", 3)  # windows a class: what is promised needs no more
    monkeypatch.setattr(motion, "_CLASSIFIER_STEPS", 20)
    store = ClipStore.open(tiny_store(tmp_path, pictures=False, frames=60))
    table, by_class = evaluate_motion(store, "action")
    rows = {row.name: row.values for row in table.rows}
    assert rows["real"]["Average L2"] == 0
    assert rows["real"]["speed"] == pytest.approx(1)
    assert rows["first pose repeated"]["speed"] == 0
    assert rows["empty"]["Average L2"] == pytest.approx(49 / 4096, rel=0.05)
    assert rows["empty"]["lost"] == 1
    assert rows["PSGAN (flow)"]["lost"] == 0
    assert rows["PSGAN (flow), nearest of 5"]["px"] <= rows["PSGAN (flow)"]["px"]
    assert {row.name for row in by_class.rows} == {"squat", "wave"}
    assert table.rows[5].paper == {"Average L2": 0.0064}


def test_a_split_without_clips_is_refused(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path, pictures=False))
    empty = ClipStore(store.folder, tuple(c for c in store.all_clips if c.split != "test"))
    with pytest.raises(InputError, match="no test clips"):
        evaluate_motion(empty, "action")
