"""Moving a full-size photo: nothing changes that need not, nothing tears, nothing stays behind."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pgvgen.rendering.compositor import Compositor
from pgvgen.rendering.joints import BONDS, bend
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.parts import INDEX, PARTS
from pgvgen.rendering.pieces import Pieces, Placement
from pgvgen.rendering.transforms import part_transforms
from tests.rendering import doll

SEEN = np.ones(18, np.float32)


@pytest.fixture(scope="module")
def compositor() -> Compositor:
    picture, mask = doll.draw(doll.standing())
    return Compositor(cut_layers(picture, mask, doll.standing(), SEEN))


def placed(pose: np.ndarray) -> Placement:
    transforms, usable = part_transforms(doll.standing(), SEEN, pose[None], SEEN[None])
    return Placement(pose, SEEN, transforms[0], usable[0])


def shifted(by: float) -> Placement:
    """Every part moved to the right by so many px."""
    transforms = np.tile(np.float32([[1, 0, -by], [0, 1, 0]]), (len(PARTS), 1, 1))
    pose = doll.standing() + np.float32([by, 0])
    return Placement(pose, SEEN, transforms, np.ones(len(PARTS), bool))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def test_the_photos_own_pose_gives_the_photo(compositor: Compositor) -> None:
    frame = compositor.frame(placed(doll.standing()))
    assert np.array_equal(frame, compositor.layers.photo)


def test_the_photo_fades_in_gently(compositor: Compositor) -> None:
    """No jump between a pose that is the photo's and one that is nearly so."""
    last = compositor.layers.photo.astype(int)
    for step in range(1, 11):
        frame = compositor.frame(placed(doll.standing() + np.float32([0.15 * step, 0])))
        assert np.abs(frame - last).mean() < 1.5
        last = frame.astype(int)


def test_a_person_who_steps_aside_stands_there_and_no_longer_here(compositor: Compositor) -> None:
    aside = doll.standing() + np.float32([48, 0])  # three stripes: the wall is the same there
    truth, mask = doll.draw(aside)
    frame = compositor.frame(placed(aside))
    assert psnr(frame[mask > 0], truth[mask > 0]) > 22
    left_behind = (doll.draw(doll.standing())[1] > 0) & (cv2.dilate(mask, np.ones((15, 15))) == 0)
    for colour in (doll.SKIN, doll.SHIRT, doll.TROUSERS):
        assert (doll.close(frame, colour) & left_behind).mean() < 0.002


def test_what_a_shirt_hides_of_a_thigh_stays_hidden_and_a_raised_knee_comes_before_it(
    compositor: Compositor,
) -> None:
    """Though the network would have all of the thigh before the shirt."""
    thigh = INDEX["right_thigh"]
    network = np.zeros((len(PARTS) + 3, 16, 16), np.float32)
    network[1 + thigh] = 8
    place = placed(doll.standing())
    place.transforms[thigh] = [[1, 0, 0], [0, 1, 30]]  # up by 30 px
    frame = compositor.frame(place, network)
    x, hip, knee = 105, 134, 180
    assert doll.close(frame, doll.SHIRT)[hip - 30 - 6 : hip - 30 + 4, x].all()
    assert doll.close(frame, doll.TROUSERS)[knee - 30 - 26 : knee - 30 - 20, x].all()
    assert doll.close(compositor.layers.photo, doll.SHIRT)[knee - 30 - 22, x]


def test_what_shorts_hide_of_a_shin_stays_hidden(compositor: Compositor) -> None:
    """Though the network would have all of the shin before them."""
    shin, bare = INDEX["right_shin"], (230, 20, 20)
    parts = compositor.layers.parts.copy()
    parts[shin][..., :3] = bare
    network = np.zeros((len(PARTS) + 3, 16, 16), np.float32)
    network[1 + shin] = 8
    place = placed(doll.standing())
    place.transforms[shin] = [[1, 0, 0], [0, 1, 20]]  # up by 20 px
    frame = Compositor(replace(compositor.layers, parts=parts)).frame(place, network)
    x, knee = 105, 180
    assert not doll.close(frame, bare)[knee - 40 : knee - 20 + 2, x].any()
    assert doll.close(frame, bare)[knee - 20 + 16 : knee + 10, x].all()


@pytest.mark.parametrize("step", [0, 1, 48])  # at rest, nearly, and aside
def test_a_cutout_is_the_person_alone(compositor: Compositor, step: int) -> None:
    aside = doll.standing() + np.float32([step, 0])
    truth, mask = doll.draw(aside)
    cut = compositor.cutout(shifted(step))
    alpha = cut[..., 3] / 255
    assert np.minimum(alpha, mask).sum() > 0.95 * np.maximum(alpha, mask).sum()
    assert alpha[cv2.dilate(mask, np.ones((15, 15))) == 0].sum() < 5
    inside = cv2.erode(mask, np.ones((5, 5))) > 0
    assert psnr(cut[inside, :3], truth[inside]) > 30
    rim = (alpha > 0) & (alpha < 0.8)
    from_the_wall = np.ptp(cut[..., :3].astype(int), axis=-1) < 20  # the wall is grey, the doll not
    assert (from_the_wall & rim).sum() < 15  # px of an outline of more than a thousand


def test_what_the_person_never_covers_is_the_photos_own(compositor: Compositor) -> None:
    raised = doll.turned(doll.standing(), 5, [6, 7], -100)
    frame = compositor.frame(placed(raised))
    apart = np.ones(frame.shape[:2], bool)
    for pose in (doll.standing(), raised):
        apart &= cv2.dilate(doll.draw(pose)[1], np.ones((31, 31))) == 0
    assert apart.mean() > 0.3
    assert np.array_equal(frame[apart], compositor.layers.photo[apart])


def test_the_rest_of_the_person_keeps_still_when_an_arm_moves(compositor: Compositor) -> None:
    raised = doll.turned(doll.standing(), 5, [6, 7], -100)
    frame = compositor.frame(placed(raised))
    assert psnr(frame[150:, :], compositor.layers.photo[150:, :]) > 35
    assert psnr(frame[25:68, 95:145], compositor.layers.photo[25:68, 95:145]) > 35


@pytest.mark.parametrize("degrees", [-80, -40, 40, 80])
def test_a_bent_elbow_does_not_open(compositor: Compositor, degrees: float) -> None:
    out = doll.turned(doll.standing(), 5, [6, 7], -60)
    bent = doll.turned(out, 6, [7], degrees)
    frame = compositor.frame(placed(bent))
    skin = doll.close(frame, doll.SKIN, by=45)
    for share in np.linspace(0.3, 0.95, 14):  # along the upper arm, then along the forearm
        for a, b in ((5, 6), (6, 7)):
            x, y = np.rint(bent[a] + share * (bent[b] - bent[a])).astype(int)
            assert skin[y, x], (a, b, share)


def test_what_a_bend_pulls_out_of_its_part_is_not_cut_off(compositor: Compositor) -> None:
    """A raised arm draws the torso's outline far beyond the torso's own box."""
    raised = doll.turned(doll.standing(), 5, [6, 7], -85)
    pieces = Pieces(compositor.layers.parts, (slice(0, 260), slice(0, 240)))
    torso = pieces.move(placed(raised), [part.name for part in PARTS].index("torso"))
    assert torso is not None
    border = np.ones_like(torso.alpha, bool)
    border[1:-1, 1:-1] = False
    assert torso.alpha[border].max() == 0


def test_the_same_pose_gives_the_same_frame(compositor: Compositor) -> None:
    pose = doll.turned(doll.standing(), 2, [3, 4], 70)
    assert np.array_equal(compositor.frame(placed(pose)), compositor.frame(placed(pose)))


def test_the_network_may_paint_and_may_reorder(compositor: Compositor) -> None:
    pose = doll.turned(doll.standing(), 2, [3, 4], 70)
    plain = compositor.frame(placed(pose))
    nothing = np.zeros((len(PARTS) + 3, 32, 32), np.float32)
    red = np.full((32, 32, 3), (255, 0, 0), np.float32)
    assert np.array_equal(compositor.frame(placed(pose), nothing, red), plain)
    wanted = nothing.copy()
    wanted[-1, 14:18, 14:18] = 20  # painted pixels in the middle, and there only
    frame = compositor.frame(placed(pose), wanted, red)
    assert doll.close(frame, (255, 0, 0), by=10)[130, 120]
    assert np.array_equal(frame[:60], plain[:60])


def test_at_a_joint_both_parts_sample_the_same_pixels() -> None:
    pose = doll.turned(doll.standing(), 6, [7], -70)
    place = placed(pose)
    elbow = next(bond for bond in BONDS if bond.joint == 6)
    grids = []
    for part in (elbow.first, elbow.second):
        x, y = np.meshgrid(np.arange(240, dtype=np.float32), np.arange(260, dtype=np.float32))
        points = np.stack([x, y, np.ones_like(x)], -1)
        grid = np.moveaxis(points @ place.transforms[part].T.astype(np.float32), -1, 0).copy()
        bend(
            grid, np.ones(x.shape, np.float32), (x[0], y[:, 0]), part, place.transforms,
            place.usable, pose, SEEN, 60.0,
        )  # fmt: skip
        grids.append(grid)
    near = np.hypot(x - pose[6, 0], y - pose[6, 1]) < 0.9 * elbow.radius * 60
    assert np.abs(grids[0] - grids[1])[:, near].max() < 1e-2
    first, second = place.transforms[elbow.first], place.transforms[elbow.second]
    apart = np.abs(points[near] @ (first - second).T).max()
    assert apart > 3  # they would differ if they were not bent


def test_a_thigh_takes_nothing_of_the_other_along_where_hips_are_seen_edge_on(
    compositor: Compositor,
) -> None:
    pose, legs = doll.standing(), [8, 9, 11, 12]
    pose[legs, 0] = pose[[8, 11], 0].mean()
    pose[[8, 9], 0] -= 2
    pose[[11, 12], 0] += 2
    place = placed(pose)
    pieces = Pieces(compositor.layers.parts, (slice(0, 10_000), slice(0, 10_000)))
    for part, name in enumerate(one.name for one in PARTS):
        if name.endswith("thigh"):
            piece = pieces.move(place, part)
            assert piece is not None
            x = np.arange(piece.box[1].start, piece.box[1].stop) - pose[8, 0]
            beyond = np.abs(x) > (PARTS[part].radii[0] + 0.05) * place.unit + 4
            assert piece.alpha.sum() > 0.1 * place.unit**2
            assert piece.alpha[:, beyond].max(initial=0) < 0.1


@pytest.mark.parametrize(("degrees", "hangs"), [(80, False), (0, True)])
def test_of_a_thigh_that_comes_up_no_hem_hangs(degrees: float, hangs: bool) -> None:
    """Shorts twice as wide as the thigh keep their width, but not as rags below it."""
    part = [one.name for one in PARTS].index("right_thigh")
    photo = doll.standing()
    parts = np.zeros((len(PARTS), doll.SIZE[1], doll.SIZE[0], 4), np.uint8)
    parts[part, 130:175, 76:136] = (0, 0, 0, 255)
    pose = doll.turned(photo, 8, [9, 10], degrees)
    pose[[9, 10]] += 0.6 * (pose[8] - pose[9])
    place = placed(pose)
    piece = Pieces(parts, (slice(0, 10_000), slice(0, 10_000))).move(place, part)
    assert piece is not None
    bone = (pose[9] - pose[8]) / np.hypot(*(pose[9] - pose[8]))
    y, x = np.mgrid[piece.box]
    aside = np.abs((x - pose[8, 0]) * bone[1] - (y - pose[8, 1]) * bone[0])
    beyond = aside > 1.5 * PARTS[part].radii[0] * place.unit
    assert (piece.alpha[beyond].max(initial=0) > 0.9) == hangs
    assert piece.alpha[aside < 0.7 * PARTS[part].radii[1] * place.unit].max() > 0.9
