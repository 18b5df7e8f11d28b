"""D1, D2 and D_which against Eq. 6 to 10, with discriminators whose answers are known."""

from __future__ import annotations

from math import exp, log1p

import pytest
import torch
from torch import Tensor, nn

from pgvgen.training.judges import Judges


class Brightness(nn.Module):
    """As sure that a picture is real as it is bright."""

    def forward(self, picture: Tensor) -> Tensor:
        return picture.mean((1, 2, 3), keepdim=True)


def bright(value: float) -> Tensor:
    return torch.full((2, 3, 8, 8), float(value), requires_grad=True)


def log_sigmoid(logit: float) -> float:
    return -log1p(exp(-logit))


def judges(*streams: str, which: bool = True) -> Judges:
    made = Judges(streams, which=which, width=4)
    for name in made:
        made[name] = Brightness()
    return made


@pytest.mark.parametrize("which", [True, False])
def test_both_streams_are_judged_as_the_paper_writes(which: bool) -> None:
    real, gen, true = 1.5, -0.5, 0.75
    frames, both = (
        {"predicted": bright(gen), "true": bright(true)},
        judges("predicted", "true", which=which),
    )
    eq_7 = log_sigmoid(real) + log_sigmoid(-gen)
    eq_8 = log_sigmoid(real) + log_sigmoid(-true)
    eq_6 = log_sigmoid(true) + log_sigmoid(-gen) if which else 0
    loss = both.loss(frames, bright(real))
    assert loss.item() == pytest.approx(-(eq_6 + eq_7 + eq_8), rel=1e-5)
    eq_9 = log_sigmoid(gen) + (log_sigmoid(gen) if which else 0)
    adversary = both.adversary(frames)
    assert adversary.item() == pytest.approx(-(eq_9 + log_sigmoid(true)), rel=1e-5)


def test_what_judges_minimise_teaches_no_generator() -> None:
    frames = {"predicted": bright(0), "true": bright(0)}
    target = bright(1)
    judges("predicted", "true").loss(frames, target).backward()
    assert all(picture.grad is None for picture in frames.values())


def test_one_stream_has_one_judge() -> None:
    assert set(judges("true")) == {"d_true"}
