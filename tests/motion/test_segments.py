"""Which of several segments is taken: the one in which the action is best done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.segments import Writer
from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.bones import LEGS, places
from pgvgen.poses.hands import between_hands
from tests.motion.test_generate import HEIGHT, standing
from tests.training.test_psgan import recipe


def turned(degrees: float, stride: float = 0.0) -> PoseSequence:
    """The standing person, turned about the spine from the second frame on, feet to and fro."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    middle = keypoints[0, BODY_18.index("neck"), 0]
    keypoints[1:, :, 0] = middle + (keypoints[1:, :, 0] - middle) * np.cos(np.radians(degrees))
    ankles = [BODY_18.index("right_ankle"), BODY_18.index("left_ankle")]
    sway = stride * np.sin(np.arange(16))[:, None]
    keypoints[:, ankles, 0] += sway * [1, -1]
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


@dataclass(frozen=True, eq=False)
class Offering(Writer):
    """A writer whose network would write these."""

    offered: tuple[PoseSequence, ...] = ()

    def _segments(self, label: str, count: int) -> list[PoseSequence]:
        return list(self.offered[:count])


@pytest.fixture(scope="module")
def psgan() -> PSGAN:
    return PSGAN(recipe("flow").model)


def test_of_several_walks_the_one_that_comes_straight_ahead_is_taken(psgan: PSGAN) -> None:
    aside, across, ahead = turned(60), turned(5, stride=40), turned(10)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (aside, across, ahead))
    assert writer.once("walk") is ahead
    assert writer.once("turn") is aside
    assert replace(writer, choosing=False).once("walk") is aside


def test_who_dances_goes_on_facing_as_in_the_photo(psgan: PSGAN) -> None:
    away, ahead = turned(100), turned(20)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (away, ahead))
    assert writer.once("dance") is ahead


def test_a_single_wide_step_is_one_too_many(psgan: PSGAN) -> None:
    narrow = turned(0, stride=12)
    keypoints = turned(0).keypoints.copy()
    keypoints[8:10, BODY_18.index("right_ankle"), 0] -= 60
    lunge = narrow.replace(keypoints=keypoints)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (lunge, narrow))
    assert writer.once("walk") is narrow


def test_who_walks_lifts_the_feet_and_does_not_merely_stand(psgan: PSGAN) -> None:
    stands, walks = turned(0), turned(8)
    keypoints = walks.keypoints.copy()
    ankles = [BODY_18.index("right_ankle"), BODY_18.index("left_ankle")]
    keypoints[:, ankles, 1] -= 12 * np.maximum(np.sin(np.arange(16))[:, None] * [1, -1], 0)
    walks = walks.replace(keypoints=keypoints)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (stands, walks))
    assert writer.once("walk") is walks


@pytest.mark.parametrize("mirrored", [False, True])
def test_legs_that_cross_are_worse_than_feet_further_apart(psgan: PSGAN, mirrored: bool) -> None:
    ankles = [BODY_18.index("right_ankle"), BODY_18.index("left_ankle")]

    def apart(share: float) -> PoseSequence:
        """For two frames the feet are that share of their distance apart."""
        segment = turned(180 if mirrored else 0)
        keypoints = segment.keypoints.copy()
        feet = keypoints[8:10, ankles, 0]
        keypoints[8:10, ankles, 0] = feet.mean(1, keepdims=True) * (1 - share) + feet * share
        if mirrored:
            keypoints[0] = keypoints[1]
        return segment.replace(keypoints=keypoints)

    crossed, wide = apart(-0.8), apart(1.5)
    writer = Offering(psgan, crossed[:1], 0.5, torch.Generator(), (crossed, wide))
    assert writer.once("walk") is wide


def test_whose_feet_are_out_of_view_walks_with_the_knees_beside_each_other(psgan: PSGAN) -> None:
    cut = standing("right_ankle", "left_ankle")
    narrow, wide = turned(8), turned(0)
    keypoints = wide.keypoints.copy()
    keypoints[8:10, [BODY_18.index("right_knee"), BODY_18.index("left_knee")], 0] += [-40, 40]
    narrow, wide = (
        cut.replace(keypoints=k, confidence=np.repeat(cut.confidence, 16, 0))
        for k in (narrow.keypoints, keypoints)
    )
    writer = Offering(psgan, cut, 0.5, torch.Generator(), (wide, narrow))
    assert writer.once("walk") is narrow


def test_who_walks_does_not_cross_the_arms(psgan: PSGAN) -> None:
    swings, wrists = turned(5), [BODY_18.index("right_wrist"), BODY_18.index("left_wrist")]
    keypoints = turned(0).keypoints.copy()
    keypoints[8:10, wrists] = keypoints[8:10, wrists[::-1]]
    crosses = swings.replace(keypoints=keypoints)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (crosses, swings))
    assert writer.once("walk") is swings


def clapping(nearest: float, farthest: float) -> PoseSequence:
    """Wrists before the chest so far apart, px in turn."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    apart = np.where(np.arange(16) % 4 < 2, nearest, farthest)
    for side, way in ("right", -1), ("left", 1):
        shoulder, elbow, wrist = (
            BODY_18.index(f"{side}_{j}") for j in ("shoulder", "elbow", "wrist")
        )
        keypoints[:, elbow] = keypoints[:, shoulder] + np.float32([0, 50])
        keypoints[:, wrist, 0] = keypoints[:, BODY_18.index("neck"), 0] + way * apart / 2
        keypoints[:, wrist, 1] = keypoints[:, elbow, 1]
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def palms_apart(motion: PoseSequence) -> np.ndarray:
    """T px, from the sixth frame on."""
    where, _ = places(motion)
    return np.abs(between_hands(where))[5:]


def test_of_several_claps_the_one_that_is_heard_is_taken_and_its_hands_meet(psgan: PSGAN) -> None:
    apart, folded, heard = clapping(70, 110), clapping(30, 30), clapping(30, 100)
    offered = apart, folded, heard
    clap = Offering(psgan, standing(), 0.5, torch.Generator(), offered).once("clap")
    before, after = palms_apart(heard), palms_apart(clap)
    assert after.min() < 0.6 * before.min()  # no bone becomes longer for it
    assert np.ptp(after) > 0.8 * np.ptp(before)
    np.testing.assert_array_equal(clap.keypoints[0], heard.keypoints[0])
    armless = standing("left_wrist")
    assert Offering(psgan, armless, 0.5, torch.Generator(), offered).once("clap") is apart


def test_who_claps_stays_upright(psgan: PSGAN) -> None:
    torch.manual_seed(0)
    claps = PSGAN(replace(psgan.config, labels=("clap",)))
    for segment in Writer(claps, standing(), 0.5, torch.Generator())._segments("clap", 2):
        start = segment.keypoints[0]
        line = segment.keypoints[:, 5] - segment.keypoints[:, 2]  # from right to left shoulder
        angles = np.degrees(np.arctan2(line[:, 1], line[:, 0]))
        np.testing.assert_allclose(angles, angles[0], atol=0.1)
        legs = np.ravel(LEGS)
        np.testing.assert_allclose(segment.keypoints[:, legs], np.stack([start[legs]] * 32))


def throwing(highest: float, sides: tuple[str, ...] = ("right",)) -> PoseSequence:
    """Hands go from where they hang to so many px above their shoulders, and back."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    way = np.sin(np.linspace(0, np.pi, 16))[:, None]
    for side in sides:
        shoulder, wrist = (BODY_18.index(f"{side}_{joint}") for joint in ("shoulder", "wrist"))
        there = keypoints[0, shoulder] - np.float32([0, highest])
        keypoints[:, wrist] += way * (there - keypoints[:, wrist])
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def test_of_several_throws_the_one_over_the_head_is_taken_that_stays_in_the_picture(
    psgan: PSGAN,
) -> None:
    low, overhead, level = throwing(-60), throwing(60), throwing(0)
    running = throwing(90)
    way = np.float32([1, 0]) * np.linspace(0, HEIGHT, 16, dtype=np.float32)[:, None, None]
    running = running.replace(keypoints=running.keypoints + way)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (low, running, overhead, level))
    assert writer.once("throw") is overhead
    assert writer.once("bow") is low


def hopping(right: float, left: float) -> PoseSequence:
    """The whole body goes up and down, each foot by so many px."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    up = np.abs(np.sin(np.arange(16) * 0.8))
    keypoints[..., 1] -= max(right, left) * up[:, None]
    for side, height in ("right", right), ("left", left):
        ankle = BODY_18.index(f"{side}_ankle")
        keypoints[:, ankle, 1] = start.keypoints[0, ankle, 1] - height * up
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def test_who_jumps_a_rope_leaves_the_ground_with_both_feet(psgan: PSGAN) -> None:
    still, lame, hop = hopping(2, 2), hopping(40, 0), hopping(20, 20)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (still, lame, hop))
    assert writer.once("jump_rope") is hop


def test_both_hands_dance_and_wave(psgan: PSGAN) -> None:
    throw, dance = throwing(60), throwing(40, ("right", "left"))
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (throw, dance))
    assert writer.once("dance") is dance
    assert writer.once("wave_both") is dance
    assert replace(writer, start=standing("left_hip")).once("dance") is dance
    assert writer.once("throw") is throw


def pointing(*ways: float) -> PoseSequence:
    """The right and the left hand at the height of their shoulders, so many px aside of them."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    for side, way in zip(("right", "left"), ways, strict=True):
        shoulder, wrist = (BODY_18.index(f"{side}_{joint}") for joint in ("shoulder", "wrist"))
        keypoints[1:, wrist] = keypoints[1:, shoulder] + np.float32([way, 0])
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def test_punches_and_stretched_arms_are_seen_across_the_picture(psgan: PSGAN) -> None:
    ahead, spread, both = pointing(-5, 5), pointing(-90, 90), pointing(-70, -70)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (ahead, spread, both))
    assert writer.once("punch") is spread
    assert writer.once("zombie") is both
    assert writer.once("bow") is ahead


def kicking(out: float) -> PoseSequence:
    """The right foot, from the fourth moment on, so many px aside of its hip and just below it."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    hip, ankle = BODY_18.index("right_hip"), BODY_18.index("right_ankle")
    keypoints[4:, ankle] = keypoints[4:, hip] + np.float32([-out, 20])
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def test_kicks_go_across_the_picture(psgan: PSGAN) -> None:
    towards, across = kicking(5), kicking(80)
    writer = Offering(psgan, standing(), 0.5, torch.Generator(), (turned(60), towards, across))
    assert writer.once("kick") is across


def squatting(deepest: float, *, after: float = 0.0, aside: float = 0.0) -> PoseSequence:
    """The upper body sinks by so many px and is so far down in the end; both knees go aside."""
    start = standing()
    keypoints = np.repeat(start.keypoints, 16, 0)
    sunk = np.interp(np.arange(16), [0, 8, 15], [0, deepest, after])[:, None]
    feet = [BODY_18.index(f"{side}_ankle") for side in ("right", "left")]
    knees = [BODY_18.index(f"{side}_knee") for side in ("right", "left")]
    upper = [i for i in range(18) if i not in (*feet, *knees)]
    keypoints[:, upper, 1] += sunk
    keypoints[:, knees, 0] += sunk / max(deepest, 1) * aside
    return start.replace(keypoints=keypoints, confidence=np.repeat(start.confidence, 16, 0))


def test_of_several_squats_the_one_that_goes_straight_down_and_comes_up_is_taken(
    psgan: PSGAN,
) -> None:
    stays, aside, shallow = squatting(60, after=50), squatting(60, aside=60), squatting(5)
    grows, whole = squatting(60, after=-60), squatting(60)
    writer = Offering(
        psgan, standing(), 0.5, torch.Generator(), (stays, aside, shallow, grows, whole)
    )
    assert writer.once("squat") is whole
    assert writer.once("bow") is stays


def test_without_a_torso_the_first_is_taken(psgan: PSGAN) -> None:
    start = standing()
    confidence = start.confidence.copy()
    confidence[:, BODY_18.index("left_hip")] = 0
    offered = turned(60), turned(0)
    writer = Offering(psgan, start.replace(confidence=confidence), 0.5, torch.Generator(), offered)
    assert writer.once("walk") is offered[0]
