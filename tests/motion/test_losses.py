"""Eq. 3 in closed form, and the objectives of keypoint space."""

from __future__ import annotations

import math

import pytest
import torch

from pgvgen.motion.losses import (
    flow_loss,
    gradient_penalty,
    motion_error,
    reconstruction_loss,
    relativistic_loss,
)

MAPS = (2, 3, 4, 8, 8)


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(MAPS), (torch.rand(MAPS) < 0.1).float()


def test_eq_3_without_alpha_is_plain_l1(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    made, truth = maps
    loss = reconstruction_loss(made, truth, torch.ones(MAPS[:3]), alpha=0)
    torch.testing.assert_close(loss, (made - truth).abs().mean())


def test_eq_3_weighs_the_keypoints_by_alpha_plus_one(
    maps: tuple[torch.Tensor, torch.Tensor],
) -> None:
    made, truth = maps
    loss = reconstruction_loss(made, truth, torch.ones(MAPS[:3]), alpha=10)
    torch.testing.assert_close(loss, ((made - truth) * (10 * truth + 1)).abs().mean())


def test_eq_3_leaves_out_what_a_data_set_lacks(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    made, truth = maps
    known = torch.ones(MAPS[:3])
    known[:, 1] = 0
    loss = reconstruction_loss(made, truth, known, alpha=10)
    wrong = made.clone()
    wrong[:, 1] = 1 - wrong[:, 1]
    torch.testing.assert_close(reconstruction_loss(wrong, truth, known, alpha=10), loss)
    kept = [0, 2]
    expected = reconstruction_loss(made[:, kept], truth[:, kept], known[:, kept], alpha=10)
    torch.testing.assert_close(loss, expected)


def test_motion_error_of_a_shift_is_its_square_and_of_a_slope_has_its_velocity() -> None:
    truth, known = torch.zeros(1, 5, 2, 2), torch.ones(1, 5, 2)
    assert motion_error(truth + 0.5, truth, known).item() == pytest.approx(2 * 0.25)
    slope = torch.arange(5.0)[None, :, None, None].expand_as(truth)
    place = 2 * sum(t * t for t in range(5)) / 5
    assert motion_error(slope, truth, known).item() == pytest.approx(place + 3 * 2)


def test_motion_error_ignores_what_is_not_known() -> None:
    known = torch.ones(1, 5, 2)
    known[:, 2:, 1] = 0
    motion = torch.zeros(1, 5, 2, 2)
    motion[:, 2:, 1] = 9
    assert motion_error(motion, torch.zeros_like(motion), known).item() == 0


def test_flow_loss_grows_towards_the_motion_but_not_beyond_a_hundredfold() -> None:
    truth, known = torch.zeros(1, 4, 1, 2), torch.ones(1, 4, 1)
    losses = [
        flow_loss(truth + 1, truth, known, torch.tensor([t])).item() for t in (0.0, 0.5, 0.99)
    ]
    assert losses == pytest.approx([2, 8, 200])


def test_relativistic_loss_asks_for_a_lead() -> None:
    ahead = relativistic_loss(torch.tensor([3.0]), torch.tensor([1.0])).item()
    assert ahead == pytest.approx(math.log1p(math.exp(-2)))


def test_gradient_penalty_of_a_linear_judge_is_its_squared_slope() -> None:
    slope = torch.randn(4, 3, 2)
    penalty = gradient_penalty(lambda x: (x * slope).sum((1, 2, 3)), torch.randn(6, 4, 3, 2))
    torch.testing.assert_close(penalty, (slope**2).sum())
