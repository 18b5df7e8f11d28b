"""What the released weight makes of real and partial poses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pgvgen.errors import InputError, UsageError
from pgvgen.motion import PSGAN, PSGANConfig, generate_motion
from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.facing import ANKLES, across
from pgvgen.poses.sequence import SEEN
from tests.training.tiny import STANDING

REQUIRED = (
    "wave", "wave_both", "bow", "jump", "walk", "run", "squat", "jumping_jack", "punch", "kick",
)  # fmt: skip
HEIGHT = 300.0  # px of the standing person below


@pytest.fixture(scope="module")
def psgan() -> PSGAN:
    return PSGAN.from_pretrained("action")


def standing(*lacking: str) -> PoseSequence:
    """A person who stands there, 300 px high, in a 640×480 picture."""
    confidence = np.ones((1, 18), np.float32)
    confidence[:, [BODY_18.index(name) for name in lacking]] = 0
    keypoints = STANDING[None] * (HEIGHT / 80) + np.array([140, 60])
    return PoseSequence(keypoints, confidence, fps=25, size=(640, 480))


def travel(motion: PoseSequence, joint: str) -> float:
    """Path length of a joint in body heights."""
    path = motion.keypoints[:, BODY_18.index(joint)]
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum() / HEIGHT)


def test_the_weight_knows_what_it_must(psgan: PSGAN) -> None:
    assert set(REQUIRED) <= set(psgan.config.labels)


def test_every_action_is_finite_and_stays_around_the_person(psgan: PSGAN) -> None:
    start = standing()
    middle = start.keypoints[0].mean(0)
    for label in psgan.config.labels:
        motion = generate_motion(start, label, psgan=psgan)
        assert len(motion) == 32
        assert np.isfinite(motion.keypoints).all()
        assert np.abs(motion.keypoints - middle).max() < 1.2 * HEIGHT, label
        assert np.array_equal(motion.keypoints[0], start.keypoints[0])
        assert max(travel(motion, joint) for joint in BODY_18.joints) > 0.2, label


def test_the_hand_that_waves_is_the_one_that_was_named(psgan: PSGAN) -> None:
    for seed in range(3):
        right = generate_motion(standing(), "wave", psgan=psgan, seed=seed)
        left = generate_motion(standing(), "wave left", psgan=psgan, seed=seed)
        assert travel(right, "right_wrist") > 2 * travel(right, "left_wrist")
        assert travel(left, "left_wrist") > 2 * travel(left, "right_wrist")
        assert travel(right, "right_wrist") > 4 * travel(right, "right_ankle")
        raised = right.keypoints[10:, BODY_18.index("right_wrist"), 1]
        assert raised.min() < right.keypoints[0, BODY_18.index("right_shoulder"), 1]


def test_a_hidden_arm_leaves_the_wave_to_the_other(psgan: PSGAN) -> None:
    hidden = standing("right_elbow", "right_wrist")
    motion = generate_motion(hidden, "wave", psgan=psgan)
    assert motion.label == "wave_left"
    assert travel(motion, "left_wrist") > 0.3
    assert generate_motion(standing(), "wave", psgan=psgan, frames=2).label == "wave"
    armless = standing("right_wrist", "left_wrist")
    assert generate_motion(armless, "wave", psgan=psgan, frames=2).label == "wave"


def test_squat_lowers_the_hips_and_bow_the_head(psgan: PSGAN) -> None:
    def drop(label: str, joint: str) -> float:
        y = generate_motion(standing(), label, psgan=psgan).keypoints[:, BODY_18.index(joint), 1]
        return float((y.max() - y[0]) / HEIGHT)

    assert drop("squat", "right_hip") > 0.06
    assert drop("bow", "nose") > 0.06
    assert drop("wave", "right_hip") < 0.06


def test_same_seed_same_motion_other_seed_another(psgan: PSGAN) -> None:
    first = generate_motion(standing(), "dance", psgan=psgan, seed=5)
    assert np.array_equal(
        first.keypoints, generate_motion(standing(), "dance", psgan=psgan, seed=5).keypoints
    )
    counted = generate_motion(standing(), "dance", psgan=psgan, seed=np.arange(9)[5])
    assert np.array_equal(first.keypoints, counted.keypoints)
    other = generate_motion(standing(), "dance", psgan=psgan, seed=6)
    assert np.abs(first.keypoints - other.keypoints).max() > 0.05 * HEIGHT
    assert (first.label, first.seed, first.size) == ("dance", 5, (640, 480))


def test_strength_is_how_energetic_they_are(psgan: PSGAN) -> None:
    def speed(strength: float) -> float:
        motions = [
            generate_motion(standing(), "walk", psgan=psgan, seed=seed, strength=strength)
            for seed in range(3)
        ]
        return float(np.mean([np.abs(np.diff(m.keypoints, axis=0)).mean() for m in motions]))

    assert speed(0.9) > 1.2 * speed(0.1)


def test_an_action_is_done_as_strongly_as_it_is_done_best(psgan: PSGAN) -> None:
    own = psgan.config.strength_of
    assert "wave" not in own
    for label, best in {**own, "wave": 0.5}.items():
        motion = generate_motion(standing(), label, psgan=psgan)
        same = generate_motion(standing(), label, psgan=psgan, strength=best)
        assert np.array_equal(motion.keypoints, same.keypoints)
        other = generate_motion(standing(), label, psgan=psgan, strength=best - 0.25)
        assert not np.array_equal(motion.keypoints, other.keypoints)


def test_jumping_jacks_open_the_feet_and_close_them(psgan: PSGAN) -> None:
    for seed in range(3):
        motion = generate_motion(standing(), "jumping_jack", psgan=psgan, seed=seed)
        apart = np.abs(across(motion.keypoints, ANKLES))
        assert apart.max() > 1.1
        assert apart.min() < 0.6


def test_global_random_state_plays_no_part(psgan: PSGAN) -> None:
    torch.manual_seed(1)
    first = generate_motion(standing(), "wave", psgan=psgan)
    torch.manual_seed(2)
    second = generate_motion(standing(), "wave", psgan=psgan)
    assert np.array_equal(first.keypoints, second.keypoints)


@pytest.mark.parametrize(("label", "told"), [("wave", True), ("clap", True), ("bow", False)])
def test_arms_that_the_photo_cuts_off_hang_and_it_is_said(
    psgan: PSGAN, caplog: pytest.LogCaptureFixture, label: str, told: bool
) -> None:
    start = standing()
    elbow = float(start.keypoints[0, BODY_18.index("right_elbow"), 1])
    portrait = start.replace(size=(640, round(elbow) + 4))
    motion = generate_motion(portrait, label, psgan=psgan)
    assert (f"{label} will hardly be seen" in caplog.text) is told
    arm = [BODY_18.index(f"right_{joint}") for joint in ("elbow", "wrist")]
    lengths = np.linalg.norm(np.diff(motion.keypoints[:, arm], axis=1)[:, 0], axis=-1)
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-3)
    assert (motion.keypoints[:, arm[1], 1] > motion.keypoints[:, arm[0], 1]).all()


def test_an_arm_moves_whole_though_its_hand_is_hidden(psgan: PSGAN) -> None:
    wrist = BODY_18.index("right_wrist")
    hidden = standing().confidence.copy()
    hidden[0, wrist] = 0.1
    start = standing().replace(confidence=hidden)
    seen, behind = (generate_motion(s, "wave", psgan=psgan) for s in (standing(), start))
    np.testing.assert_array_equal(behind.keypoints, seen.keypoints)
    assert (behind.confidence[:, wrist] >= SEEN).all()


def test_an_arm_that_the_body_hides_moves_along_and_the_other_one_waves(psgan: PSGAN) -> None:
    arm = [BODY_18.index(f"right_{joint}") for joint in ("elbow", "wrist")]
    hidden = standing().confidence.copy()
    hidden[0, arm] = 0.05
    start = standing().replace(confidence=hidden)
    walk, wave = (generate_motion(start, label, psgan=psgan) for label in ("walk", "wave"))
    assert (walk.confidence[:, arm] >= SEEN).all()
    assert travel(walk, "right_wrist") > 0.3
    assert wave.label == "wave_left"


def test_half_a_person_keeps_lacking_the_legs(psgan: PSGAN) -> None:
    legs = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "ankle")]
    motion = generate_motion(standing(*legs), "wave", psgan=psgan)
    absent = [BODY_18.index(name) for name in legs]
    assert (motion.confidence[:, absent] == 0).all()
    assert (motion.confidence[:, BODY_18.index("right_wrist")] > 0).all()
    assert travel(motion, "right_wrist") > 0.3


@pytest.mark.parametrize("label", ["wave", "run", "bow"])
def test_twenty_seconds_are_like_the_first_two(psgan: PSGAN, label: str) -> None:
    motion = generate_motion(standing(), label, psgan=psgan, frames=300)
    assert len(motion) == 300
    speed = np.linalg.norm(np.diff(motion.keypoints, axis=0), axis=-1).mean(1)
    assert 0.5 < speed[200:].mean() / speed[:100].mean() < 2  # neither freezing nor frantic
    bones = [(2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (11, 12), (12, 13)]
    lengths = [np.linalg.norm(motion.keypoints[:, a] - motion.keypoints[:, b], axis=1)
               for a, b in bones]  # fmt: skip
    for length in lengths:
        late, early = (np.quantile(part, 0.9) for part in (length[200:], length[:100]))
        assert late < 1.25 * early  # nor melting
    middle = motion.keypoints.mean(1)
    assert np.abs(middle[200:].mean(0) - middle[:100].mean(0)).max() < 0.1 * HEIGHT  # nor leaving


def test_an_action_that_ends_is_done_again_after_a_rest(psgan: PSGAN) -> None:
    motion = generate_motion(standing(), "bow", psgan=psgan, frames=160)
    nose = motion.keypoints[:, BODY_18.index("nose"), 1]
    low = (nose - nose[0]) / HEIGHT > 0.05
    bows = np.flatnonzero(np.diff(low.astype(int)) == 1)
    assert len(bows) >= 3
    assert np.abs(nose[[36, 37, 76, 77, 116, 117]] - nose[0]).max() < 0.03 * HEIGHT


def test_actions_follow_one_another_without_a_jump(psgan: PSGAN) -> None:
    motion = generate_motion(standing(), "wave, jumps,bow", psgan=psgan)
    assert (len(motion), motion.label) == (96, "wave,jump,bow")
    lift = motion.keypoints[0, [10, 13], 1].mean() - motion.keypoints[:, [10, 13], 1].mean(1)
    assert 32 < lift.argmax() < 64
    nose = motion.keypoints[:, BODY_18.index("nose"), 1]
    assert nose[64:].max() - nose[0] > 0.06 * HEIGHT
    wrist, neck = BODY_18.index("right_wrist"), BODY_18.index("neck")
    above = motion.keypoints[:, wrist, 1] < motion.keypoints[:, neck, 1]
    assert above[:32].sum() > 8
    assert above[40:].sum() == 0
    speed = np.linalg.norm(np.diff(motion.keypoints, axis=0), axis=-1).mean(1)
    for seam in (32, 64):
        assert speed[seam - 1 : seam + 8].mean() < np.quantile(speed, 0.95)


@pytest.mark.parametrize("label", ["wave", "clap", "squat"])
def test_who_stands_is_not_jerked_about(psgan: PSGAN, label: str) -> None:
    hips = [BODY_18.index("right_hip"), BODY_18.index("left_hip")]
    for seed in range(3):
        motion = generate_motion(standing(), label, psgan=psgan, frames=64, seed=seed)
        jolt = np.linalg.norm(np.diff(motion.keypoints[:, hips].mean(1), 2, axis=0), axis=-1)
        assert jolt[6:].max() < 0.02 * HEIGHT  # the first frames lead over from the photo


@pytest.mark.parametrize(
    ("frames", "loop", "times"), [(32, False, 1), (32, True, 1), (70, False, 2)]
)
def test_who_squats_goes_down_and_comes_up_each_time(
    psgan: PSGAN, frames: int, loop: bool, times: int
) -> None:
    hips = [BODY_18.index("right_hip"), BODY_18.index("left_hip")]
    for seed in range(3):
        motion = generate_motion(
            standing(), "squat", psgan=psgan, frames=frames, loop=loop, seed=seed
        )
        sunk = (
            motion.keypoints[:, hips, 1].mean(1) - standing().keypoints[0, hips, 1].mean()
        ) / HEIGHT
        low = np.flatnonzero(np.diff((sunk > 0.12).astype(int)) == 1)
        assert len(low) == times
        assert abs(sunk[-1]) < 0.5 * sunk.max()


def test_who_claps_stands_still_below_the_hips(psgan: PSGAN) -> None:
    for seed in range(3):
        motion = generate_motion(standing(), "clap", psgan=psgan, frames=64, seed=seed)
        for side in ("right", "left"):
            for joint in ("hip", "knee", "ankle"):
                assert travel(motion, f"{side}_{joint}") < 0.01
            assert travel(motion, f"{side}_wrist") > 0.3


@pytest.mark.parametrize("label", ["wave", "walk", "bow", "jumping_jack"])
def test_a_loop_leads_back_to_its_beginning(psgan: PSGAN, label: str) -> None:
    motion = generate_motion(standing(), label, psgan=psgan, frames=48, loop=True)
    assert len(motion) == 48
    assert np.array_equal(motion.start.keypoints, standing().keypoints)
    again = np.concatenate([motion.keypoints, motion.keypoints[:1]])
    speed = np.linalg.norm(np.diff(again, axis=0), axis=-1).mean(1)
    assert speed[-1] <= speed[:-1].max()
    assert speed[10:30].mean() > 0.002 * HEIGHT
    if label == "bow":  # it ends, so it comes back to the photo; what repeats does not rest
        assert motion.photo is None
    else:
        assert np.roll(speed, 4)[:8].mean() > 0.4 * speed.mean()


@pytest.mark.parametrize(("label", "joint"), [("wave", "right_wrist"), ("bow", "nose")])
def test_a_loop_with_little_time_shows_all_of_the_action(
    psgan: PSGAN, label: str, joint: str
) -> None:
    def reach(frames: int) -> float:
        motion = generate_motion(standing(), label, psgan=psgan, frames=frames, loop=True)
        assert len(motion) == frames
        return float(np.ptp(motion.keypoints[:, BODY_18.index(joint)], axis=0).max())

    for frames in (8, 12, 16):
        assert reach(frames) > 0.6 * reach(32)


@pytest.mark.parametrize(("frames", "fps"), [(1, None), (2, None), (50, 25.0), (64, 30.0)])
def test_any_length_at_any_rate(psgan: PSGAN, frames: int, fps: float | None) -> None:
    start = standing()
    motion = generate_motion(start, "wave", psgan=psgan, frames=frames, fps=fps)
    assert len(motion) == frames
    assert motion.fps == (fps or psgan.config.fps)
    assert np.array_equal(motion.keypoints[0], start.keypoints[0])


def test_twice_the_rate_is_the_same_motion(psgan: PSGAN) -> None:
    slow = generate_motion(standing(), "wave", psgan=psgan, frames=16)
    fast = generate_motion(standing(), "wave", psgan=psgan, frames=31, fps=30)
    difference = np.abs(fast.keypoints[::2] - slow.keypoints)
    assert np.median(difference) < 0.01 * HEIGHT
    assert difference[8:].max() < 0.1 * HEIGHT  # the blend from the photo's pose is as long in time


def test_unknown_actions_and_unfit_poses_are_refused(psgan: PSGAN) -> None:
    with pytest.raises(UsageError, match="squat"):
        generate_motion(standing(), "sqat", psgan=psgan)
    with pytest.raises(UsageError, match="--frames"):
        generate_motion(standing(), "wave", psgan=psgan, frames=0)
    with pytest.raises(UsageError, match="at least 3"):
        generate_motion(standing(), "wave,bow,jump", psgan=psgan, frames=2)
    with pytest.raises(UsageError, match="--strength"):
        generate_motion(standing(), "wave", psgan=psgan, strength=1.5)
    for fps in (0, np.nan):
        with pytest.raises(UsageError, match="--fps"):
            generate_motion(standing(), "wave", psgan=psgan, fps=fps)
    for seed in (-1, 2**63):
        with pytest.raises(UsageError, match="--seed"):
            generate_motion(standing(), "wave", psgan=psgan, seed=seed)
    face = PoseSequence(np.ones((1, 68, 2)), np.ones((1, 68)), 25, (64, 64), FACE_68)
    with pytest.raises(UsageError, match="face_68"):
        generate_motion(face, "wave", psgan=psgan)
    nearly_nothing = standing(*BODY_18.joints[3:])
    with pytest.raises(InputError, match="too little"):
        generate_motion(nearly_nothing, "wave", psgan=psgan)


@pytest.mark.parametrize("generator", ["heatmap", "keypoint", "flow"])
def test_every_generator_has_the_same_contract(generator: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = PSGANConfig(labels=("wave", "bow"), generator=generator, base=4, blocks=1, width=16)
    PSGAN(config).save_pretrained(tmp_path)
    network = PSGAN.from_pretrained(tmp_path)
    start, present = torch.randn(2, 18, 2) * 0.3, torch.ones(2, 18)
    present[1, 10:14] = 0
    with torch.no_grad():
        motion = network(start, present, torch.tensor([0, 1]), rng=torch.Generator().manual_seed(0))
    assert motion.keypoints.shape == (2, 32, 18, 2)
    assert motion.confidence.shape == (2, 32, 18)
    assert motion.maps.shape == (2, 18, 32, 64, 64)
    assert (motion.confidence[1, :, 10:14] == 0).all()
    for label in config.labels:  # one ends, the other goes on and on, without noise too
        assert len(generate_motion(standing(), label, psgan=network, frames=70)) == 70


def test_each_action_has_its_own_guidance(tmp_path: Path) -> None:
    def motions(**guidance: object) -> torch.Tensor:
        config = PSGANConfig(("wave", "bow"), generator="flow", width=16, frames=8, **guidance)  # type: ignore[arg-type]
        torch.manual_seed(0)
        untrained = PSGAN(config)
        for parameter in untrained.parameters():  # an answer that hears the label
            torch.nn.init.normal_(parameter, std=0.1)
        untrained.save_pretrained(tmp_path)
        network = PSGAN.from_pretrained(tmp_path)
        assert network.config == config
        start, rng = torch.rand(1, 18, 2).expand(2, -1, -1), torch.Generator().manual_seed(0)
        with torch.no_grad():
            answer = network(start, torch.ones(2, 18), torch.tensor([0, 1]), rng=rng)
        return answer.keypoints

    wave, bow = motions(guidance=2.0, guidance_of={"bow": 1.0})
    assert torch.equal(wave, motions(guidance=2.0)[0])
    assert torch.equal(bow, motions(guidance=1.0)[1])
    assert not torch.equal(bow, motions(guidance=2.0)[1])
