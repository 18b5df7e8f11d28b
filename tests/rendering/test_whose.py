"""Whose a pixel is that the mask net gives to two people."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.poses import PoseSequence
from pgvgen.rendering.whose import apart
from tests.rendering import crowd

STAY = [(0.0, 0.0)]


def divided(
    monkeypatch: pytest.MonkeyPatch, people: list[PoseSequence], masks: list[np.ndarray]
) -> list[np.ndarray]:
    answers = iter(masks)
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: next(answers))
    poses = [(person.keypoints[0], person.confidence[0]) for person in people]
    return [mask for _, mask in apart(crowd.draw(*people)[0], poses)]


def test_one_alone_keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    person = crowd.motion(0, STAY)
    photo, (mask,) = crowd.draw(person)
    monkeypatch.setattr("pgvgen.rendering.whose.person_mask", lambda *_: mask)
    ((picture, kept),) = apart(photo, [(person.keypoints[0], person.confidence[0])])
    assert picture is photo
    assert kept is mask


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
