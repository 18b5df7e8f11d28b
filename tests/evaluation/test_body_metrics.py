"""Limbs that grow and feet that slide are seen; bodies that only move are not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from pgvgen.evaluation.body_metrics import foot_slide, limb_excess
from pgvgen.poses.skeletons import BODY_18
from tests.training.tiny import STANDING

WRIST, ELBOW, ANKLE = (BODY_18.index(f"right_{joint}") for joint in ("wrist", "elbow", "ankle"))


def standing(frames: int = 32) -> tuple[Tensor, Tensor]:
    """1×T×18×2 of somebody who stands still and 1×T×18 of ones; px."""
    pose = torch.from_numpy(np.repeat(STANDING[None], frames, axis=0))[None]
    return pose.clone(), torch.ones(1, frames, 18)


def growth_and_peak(where: Tensor, known: Tensor) -> list[float]:
    return [values.item() for values in limb_excess(where, known)]


def test_moving_and_foreshortened_limbs_have_not_grown() -> None:
    where, known = standing()
    where += torch.arange(32.0)[None, :, None, None]
    assert growth_and_peak(where, known) == [0, 0]
    where[:, 5:, WRIST] = where[:, 5:, ELBOW]  # the forearm points to the camera
    assert growth_and_peak(where, known) == [0, 0]
    # One that the photo shows from its end may show its whole length later.
    assert growth_and_peak(where.flip(1), known) == pytest.approx([0, 0], abs=1e-6)


def test_a_limb_that_grows_in_a_single_frame_counts() -> None:
    where, known = standing()
    forearm = where[0, 9, WRIST] - where[0, 9, ELBOW]
    where[0, 9, WRIST] += forearm  # twice as long as it was
    longest = max(1.0, 0.52 / 1.0 * _unit(where) / float(forearm.norm()))
    peak = (2 / longest - 1) / 13  # one of 13 bones
    assert growth_and_peak(where, known) == pytest.approx([peak / 32, peak], rel=1e-4)
    known[0, 9, WRIST] = 0
    assert growth_and_peak(where, known) == [0, 0]


def _unit(where: Tensor) -> float:
    """The 80th percentile of what the first frame's bones say the torso's length is."""
    from pgvgen.poses.bones import BONES

    pose = torch.cat([where[0, 0], where[0, 0, [8, 11]].mean(0, keepdim=True)])
    units = [float((pose[b.end] - pose[b.start]).norm()) / b.usual for b in BONES]
    return float(np.quantile(units, 0.8))


def test_a_foot_slides_only_while_it_is_down() -> None:
    where, known = standing()
    where /= 76  # body heights
    assert foot_slide(where, known).item() == 0
    where[..., 0] += 0.01 * torch.arange(32)[None, :, None]  # both feet, 0.01 a frame
    assert foot_slide(where, known).item() == pytest.approx(0.01, rel=1e-4)


def test_a_foot_that_steps_does_not_slide() -> None:
    where, known = standing()
    where /= 76
    swing = torch.arange(32) % 8 >= 4  # every other four frames the foot is up, and goes on
    forwards = 0.05 * torch.cumsum(swing.float(), 0)
    where[0, :, ANKLE, 0] += forwards
    where[0, swing, ANKLE, 1] -= 0.1
    assert foot_slide(where, known).item() == pytest.approx(0, abs=1e-6)


def test_feet_that_are_not_there_have_no_figure() -> None:
    where, known = standing()
    known[:, :, [10, 13]] = 0
    assert foot_slide(where, known).isnan().all()
