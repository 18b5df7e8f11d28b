"""Whose a pixel is that the mask net gives to two people."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pgvgen.poses import PoseSequence
from pgvgen.rendering.whose import _front_to_back, apart
from tests.rendering import crowd

STAY = [(0.0, 0.0)]


def divided(
    monkeypatch: pytest.MonkeyPatch, people: list[PoseSequence], masks: list[np.ndarray]
) -> list[np.ndarray]:
    answers = iter(masks)
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: next(answers))
    poses = [(person.keypoints[0], person.confidence[0]) for person in people]
    alone = apart(crowd.draw(*people)[0], poses)
    return [one.mask for one in sorted(alone, key=lambda one: one.index)]


def test_one_alone_keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    person = crowd.motion(0, STAY)
    photo, (mask,) = crowd.draw(person)
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: mask)
    (alone,) = apart(photo, [(person.keypoints[0], person.confidence[0])])
    assert alone.picture is photo
    np.testing.assert_array_equal(alone.mask, mask)


def test_what_the_net_is_not_sure_of_is_who_stands_close(monkeypatch: pytest.MonkeyPatch) -> None:
    person = crowd.motion(0, STAY)
    _, (mask,) = crowd.draw(person)
    rim = cv2.dilate(mask, np.ones((5, 5))) > mask
    hand = np.rint(person.keypoints[0, 4]).astype(int)
    limb = np.hypot(*(np.indices(mask.shape)[::-1] - hand[:, None, None])) < 3
    unsure = np.where(rim, np.float32(0.4), mask)
    unsure[limb] = 0.4
    unsure[100:160, 200:240] = 0.4
    (kept,) = divided(monkeypatch, [person], [unsure])
    assert kept[100:160, 200:240].max() < 0.01
    assert kept[rim].min() > 0.3
    assert kept[limb].min() > 0.3
    assert kept[mask == 1].mean() > 0.99


@pytest.mark.parametrize("taken", [0, 1])
def test_nobody_keeps_another_s_arm(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    people = [crowd.motion(0, STAY), crowd.motion(120, STAY, 1.05)]
    _, masks = crowd.draw(*people)
    shoulder, wrist = people[taken].keypoints[0, [5, 7] if taken == 0 else [2, 4]]
    left, right = sorted((int(shoulder[0]), int(wrist[0])))
    arm = np.zeros(masks[0].shape, bool)
    arm[int(shoulder[1]) : int(wrist[1]), left:right] = True
    arm &= masks[taken] > 0
    seen = list(masks)
    seen[1 - taken] = np.maximum(masks[1 - taken], arm)
    kept = divided(monkeypatch, people, seen)
    assert kept[taken][arm].mean() > 0.9
    assert kept[1 - taken][arm].mean() < 0.1


def test_a_child_before_a_man_is_the_child_s(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [crowd.motion(130, STAY, 0.5), crowd.motion(100, STAY)]
    _, (man, child) = crowd.draw(people[1], people[0])
    kept = divided(monkeypatch, people, [child, np.maximum(man, child)])
    assert kept[0][child > 0].mean() > 0.9
    assert kept[1][child > 0].mean() < 0.2


def test_who_is_seen_where_another_should_be_stands_before_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though smaller, and though the net takes both for the larger one."""
    man, child = crowd.motion(100, STAY), crowd.motion(112, STAY, 0.6)
    picture, (behind, before) = crowd.draw(man, child)
    both = {man: np.maximum(behind, before), child: before}
    poses = [(person.keypoints[0], person.confidence[0]) for person in both]
    answers = iter(both.values())
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: next(answers))
    assert [one.index for one in apart(picture, poses)] == [0, 1]
    apart_from = [crowd.motion(0, STAY), crowd.motion(240, STAY, 0.6)]
    answers = iter(crowd.draw(*apart_from)[1])
    poses = [(person.keypoints[0], person.confidence[0]) for person in apart_from]
    assert [one.index for one in apart(picture, poses)] == [1, 0]  # else who is larger is nearer


def test_only_who_hides_somebody_changes_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A friend nearly as tall, all of whom the net takes for the taller one's, too."""
    tall, friend, far = crowd.motion(60, STAY), crowd.motion(95, STAY, 0.9), crowd.motion(230, STAY)
    picture, masks = crowd.draw(tall, friend, far)
    seen = [np.maximum(masks[0], masks[1]), *masks[1:]]
    answers = iter(seen)
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: next(answers))
    poses = [(person.keypoints[0], person.confidence[0]) for person in (tall, friend, far)]
    alone = apart(picture, poses)
    assert [one.index for one in alone] == [2, 0, 1]
    assert alone[2].mask[masks[1] > 0].mean() > 0.9


def test_two_who_hide_each_other_stay_as_large_as_they_are() -> None:
    assert _front_to_back([3, 2, 1], [[2], [], []]) == [2, 0, 1]
    assert _front_to_back([3, 2, 1], [[2], [], [1]]) == [1, 2, 0]
    assert sorted(_front_to_back([3, 2], [[1], [0]])) == [0, 1]


def test_a_face_is_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the net ever so sure of the man's hand there; and the child stands before the man."""
    man, child = crowd.motion(100, STAY), crowd.motion(135, STAY, 0.6)
    picture, masks = crowd.draw(man, child)
    head = np.zeros(masks[1].shape, np.float32)
    nose_x, nose_y = child.keypoints[0, 0].astype(int)
    head[nose_y - 15 : nose_y + 15, nose_x - 15 : nose_x + 15] = 1
    head *= masks[1]
    answers = iter([np.maximum(masks[0], head), masks[1] - 0.3 * head])
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: next(answers))
    poses = [(person.keypoints[0], person.confidence[0]) for person in (man, child)]
    behind, before = apart(picture, poses)
    assert (behind.index, before.index) == (0, 1)
    assert before.mask[head > 0].mean() > 0.6
    assert behind.mask[head > 0].mean() < 0.2
