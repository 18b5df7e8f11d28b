"""Which part lies before which, by how the photo shows the person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from pgvgen.poses import BODY_18
from pgvgen.poses.hands import GUESSED
from pgvgen.rendering import layers
from pgvgen.rendering.compositor import Compositor
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.order import FROM_THE_FRONT, hidden_arms, painters_order
from pgvgen.rendering.ownership import Shares, divide
from pgvgen.rendering.parts import PARTS, part_distances
from pgvgen.rendering.pieces import Placement
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import prior_logits
from tests.rendering import doll
from tests.rendering.test_parts import SEEN, STANDING

NAMES = [part.name for part in PARTS]
NOSE = BODY_18.index("nose")
ARMS = {"right_upper_arm", "left_upper_arm", "right_forearm", "left_forearm"}
TORSO = NAMES.index("torso")


def turned(degrees: float) -> np.ndarray:
    """A flat figure that turns about its spine; 90 is facing the picture's right."""
    middle = STANDING[1, 0]
    points = STANDING.copy()
    points[:, 0] = middle + (points[:, 0] - middle) * np.cos(np.radians(degrees))
    points[NOSE, 0] += 6 * np.sin(np.radians(degrees))
    return points


def hidden(order: tuple[int, ...]) -> set[str]:
    """Parts that lie behind the torso."""
    return {NAMES[part] for part in order[: order.index(TORSO)]}


def test_arms_lie_before_who_faces_the_camera_and_behind_who_turns_their_back() -> None:
    legs = hidden(FROM_THE_FRONT)
    for degrees in (0, 40, -40):
        assert painters_order(turned(degrees), SEEN) == FROM_THE_FRONT
    for degrees in (180, 140, -140):
        order = painters_order(turned(degrees), SEEN)
        assert sorted(order) == list(FROM_THE_FRONT)
        assert hidden(order) == legs | ARMS


def test_from_aside_the_limbs_of_the_far_side_lie_behind() -> None:
    for degrees, far, near in ((90, "left", "right"), (-90, "right", "left")):
        order = painters_order(turned(degrees), SEEN)
        place = {NAMES[part]: at for at, part in enumerate(order)}
        for limb in ("thigh", "shin", "foot"):
            assert place[f"{far}_{limb}"] < place[f"{near}_{limb}"]
        for limb in ("upper_arm", "forearm"):
            assert place[f"{far}_{limb}"] < place["torso"] < place[f"{near}_{limb}"]


def test_who_is_not_wholly_seen_is_taken_to_face_the_camera() -> None:
    unseen = SEEN.copy()
    unseen[BODY_18.index("left_hip")] = 0
    assert painters_order(turned(180), unseen) == FROM_THE_FRONT
    faceless = SEEN.copy()
    faceless[NOSE] = 0
    assert painters_order(turned(90), faceless) == FROM_THE_FRONT


def test_an_arm_that_the_photo_hides_lies_behind() -> None:
    confidence = SEEN.copy()
    confidence[[BODY_18.index("left_elbow"), BODY_18.index("left_wrist")]] = GUESSED
    order = painters_order(turned(0), confidence)
    assert hidden(order) == hidden(FROM_THE_FRONT) | {"left_upper_arm", "left_forearm"}
    assert {NAMES[part] for part in hidden_arms(confidence)} == {"left_upper_arm", "left_forearm"}
    assert not hidden_arms(SEEN)


def test_of_limbs_that_lie_over_one_another_the_near_one_owns_what_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both legs of one who is seen from aside lie at the same place."""
    divided: list[Shares] = []

    def kept(*arguments: Any) -> Shares:
        divided.append(divide(*arguments))
        return divided[-1]

    monkeypatch.setattr(layers, "divide", kept)
    for side, other, way in (("right", "left", 90), ("left", "right", -90)):
        pose = turned(way)
        mask = (part_distances(pose, SEEN, (128, 128)).max(0) > 0).astype(np.float32)
        picture = np.where(mask[..., None] > 0, np.uint8(180), np.full((1, 1, 3), 90, np.uint8))
        cut = cut_layers(picture, mask, pose, SEEN, filled=False)
        shares = divided.pop()
        for limb in ("thigh", "shin"):
            near, far = (NAMES.index(f"{one}_{limb}") for one in (side, other))
            assert shares.own[near].sum() > 2 * shares.own[far].sum()  # the crotch is both's
            assert shares.hidden[far].sum() > 2 * shares.hidden[near].sum()
            there = [(cut.parts[i, ..., 3] > 128).sum() for i in (near, far)]
            assert there[1] > there[0] / 2


def test_the_prior_follows_the_order() -> None:
    alpha = torch.full((2, len(PARTS), 1, 1), 0.9)
    orders = torch.tensor([FROM_THE_FRONT, (*FROM_THE_FRONT[1:], 0)])
    weights = torch.softmax(prior_logits(alpha, torch.zeros(2, 1, 1, 1), orders), 1)[:, :, 0, 0]
    front = weights[:, 1:-2].argmax(1)
    assert front.tolist() == [len(PARTS) - 1, 0]
    torch.testing.assert_close(weights[0, 1:-2].sort().values, weights[1, 1:-2].sort().values)


def test_a_hand_that_moves_over_the_back_is_hidden_by_it() -> None:
    start, pose = doll.standing(), doll.standing()
    picture, mask = doll.draw(start)
    elbow, wrist = BODY_18.index("right_elbow"), BODY_18.index("right_wrist")
    pose[wrist] = (pose[[1, 8, 11]].sum(0) / 3).astype(np.float32)
    transforms, usable = part_transforms(start, SEEN, pose[None], SEEN[None])
    place = Placement(pose, SEEN, transforms[0], usable[0])
    cut = cut_layers(picture, mask, start, SEEN)
    x, y = np.rint(0.3 * pose[elbow] + 0.7 * pose[wrist]).astype(int)
    seen, shirt = (
        Compositor(cut, order=order).frame(place)[y, x].astype(int)
        for order in (FROM_THE_FRONT, painters_order(turned(180), SEEN))
    )
    assert np.abs(shirt - picture[y, x]).max() < 8
    assert np.abs(seen - picture[y, x]).max() > 30
