"""PatchGAN, residual block, ConvGRU and ConvLSTM keep their shapes and their mathematics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from pgvgen.nn import (
    ConvGRU,
    ConvLSTM,
    PatchGAN,
    ResidualBlock,
    discriminator_loss,
    frozen,
    generator_loss,
)


def test_patchgan_judges_30_by_30_patches_of_256() -> None:
    # pix2pix's own figure: 70×70 patches of a 256×256 picture are a 30×30 map.
    net = PatchGAN(3, base=4)
    assert net(torch.zeros(2, 3, 256, 256)).shape == (2, 1, 30, 30)


def test_patchgan_logit_sees_70_pixels() -> None:
    torch.manual_seed(0)
    net = PatchGAN(1, base=4)
    body = nn.Sequential(*(m for m in net.body if isinstance(m, nn.Conv2d)))  # norms see it all
    picture = torch.randn(1, 1, 256, 256, requires_grad=True)
    body(picture)[0, 0, 15, 15].backward()
    assert picture.grad is not None
    columns = picture.grad.abs().sum((0, 1, 2)).nonzero()
    assert int(columns.max() - columns.min()) + 1 == 70


def test_patchgan_takes_volumes() -> None:
    assert PatchGAN(18, base=4, dimensions=3)(torch.zeros(1, 18, 32, 64, 64)).shape == (
        1, 1, 2, 6, 6,
    )  # fmt: skip


@pytest.mark.parametrize("norm", [True, False])
def test_residual_block_adds_to_its_input(norm: bool) -> None:
    block = ResidualBlock(6, norm=norm)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 6, 8, 8)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("norm", [True, False])
def test_normed_residual_block_adds_no_more_however_large_its_weights(norm: bool) -> None:
    block = ResidualBlock(6, norm=norm)
    for parameter in block.parameters():
        nn.init.constant_(parameter, 100.0)
        parameter.data += torch.randn_like(parameter)
    x = torch.randn(2, 6, 8, 8)
    assert bool(((block(x) - x).abs().mean() < 2).item()) == norm


def test_frozen_network_passes_gradients_on_and_keeps_none() -> None:
    network = PatchGAN(1, base=2)
    picture = torch.randn(1, 1, 64, 64, requires_grad=True)
    (through,) = torch.autograd.grad(network(picture).sum(), picture)
    with frozen(network):
        answer = network(picture)
    answer.sum().backward()
    assert picture.grad is not None
    torch.testing.assert_close(picture.grad, through)
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def _centre(cell: nn.Module, gates: int, reference: nn.GRU | nn.LSTM) -> None:
    """Give the convolutional cell the reference's matrices in the middle of its kernels."""
    with torch.no_grad():
        for name, matrix in (("of_input", "weight_ih_l0"), ("of_state", "weight_hh_l0")):
            kernel = getattr(cell, name).weight
            kernel.zero_()
            kernel[:, :, 1, 1] = getattr(reference, matrix)
        cell.of_input.bias.copy_(reference.bias_ih_l0)
    assert gates * 5 == cell.of_input.bias.numel()


@pytest.mark.parametrize(
    ("cell", "gates", "reference"), [(ConvGRU, 3, nn.GRU), (ConvLSTM, 4, nn.LSTM)]
)
def test_recurrent_cells_are_torchs_own_at_every_pixel(cell, gates, reference) -> None:
    torch.manual_seed(0)
    theirs = reference(5, 5, batch_first=True)
    nn.init.zeros_(theirs.bias_hh_l0)
    ours = cell(5)
    _centre(ours, gates, theirs)
    x = torch.randn(2, 5, 7, 3, 4)
    rows = x.permute(0, 3, 4, 2, 1).reshape(-1, 7, 5)
    expected = theirs(rows)[0].reshape(2, 3, 4, 7, 5).permute(0, 4, 3, 1, 2)
    torch.testing.assert_close(ours(x), expected)


def test_equations_1_and_6_to_8_of_probabilities() -> None:
    real, fake = np.array([0.9, 0.6, 0.2]), np.array([0.3, 0.8])
    logit = lambda p: torch.from_numpy(np.log(p / (1 - p)))  # noqa: E731
    equation = np.log(real).mean() + np.log(1 - fake).mean()
    assert discriminator_loss(logit(real), logit(fake)).item() == pytest.approx(-equation)


def test_equations_2_9_and_10_of_probabilities() -> None:
    fake = np.array([0.3, 0.8])
    logits = torch.from_numpy(np.log(fake / (1 - fake)))
    assert generator_loss(logits).item() == pytest.approx(-np.log(fake).mean())


def test_hopeless_logits_stay_finite() -> None:
    sure = torch.tensor([-200.0, 200.0], requires_grad=True)
    loss = discriminator_loss(sure, -sure) + generator_loss(sure)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(sure.grad).all()
