"""Stage one's windows, their variations, and that each of its objectives learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError, WeightsError
from pgvgen.motion import PSGAN, PSGANConfig
from pgvgen.poses import BODY_18
from pgvgen.training.motion_augment import augment
from pgvgen.training.motion_examples import example
from pgvgen.training.motion_windows import MotionWindows, rank_strengths
from pgvgen.training.psgan import MotionData, PSGANRecipe, build
from pgvgen.training.psgan_settings import PSGANLosses
from pgvgen.training.psgan_stages import PSGANStage
from pgvgen.training.settings import LoopSettings
from tests.training.tiny import STANDING, poses, tiny_store


def clip(label: str, frames: int = 60, fps: float = 15.0, **changes: object) -> Clip:
    keypoints = poses("wave" if label.startswith("wave") else "squat", frames, _rng())
    values = {
        "id": f"{label}-0", "label": label, "source": "tiny", "group": "g", "split": "train",
        "fps": fps, "size": (96, 96), "keypoints": keypoints,
        "confidence": np.ones((frames, 18), np.float32),
    }  # fmt: skip
    return Clip(**(values | changes))  # type: ignore[arg-type]


_NO = torch.tensor([False])


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def windows(clips: list[Clip], labels: tuple[str, ...], **options: object) -> MotionWindows:
    values: dict[str, object] = {"frames": 32, "fps": 15.0, "batch_size": 64, "augmented": False}
    return MotionWindows(clips, labels, **(values | options))  # type: ignore[arg-type]


def test_classes_are_drawn_evenly_however_many_clips_they_have() -> None:
    many = [clip("wave", id=f"w{i}") for i in range(30)]
    drawn = windows([*many, clip("squat")], ("squat", "wave"), batch_size=400).batch(_rng())
    assert 150 < int(drawn["label"].sum()) < 250
    assert drawn["keypoints"].shape == (400, 32, 18, 2)


def test_windows_have_the_networks_frame_rate() -> None:
    fast = windows([clip("squat", frames=120, fps=30.0)], ("squat",)).batch(_rng())
    slow = windows([clip("squat", frames=60, fps=15.0)], ("squat",)).batch(_rng())
    period = 12 / 30 * 15  # frames of the tiny figure's squat, at 15 fps
    heights = fast["keypoints"][0, :, 8, 1].numpy()
    spectrum = np.abs(np.fft.rfft(heights - heights.mean()))
    assert spectrum.argmax() == pytest.approx(32 / period, abs=1)
    assert fast["keypoints"].shape == slow["keypoints"].shape


def test_a_single_action_that_ends_early_holds_its_last_pose() -> None:
    short = clip("bow", frames=20)
    batch = windows([short], ("bow",)).batch(_rng())
    assert (batch["known"] == 1).all()
    assert torch.equal(batch["keypoints"][:, -1], batch["keypoints"][:, -3])


def test_a_repeated_action_that_ends_early_is_not_known_beyond() -> None:
    batch = windows([clip("squat", frames=20)], ("squat",)).batch(_rng())
    assert (batch["known"][:, :20] == 1).all()
    assert (batch["known"][:, 20:] == 0).all()


def test_the_mirrored_wave_is_the_other_hands() -> None:
    labels = ("wave", "wave_left")
    drawn = windows([clip("wave")], labels, augmented=True, batch_size=200).batch(_rng())
    right, left = BODY_18.index("right_wrist"), BODY_18.index("left_wrist")
    moved = drawn["keypoints"][:, 12:].diff(dim=1).norm(dim=-1).mean(1)
    by_right = moved[:, right] > moved[:, left]
    assert torch.equal(by_right, drawn["label"] == 0)
    assert 60 < int(drawn["label"].sum()) < 140


def test_a_swing_without_a_mirrored_name_is_not_mirrored() -> None:
    labels = ("golf_swing",)
    right_handed = clip("golf_swing", keypoints=poses("wave", 60, _rng()))
    batch = windows([right_handed], labels).batch(_rng())
    varied = augment(batch, torch.tensor([-1]), _NO, _rng())
    moved = varied["keypoints"][:, 12:].diff(dim=1).norm(dim=-1).mean(1)
    assert (moved[:, 4] > moved[:, 7]).all()


def test_augmenting_keeps_what_a_data_set_lacks_unknown_and_hides_more() -> None:
    confidence = np.ones((60, 18), np.float32)
    confidence[:, [1, 14, 15]] = 0
    batch = windows([clip("squat", confidence=confidence)], ("squat",)).batch(_rng())
    varied = augment(batch, torch.tensor([-1]), _NO, _rng())
    assert (varied["known"] <= batch["known"]).all()
    hidden = 1 - varied["known"][:, 0, [10, 13]].mean()
    assert 0.1 < hidden < 0.45
    assert torch.isfinite(varied["keypoints"]).all()


def test_a_start_at_rest_is_nobodys_who_lacks_joints_that_the_window_knows() -> None:
    faceless, legless = np.ones((2, 60, 18), np.float32)
    faceless[:, 14:] = 0  # Penn Action and JHMDB have neither eyes nor ears: they lie at (0, 0)
    legless[:, 10] = 0  # nor is it known how tall they are
    clips = [
        clip(
            "bow", id=f"{i}", confidence=sure, keypoints=poses("bow", 60, _rng()) * sure[0, :, None]
        )
        for i, sure in enumerate((np.ones_like(faceless), faceless, legless))
    ]
    batch = windows(clips, ("bow",), batch_size=200).batch(_rng())
    varied = augment(batch, torch.tensor([-1]), _NO, _rng())
    begun, known = varied["keypoints"], batch["known"][:, 0] > 0
    face = (begun[:, 0, 14:] - begun[:, 0, :1]).norm(dim=-1)
    assert face[known[:, 14:]].max() < 10
    torso = (begun[:, :, 1] - begun[:, :, 8]).norm(dim=-1)
    assert (torso[:, 0] / torso[:, -1]).min() > 0.7


def test_examples_are_displacements_in_the_start_poses_own_coordinates() -> None:
    batch = windows([clip("squat")], ("squat",)).batch(_rng())
    larger = {**batch, "keypoints": batch["keypoints"] * 4 + 100}
    one, other = example(batch), example(larger)
    torch.testing.assert_close(one.motion, other.motion, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(one.start, other.start, atol=1e-3, rtol=1e-3)
    assert (one.motion[:, 0] == 0).all()
    assert (one.given[:, 0] == 1).all()


def recipe(generator: str, **losses: object) -> PSGANRecipe:
    maps = generator == "heatmap"  # the dearest by far
    model = PSGANConfig(
        labels=(), generator=generator, base=4, blocks=1, width=32, frames=16 if maps else 32
    )
    return PSGANRecipe(
        model=model,
        train=LoopSettings(steps=40, batch_size=1 if maps else 16),
        losses=replace(PSGANLosses(discriminator_base=8), **losses),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("generator", "figure", "steps", "losses"),
    [
        ("flow", "flow", 30, {"ema": 0.9}),
        ("keypoint", "nearest", 20, {"beta1": 0.0}),
        ("heatmap", "reconstruction", 5, {"learning_rate": 2e-2, "discriminator_base": 4}),
    ],
)
def test_every_objective_learns(
    generator: str, figure: str, steps: int, losses: dict[str, object], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=48))
    stage, batches = build(recipe(generator, **losses), store)
    batch = batches.batch(np.random.default_rng(0))  # one, so that figures compare
    figures = []
    for step in range(steps):
        torch.manual_seed(step)
        made = stage.step(batch, step)
        figures.append(float(made[figure]))
    assert np.mean(figures[-3:]) < 0.9 * np.mean(figures[:3])
    stage.release(tmp_path / "release")
    released = PSGAN.from_pretrained(tmp_path / "release")
    assert released.config.labels == ("squat", "wave")
    if generator == "flow":
        with torch.no_grad():
            assert set(stage.validate()) == {"error", "speed"}
            assert stage.sheet().ndim == 3


@pytest.mark.parametrize(("floor", "learns"), [(0.0, True), (9.0, False)])
def test_a_discriminator_below_its_floor_waits(floor: float, learns: bool, tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=48))
    stage, batches = build(recipe("heatmap", discriminator_floor=floor), store)
    before = {name: w.clone() for name, w in stage.modules()["judge"].named_parameters()}
    stage.step(batches.batch(np.random.default_rng(0)), 0)
    after = dict(stage.modules()["judge"].named_parameters())
    assert any(not torch.equal(after[name], w) for name, w in before.items()) == learns


@pytest.mark.parametrize("told", [False, True])
def test_a_discriminator_may_be_told_label_and_start_pose(told: bool, tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=48))
    stage, batches = build(recipe("heatmap", discriminator_told=told), store)
    shown: list[torch.Tensor] = []
    judge = stage.modules()["judge"]
    judge.register_forward_pre_hook(lambda _, given: shown.append(given[0].detach()))
    batch = batches.batch(np.random.default_rng(0))
    stage.step(batch, 0)
    assert len(shown) == 3  # the real maps, the generated, and these once more for the generator
    for given in shown:
        start, label = given[:, 18:36], given[:, 36:]
        assert given.shape[1] == (18 + 18 + 2 if told else 18)
        if told:
            assert (start == shown[0][:, :18, :1]).all()  # the first pose, as long as the motion
            assert (label == label[..., :1, :1, :1]).all()
            assert torch.equal(label[:, :, 0, 0, 0].argmax(1), batch["label"])


def test_the_faster_take_is_the_stronger_one_of_its_action_and_camera() -> None:
    still = np.repeat(STANDING[None], 60, 0)
    sway = np.float32([1, 0]) * np.sin(np.arange(60, dtype=np.float32))[:, None, None]
    takes = [clip("bow", id=f"by-{by}", keypoints=still + by * sway) for by in (3, 1, 2, 5)]
    alone = clip("bow", id="aside", keypoints=still + sway, notes={"yaw": 45})
    ranks = rank_strengths([*takes, alone], 15.0)
    assert ranks == {"by-1": 0.125, "by-2": 0.375, "by-3": 0.625, "by-5": 0.875}
    told = windows(takes[:1], ("bow",), strengths=ranks).batch(_rng())["strength"]
    assert (told == 0.625).all()


def test_some_windows_are_seen_from_behind_and_left_remains_left() -> None:
    keypoints = torch.from_numpy(STANDING).expand(400, 8, -1, -1).clone()
    keypoints[:200] *= torch.tensor([-1.0, 1.0])  # from behind
    batch = {
        "keypoints": keypoints, "known": torch.ones(400, 8, 18),
        "label": torch.zeros(400, dtype=torch.int64), "given": torch.full((400,), 8),
    }  # fmt: skip
    for facing, of_those_behind in ((False, 0.0), (True, 0.8)):
        options = torch.tensor([-1]), torch.tensor([facing])
        drawn = augment(batch, *options, _rng())["keypoints"][:, 0]
        front = drawn[:, 5, 0] > drawn[:, 2, 0]
        assert float(front[:200].float().mean()) == pytest.approx(of_those_behind, abs=0.1)
        assert float(front[200:].float().mean()) == pytest.approx(0.8, abs=0.1)
        assert torch.equal(front, drawn[:, 7, 0] > drawn[:, 4, 0])


def test_a_recipe_says_which_clips_are_learnt_from() -> None:
    data = MotionData(leave_out=("jhmdb/wave", "penn"), views={"walk": (20, 90), "bow": (0, 30)})
    taken = [
        clip("squat", source="jhmdb"), clip("bow"), clip("walk", notes={"yaw": 45}),
        clip("bow", notes={"yaw": 0}),
    ]  # fmt: skip
    others = [
        clip("wave", source="jhmdb"), clip("squat", source="penn"), clip("walk", notes={"yaw": 0}),
        clip("bow", notes={"yaw": -65}),
    ]  # fmt: skip
    assert data.select([*others, *taken]) == taken


def test_a_training_begins_from_a_weight_that_means_the_same_by_its_labels(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False))
    model = PSGANConfig(labels=("wave", "squat"), generator="flow", width=16, frames=16)
    PSGAN(model).save_pretrained(tmp_path / "before")
    before = PSGANLosses(begin=str(tmp_path / "before"))
    stage, _ = build(PSGANRecipe(model=model, losses=before), store)
    assert isinstance(stage, PSGANStage)
    begun, kept = stage.psgan.state_dict(), PSGAN.from_pretrained(before.begin).state_dict()
    assert all(torch.equal(begun[name], kept[name]) for name in kept)
    teacher = PSGANLosses(teacher=before.begin)
    for other, losses, words in (
        (replace(model, labels=("squat", "wave")), before, "same order"),
        (replace(model, width=32), before, "another shape"),
        (replace(model, labels=("squat", "wave"), generator="keypoint"), teacher, "same order"),
    ):
        with pytest.raises(WeightsError, match=words):
            build(PSGANRecipe(model=other, losses=losses), store)


def test_clips_of_a_moment_are_no_clips(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path, pictures=False, frames=6))
    with pytest.raises(InputError, match="no training clips"):
        build(PSGANRecipe(model=PSGANConfig(labels=())), store)


def test_labels_without_clips_are_refused(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path, pictures=False))
    wanted = PSGANRecipe(model=PSGANConfig(labels=("squat", "fly")))
    with pytest.raises(InputError, match="no training clips of fly"):
        build(wanted, store)
