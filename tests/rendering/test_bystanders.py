"""Who else is in the photo, by the real net."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from pgvgen.poses import PoseSequence
from pgvgen.poses.estimators import estimate_people
from pgvgen.rendering.bystanders import bystanders


@pytest.fixture(scope="module")
def astronauts() -> np.ndarray:
    """A large one on the left, a smaller one on the right."""
    one = skimage.data.astronaut()
    photo = np.full((512, 1200, 3), 120, np.uint8)
    photo[:, :512] = one
    photo[128:, 600:984] = cv2.resize(one, (384, 384), interpolation=cv2.INTER_AREA)
    return photo


@pytest.fixture(scope="module")
def people(astronauts: np.ndarray) -> list[PoseSequence]:
    large, small = estimate_people(astronauts)
    return [large, small]


@pytest.mark.parametrize("acts", [0, 1])
def test_who_does_not_act_is_a_bystander(
    astronauts: np.ndarray, people: list[PoseSequence], acts: int
) -> None:
    (found,) = bystanders(astronauts, [people[acts]])
    nose = people[1 - acts].keypoints[0, 0]
    assert found.keypoints.shape == (1, 18, 2)
    assert np.linalg.norm(found.keypoints[0, 0] - nose) < 12


def test_who_acts_is_none(astronauts: np.ndarray, people: list[PoseSequence]) -> None:
    assert bystanders(astronauts, people) == []


def test_who_acts_is_none_though_the_first_pose_is_not_quite_theirs(
    astronauts: np.ndarray, people: list[PoseSequence]
) -> None:
    off = people[0].keypoints * np.float32([0.8, 1]) + np.float32([0, 60])
    assert bystanders(astronauts, [people[0].replace(keypoints=off), people[1]]) == []


def test_who_is_far_away_does_not_matter(
    astronauts: np.ndarray, people: list[PoseSequence]
) -> None:
    wide = np.pad(astronauts, ((0, 0), (0, 1200), (0, 0)), constant_values=120)
    wide[128:, 1900:2284] = astronauts[128:, 600:984]
    wide[:, 600:984] = 120
    assert bystanders(wide, [people[0].replace(size=(2400, 512))]) == []
