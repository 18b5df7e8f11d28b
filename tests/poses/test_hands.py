"""Hands that the photo hides."""

from __future__ import annotations

import pytest

from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.hands import with_hidden_hands
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
    told = with_hidden_hands(start)
    assert told.confidence[0, WRIST] > SEEN
    told_else, start_else = (p.confidence[0].tolist() for p in (told, start))
    told_else.pop(WRIST), start_else.pop(WRIST)
    assert told_else == start_else
    assert (told.keypoints == start.keypoints).all()


@pytest.mark.parametrize(
    "start",
    [
        hiding(elbow=0.3),
        hiding(wrist=0.0),
        hiding(wrist=0.9),
        hiding(x=-5),
        hiding(x=standing().size[0] + 5),
        hiding().replace(size_known=False),
    ],
)
def test_what_is_a_guess_or_seen_stays_so(start: PoseSequence) -> None:
    assert (with_hidden_hands(start).confidence == start.confidence).all()


def test_nobody_has_no_hands() -> None:
    assert len(with_hidden_hands(standing()[:0])) == 0


def test_faces_have_no_hands() -> None:
    face = PoseSequence([[[5.0, 5.0]] * 68], [[0.1] * 68], 25, (10, 10), FACE_68)
    assert (with_hidden_hands(face).confidence == face.confidence).all()
