"""Stage two's networks: both generators, what they share, and what they start from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pgvgen.data.store import ClipStore
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.rendering.order import FROM_THE_FRONT
from pgvgen.rendering.parts import PARTS, part_priors
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import (
    PAINTED,
    PHOTO,
    PLATE,
    Scene,
    absence,
    compose,
    move_parts,
    prior_logits,
)
from pgvgen.training.abnormal import Abnormality
from pgvgen.training.frame_pairs import FramePairs
from pgvgen.training.scgan import frames_of
from tests.rendering.test_parts import SEEN, STANDING
from tests.training.tiny import tiny_store

SMALL_PAINTED = SCGANConfig(generator="painted", width=8, blocks=1)
SMALL = SCGANConfig(generator="transported", width=8, blocks=1)
ORDER = torch.tensor([FROM_THE_FRONT])


def example_scene() -> Scene:
    """A person in flat colours, one a part, before a grey wall."""
    alpha = torch.from_numpy(part_priors(STANDING, SEEN, (128, 128)))
    colours = torch.rand(len(PARTS), 3, generator=torch.Generator().manual_seed(1)) * 2 - 1
    parts = torch.cat([colours[:, :, None, None].expand(-1, -1, 128, 128), alpha[:, None]], 1)
    plate = torch.full((1, 3, 128, 128), 0.1)
    photo = plate.clone()
    for colour, a in zip(colours, alpha, strict=True):
        photo = photo * (1 - a) + a * colour[None, :, None, None]
    person = (1 - torch.prod(1 - alpha, 0))[None, None]
    owners = torch.nn.functional.avg_pool2d(alpha + 1e-6, 2)
    owners /= owners.sum(0)
    return Scene(photo, person, parts[None], plate, (person > 0.01).float(), owners[None], ORDER)


def poses(count: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Transforms, usable and heatmaps of arms that are raised further from frame to frame."""
    target = np.repeat(STANDING[None], count, 0)
    for t in range(1, count):
        for elbow, wrist, side in ((3, 4, -1), (6, 7, 1)):
            target[t, elbow] = target[t, elbow - 1] + np.array([14 * side, 4])
            target[t, wrist] = target[t, elbow] + np.array([3 * side, -14])
    transforms, usable = part_transforms(STANDING, SEEN, target, np.repeat(SEEN[None], count, 0))
    maps = draw_heatmaps(torch.from_numpy(target) / 2, torch.ones(count, 18))
    return torch.from_numpy(transforms), torch.from_numpy(usable), maps


def awakened(network: SCGAN) -> SCGAN:
    """The network with a head that is no longer zero, as after training."""
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        if not parameter.any():
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.1
    return network


def test_the_painted_generator_is_figure_4() -> None:
    network = SCGAN(SMALL_PAINTED)
    photo, maps = torch.rand(1, 3, 128, 128) * 2 - 1, torch.rand(4, 18, 64, 64)
    features = network.encode_photo(photo)
    frames = network.paint(features, maps)
    assert features.shape == (1, 64, 8, 8)
    assert frames.shape == (4, 3, 128, 128)
    assert frames.abs().max() <= 1
    downs = [m for m in network.generator.photo_encoder.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [(m.kernel_size, m.stride) for m in downs] == [((4, 4), (2, 2))] * 4
    kinds = {type(m) for m in network.generator.decoder.modules()}
    assert torch.nn.ConvTranspose2d not in kinds
    assert torch.nn.Upsample in kinds


@pytest.mark.parametrize("config", [SMALL_PAINTED, SMALL])
def test_the_two_pose_streams_share_exactly_their_last_convolution(config: SCGANConfig) -> None:
    streams = SCGAN(config).generator.pose_encoders
    own = {id(p) for p in streams.predicted.parameters()}
    other = {id(p) for p in streams.true.parameters()}
    shared = list(streams.shared.parameters())
    assert not own & other
    assert len(own) == len(other) > 0
    alone = SCGAN(replace(config, shared=False)).generator.pose_encoders
    assert not list(alone.shared.parameters())
    maps = torch.rand(1, 18, 64, 64)
    for stream in ("predicted", "true"):
        streams.zero_grad()
        streams(maps, stream).sum().backward()
        assert shared[0].grad.abs().sum() > 0, stream
    assert not torch.equal(streams(maps, "predicted"), streams(maps, "true"))
    assert alone(maps, "true").shape == streams(maps, "true").shape


def test_untrained_it_is_the_painters_order_of_the_moved_parts() -> None:
    network, scene = SCGAN(SMALL).eval(), example_scene()
    transforms, usable, maps = poses()
    answer = network.transport(network.encode_photo(scene.photo), scene, transforms, usable, maps)
    moved = move_parts(scene.parts, transforms, usable)
    absent = absence(scene, transforms, usable)
    frame = scene.photo * (1 - absent) + scene.plate * absent
    for part in moved.unbind(1):
        frame = frame * (1 - part[:, 3:]) + part[:, 3:] * part[:, :3]
    assert (answer.frames - frame).abs().max() < 0.04
    assert (answer.frames - frame).abs().mean() < 0.004


def test_masks_sum_to_one_trained_or_not() -> None:
    scene = example_scene()
    transforms, usable, maps = poses()
    for network in (SCGAN(SMALL), awakened(SCGAN(SMALL))):
        features = network.encode_photo(scene.photo)
        masks = network.transport(features, scene, transforms, usable, maps).masks
        assert masks.shape == (2, len(PARTS) + 3, 128, 128)
        assert masks.min() >= 0
        torch.testing.assert_close(masks.sum(1), torch.ones(2, 128, 128), atol=1e-5, rtol=0)


def test_the_photo_does_not_show_where_the_person_stood_and_is_no_longer() -> None:
    scene = example_scene()
    transforms, usable, _ = poses()
    moved = move_parts(scene.parts, transforms, usable)
    absent = absence(scene, transforms, usable)
    assert not absent[0].any(), "nobody has moved"
    masks = torch.softmax(prior_logits(moved[:, :, 3], absent, ORDER), 1)[1]
    gone = (scene.person[0, 0] > 0.99) & (moved[1, :, 3].amax(0) < 0.01)
    assert gone.sum() > 50
    assert masks[PHOTO][gone].mean() < 0.01
    assert masks[PLATE][gone].mean() > 0.95
    assert masks[PAINTED].max() < 0.02


def test_a_part_is_never_shown_where_it_has_no_pixels() -> None:
    scene = example_scene()
    transforms, usable, _ = poses()
    alpha = move_parts(scene.parts, transforms, usable)[:, :, 3]
    wild = torch.randn(2, len(PARTS) + 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2
    masks = torch.softmax(wild + prior_logits(alpha, absence(scene, transforms, usable), ORDER), 1)
    assert masks[:, 1:-2][alpha == 0].max() < 1e-2


def test_parts_land_where_their_transform_says() -> None:
    parts = torch.zeros(1, 1, 4, 32, 32)
    parts[0, 0, :, 10, 7] = 1
    shift = torch.tensor([[[[1.0, 0, -5], [0, 1, -3]]]])  # target px → source px
    moved = move_parts(parts, shift)
    assert moved[0, 0, 3].argmax().item() == (10 + 3) * 32 + (7 + 5)
    identity = torch.eye(2, 3)[None, None]
    torch.testing.assert_close(move_parts(parts, identity), parts, atol=1e-4, rtol=0)
    far = torch.tensor([[[[1.0, 0, 100], [0, 1, 0]]]])
    assert move_parts(torch.ones(1, 1, 4, 32, 32), far)[:, :, 3].max() == 0
    assert move_parts(parts, identity, torch.tensor([[False]]))[:, :, 3].max() == 0


def test_the_same_corrections_serve_a_larger_picture() -> None:
    scene = example_scene()
    transforms, usable, maps = poses()
    network = awakened(SCGAN(SMALL)).eval()
    answer = network.transport(network.encode_photo(scene.photo), scene, transforms, usable, maps)
    grow = torch.nn.Upsample(scale_factor=2, mode="bilinear")
    large = Scene(
        grow(scene.photo), grow(scene.person), grow(scene.parts[0])[None], grow(scene.plate),
        (grow(scene.hole) > 0.5).float(), scene.owners, ORDER,
    )  # fmt: skip
    wider = transforms.clone()  # x → 2x + ½ on both sides
    wider[..., 2] = 2 * transforms[..., 2] + 0.5 - transforms[..., :2].sum(-1) * 0.5
    moved = move_parts(large.parts, wider, usable)
    absent = absence(large, wider, usable)
    masks = torch.softmax(grow(answer.corrections) + prior_logits(moved[:, :, 3], absent, ORDER), 1)
    frames = compose(masks, large, moved, grow(answer.painted))
    small = torch.nn.functional.avg_pool2d(frames, 2)
    assert (small - answer.frames).abs().mean() < 0.02


def test_unpainted_all_but_the_painted_layer_is_as_it_was() -> None:
    scene = example_scene()
    network = awakened(SCGAN(SMALL)).eval()
    answer = network.transport(network.encode_photo(scene.photo), scene, *poses())
    rest = answer.masks[:, :PAINTED]
    bare = answer.unpainted()
    assert answer.masks[:, PAINTED].min() > 0
    assert not bare.masks[:, PAINTED].any()
    torch.testing.assert_close(bare.masks[:, :PAINTED], rest / rest.sum(1, keepdim=True))
    nothing = torch.zeros_like(answer.painted)
    torch.testing.assert_close(
        bare.frames, compose(bare.masks, scene, answer.moved, nothing), atol=1e-6, rtol=0
    )


def test_well_inside_the_person_the_network_shows_no_background_and_paints_nothing() -> None:
    scene = example_scene()
    transforms, usable, maps = poses()
    network = awakened(SCGAN(SMALL)).eval()
    answer = network.transport(network.encode_photo(scene.photo), scene, transforms, usable, maps)
    person = 1 - torch.prod(1 - answer.moved[:, :, 3], 1, keepdim=True)
    whole = torch.nn.functional.avg_pool2d((person == 1).float(), 5, stride=1, padding=2)[:, 0] == 1
    assert whole.sum() > 200
    background = answer.relative[:, [PHOTO, PLATE, PAINTED]].transpose(0, 1)
    assert not background[:, whole].any()
    assert (background[:, person[:, 0] < 0.5] != 0).all()


def test_a_photo_encoded_once_serves_all_frames() -> None:
    network, scene = awakened(SCGAN(SMALL)).eval(), example_scene()
    transforms, usable, maps = poses(3)
    features = network.encode_photo(scene.photo)
    together = network.transport(features, scene, transforms, usable, maps).frames
    for i in range(3):
        one = slice(i, i + 1)
        alone = network.transport(features, scene, transforms[one], usable[one], maps[one]).frames
        torch.testing.assert_close(together[one], alone, atol=1e-4, rtol=0)


@pytest.mark.parametrize("config", [SMALL_PAINTED, SMALL])
def test_saved_and_loaded_it_is_the_same(config: SCGANConfig, tmp_path: Path) -> None:
    network = awakened(SCGAN(config)).half().float().eval()
    network.save_pretrained(tmp_path)
    loaded = SCGAN.from_pretrained(tmp_path)
    assert loaded.config == config
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, atol=0, rtol=0)


def test_the_released_weight_moves_a_drawn_figure_better_than_a_static_copy(
    tmp_path: Path,
) -> None:
    store = ClipStore.open(tiny_store(tmp_path, frames=12))
    network = SCGAN.from_pretrained("action")
    assert network.config.generator == "transported"
    off: dict[str, list[float]] = {"static": [], "moved": []}
    for clip in store.clips(split="test"):
        pairs = FramePairs([clip], abnormality=Abnormality(0, 0, 0))
        example = pairs.example(clip, 0, 6, np.random.default_rng(0))
        batch = {name: part[None] for name, part in example.items()}
        with torch.no_grad():
            frames, answer = frames_of(network, batch, "predicted")
        assert answer is not None
        person = torch.maximum(batch["person"], batch["target_person"])
        for name, picture in (("static", batch["photo"]), ("moved", frames)):
            off[name].append(float(((picture - batch["target"]).abs() * person).sum()))
    assert sum(off["moved"]) < 0.7 * sum(off["static"])
