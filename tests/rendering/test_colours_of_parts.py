"""Parts are told apart by their colours: no skin stays on the shirt, no shirt flies with an arm."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.ownership import divide
from pgvgen.rendering.palette import FOREIGN, colour_bins, judge_colours
from pgvgen.rendering.parts import INDEX, PARTS, TORSO
from tests.rendering import doll

SEEN = np.ones(18, np.float32)
NAMES = [part.name for part in PARTS]
THING, BADGE, SHADE = (230, 220, 30), (240, 240, 240), (120, 85, 65)


def crossed() -> np.ndarray:
    """18×2 px: the right forearm lies across the chest."""
    pose = doll.turned(doll.standing(), 2, [3, 4], -5)
    return doll.turned(pose, 3, [4], -75)


def layers_of(picture: np.ndarray, mask: np.ndarray, pose: np.ndarray) -> dict[str, np.ndarray]:
    """The parts' layers by name, cut with a mask as coarse as a net's."""
    cut = cut_layers(picture, cv2.GaussianBlur(mask, (0, 0), 3), pose, SEEN)
    return dict(zip(NAMES, cut.parts, strict=True))


def share(layer: np.ndarray, colour: tuple[int, int, int]) -> float:
    """How much of what a layer shows is of about that colour."""
    shown = layer[..., 3] > 128
    return float((doll.close(layer, colour) & shown).sum() / shown.sum())


@pytest.fixture(scope="module")
def crossed_layers() -> dict[str, np.ndarray]:
    return layers_of(*doll.draw(crossed()), crossed())


def test_no_skin_stays_on_the_shirt_where_a_forearm_lay(
    crossed_layers: dict[str, np.ndarray],
) -> None:
    chest = crossed_layers["torso"][95:]  # below the neck, of which the torso keeps a piece
    assert share(chest, doll.SHIRT) > 0.97
    assert share(chest, doll.SKIN) < 0.002


def test_the_forearm_takes_no_shirt_along(crossed_layers: dict[str, np.ndarray]) -> None:
    assert share(crossed_layers["right_forearm"], doll.SKIN) > 0.9
    assert share(crossed_layers["right_forearm"], doll.SHIRT) < 0.01


def test_a_forearm_does_not_cut_the_torso_in_two(crossed_layers: dict[str, np.ndarray]) -> None:
    torso = crossed_layers["torso"]
    for height in (85, 125):  # above the forearm and below it
        assert torso[height, 120, 3] > 200
        assert doll.close(torso, doll.SHIRT)[height, 120]


@pytest.mark.parametrize("coarse", [2, 4, 8])
def test_sleeves_of_the_coat_s_own_colour_are_not_the_coat_s(coarse: int) -> None:
    """Its folds tell them apart a little everywhere, and wrongly as often as not."""
    pose = crossed()
    picture, mask = doll.draw(pose)
    arms = doll.close(picture, doll.SKIN)
    arms[: int(pose[1, 1])] = False  # the face
    picture[arms] = doll.SHIRT
    folds = cv2.GaussianBlur(np.random.default_rng(1).normal(size=mask.shape), (0, 0), coarse)
    folds *= 30 * mask / folds.std()
    picture = (picture + folds[..., None]).clip(0, 255).astype(np.uint8)
    layers = layers_of(picture, mask, pose)
    for name, start, end in (("right_upper_arm", 2, 3), ("right_forearm", 3, 4)):
        along = pose[start] + np.linspace(0.1, 0.9, 9)[:, None] * (pose[end] - pose[start])
        columns, rows = np.rint(along).astype(int).T
        assert layers[name][rows, columns, 3].min() > 200, name


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_bare_arm_wears_no_cloth_of_the_shoulder(side: str) -> None:
    layers = layers_of(*doll.draw(doll.standing()), doll.standing())
    assert share(layers[f"{side}_upper_arm"], doll.SHIRT) < 0.03


def test_from_aside_an_arm_leaves_no_skin_on_the_shirt() -> None:
    """It lies before all of the torso that geometry alone would be sure of."""
    pose, seen = doll.standing(), SEEN.copy()
    pose[:, 0] = 120 + 0.15 * (pose[:, 0] - 120)
    seen[[3, 4]] = 0
    picture, mask = doll.draw(pose)
    shirt = cv2.rectangle(np.zeros_like(mask), (106, 72), (136, 142), 1, -1) > 0
    picture[shirt], mask[shirt] = doll.SHIRT, 1
    for start, end in ((5, 6), (6, 7)):
        a, b = (tuple(np.rint(pose[joint]).astype(int).tolist()) for joint in (start, end))
        cv2.line(picture, a, b, doll.SKIN, 15)
    torso = cut_layers(picture, cv2.GaussianBlur(mask, (0, 0), 3), pose, seen).parts[TORSO, 80:]
    assert share(torso, doll.SKIN) < 0.35  # with no colours to go by: 0.63


def test_what_lies_against_a_forearm_does_not_stay_on_the_shirt_but_a_badge_does() -> None:
    pose = crossed()
    picture, mask = doll.draw(pose)
    hand = np.rint((pose[3] + 3 * pose[4]) / 4).astype(int)
    thing, badge = (int(hand[0]), int(hand[1]) + 10), (134, 86)
    cv2.circle(picture, thing, 4, THING, -1)
    cv2.circle(picture, badge, 3, BADGE, -1)
    torso = layers_of(picture, mask, pose)["torso"]
    assert not doll.close(torso, THING)[thing[::-1]]
    assert doll.close(torso, doll.SHIRT)[thing[::-1]]
    assert doll.close(torso, BADGE)[badge[::-1]]


def test_one_arm_tells_the_colours_of_the_other() -> None:
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, :20], picture[:, 20:] = doll.SKIN, doll.SHIRT
    sure = np.zeros((len(PARTS), 20, 40), bool)
    sure[NAMES.index("right_forearm"), :, :10] = True
    sure[NAMES.index("torso"), :, 30:] = True
    foreign, rare = judge_colours(colour_bins(picture), sure, np.ones_like(sure), 1)
    left = NAMES.index("left_forearm")
    assert foreign[left, 10, 5] == 0
    assert foreign[left, 10, 35] > 0.9 * FOREIGN
    assert rare[left, 10, 35] == 1
    assert rare[left, 10, 5] == 0
    assert foreign[NAMES.index("torso"), 10, 5] > 0.9 * FOREIGN
    assert not foreign[NAMES.index("head")].any(), "of which nothing is known"


def test_an_upper_arm_behind_its_forearm_has_the_skin_of_it() -> None:
    """Of the arm itself the photo shows a rim in the shadow."""
    pose = doll.turned(doll.turned(doll.standing(), 2, [3, 4], 20), 3, [4], 170)
    picture, mask = doll.draw(pose)
    shoulder, elbow, wrist = (np.rint(pose[joint]).astype(int) for joint in (2, 3, 4))
    cv2.line(picture, shoulder, elbow, SHADE, 18)
    cv2.line(mask, shoulder, elbow, 1, 18)
    cv2.line(picture, elbow, wrist, doll.SKIN, 12)
    layer = layers_of(picture, mask, pose)["right_upper_arm"]
    assert share(layer, doll.SKIN) > 0.4


def test_light_along_the_neck_does_not_go_with_the_arm() -> None:
    """A rim as bright as the arm reaches from its shoulder inwards, over the shirt."""
    picture, mask = doll.draw(doll.standing())
    rim = cv2.line(np.zeros_like(mask, np.uint8), (98, 70), (112, 68), 1, 3) > 0
    picture[rim], mask[rim] = doll.SKIN, 1
    own = divide(picture, mask, doll.standing(), SEEN).own[INDEX["right_upper_arm"]]
    inwards = rim & (np.arange(rim.shape[1]) > 104)
    assert cv2.resize(own, rim.shape[::-1])[inwards].mean() < 0.3
