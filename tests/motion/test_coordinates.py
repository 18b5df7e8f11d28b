"""A pose's own coordinates do not depend on place, size, or what the photo shows of the person."""

from __future__ import annotations

import pytest
import torch

from pgvgen.motion.coordinates import body_frame, from_map, to_map
from tests.training.tiny import STANDING

POSE = torch.from_numpy(STANDING)[None]
ALL = torch.ones(1, 18)


def test_place_and_size_do_not_matter() -> None:
    own = body_frame(POSE, ALL).normalise(POSE)
    moved = POSE * 3 + torch.tensor([200.0, -40.0])
    torch.testing.assert_close(body_frame(moved, ALL).normalise(moved), own)


def test_place_undoes_normalise() -> None:
    frame = body_frame(POSE, ALL)
    motion = POSE[:, None] + torch.randn(1, 5, 18, 2)
    torch.testing.assert_close(frame.place(frame.normalise(motion)), motion)


@pytest.mark.parametrize("lacking", [[10, 13], [9, 10, 12, 13], [8, 9, 10, 11, 12, 13], [1]])
def test_half_a_person_is_as_tall_as_the_whole(lacking: list[int]) -> None:
    seen = ALL.clone()
    seen[:, lacking] = 0
    pose = POSE * seen[..., None]
    whole, half = body_frame(POSE, ALL), body_frame(pose, seen)
    assert half.height.item() == pytest.approx(whole.height.item(), rel=0.25)
    assert (half.centre - whole.centre).norm() < 3


def test_a_face_has_coordinates_too() -> None:
    torch.manual_seed(0)
    face = torch.randn(2, 68, 2) * 20 + 100
    frame = body_frame(face, torch.ones(2, 68))
    torch.testing.assert_close(frame.centre, face.mean(1))
    assert frame.normalise(face).abs().max() < 1


def test_one_point_or_none_gives_numbers() -> None:
    seen = torch.zeros(2, 18)
    seen[0, 4] = 1
    frame = body_frame(POSE.expand(2, -1, -1) * seen[..., None], seen)
    assert torch.isfinite(frame.normalise(POSE.expand(2, -1, -1))).all()


def test_maps_hold_a_standing_person_with_raised_arms() -> None:
    own = body_frame(POSE, ALL).normalise(POSE)
    raised = own.clone()
    raised[:, 4] = own[:, 1] + torch.tensor([-0.1, -0.45])
    pixels = to_map(raised)
    assert pixels.min() > 4
    assert pixels.max() < 59
    torch.testing.assert_close(from_map(pixels), raised)
