"""What stage two minimises beside the discriminators, against closed forms."""

import numpy as np
import pytest
import torch

from pgvgen.rendering.losses import REACH, boldness, edge_loss, indecision, weighted_l1


def test_a_weight_of_three_counts_three_times() -> None:
    frames, target = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    target[..., 0] = 1.0  # one column of four is off by one
    weight = torch.ones(1, 1, 4, 4)
    weight[..., 0] = 3.0
    assert weighted_l1(frames, target, weight).item() == pytest.approx(3 / 6)


def test_edges_do_not_see_a_constant_but_do_see_a_blur() -> None:
    target = torch.zeros(1, 3, 32, 32)
    target[..., 16:] = 1
    blurred = torch.nn.functional.avg_pool2d(target, 5, 1, 2, count_include_pad=False)
    weight = torch.ones(1, 1, 32, 32)
    assert edge_loss(target + 0.3, target, weight).item() == pytest.approx(0, abs=1e-6)
    assert edge_loss(blurred, target, weight) > 0.005


def test_indecision_is_the_entropy() -> None:
    decided = torch.zeros(1, 15, 2, 2)
    decided[:, 3] = 1
    assert indecision(decided).item() == pytest.approx(0, abs=1e-4)
    torn = torch.full((1, 15, 2, 2), 1 / 15)
    assert indecision(torn).item() == pytest.approx(np.log(15), rel=1e-3)


def test_masks_that_all_show_one_layer_are_pulled_back() -> None:
    corrections = torch.zeros(1, 15, 2, 2)
    corrections[:, 0] = -REACH - 3
    corrections[:, 1] = REACH
    corrections.requires_grad_()
    masks = torch.softmax(20 * corrections, 1)
    assert not torch.autograd.grad(indecision(masks), corrections)[0].any()
    loss = boldness(corrections)
    assert loss.item() == pytest.approx(3**2 / 15)
    pull = torch.autograd.grad(loss, corrections)[0]
    assert (pull[:, 0] < 0).all()  # descending raises it
    assert not pull[:, 1:].any()
