"""What the photo hides of a limb, and of an arm that it hides whole, its twin shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pgvgen.poses import BODY_18
from pgvgen.poses.hands import GUESSED
from pgvgen.rendering.layers import Layers, cut_layers
from pgvgen.rendering.parts import INDEX, body_unit
from pgvgen.rendering.twins import matched, twin_transform
from tests.rendering import doll

SEEN = np.ones(18, np.float32)
RED, BLUE = (200, 30, 30), (30, 30, 200)
KNEES = [BODY_18.index(f"{side}_knee") for side in ("right", "left")]
UNIT = float(body_unit(doll.standing(), SEEN))


def cut(picture: np.ndarray, mask: np.ndarray, pose: np.ndarray, seen: np.ndarray) -> Layers:
    return cut_layers(picture, cv2.GaussianBlur(mask, (0, 0), 2), pose, seen, filled=False)


def with_bands(at: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The doll with a red band around each thigh, so far along it, right and left."""
    pose = doll.standing()
    picture, mask = doll.draw(pose)
    for share, (hip, knee) in zip(at, ((8, 9), (11, 12)), strict=True):
        x, y = np.rint(pose[hip] + share * (pose[knee] - pose[hip])).astype(int)
        band = np.zeros_like(mask)
        band[y - 4 : y + 5, x - 14 : x + 15] = 1
        picture[(band > 0) & doll.close(picture, doll.TROUSERS)] = RED
    return picture, mask


def hand_before_the_thigh(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Lays the right forearm over the right thigh's band (in place); the pose."""
    pose = doll.standing()
    pose[[3, 4]] = [(84, 112), (104, 152)]
    before = np.zeros_like(mask)
    cv2.line(before, (84, 112), (110, 163), 1, 14)
    picture[before > 0], mask[before > 0] = doll.SKIN, 1
    return pose


def colour_at(layers: Layers, part: str, place: np.ndarray) -> np.ndarray:
    x, y = np.rint(place).astype(int)
    return layers.parts[INDEX[part], y, x]


def test_what_a_hand_hides_of_one_thigh_the_other_shows() -> None:
    picture, mask = with_bands((0.5, 0.5))
    pose = hand_before_the_thigh(picture, mask)
    middle = (pose[8] + pose[9]) / 2
    assert doll.close(picture, doll.SKIN)[tuple(np.rint(middle).astype(int)[::-1])]
    layers = cut(picture, mask, pose, SEEN)
    assert np.abs(colour_at(layers, "right_thigh", middle)[:3].astype(int) - RED).max() < 40
    assert colour_at(layers, "right_thigh", middle)[3] > 200
    plain, _ = with_bands((0.5, 0.5))
    plain[doll.close(plain, RED)] = doll.TROUSERS
    hand_before_the_thigh(plain, mask)
    layers = cut(plain, mask, pose, SEEN)
    green = colour_at(layers, "right_thigh", middle)[:3].astype(int)
    assert np.abs(green - doll.TROUSERS).max() < 40


def test_light_that_falls_otherwise_is_evened_out_and_another_cloth_is_not_lent() -> None:
    own = np.full((20, 40, 3), 100, np.uint8)
    twin, sure = np.full((20, 40, 3), 120, np.uint8), np.ones((20, 40), np.float32)
    twin[:, 30:] = 60  # what the part itself does not show
    both = sure.copy()
    both[:, 20:] = 0
    lent, there = matched(twin, own, sure, both)
    assert np.abs(lent[:, :30].astype(int) - 100).max() <= 1
    assert np.abs(lent[:, 30:].astype(int) - 40).max() <= 1
    assert there.min() == 1
    twin[:, :20] = 250
    lent, there = matched(twin, own, sure, both)
    assert there.max() == 0
    assert matched(twin, own, sure, 0 * both)[1].min() == 1  # nothing speaks against it


def test_a_twin_s_pixels_are_found_by_the_bones() -> None:
    pose = doll.turned(doll.standing(), 2, [3, 4], 40)
    for part, joints, others in (
        ("right_upper_arm", (2, 3), (5, 6)), ("left_shin", (12, 13), (9, 10))
    ):  # fmt: skip
        for mirrored in (False, True):
            transform = twin_transform(INDEX[part], pose, SEEN, UNIT, mirrored)
            assert transform is not None
            for joint, other in zip(joints, others, strict=True):
                there = transform @ (*pose[joint], 1)
                np.testing.assert_allclose(there, pose[other], atol=1e-3)
            assert np.sign(np.linalg.det(transform[:, :2])) == (-1 if mirrored else 1)


@pytest.mark.parametrize("part", ["torso", "head"])
def test_torso_and_head_have_no_twin(part: str) -> None:
    assert twin_transform(INDEX[part], doll.standing(), SEEN, UNIT, True) is None


def test_a_bone_that_points_at_the_camera_has_none_nor_one_that_is_not_seen() -> None:
    pose = doll.standing()
    pose[3] = pose[2] + np.array([2, 3])
    assert twin_transform(INDEX["left_upper_arm"], pose, SEEN, UNIT, True) is None
    unseen = SEEN.copy()
    unseen[3] = 0.1
    assert twin_transform(INDEX["left_upper_arm"], doll.standing(), unseen, UNIT, True) is None


def test_an_arm_behind_the_body_looks_like_the_other_one() -> None:
    pose = doll.standing()
    pose[[3, 4]] = [(112, 106), (118, 130)]  # behind the back
    picture, mask = doll.draw(doll.standing())
    shown = doll.standing()
    around = np.zeros_like(mask)
    for a, b in ((2, 3), (3, 4)):  # take the right arm out of the picture
        cv2.line(around, *(tuple(np.rint(shown[j]).astype(int).tolist()) for j in (a, b)), 1, 13)
    arm = (around > 0) & doll.close(picture, doll.SKIN)
    picture[arm], mask[arm] = doll.background()[arm], 0
    badge = (slice(102, 112), slice(106, 120))  # on the shirt, before the elbow
    picture[badge] = doll.SKIN
    hidden = SEEN.copy()
    hidden[[3, 4]] = GUESSED
    layers = cut(picture, mask, pose, hidden)
    for part, joints in (("right_upper_arm", (2, 3)), ("right_forearm", (3, 4))):
        middle = pose[[*joints]].mean(0)
        colour = colour_at(layers, part, middle)
        assert colour[3] > 200
        assert np.abs(colour[:3].astype(int) - doll.SKIN).max() < 30
        beside = layers.parts[INDEX[part], ..., 3] > 8
        assert not (beside & (layers.matte < 0.01)).any()
    torso = layers.parts[INDEX["torso"]]
    assert (torso[badge][2:-2, 2:-2, :3] == picture[badge][2:-2, 2:-2]).all()
    believed = cut(picture, mask, pose, SEEN).parts[INDEX["torso"]]
    assert not (believed[badge][2:-2, 2:-2, :3] == picture[badge][2:-2, 2:-2]).all()
