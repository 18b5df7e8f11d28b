"""Stage two's trainer: its examples, the equations' gradients, and that it learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError, WeightsError
from pgvgen.poses import BODY_18
from pgvgen.rendering.layers import Layers
from pgvgen.rendering.parts import INDEX, PARTS
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.training.abnormal import Abnormality, abnormal_maps, abnormal_pose, true_maps
from pgvgen.training.cuts import Cut
from pgvgen.training.frame_pairs import Augmentation, FramePairs, _Window
from pgvgen.training.scgan import STREAMS, SCGANStage, build, frames_of
from pgvgen.training.scgan_settings import SCGANLosses, SCGANRecipe
from pgvgen.training.settings import LoopSettings
from tests.training.tiny import tiny_store

PAINTED = SCGANConfig(generator="painted", width=8, blocks=1)
MOVED = SCGANConfig(generator="transported", width=8, blocks=1)
PAPER = SCGANLosses(discriminator_width=8)
LIKENESS = SCGANLosses(streams="predicted", adversarial=0, person=3, edges=5, indecision=0.1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    return ClipStore.open(tiny_store(tmp_path_factory.mktemp("store"), frames=6))


def recipe(model: SCGANConfig, losses: SCGANLosses) -> SCGANRecipe:
    return SCGANRecipe(model, LoopSettings(batch_size=2), losses)


def weights(module: torch.nn.Module) -> list[torch.Tensor]:
    return [p.detach().clone() for p in module.parameters()]


def changed(before: list[torch.Tensor], module: torch.nn.Module) -> bool:
    pairs = zip(before, module.parameters(), strict=True)
    return any(not torch.equal(old, new) for old, new in pairs)


def test_a_batch_is_drawn_from_its_generator_alone(store: ClipStore) -> None:
    pairs = FramePairs(store.clips(split="train"), batch_size=2, augmentation=Augmentation())
    one, same, other = (pairs.batch(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["photo"], other["photo"])
    assert one["parts"].shape == (2, 12, 4, 128, 128)
    assert -1 <= one["photo"].min() < one["photo"].max() <= 1


def test_augmented_joints_stay_on_the_person(store: ClipStore) -> None:
    """Zoom, shift and mirror must move pictures, masks and joints together."""
    clip = store.clips(split="train")[0]
    pairs = FramePairs([clip], augmentation=Augmentation(), abnormality=Abnormality(0, 0, 0))
    hits = []
    for seed in range(12):
        example = pairs.example(clip, 0, 3, np.random.default_rng(seed))
        person = torch.nn.functional.avg_pool2d(example["target_person"][None], 2)[0, 0]
        maps = example["maps_true"]
        for joint in ("right_hip", "left_hip", "neck", "right_knee", "left_elbow"):
            disk = maps[BODY_18.index(joint)]
            if disk.sum() > 40:  # wholly inside
                hits.append(float((disk * person).sum() / disk.sum()))
    assert len(hits) > 40
    assert np.mean(hits) > 0.5


def test_a_mirrored_example_exchanges_left_and_right(store: ClipStore) -> None:
    clip = next(c for c in store.clips(split="train") if c.label == "wave")
    pairs = FramePairs([clip], augmentation=Augmentation(zooms=(1.0,), colour=0))
    wrist = {}
    for seed in range(8):
        maps = pairs.example(clip, 0, 3, np.random.default_rng(seed))["maps_true"]
        rows, _ = torch.where(maps[BODY_18.index("right_wrist")] > 0)
        right = rows.float().mean()
        rows, _ = torch.where(maps[BODY_18.index("left_wrist")] > 0)
        wrist[seed] = bool(right < rows.float().mean())
    assert set(wrist.values()) == {True, False}  # the raised arm is the right or the left one


def test_abnormal_poses_are_figure_3s() -> None:
    rng = np.random.default_rng(0)
    points = np.full((18, 2), 64, np.float32)
    there = np.ones(18, np.float32)
    how = Abnormality(jitter=0.05, radius=0.5, missing=0.3)
    off = np.concatenate([abnormal_pose(points, 40, how, rng) - points for _ in range(200)])
    assert off.std() == pytest.approx(40 * 0.05 * np.sqrt(1.25), rel=0.1)
    maps = [abnormal_maps(points, there, 128, how, rng) for _ in range(60)]
    empty = np.mean([float((m.sum((1, 2)) == 0).float().mean()) for m in maps])
    assert empty == pytest.approx(0.3, abs=0.06)
    true = true_maps(points, there, 128)[0].sum()
    sizes = [float(m.sum((1, 2)).max() / true) for m in maps]
    assert min(sizes) < 0.6
    assert max(sizes) > 1.6


def test_d_which_teaches_the_predicted_stream_only(store: ClipStore) -> None:
    stage, batches = build(recipe(PAINTED, PAPER), store)
    assert isinstance(stage, SCGANStage)
    batch = batches.batch(np.random.default_rng(0))
    frames = {s: frames_of(stage.network, batch, s)[0] for s in ("predicted", "true")}
    stage.judges.loss(frames, batch["target"]).backward()
    assert all(p.grad is None for p in stage.network.parameters())
    for name in ("d_predicted", "d_true"):  # leave D_which alone to speak
        stage.judges[name] = torch.nn.Conv2d(3, 1, 1)
        for parameter in stage.judges[name].parameters():
            torch.nn.init.zeros_(parameter)
    stage.judges.adversary(frames).backward()
    streams = stage.network.generator.pose_encoders
    assert all(p.grad is None or not p.grad.any() for p in streams.true.parameters())
    assert any(p.grad is not None and p.grad.any() for p in streams.predicted.parameters())


def test_one_step_of_the_papers_training_moves_every_network(store: ClipStore) -> None:
    stage, batches = build(recipe(PAINTED, PAPER), store)
    assert isinstance(stage, SCGANStage)
    before = {name: weights(module) for name, module in stage.modules().items()}
    figures = stage.step(batches.batch(np.random.default_rng(0)), 0)
    assert {"judges", "adversarial", "l1_predicted", "l1_true"} <= set(figures)
    assert set(stage.judges) == {"d_predicted", "d_true", "d_which"}
    assert all(changed(before[name], module) for name, module in stage.modules().items())


@pytest.mark.parametrize("streams", ["predicted", "true"])
def test_table_5s_ablations_train_the_encoder_of_inference(store: ClipStore, streams: str) -> None:
    stage, batches = build(recipe(PAINTED, replace(PAPER, streams=streams)), store)
    assert isinstance(stage, SCGANStage)
    assert set(stage.judges) == {f"d_{streams}"}
    encoders = stage.network.generator.pose_encoders
    before, other = weights(encoders.predicted), weights(encoders.true)
    batch = batches.batch(np.random.default_rng(0))
    unread = {name: part for name, part in batch.items() if not name.endswith(f"_{streams}")}
    with pytest.raises(KeyError):
        stage.step(unread, 0)
    stage.step(batch, 0)
    assert changed(before, encoders.predicted)
    assert not changed(other, encoders.true)


def test_d_which_can_be_left_out(store: ClipStore) -> None:
    stage, _ = build(recipe(PAINTED, replace(PAPER, which=False)), store)
    assert isinstance(stage, SCGANStage)
    assert set(stage.judges) == {"d_predicted", "d_true"}


def test_psgans_predictions_are_taken_where_there_are_any(store: ClipStore) -> None:
    clip = store.clips(split="train")[0]
    predicted = clip.keypoints + np.float32([5, -3])
    pairs = FramePairs([clip], augmentation=Augmentation())
    foretold = replace(clip, predicted=predicted)
    for seed in range(4):
        told = pairs.example(foretold, 0, 3, np.random.default_rng(seed))
        moved = replace(clip, keypoints=np.concatenate([clip.keypoints[:3], predicted[3:]]))
        same = pairs.example(moved, 0, 3, np.random.default_rng(seed))
        torch.testing.assert_close(told["maps_predicted"], same["maps_true"])
        assert not torch.equal(told["maps_predicted"], told["maps_true"])
    never = replace(pairs, predictions=0.0, abnormality=Abnormality(0, 0, 0))
    example = never.example(foretold, 0, 3, np.random.default_rng(0))
    torch.testing.assert_close(example["maps_predicted"], example["maps_true"])


def test_a_frame_is_cut_once_and_placed_as_if_it_were_cut_there(store: ClipStore) -> None:
    clip = next(c for c in store.clips(split="train") if c.label == "wave")
    pairs = FramePairs([clip], augmentation=Augmentation(zooms=(1.0,), colour=0))
    first = pairs.example(clip, 0, 3, np.random.default_rng(0))
    kept = dict(pairs.cutter._kept)
    assert len(kept) == 1
    second = pairs.example(clip, 0, 3, np.random.default_rng(0))
    assert pairs.cutter._kept == kept
    assert all(torch.equal(first[name], second[name]) for name in first)
    # As if it had been cut as it is seen: in a mirror the left arm's pixels are the left arm's.
    network = SCGAN(MOVED).eval()
    errors: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(12):
        drawn = _Window.draw(128, pairs.augmentation, np.random.default_rng(seed))
        example = pairs.example(clip, 0, 3, np.random.default_rng(seed))
        batch = {name: part[None] for name, part in example.items()}
        with torch.no_grad():
            frames, _ = frames_of(network, batch, "true")
        errors[drawn.mirror].append(float((frames - batch["target"]).abs().mean()))
    assert np.mean(errors[True]) == pytest.approx(np.mean(errors[False]), rel=0.1)


def test_an_arm_that_the_first_frame_hides_is_believed_and_one_that_the_second_hides_is_not(
    store: ClipStore,
) -> None:
    clip = store.clips(split="train")[0]
    confidence = np.ones_like(clip.confidence)
    confidence[0, [BODY_18.index(f"right_{joint}") for joint in ("elbow", "wrist")]] = 0.05
    pairs = FramePairs([replace(clip, id="hiding", confidence=confidence)])
    arm = [INDEX["right_upper_arm"], INDEX["right_forearm"]]
    appears, vanishes = (
        pairs.example(pairs.clips[0], *order, np.random.default_rng(0))
        for order in ((0, 3), (3, 0))
    )
    assert appears["usable_true"][arm].all()
    assert (appears["parts"][arm, 3] > 0).flatten(1).any(1).all()
    assert not vanishes["usable_true"][arm].any()


def test_frames_cut_ahead_by_processes_are_the_same(store: ClipStore) -> None:
    clips, how = store.clips(split="train"), Augmentation(zooms=(0.85, 1.0))
    ahead, now = (FramePairs(clips, batch_size=2, augmentation=how) for _ in range(2))
    ahead.prepare(2)
    cut = dict(ahead.cutter._kept)
    assert len(cut) == sum(len(clip) for clip in clips)
    batch = ahead.batch(np.random.default_rng(3))
    assert ahead.cutter._kept == cut  # nothing was left to cut
    for name, part in now.batch(np.random.default_rng(3)).items():
        assert torch.equal(part, batch[name])


def test_a_cut_is_made_smaller_without_dark_rims():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (90, 90, 3), np.uint8)
    parts = np.zeros((len(PARTS), 90, 90, 4), np.uint8)
    cv2.circle(parts[1], (40, 50), 23, (200, 120, 40, 255), -1)
    layers = Layers(photo, parts, photo[::-1], parts[1, ..., 3].astype(np.float32) / 255)
    cut = Cut.of(layers)
    again = vars(cut.layers(90))
    assert all(np.array_equal(again[name], whole) for name, whole in vars(layers).items())
    small = cut.layers(37)
    assert np.array_equal(small.photo, cv2.resize(photo, (37, 37), interpolation=cv2.INTER_AREA))
    seen = small.parts[1, ..., 3] > 25
    assert (seen & (small.parts[1, ..., 3] < 230)).any()
    assert np.abs(small.parts[1, seen, :3].astype(int) - (200, 120, 40)).max() <= 6
    assert not small.parts[[0, *range(2, len(PARTS))]].any()
    np.testing.assert_allclose(small.matte, small.parts[1, ..., 3] / 255, atol=0.01)


def test_the_transported_generator_learns_and_is_released(store: ClipStore, tmp_path: Path) -> None:
    torch.manual_seed(0)
    stage, batches = build(recipe(MOVED, LIKENESS), store)
    assert isinstance(stage, SCGANStage)
    batch = batches.batch(np.random.default_rng(0))
    first = float(stage.step(batch, 0)["l1_predicted"])
    for step in range(1, 40):
        last = float(stage.step(batch, step)["l1_predicted"])
    assert last < 0.88 * first
    figures = stage.validate()
    assert 0 < figures["person_l1"] < figures["static_person_l1"]
    assert stage.sheet().shape[2] == 3
    stage.release(tmp_path)
    assert SCGAN.from_pretrained(tmp_path).config == MOVED


def test_in_a_share_of_the_steps_nothing_is_painted(store: ClipStore) -> None:
    losses = replace(LIKENESS, unpainted=0.5)
    stage, batches = build(recipe(MOVED, losses), store)
    batch = batches.batch(np.random.default_rng(0))
    painted = [float(stage.step(batch, step)["painting_predicted"]) > 0 for step in range(4)]
    assert painted == [True, False, True, False]


def test_a_painted_layer_begins_anew(store: ClipStore, tmp_path: Path) -> None:
    never = SCGAN(MOVED)
    with torch.no_grad():
        never.generator.head.bias[-1] = -30
    never.save_pretrained(tmp_path)
    shown = []
    for repaint in (False, True):
        losses = replace(LIKENESS, begin=str(tmp_path), repaint=repaint)
        stage, batches = build(recipe(MOVED, losses), store)
        figures = stage.step(batches.batch(np.random.default_rng(0)), 0)
        shown.append(float(figures["painting_predicted"]))
    assert shown[0] < 1e-9
    assert shown[1] > 1e-4


def test_at_the_beginning_masks_cost_nothing(store: ClipStore) -> None:
    def heads(**taxes: float) -> list[torch.Tensor]:
        torch.manual_seed(0)
        stage, batches = build(recipe(MOVED, replace(LIKENESS, **taxes)), store)
        assert isinstance(stage, SCGANStage)
        batch, after = batches.batch(np.random.default_rng(0)), []
        for step in range(2):
            stage.step(batch, step)
            after.append(stage.network.generator.head.weight.detach().clone())
        return after

    free, due = heads(indecision=0, painting=0), heads(indecision=5, painting=5, untaxed=1)
    assert torch.equal(free[0], due[0])
    assert not torch.equal(free[1], due[1])


def test_a_store_without_pictures_says_so(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=3))
    with pytest.raises(InputError, match="no training clips with pictures"):
        build(recipe(PAINTED, PAPER), store)


def test_a_training_begins_from_a_weight_of_its_own_shape(store: ClipStore, tmp_path: Path) -> None:
    before = SCGAN(MOVED)
    before.save_pretrained(tmp_path)
    losses = replace(PAPER, begin=str(tmp_path))
    stage, _ = build(recipe(MOVED, losses), store)
    assert isinstance(stage, SCGANStage)
    encoders = stage.network.generator.pose_encoders
    for own, other, old in zip(
        encoders.predicted.parameters(),
        encoders.true.parameters(),
        before.generator.pose_encoders.predicted.parameters(),
        strict=True,
    ):
        assert torch.equal(own, other)
        torch.testing.assert_close(own, old, atol=1e-3, rtol=1e-3)  # kept as float16
    with pytest.raises(WeightsError, match="the recipe's network is"):
        build(recipe(replace(MOVED, width=12), losses), store)


def test_streams_that_shared_a_convolution_part_as_they_are(
    store: ClipStore, tmp_path: Path
) -> None:
    SCGAN(PAINTED).save_pretrained(tmp_path)
    losses = replace(PAPER, begin=str(tmp_path))
    together, apart = (
        build(recipe(replace(PAINTED, shared=shared), losses), store)[0] for shared in (True, False)
    )
    assert isinstance(together, SCGANStage)
    assert isinstance(apart, SCGANStage)
    poses = torch.rand(2, 18, 64, 64)
    encoders = apart.network.generator.pose_encoders
    for stream in STREAMS["both"]:
        wanted = together.network.generator.pose_encoders(poses, stream)
        torch.testing.assert_close(encoders(poses, stream), wanted)
    before, after = (set(map(id, own.parameters())) for own in (encoders.predicted, encoders.true))
    assert not before & after
    apart.network.save_pretrained(tmp_path / "apart")
    assert not SCGAN.from_pretrained(tmp_path / "apart").config.shared
