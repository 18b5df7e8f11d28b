"""The paper's generator has the shapes of Fig. 2 and Section 3.4, whatever its recurrent module."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from pgvgen.motion import PSGANConfig
from pgvgen.motion.heatmap import HeatmapGenerator
from pgvgen.nn import ConvGRU, ConvLSTM


def small(keypoints: int = 18, labels: int = 3, **options: object) -> HeatmapGenerator:
    torch.manual_seed(0)
    return HeatmapGenerator(keypoints, labels, base=4, blocks=1, **options).eval()  # type: ignore[arg-type]


def answer(network: HeatmapGenerator, keypoints: int = 18, label: int = 0) -> Tensor:
    pose = torch.zeros(1, keypoints, 64, 64)
    pose[:, :, 28:36, 28:36] = 1
    with torch.no_grad():
        return network(pose, torch.eye(3)[label : label + 1])


@pytest.mark.parametrize("keypoints", [18, 68])
def test_answers_t_maps_for_every_keypoint_of_a_body_or_a_face(keypoints: int) -> None:
    maps = answer(small(keypoints), keypoints)
    assert maps.shape == (1, keypoints, 32, 64, 64)
    assert maps.min() >= 0
    assert maps.max() <= 1


def test_four_convolutions_k4_s2_bring_64_to_4() -> None:
    network = small()
    convolutions = [m for m in network.encoder if isinstance(m, nn.Conv2d)]
    assert [(m.kernel_size, m.stride) for m in convolutions] == [((4, 4), (2, 2))] * 4
    assert network.encoder(torch.zeros(1, 18, 64, 64)).shape[2:] == (4, 4)


def test_decoder_is_fractionally_strided_in_time_and_space() -> None:
    network = small()
    layers = [m for m in network.decoder if isinstance(m, nn.ConvTranspose3d)]
    assert [m.stride for m in layers] == [(2, 2, 2)] * 4
    # Time begins with length 1 (Section 3.4) and is 2 where the joint doubling begins.
    assert network.lengthen(torch.zeros(1, 32, 1, 4, 4)).shape == (1, 32, 2, 4, 4)


@pytest.mark.parametrize(
    ("name", "kind"), [("gru", ConvGRU), ("lstm", ConvLSTM), ("none", nn.Identity)]
)
def test_recurrent_module_is_chosen_by_name(name: str, kind: type[nn.Module]) -> None:
    network = small(recurrent=name)
    assert type(network.recurrent) is kind
    assert answer(network).shape == (1, 18, 32, 64, 64)


def test_label_changes_the_answer() -> None:
    network = small()
    assert not torch.allclose(answer(network, label=0), answer(network, label=1), atol=1e-4)


@pytest.mark.parametrize("frames", [8, 24])
def test_refuses_lengths_that_doubling_cannot_give(frames: int) -> None:
    with pytest.raises(ValueError, match="frames"):
        PSGANConfig(labels=("wave",), frames=frames)


@pytest.mark.parametrize("odd", [{"frames": 30}, {"width": 20}])
def test_refuses_shapes_that_the_keypoint_generator_cannot_have(odd: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="multiples"):
        PSGANConfig(labels=("wave",), generator="flow", **odd)  # type: ignore[arg-type]
