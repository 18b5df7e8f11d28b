"""Which way a body faces, and clips that are cut where it turns round."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.data.clip import Clip
from pgvgen.data.facing import while_facing
from pgvgen.poses.facing import facing
from tests.training.tiny import STANDING


def turning(degrees: list[float]) -> np.ndarray:
    """A flat figure that turns about its spine, T×18×2."""
    cosine = np.cos(np.radians(degrees))[:, None, None]
    middle = STANDING[1] * [1, 0]
    return ((STANDING - middle) * np.concatenate([cosine, cosine**0], -1) + middle).astype("f4")


def clip(degrees: list[float], **changes: object) -> Clip:
    values = {
        "id": "a", "label": "throw", "source": "tiny", "group": "g", "split": "train", "fps": 15.0,
        "size": (96, 96), "keypoints": turning(degrees),
        "confidence": np.ones((len(degrees), 18), np.float32),
    }  # fmt: skip
    return Clip(**(values | changes))  # type: ignore[arg-type]


def test_shoulders_are_wide_from_the_front_and_the_other_way_round_from_behind() -> None:
    front, edge_on, behind = facing(turning([0, 90, 180]))
    assert front > 0.3
    assert edge_on == pytest.approx(0, abs=1e-3)
    assert behind == pytest.approx(-front, rel=1e-3)


def test_a_body_that_leans_or_lies_faces_as_it_did() -> None:
    upright = STANDING[None].astype(np.float32)
    lying = upright[..., ::-1] * np.float32([-1, 1])  # turned by a quarter in the picture
    assert facing(lying)[0] == pytest.approx(facing(upright)[0], rel=1e-3)


def test_a_clip_ends_where_the_body_turns_round() -> None:
    assert len(while_facing(clip([0, 20, -20, 30, 10])) or []) == 5
    assert len(while_facing(clip([180, 170, 200, 180])) or []) == 4
    late = while_facing(clip([0, 0, 10, 20, 0, 10, 0, 0, 100, 180]))
    assert late is not None
    assert len(late) == len(late.confidence) == 8
    assert while_facing(clip([0, 0, 100, 180, 180, 180])) is None


def test_a_torso_that_is_not_known_faces_nowhere() -> None:
    lacking = np.ones((4, 18), np.float32)
    lacking[2, 8] = 0
    assert while_facing(clip([0, 0, 0, 0], confidence=lacking)) is None
