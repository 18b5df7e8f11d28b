"""Several people in one photo: no place shows another, who rests stays, who is near covers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pgvgen.rendering.renderer import render
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from tests.rendering import crowd, doll

STAY = [(0.0, 0.0)] * 3


@pytest.fixture(scope="module")
def network() -> SCGAN:
    return SCGAN(SCGANConfig(width=8, blocks=1))


def test_who_stays_is_the_photo_and_who_goes_goes_as_alone(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, stays = crowd.motion(0, [(0, 0), (10, 0), (30, 0)]), crowd.motion(240, STAY)
    photo = crowd.see(monkeypatch, goes, stays)
    alone = list(render(photo, goes, scgan=network))
    both = list(render(photo, [goes, stays], scgan=network))
    assert np.array_equal(both[0], photo)
    for one, two in zip(alone, both, strict=True):
        assert np.array_equal(two[:, 240:], photo[:, 240:])
        assert np.abs(one.astype(int) - two).mean() < 0.3
    again = list(render(photo, [stays, goes], scgan=network))  # nor does the order matter
    assert all(np.array_equal(a, b) for a, b in zip(both, again, strict=True))


def test_the_photo_fades_in_gently(network: SCGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = [(0.15 * step, 0.0) for step in range(10)]
    people = crowd.motion(0, ways), crowd.motion(60, [(-x, 0) for x, _ in ways], 1.1)
    photo = crowd.see(monkeypatch, *people)
    last = photo.astype(int)
    for frame in render(photo, people, scgan=network):
        assert np.abs(frame - last).mean() < 1.5
        last = frame.astype(int)


def test_whose_motion_is_over_sooner_stays_as_it_ends(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a loop, which need not begin with the photo, goes round beside who does."""
    long, short = crowd.motion(0, [(0, 0), (10, 0), (20, 0)]), crowd.motion(240, [(0, 0), (9, 0)])
    photo = crowd.see(monkeypatch, long, short)
    frames = list(render(photo, [long, short], scgan=network))
    assert len(frames) == 3
    assert np.array_equal(frames[2][:, 260:], frames[1][:, 260:])
    loop = long[1:].replace(photo=long[:1])
    two = list(render(photo, [loop, short], scgan=network))
    assert len(two) == 2
    assert np.array_equal(two[1][:, :230], frames[2][:, :230])
    assert np.array_equal(two[1][:, 260:], frames[1][:, 260:])


def test_crop_is_what_is_around_everybodys_square(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd.motion(0, STAY[:2]), crowd.motion(240, STAY[:2])
    photo = crowd.see(monkeypatch, *people)
    height, width, _ = next(render(photo, people, scgan=network, crop=True)).shape
    alone = next(render(photo, people[0], scgan=network, crop=True))
    assert (height, width) == (len(alone), min(len(alone) + 240, crowd.WIDTH))
    large = next(render(photo, people, scgan=network, crop=True, size=2 * width))
    assert large.shape == (2 * height, 2 * width, 3)


def test_where_both_have_gone_is_the_wall(network: SCGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though each stood in the hole that the other left."""
    people = crowd.motion(100, [(0, 0), (-80, 0)]), crowd.motion(150, [(0, 0), (80, 0)], 1.1)
    photo = crowd.see(monkeypatch, *people)
    after = list(render(photo, people, scgan=network))[1]
    there = np.maximum(*crowd.draw(*people, frame=1)[1])
    gone = cv2.dilate(there, np.ones((21, 21))) == 0
    left_behind = np.abs(after.astype(int) - crowd.wall())[gone]
    assert (left_behind.max(-1) > 50).mean() < 0.01
    assert (np.abs(photo.astype(int) - crowd.wall())[gone].max(-1) > 50).mean() > 0.05


def test_who_is_nearer_stands_before_the_other(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they pass or are passed."""
    for far, near in (([(0, 0), (120, 0)], STAY[:2]), (STAY[:2], [(0, 0), (-120, 0)])):
        people = crowd.motion(60, far), crowd.motion(180, near, 1.1)
        photo = crowd.see(monkeypatch, *people)
        after = list(render(photo, people, scgan=network))[1]
        truth, (_, seen) = crowd.draw(*people, frame=1)
        inside = cv2.erode(seen, np.ones((9, 9))) > 0
        assert np.abs(after.astype(int) - truth)[inside].mean() < 12
        shirt = doll.close(truth, crowd.RED, 5) & inside
        assert doll.close(after, crowd.RED)[shirt].mean() > 0.97


def test_what_a_neighbour_hid_of_a_shirt_comes_into_view(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd.motion(100, STAY[:2]), crowd.motion(130, [(0, 0), (120, 0)], 1.1)
    photo = crowd.see(monkeypatch, *people)
    after = list(render(photo, people, scgan=network))[1]
    hip, shoulder = doll.standing()[[11, 5]] + np.float32([100, 0])
    middle = tuple(slice(int(a), int(b)) for a, b in ((shoulder[1] + 12, hip[1] - 8), (222, 236)))
    assert doll.close(photo[middle], doll.SHIRT).mean() < 0.5
    assert doll.close(after[middle], doll.SHIRT, 60).mean() > 0.9


@pytest.mark.parametrize("generator", ["transported", "painted"])
def test_all_are_cut_out(monkeypatch: pytest.MonkeyPatch, generator: str) -> None:
    people = crowd.motion(0, STAY), crowd.motion(240, STAY[:1])
    photo = crowd.see(monkeypatch, *people)
    network = SCGAN(SCGANConfig(generator=generator, width=8, blocks=1))
    frames = list(render(photo, people, scgan=network, transparent=True))
    assert len(frames) == 3
    for i, person in enumerate(people):
        alone = next(render(photo, person, scgan=network, transparent=True))
        half = slice(240 * i, 240 * (i + 1))
        assert np.array_equal(frames[-1][:, half, 3], alone[:, half, 3])
        solid = alone[:, half, 3] > 0
        apart = np.abs(frames[-1][:, half].astype(int) - alone[:, half])[solid]
        assert apart.max() <= 1


def test_the_painted_generator_paints_one_over_another(monkeypatch: pytest.MonkeyPatch) -> None:
    people = crowd.motion(0, STAY[:1]), crowd.motion(240, STAY[:1])
    photo = crowd.see(monkeypatch, *people)
    painter = SCGAN(SCGANConfig(generator="painted", width=8, blocks=1))
    frame = next(render(photo, people, scgan=painter))
    for i, person in enumerate(people):
        alone = next(render(photo, person, scgan=painter))
        half = slice(240 * i, 240 * (i + 1))
        assert np.array_equal(frame[:, half], alone[:, half])


def test_who_stands_by_stays_though_the_net_takes_them_along(
    network: SCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, stays = crowd.motion(60, [(0, 0), (-60, 0)]), crowd.motion(150, STAY[:1], 0.9)
    photo, masks = crowd.draw(goes, stays)
    answers = {goes.keypoints[0].tobytes(): np.maximum(*masks)}
    answers[stays.keypoints[0].tobytes()] = masks[1]
    monkeypatch.setattr(
        "pgvgen.rendering.whose.person_mask", lambda _, points, *__: answers[points.tobytes()]
    )
    inside, left = cv2.erode(masks[1], np.ones((5, 5))) > 0, {}
    for known in ([], [stays]):
        monkeypatch.setattr("pgvgen.rendering.renderer.bystanders", lambda *_, them=known: them)
        after = list(render(photo, goes, scgan=network))[1]
        left[len(known)] = np.abs(after.astype(int) - photo)[inside].mean()
    assert left[1] < 1 < 10 < left[0]
    one = next(render(photo, goes, scgan=network, transparent=True))
    assert one[..., 3][inside].mean() < 10  # nor are they cut out with who acts
