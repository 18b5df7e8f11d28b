"""Hands that the photo hides."""

from __future__ import annotations

import pytest

from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.hands import GUESSED, with_hidden_arms
from pgvgen.poses.sequence import SEEN
from tests.motion.test_generate import standing

ELBOW, WRIST = BODY_18.index("right_elbow"), BODY_18.index("right_wrist")


def hiding(*, elbow: float = 1.0, wrist: float = 0.05, x: float | None = None) -> PoseSequence:
    """The standing person with a right arm as sure as that, its hand there."""
    start = standing()
    confidence, keypoints = start.confidence.copy(), start.keypoints.copy()
    confidence[0, [ELBOW, WRIST]] = elbow, wrist
    if x is not None:
        keypoints[0, WRIST, 0] = x
    return start.replace(confidence=confidence, keypoints=keypoints)


def test_a_hidden_hand_is_where_it_is_guessed() -> None:
    start = hiding()
    told = with_hidden_arms(start)
    assert told.confidence[0, WRIST] > SEEN
    told_else, start_else = (p.confidence[0].tolist() for p in (told, start))
    told_else.pop(WRIST), start_else.pop(WRIST)
    assert told_else == start_else
    assert (told.keypoints == start.keypoints).all()


def hidden_arm(*, other: float = 1.0, shorter: float = 1.0) -> PoseSequence:
    """Neither elbow nor wrist of the right arm are to be seen; those of the left are so sure."""
    start = hiding(elbow=0.05)
    confidence, keypoints = start.confidence.copy(), start.keypoints.copy()
    confidence[0, [BODY_18.index("left_elbow"), BODY_18.index("left_wrist")]] = other
    keypoints[0, WRIST] = keypoints[0, ELBOW] + shorter * (
        keypoints[0, WRIST] - keypoints[0, ELBOW]
    )
    return start.replace(confidence=confidence, keypoints=keypoints)


def test_of_an_arm_that_the_body_hides_the_other_one_tells() -> None:
    told = with_hidden_arms(hidden_arm())
    assert told.confidence[0, [ELBOW, WRIST]].tolist() == [GUESSED, GUESSED]
    assert (told.keypoints == hidden_arm().keypoints).all()
    half = hiding(elbow=0.1, wrist=0.4)
    assert with_hidden_arms(half).confidence[0, [ELBOW, WRIST]].tolist() == [GUESSED, GUESSED]


@pytest.mark.parametrize(
    "start",
    [
        hidden_arm(other=0.4),
        hidden_arm(shorter=0.3),
        hiding(elbow=0.05, x=-5),
        hiding(elbow=0.4, wrist=0.1),
        hiding(elbow=0.1, wrist=0.9),
        hiding(elbow=0.0),
        hiding(wrist=0.0),
        hiding(wrist=0.9),
        hiding(x=-5),
        hiding(x=standing().size[0] + 5),
        hiding().replace(size_known=False),
    ],
)
def test_what_is_a_guess_or_seen_stays_so(start: PoseSequence) -> None:
    assert (with_hidden_arms(start).confidence == start.confidence).all()


def test_nobody_has_no_hands() -> None:
    assert len(with_hidden_arms(standing()[:0])) == 0


def test_faces_have_no_hands() -> None:
    face = PoseSequence([[[5.0, 5.0]] * 68], [[0.1] * 68], 25, (10, 10), FACE_68)
    assert (with_hidden_arms(face).confidence == face.confidence).all()
