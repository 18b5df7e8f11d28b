"""A shirt about the shoulders: its collar stays, its corners go with the arms or make room."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.rendering.collar import give_way
from pgvgen.rendering.compositor import Compositor
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.pieces import Placement
from pgvgen.rendering.transforms import part_transforms
from tests.rendering import doll

SEEN = np.ones(18, np.float32)
UNIT = 60.0


def raised(degrees: float) -> np.ndarray:
    """The doll with both arms turned up by so much."""
    return doll.turned(doll.turned(doll.standing(), 2, [3, 4], degrees), 5, [6, 7], -degrees)


def lift(photo: np.ndarray, frame: np.ndarray, seen: np.ndarray = SEEN) -> np.ndarray:
    """How much further down in the photo the torso is looked up: collar, shoulders, corners."""
    transforms, usable = part_transforms(photo, SEEN, frame, seen)
    places = np.array([90, 98, 120, 142, 150], np.float32), np.array([68], np.float32)
    return give_way(places, transforms, usable, frame, seen, UNIT)[0][0].imag


def shown(photo: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """How much of the torso is seen beside, on and between the shoulders, and then at the waist."""
    transforms, usable = part_transforms(photo, SEEN, frame, SEEN)
    places = np.array([80, 98, 120, 142, 160], np.float32), np.array([72, 115], np.float32)
    return give_way(places, transforms, usable, frame, SEEN, UNIT)[1]


@pytest.mark.parametrize("degrees", [30, 80])
def test_corners_of_raised_shoulders_sink_and_the_collar_stays(degrees: float) -> None:
    lowered = lift(raised(degrees), raised(0))
    assert lowered[2] > 0.01 * UNIT * np.deg2rad(degrees)  # the collar is drawn higher
    assert (np.diff(lowered[:3]) > 0).all()
    assert (np.diff(lowered[2:]) < 0).all()
    assert lowered[[0, -1]].max() < -0.05 * UNIT * np.deg2rad(degrees)


def test_raised_arms_cover_their_caps() -> None:
    """The collar sinks between the shoulders, but the corners beside the arms do not shoot up."""
    risen = lift(raised(0), raised(80))
    assert risen[2] < -0.01 * UNIT
    assert 0 < risen[[0, -1]].max() < 0.05 * UNIT


def test_arms_as_in_the_photo_leave_the_shirt_alone() -> None:
    assert np.allclose(lift(raised(40), raised(40) + np.float32([9, -4])), 0, atol=1e-3)


def test_one_arm_bends_its_own_side() -> None:
    one = lift(raised(70), doll.turned(raised(70), 2, [3, 4], -70))
    assert one[0] < -0.1 * UNIT < -0.05 * UNIT < one[-1]


def test_beside_the_shoulders_of_raised_arms_nothing_of_the_shirt_remains() -> None:
    armpits, waist = shown(raised(0), raised(90))
    assert armpits.tolist() == [0, 1, 1, 1, 0]
    assert waist.tolist() == [1, 1, 1, 1, 1]
    one_arm, _ = shown(raised(0), doll.turned(raised(0), 2, [3, 4], 90))
    assert one_arm.tolist() == [0, 1, 1, 1, 1]


def test_arms_that_sink_leave_the_shirt_as_wide_as_it_is() -> None:
    assert (shown(raised(90), raised(0)) == 1).all()


def test_who_is_seen_from_aside_has_no_corners() -> None:
    """Shoulders that lie above one another in the picture say nothing of what is beside them."""
    aside = raised(90)
    for shoulder, elbow, wrist, way in ((2, 3, 4, -1), (5, 6, 7, 1)):
        aside[[shoulder, elbow, wrist]] += aside[1] + np.float32([0, 14 * way]) - aside[shoulder]
    assert (shown(raised(0), aside) == 1).all()
    assert not lift(raised(0), aside).any()


def test_who_has_no_hips_in_view_keeps_straight_shoulders() -> None:
    seen = SEEN.copy()
    seen[[8, 11]] = 0
    assert not lift(raised(80), raised(0), seen).any()


def test_the_shirt_slopes_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, mask = doll.draw(raised(60))
    compositor = Compositor(cut_layers(picture, mask, raised(60), SEEN))
    transforms, usable = part_transforms(raised(60), SEEN, raised(0), SEEN)

    def slopes() -> np.ndarray:
        """How many px lower the shirt's outline is at either corner than beside the collar."""
        frame = compositor.frame(Placement(raised(0), SEEN, transforms, usable))
        outline = doll.close(frame, doll.SHIRT).argmax(0)
        return outline[[98, 142]] - outline[[110, 130]]

    sloping = slopes()
    monkeypatch.setattr("pgvgen.rendering.collar.RISE", 0)
    assert (sloping >= slopes() + 2).all()
