"""Motion capture: sides, axes, cameras, what is trimmed, and what becomes of a folder of takes."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest

from pgvgen.data.body3d import to_body
from pgvgen.data.bvh import load_bvh
from pgvgen.data.camera import BODY_PX, project
from pgvgen.data.mocap import YAWS, import_mocap
from pgvgen.data.trimming import (
    bursts,
    in_place,
    only_turn,
    turned_less,
    unroll,
    without_idling,
    without_t_pose,
)
from pgvgen.errors import InputError
from pgvgen.poses.facing import facing
from pgvgen.poses.skeletons import BODY_18
from tests.data.humanoid import waving, write_bvh

J = BODY_18.index


def body(tmp_path, frames, **options):
    return to_body(load_bvh(write_bvh(tmp_path / "take.bvh", frames, **options)))


def test_the_standing_person_stands_upright_with_right_on_the_left_of_the_picture(tmp_path):
    keypoints = project(body(tmp_path, [{}, {}]), yaw=0)[0]
    x, y = keypoints.T
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "eye", "ear"):
        assert x[J(f"right_{part}")] < x[J(f"left_{part}")]
    order = ["right_eye", "nose", "neck", "right_hip", "right_knee", "right_ankle"]
    assert list(np.argsort(y[[J(name) for name in order]])) == list(range(len(order)))
    # From ankle (4 % of the height above the ground) to eyes (94 %), seen from a little above.
    assert y[J("right_ankle")] - y[J("nose")] == pytest.approx(0.87 * BODY_PX, abs=4)
    np.testing.assert_allclose(
        keypoints[J("neck")], keypoints[[J("right_shoulder"), J("left_shoulder")]].mean(0), atol=0.1
    )


def test_shoulders_look_as_wide_as_in_photos_and_say_how_far_a_body_is_turned(tmp_path):
    person = body(tmp_path, waving(10))
    for degrees in (0, 22, 45, 65):
        expected = 0.68 * math.cos(math.radians(degrees))
        for side in (-1, 1):
            assert facing(project(person, side * degrees))[0] == pytest.approx(expected, abs=0.06)
    arm = [J("right_shoulder"), J("right_elbow"), J("right_wrist")]
    lengths = np.linalg.norm(np.diff(person.joints[:, arm], axis=1), axis=-1)
    np.testing.assert_allclose(lengths, lengths[:1].repeat(len(lengths), 0), rtol=1e-3)


def test_the_nose_points_to_where_the_camera_is_not(tmp_path):
    person = body(tmp_path, [{}, {}])
    from_their_left, from_their_right = project(person, 90)[0], project(person, -90)[0]
    # A camera at the person's left sees them look to the left of the picture.
    assert from_their_left[J("nose"), 0] < from_their_left[J("neck"), 0] - 3
    assert from_their_right[J("nose"), 0] > from_their_right[J("neck"), 0] + 3


def test_the_up_axis_of_the_file_does_not_matter(tmp_path):
    frames = waving(1)
    plain = body(tmp_path, frames)
    turned = body(tmp_path, frames, z_up=True)
    for yaw in (-65, 0, 22):
        np.testing.assert_allclose(project(plain, yaw)[0], project(turned, yaw)[0], atol=0.01)


@pytest.mark.parametrize(("joint", "side"), [("RightArm", "right"), ("LeftArm", "left")])
def test_the_arm_that_waves_is_the_arm_that_waves(tmp_path, joint, side):
    keypoints = project(body(tmp_path, waving(joint=joint)), yaw=0)
    other = {"right": "left", "left": "right"}[side]
    assert keypoints[40:, J(f"{side}_wrist"), 1].mean() < keypoints[40:, J("nose"), 1].mean()
    assert keypoints[40:, J(f"{other}_wrist"), 1].min() > keypoints[40:, J("neck"), 1].max()


def test_a_straight_walk_stays_in_place_and_keeps_its_bounce(tmp_path):
    frames = [
        {
            "position": (0, 90 + 3 * math.sin(i / 3), 4 * i),
            "RightUpLeg": (20 * math.sin(i / 3), 0, 0),
        }
        for i in range(90)
    ]
    walk = body(tmp_path, frames)
    still = in_place(walk)
    assert np.ptp(walk.hips[:, 1] + walk.hips[:, 0]) > 1.5
    assert np.ptp(still.hips[:, :2], axis=0).max() < 1e-6
    np.testing.assert_allclose(still.hips[:, 2], walk.hips[:, 2])
    np.testing.assert_allclose(np.diff(still.joints, axis=1), np.diff(walk.joints, axis=1))


def test_a_cycle_goes_on_where_it_ended(tmp_path):
    frames = [{"position": (0, 90 + 3 * math.sin(i * math.tau / 20), 4 * i)} for i in range(21)]
    cycle = body(tmp_path, frames)
    long = unroll(cycle, seconds=4)
    assert len(long) >= 4 * cycle.fps
    steps = np.linalg.norm(np.diff(long.hips[:, :2], axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0])
    np.testing.assert_allclose(long.hips[5, 2], long.hips[25, 2])


def test_the_t_pose_and_what_leads_out_of_it_goes(tmp_path):
    def arms(share):
        return {"LeftArm": (0, 0, 90 * share), "RightArm": (0, 0, -90 * share)}

    lead = [arms(1)] * 10 + [arms(1 - i / 20) for i in range(20)]
    after = [{"RightUpLeg": (-40 * math.sin(i / 5), 0, 0)} for i in range(60)]
    whole = body(tmp_path, lead + after)
    kept = without_t_pose(whole)
    assert len(after) <= len(kept) <= len(after) + 12
    untouched = body(tmp_path, after)
    assert len(without_t_pose(untouched)) == len(after)


def test_a_bow_begins_within_a_few_frames(tmp_path):
    still, down = [{}] * 45, [{"Spine": (60 * math.sin(i / 60 * math.pi), 0, 0)} for i in range(60)]
    bow = without_idling(body(tmp_path, still + down + still).at(15))
    assert 30 <= len(bow) <= 30 + 10
    assert bow.joint("nose")[:6, 2].min() < bow.joint("nose")[0, 2] - 0.005


def test_strikes_are_told_apart(tmp_path):
    frames = []
    for i in range(180):
        since = i % 60 - 25
        frames.append(
            {"RightArm": (-90 * math.sin(since / 12 * math.pi), 0, 0)} if 0 <= since < 12 else {}
        )
    strikes = bursts(body(tmp_path, frames).at(15))
    assert len(strikes) == 3
    for strike in strikes:
        assert 10 <= len(strike) <= 22
        assert np.ptp(strike.joint("right_wrist")[:, 2]) > 0.1


def test_who_punches_keeps_facing_the_camera(tmp_path):
    frames = [{"Hips": (0, 3 * i, 0), "RightArm": (-i, 0, 0)} for i in range(40)]
    whole = body(tmp_path, frames)
    less = turned_less(whole, keep=0.25)
    turned = np.degrees(np.arccos(np.clip(less.facing @ less.facing[0], -1, 1)))
    assert turned[20] == pytest.approx(60 * 0.25, abs=4)
    assert turned[-1] == pytest.approx(117 * 0.25, abs=8)
    bone = whole.joint("right_wrist") - whole.joint("right_elbow")
    kept = less.joint("right_wrist") - less.joint("right_elbow")
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), np.linalg.norm(bone, axis=1))
    np.testing.assert_allclose(less.hips, whole.hips, atol=1e-9)


def test_only_the_turn_is_kept(tmp_path):
    turn = [{"Hips": (0, min(90, max(0, 3 * (i - 60))), 0)} for i in range(150)]
    kept = only_turn(body(tmp_path, turn).at(15))
    assert 15 + 7 - 6 <= len(kept) <= 15 + 14 + 2
    first, last = kept.facing[0], kept.facing[-1]
    assert abs(first @ last) < 0.1


def test_a_folder_of_takes_becomes_clips_by_take_and_camera(tmp_path):
    for i in range(10):
        write_bvh(tmp_path / f"dataset-2_wave-right-hand_normal_{i:03}.bvh", waving(2 + i / 10))
    write_bvh(tmp_path / "dataset-2_wave-right-hand_sad_001.bvh", waving())
    write_bvh(tmp_path / "dataset-1_bow_normal_001.bvh", waving())
    write_bvh(tmp_path / "somebody_juggling.bvh", waving())
    dropped: Counter[str] = Counter()
    clips = list(import_mocap(tmp_path, "mocap", suffix=".bvh", dropped=dropped))
    assert len(clips) == 10 * len(YAWS) == len({clip.id for clip in clips})
    assert {clip.label for clip in clips} == {"wave"}
    assert dropped == {
        "mood sad": 1, "bow too faint to see": 1, "no known action in the name": 1
    }  # fmt: skip
    sides = {clip.group: set() for clip in clips}
    for clip in clips:
        sides[clip.group].add(clip.split)
    assert all(len(side) == 1 for side in sides.values())
    assert Counter(side for (side,) in sides.values()) == {"train": 8, "val": 1, "test": 1}
    assert {clip.fps for clip in clips} == {15.0}
    assert {clip.notes["mood"] for clip in clips} == {"normal"}


def test_takes_of_two_actors_may_be_called_alike(tmp_path):
    for actor, joint in ("anna", "RightArm"), ("ben", "LeftArm"):
        (tmp_path / actor).mkdir()
        write_bvh(tmp_path / actor / "wave.bvh", waving(joint=joint))
    clips = list(import_mocap(tmp_path, "two actors", suffix=".bvh", dropped=Counter()))
    assert len({clip.id for clip in clips}) == len(clips) == 2 * len(YAWS)
    anna, ben = (next(c for c in clips if name in c.group) for name in ("anna", "ben"))
    moved = [np.ptp(clip.keypoints[:, J("right_wrist")]) for clip in (anna, ben)]
    assert moved[0] > 3 * moved[1]


def test_suffixes_in_capitals_are_seen_and_hidden_files_are_not(tmp_path):
    with pytest.raises(InputError, match=r"no \.bvh file"):
        list(import_mocap(tmp_path, "mocap", suffix=".bvh", dropped=Counter()))
    write_bvh(tmp_path / "wave.BVH", waving())
    (tmp_path / "._wave.bvh").write_bytes(b"macOS's own")
    clips = list(import_mocap(tmp_path, "mocap", suffix=".bvh", dropped=Counter()))
    assert {clip.group for clip in clips} == {"mocap.wave"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["punch", "kick", "turn", "walk"])
def test_a_take_of_one_frame_is_too_short(tmp_path, name):
    write_bvh(tmp_path / f"{name}.bvh", [{}], fps=15)
    dropped: Counter[str] = Counter()
    assert not list(import_mocap(tmp_path, "mocap", suffix=".bvh", dropped=dropped))
    assert dropped == {"too short": 1}


UNREAL = {
    "Hips": "pelvis", "Spine": "spine_01", "Neck": "neck_01", "Head": "head",
    "Shoulder": "clavicle", "Arm": "upperarm", "ForeArm": "lowerarm", "Hand": "hand",
    "UpLeg": "thigh", "Leg": "calf", "Foot": "foot",
}  # fmt: skip


def unreal(name: str) -> str:
    side = re.match("Left|Right", name)
    return f"{UNREAL[name[side.end() :]]}_{side[0][0].lower()}" if side else UNREAL[name]


@pytest.mark.parametrize("called", ["Character1_{}".format, "mixamorig_{}".format, unreal])
def test_skeletons_of_other_makes_are_the_same_body(tmp_path, called):
    path = write_bvh(tmp_path / "take.bvh", waving(1))
    plain = to_body(load_bvh(path))
    path.write_text(
        re.sub(r"(ROOT|JOINT) (\w+)", lambda m: f"{m[1]} {called(m[2])}", path.read_text())
    )
    np.testing.assert_allclose(to_body(load_bvh(path)).joints, plain.joints)


def test_a_skeleton_without_arms_is_named(tmp_path):
    path = write_bvh(tmp_path / "wave.bvh", waving())
    path.write_text(path.read_text().replace("RightForeArm", "Tail"))
    with pytest.raises(InputError, match=r"wave\.bvh: .*right elbow"):
        list(import_mocap(tmp_path, "mocap", suffix=".bvh", dropped=Counter()))
