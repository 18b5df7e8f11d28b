"""Which pixels are which part, and how the parts follow a pose."""

import numpy as np
import pytest

from pgvgen.poses import BODY_18
from pgvgen.rendering.parts import PARTS, body_ratio, body_unit, part_distances, part_priors
from pgvgen.rendering.transforms import STRETCH, TILT, part_transforms

NAMES = [part.name for part in PARTS]
STANDING = np.array(
    [[64, 20], [64, 34], [52, 36], [46, 52], [44, 66], [76, 36], [82, 52], [84, 66], [57, 68],
     [56, 90], [55, 112], [71, 68], [72, 90], [73, 112], [61, 17], [67, 17], [57, 19], [71, 19]],
    np.float32,
)  # fmt: skip
SEEN = np.ones(18, np.float32)


def joint(name: str) -> int:
    return BODY_18.index(name)


def turned(points: np.ndarray, pivot: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return (points - pivot) @ np.array([[c, s], [-s, c]]) + pivot


def moved(transform: np.ndarray, point: np.ndarray) -> np.ndarray:
    return transform[:, :2] @ point + transform[:, 2]


def test_the_same_pose_moves_nothing() -> None:
    transforms, usable = part_transforms(STANDING, SEEN, STANDING[None], SEEN[None])
    assert usable.all()
    np.testing.assert_allclose(
        transforms, np.broadcast_to(np.eye(2, 3), transforms.shape), atol=1e-4
    )


def test_a_body_elsewhere_and_larger_is_one_map_for_all_parts() -> None:
    target = STANDING * 1.7 + np.array([11, -3])
    transforms, _ = part_transforms(STANDING, SEEN, target, SEEN)
    back = np.array([[1 / 1.7, 0, -11 / 1.7], [0, 1 / 1.7, 3 / 1.7]])
    np.testing.assert_allclose(transforms, np.broadcast_to(back, transforms.shape), atol=1e-4)


def test_a_whole_body_that_turns_is_the_rotation_but_feet_stay_flatter() -> None:
    angle = np.deg2rad(50)
    target = turned(STANDING, np.array([64, 64]), angle)
    transforms, _ = part_transforms(STANDING, SEEN, target, SEEN)
    for transform, part in zip(transforms, PARTS, strict=True):
        expected = -angle if part.kind != "foot" else -(angle - TILT)
        found = np.arctan2(transform[1, 0], transform[0, 0])
        assert found == pytest.approx(expected, abs=1e-4), part.name


def test_a_limb_follows_its_bone_from_end_to_end() -> None:
    target = STANDING.copy()
    target[joint("left_wrist")] = target[joint("left_elbow")] + [200**0.5, 0]
    transforms, _ = part_transforms(STANDING, SEEN, target, SEEN)
    forearm = transforms[NAMES.index("left_forearm")]
    for name in ("left_elbow", "left_wrist"):
        found = moved(forearm, target[joint(name)])
        np.testing.assert_allclose(found, STANDING[joint(name)], atol=1e-3)
    np.testing.assert_allclose(transforms[NAMES.index("right_forearm")], np.eye(2, 3), atol=1e-3)


def test_a_foreshortened_limb_is_not_squeezed_without_end() -> None:
    target = STANDING.copy()
    hip, knee = joint("left_hip"), joint("left_knee")
    away = 0.95 * (target[hip] - target[knee])
    target[[knee, joint("left_ankle")]] += away
    transforms, _ = part_transforms(STANDING, SEEN, target, SEEN)
    thigh = transforms[NAMES.index("left_thigh")]
    stretch = np.linalg.svd(thigh[:, :2], compute_uv=False)
    assert stretch.max() == pytest.approx(1 / STRETCH[0], rel=0.02)
    assert stretch.min() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(
    ("joints", "by"),
    [([0, 14, 15, 16, 17], 10), ([1, 2, 3, 4, 5, 6, 7], -4)],
    ids=["a bow brings the face down to the neck", "raised shoulders bring the neck up to it"],
)
def test_the_head_keeps_its_size(joints: list[int], by: float) -> None:
    target = STANDING.copy()
    target[joints, 1] += by
    head = part_transforms(STANDING, SEEN, target, SEEN)[0][NAMES.index("head")]
    assert np.sqrt(np.linalg.det(head[:, :2])) == pytest.approx(1, abs=0.03)


def test_a_limb_that_points_at_the_camera_in_the_photo_is_carried_and_not_turned() -> None:
    knee, hip = joint("left_knee"), joint("left_hip")
    photo, target = STANDING.copy(), STANDING.copy()
    photo[knee] = photo[hip] + (1, -1)  # who sits and faces the camera
    target[[hip, knee]] += (3, 4)
    thigh = part_transforms(photo, SEEN, target, SEEN)[0][NAMES.index("left_thigh")]
    np.testing.assert_allclose(thigh[:, :2], np.eye(2), atol=0.05)
    np.testing.assert_allclose(moved(thigh, target[hip]), photo[hip], atol=1e-3)


def test_parts_whose_joints_are_hidden_are_not_used() -> None:
    hidden = SEEN.copy()
    hidden[[joint("left_knee"), joint("right_wrist")]] = 0
    transforms, usable = part_transforms(STANDING, hidden, STANDING[None] + 3, SEEN[None])
    lost = {name for name, there in zip(NAMES, usable[0], strict=True) if not there}
    assert lost == {"left_thigh", "left_shin", "left_foot", "right_forearm"}
    assert np.isfinite(transforms).all()
    depth = part_distances(STANDING, hidden, (128, 128))
    assert np.isneginf(depth[NAMES.index("left_shin")]).all()


def test_nobody_at_all_is_no_error() -> None:
    transforms, usable = part_transforms(STANDING * 0, SEEN * 0, STANDING[None], SEEN[None])
    assert not usable.any()
    assert np.isfinite(transforms).all()
    assert body_unit(STANDING, SEEN * 0) == 0


def test_a_half_length_person_still_has_a_torso_and_arms() -> None:
    half = SEEN.copy()
    half[8:14] = 0
    _, usable = part_transforms(STANDING, half, STANDING + 2, half)
    there = {name for name, use in zip(NAMES, usable, strict=True) if use}
    assert {"torso", "head", "left_upper_arm", "right_forearm"} <= there
    assert "left_thigh" not in there


def test_time_and_batch_axes_give_what_single_poses_give() -> None:
    rng = np.random.default_rng(0)
    targets = STANDING + rng.normal(scale=4, size=(2, 3, 18, 2)).astype(np.float32)
    confidence = (rng.random((2, 3, 18)) > 0.2).astype(np.float32)
    together, usable = part_transforms(STANDING, SEEN, targets, confidence)
    for at in np.ndindex(2, 3):
        alone, use = part_transforms(STANDING, SEEN, targets[at], confidence[at])
        np.testing.assert_allclose(together[at], alone, atol=1e-4)
        assert (usable[at] == use).all()


def test_priors_are_capsules_around_the_bones() -> None:
    priors = part_priors(STANDING, SEEN, (128, 128))
    assert priors.shape == (len(PARTS), 128, 128)
    assert priors.min() >= 0
    assert priors.max() <= 1
    unit = float(body_unit(STANDING, SEEN))
    shin, part = priors[NAMES.index("right_shin")], PARTS[NAMES.index("right_shin")]
    knee, ankle = STANDING[joint("right_knee")], STANDING[joint("right_ankle")]
    middle = (knee + ankle) / 2
    assert shin[round(middle[1]), round(middle[0])] == 1
    rim = middle[0] + unit * sum(part.radii) / 2
    across = shin[round(middle[1])]
    crossing = np.interp(-0.5, -across[60:80], np.arange(60, 80))
    assert crossing == pytest.approx(rim, abs=0.6)


def test_the_body_is_measured_by_its_longest_looking_bones() -> None:
    assert body_unit(STANDING * 3, SEEN) == pytest.approx(3 * float(body_unit(STANDING, SEEN)))
    squat = STANDING.copy()
    squat[[9, 12], 1] -= 18  # thighs point at the camera
    assert body_unit(squat, SEEN) == pytest.approx(float(body_unit(STANDING, SEEN)), rel=0.12)
    assert body_ratio(STANDING, SEEN, STANDING / 2, SEEN) == pytest.approx(2)


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_a_torso_that_turns_about_its_spine_is_never_blown_up_or_mirrored(degrees: int) -> None:
    target = STANDING.copy()
    target[:, 0] = 64 + (STANDING[:, 0] - 64) * np.cos(np.deg2rad(degrees))
    torso = part_transforms(STANDING, SEEN, target, SEEN)[0][NAMES.index("torso")]
    widths = np.linalg.svd(torso[:, :2], compute_uv=False)
    assert np.linalg.det(torso[:, :2]) > 0
    assert widths.min() >= 1 / 1.3
    assert widths.max() <= 1 / 0.39
    assert torso[1, 1] == pytest.approx(1, abs=0.2)  # its height stays
