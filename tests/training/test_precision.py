"""A loss becomes the same step whether it was scaled or not; off CUDA everything is fp32."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from pgvgen.training.precision import Precision


def network() -> tuple[nn.Linear, torch.optim.SGD]:
    torch.manual_seed(0)
    linear = nn.Linear(4, 1)
    return linear, torch.optim.SGD(linear.parameters(), lr=0.5)


def loss_of(linear: nn.Linear, scale: float = 1.0) -> Tensor:
    return scale * linear(torch.arange(8.0).reshape(2, 4)).square().mean()


def scaled() -> Precision:
    """fp16's loss scaling, on the CPU."""
    precision = Precision("fp32", "cpu")
    precision.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    return precision


@pytest.mark.parametrize("name", ["fp32", "bf16", "fp16"])
def test_off_cuda_it_is_fp32(name: str) -> None:
    linear, _ = network()
    with Precision(name, "cpu").autocast():
        assert linear(torch.ones(1, 4)).dtype is torch.float32


def test_the_step_is_torchs_own_and_old_gradients_are_dropped() -> None:
    plain, descended = network(), network()
    loss_of(plain[0]).backward()
    plain[1].step()
    (100 * loss_of(descended[0])).backward()
    Precision().descend(loss_of(descended[0]), descended[1])
    assert torch.equal(plain[0].weight, descended[0].weight)


@pytest.mark.parametrize("clip", [None, 0.1])
def test_scaling_the_loss_changes_nothing(clip: float | None) -> None:
    plain, other = network(), network()
    Precision().descend(loss_of(plain[0]), plain[1], clip=clip)
    scaled().descend(loss_of(other[0]), other[1], clip=clip)
    torch.testing.assert_close(plain[0].weight, other[0].weight)


def test_the_step_is_as_long_as_the_clipped_gradient() -> None:
    linear, optimiser = network()
    before = torch.cat([weight.detach().flatten() for weight in linear.parameters()])
    Precision().descend(loss_of(linear, 1000.0), optimiser, clip=0.1)
    after = torch.cat([weight.detach().flatten() for weight in linear.parameters()])
    assert float((after - before).norm()) == pytest.approx(0.5 * 0.1, rel=1e-3)


def test_an_overflow_skips_the_step_and_halves_the_scale() -> None:
    linear, optimiser = network()
    before, precision = linear.weight.detach().clone(), scaled()
    precision.descend(loss_of(linear) * float("inf"), optimiser, clip=1.0)
    assert torch.equal(linear.weight, before)
    assert precision.scaler.get_scale() == 512.0
