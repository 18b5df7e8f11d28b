"""Taking a photo apart: every part has its own pixels, and the plate has none of the person's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, brick

from pgvgen.rendering import patch_search, patches
from pgvgen.rendering.edges import Enlarger
from pgvgen.rendering.layers import Layers, cut_layers
from pgvgen.rendering.matting import decided, foreground, push_pull, refine_matte
from pgvgen.rendering.parts import PARTS
from pgvgen.rendering.patches import complete
from pgvgen.rendering.plate import clean_plate, fill
from tests.rendering import doll

SEEN = np.ones(18, np.float32)
NAMES = [part.name for part in PARTS]


def blurred(mask: np.ndarray) -> np.ndarray:
    """A mask as coarse as a net's."""
    return cv2.GaussianBlur(mask, (0, 0), 3)


@pytest.fixture(scope="module")
def layers() -> Layers:
    picture, mask = doll.draw(doll.standing())
    return cut_layers(picture, blurred(mask), doll.standing(), SEEN)


@pytest.mark.parametrize(
    ("part", "colour"),
    [
        ("left_forearm", doll.SKIN), ("right_upper_arm", doll.SKIN), ("torso", doll.SHIRT),
        ("left_shin", doll.TROUSERS), ("right_thigh", doll.TROUSERS), ("head", doll.SKIN),
    ],
)  # fmt: skip
def test_a_part_is_made_of_its_own_colours(
    layers: Layers, part: str, colour: tuple[int, int, int]
) -> None:
    layer = layers.parts[NAMES.index(part)]
    shown = layer[..., 3] > 200
    assert shown.sum() > 100
    assert (doll.close(layer, colour) & shown).sum() > 0.75 * shown.sum()
    assert (shown & (layers.matte < 0.05)).sum() < 0.02 * shown.sum()


def test_the_parts_together_cover_the_person(layers: Layers) -> None:
    _, mask = doll.draw(doll.standing())
    covered = layers.parts[..., 3].max(0)
    assert (covered[mask > 0] > 128).mean() > 0.97
    assert (covered[cv2.dilate(mask, np.ones((9, 9))) == 0] > 32).mean() < 0.002


def test_what_an_arm_hides_of_the_torso_is_filled_with_the_shirt() -> None:
    pose = doll.turned(doll.standing(), 2, [3, 4], -50)
    pose = doll.turned(pose, 3, [4], -40)  # the forearm lies across the chest
    picture, mask = doll.draw(pose)
    under = tuple(np.rint((pose[3] + 2 * pose[4]) / 3).astype(int)[::-1])
    assert doll.close(picture, doll.SKIN)[under]
    torso = cut_layers(picture, blurred(mask), pose, SEEN).parts[NAMES.index("torso")]
    assert torso[under][3] > 200
    assert doll.close(torso, doll.SHIRT)[under]


def test_what_is_half_the_person_s_is_theirs_on_a_limb_and_not_beside_it() -> None:
    picture, mask = doll.draw(doll.standing())
    mask = cv2.GaussianBlur(mask, (0, 0), 2)
    thing = np.zeros_like(mask)
    thing[150:175, 60:90] = 1  # beside the thigh, below the hand
    picture[thing > 0] = (20, 20, 20)
    mask = np.maximum(mask, 0.5 * thing)
    shin = np.zeros_like(mask)
    cv2.line(shin, (136, 182), (138, 222), 1, 16)
    mask = np.where(shin > 0, np.minimum(mask, 0.55), mask).astype(np.float32)
    layers = cut_layers(picture, mask, doll.standing(), SEEN, filled=False)
    alpha = layers.parts[..., 3].max(0)
    assert 0.2 < layers.matte[155:170, 65:80].mean() < 0.8  # the matte does not know
    assert alpha[155:170, 65:78].max() < 30
    assert alpha[190:215, 135:139].min() > 225


def test_an_outline_stays_soft_where_fog_is_decided() -> None:
    ramp = np.repeat(np.clip((np.arange(100) - 40) / 8, 0, 1)[None], 60, 0).astype(np.float32)
    assert (decided(ramp, np.full_like(ramp, 0.5), 5) == ramp).all()
    fog = np.where(np.arange(100) > 60, 0.4, ramp).astype(np.float32)
    clear = decided(fog, np.where(np.arange(60)[:, None] < 30, 0.3, 0.6) + 0 * fog, 5)
    assert clear[:25, 70:].min() > 0.95
    assert clear[35:, 70:].max() < 0.05


def test_the_plate_shows_the_wall_and_nothing_of_the_person(layers: Layers) -> None:
    picture, mask = doll.draw(doll.standing())
    far = cv2.dilate(mask, np.ones((41, 41))) == 0
    assert np.array_equal(layers.plate[far], picture[far])
    for colour in (doll.SKIN, doll.SHIRT, doll.TROUSERS):
        assert not doll.close(layers.plate, colour).any()
    wall = doll.background()
    error = np.abs(layers.plate.astype(float) - wall)[mask > 0].mean()
    smooth = push_pull(picture.astype(np.float32), (1 - mask).astype(np.float32))
    assert error < 0.7 * np.abs(smooth - wall)[mask > 0].mean()


def test_it_works_at_the_size_the_network_sees() -> None:
    picture, mask = doll.draw(doll.standing())
    scale = np.array([128, 128]) / doll.SIZE
    small = cut_layers(
        cv2.resize(picture, (128, 128), interpolation=cv2.INTER_AREA),
        cv2.resize(mask, (128, 128), interpolation=cv2.INTER_AREA),
        (doll.standing() + 0.5) * scale - 0.5,
        SEEN,
    )
    assert small.parts.shape == (len(PARTS), 128, 128, 4)
    assert (small.parts[..., 3].max(0)[small.matte > 0.9] > 128).mean() > 0.95


def test_no_person_no_layers() -> None:
    picture = doll.background()
    nothing = cut_layers(picture, np.zeros(picture.shape[:2]), doll.standing(), SEEN)
    assert not nothing.parts[..., 3].any()
    assert np.array_equal(nothing.plate, picture)


def test_the_matte_is_nearer_to_the_truth_than_the_mask() -> None:
    picture, mask = doll.draw(doll.standing())
    coarse = blurred(mask)
    matte = refine_matte(picture, coarse, band=5)
    assert matte.min() >= 0
    assert matte.max() <= 1
    assert np.abs(matte - mask).mean() < 0.6 * np.abs(coarse - mask).mean()


def test_a_border_that_was_found_small_follows_the_picture_s_edge() -> None:
    """A slanting neckline found with cells of 8 px is not drawn in steps of 8 px."""
    y, x = np.mgrid[:320, :240]
    shirt = y > 120 + 0.4 * x
    picture = np.where(shirt[..., None], doll.SHIRT, doll.SKIN).astype(np.uint8)
    whole = slice(0, 320), slice(0, 240)
    cells = shirt.reshape(40, 8, 30, 8).mean((1, 3)) > 0.5
    small = np.stack([cells, ~cells]).astype(np.float32)
    drawn = Enlarger(picture, np.ones((40, 30), np.float32)).enlarge(small, whole)
    steps = cv2.resize(small[0], (240, 320))
    assert np.abs(drawn[0] - shirt).mean() < 0.3 * np.abs(steps - shirt).mean()
    assert np.abs(drawn.sum(0) - 1).max() < 0.01  # nothing is nobody's


def test_the_rim_takes_no_background_along() -> None:
    picture, mask = doll.draw(doll.standing())
    soft = cv2.GaussianBlur(mask, (0, 0), 2)
    mixed = (soft[..., None] * picture + (1 - soft[..., None]) * 255).astype(np.uint8)
    own = foreground(mixed, soft)
    rim = (soft > 0.2) & (soft < 0.8)
    white = np.abs(mixed[rim].astype(int) - 255).mean()
    assert np.abs(own[rim].astype(int) - 255).mean() > 1.4 * white


def test_push_pull_keeps_what_is_known_and_meets_it_smoothly() -> None:
    x = np.broadcast_to(np.linspace(0, 100, 65, dtype=np.float32), (65, 65))
    weight = np.ones((65, 65), np.float32)
    weight[20:45, 20:45] = 0
    filled = push_pull(np.where(weight > 0, x, 0)[..., None], weight)[..., 0]
    assert np.array_equal(filled[weight > 0], x[weight > 0])
    assert np.abs(filled - x).max() < 12


def test_texture_is_continued() -> None:
    wall = np.dstack([brick()] * 3)[:300, :400].copy()
    hole = np.zeros(wall.shape[:2], bool)
    hole[80:220, 170:230] = True
    given = wall.copy()
    given[hole] = 0
    filled = complete(given, hole)
    assert np.array_equal(filled[~hole], wall[~hole])
    smooth = push_pull(given.astype(np.float32), 1.0 - hole)
    contrast = wall[hole].std()
    assert filled[hole].std() > 0.6 * contrast > smooth[hole].std()
    assert np.array_equal(filled, complete(given, hole))


def test_a_beginning_that_went_wrong_is_outdone(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = np.dstack([brick()] * 3)[:300, :400]
    hole = np.zeros(wall.shape[:2], bool)
    hole[80:220, 170:230] = True
    no_lines = np.zeros((0, 4, 2), np.float32)
    monkeypatch.setattr(patches, "lines_behind", lambda *_: no_lines)  # which would mend it, too,
    monkeypatch.setattr(patch_search, "MEMBRANE", 0.0)  # as would what the rim suggests

    def off(*unsure: float) -> float:
        monkeypatch.setattr(patch_search, "UNSURE", unsure)
        return float(np.abs(complete(wall, hole).astype(int) - wall)[hole].mean())

    wild = 9.0  # takes anything
    assert off(wild, 0.0) < 0.95 * off(wild)


def test_a_plain_rim_suggests_its_colour_and_a_crowd_hardly_any() -> None:
    rng = np.random.default_rng(0)
    hole = np.zeros((60, 80), bool)
    hole[20:40, 30:50] = True
    plain, crowd = np.full((60, 80, 3), 120.0), rng.uniform(0, 255, (60, 80, 3))
    plain[:, :15] = 60  # a shadow farther off
    middle, lit, shaded = (np.array([[30, x]]) for x in (40, 70, 10))

    def darker_costs(picture: np.ndarray) -> float:
        search = patch_search.Search(picture.astype(np.float32), hole, hole, rng)
        search._picture[30, [10, 70]] = [[60] * 3, [120] * 3]
        costs = search._off(middle, np.vstack([lit, shaded]))[0]
        return float(costs[1] - costs[0])

    suggested = patch_search.MEMBRANE * (120 - 60) ** 2
    assert darker_costs(plain) == pytest.approx(suggested, rel=0.1)
    assert abs(darker_costs(crowd)) < suggested / 4


def test_a_thin_hole_in_a_large_photo_takes_no_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    peel = patch_search.Search._patches

    def patches_of(search: patch_search.Search, places: np.ndarray) -> np.ndarray:
        looked.append(len(places))
        return peel(search, places)

    monkeypatch.setattr(patch_search, "MANY", 500)
    monkeypatch.setattr(patch_search.Search, "_patches", patches_of)
    wall = np.dstack([brick()] * 3)
    hole = np.zeros(wall.shape[:2], bool)
    hole[200:204, 200:260] = True
    search = patch_search.Search(wall.astype(np.float32), hole, hole, np.random.default_rng(0))
    looked.clear()
    search.peel(0.0)
    assert looked[0] == 500
    assert np.abs(complete(wall, hole).astype(int) - wall)[hole].mean() < 20


def test_light_falls_off_along_a_filled_wall_as_along_the_wall() -> None:
    y, x = np.mgrid[:220, :300].astype(float)
    light = np.exp(-((x - 70) ** 2 + (y - 60) ** 2) / (2 * 90**2))[..., None]
    wall = (60 + 120 * light) * [1, 0.85, 0.7]
    boards = np.where(x // 12 % 2, 110, 90)[..., None] * (0.6 + 0.4 * light) * [0.9, 0.7, 0.5]
    room = np.where(y[..., None] < 160, wall, boards)
    room = (room + np.random.default_rng(0).normal(0, 3, room.shape)).astype(np.uint8)
    hole = np.zeros(room.shape[:2], bool)
    hole[30:200, 130:180], hole[60:90, 100:210] = True, True
    assert np.abs(complete(room, hole).astype(int) - room)[hole].mean() < 8  # the grain's is 3.4


def test_where_hardly_anything_is_left_to_copy_the_hole_is_filled_all_the_same() -> None:
    photo = np.full((200, 200, 3), 90, np.uint8)
    hole = np.zeros((200, 200), bool)
    hole[4:-4, 4:-4] = True
    photo[hole] = 255
    filled = complete(photo, hole)
    assert np.abs(filled.astype(int) - 90).max() < 4


def test_a_small_hole_is_filled_from_what_is_near() -> None:
    wall = np.dstack([brick()] * 3)
    hole = np.zeros(wall.shape[:2], bool)
    hole[200:230, 200:220] = True
    far = wall.copy()
    far[:100], far[:, 400:] = 0, 0
    assert np.array_equal(complete(wall, hole)[hole], complete(far, hole)[hole])


def test_a_hole_is_filled_with_nothing_of_another() -> None:
    wall = np.dstack([brick()] * 3)[:300, :400].copy()
    holes = np.zeros((2, 300, 400), bool)
    holes[0, 80:220, 120:170], holes[1, 60:240, 180:330] = True, True
    given = wall.copy()
    given[holes[1], 2] += 12  # who stands there looks like the wall, but for a shade of blue
    filled = fill(given, list(holes))
    assert np.array_equal(filled[~holes.any(0)], wall[~holes.any(0)])
    assert np.ptp(filled.astype(int), axis=-1).max() <= np.ptp(wall.astype(int), axis=-1).max()


def test_a_wall_s_shade_goes_on_behind_the_person() -> None:
    pose = doll.standing()
    _, mask = doll.draw(pose)
    height, width = mask.shape
    grain = np.random.default_rng(0).normal(scale=2, size=(height, width, 1))
    light = 40 * np.hypot(*np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])[..., None]
    wall = np.clip([170, 150, 110] - light + grain, 0, 255).astype(np.uint8)
    photo = np.where(mask[..., None] > 0, 0, wall).astype(np.uint8)
    plate = clean_plate(photo, mask, mask, pose, SEEN)
    hole = (plate != photo).any(-1)
    copied = np.where(hole[..., None], complete(photo, hole), photo)

    def off(filled: np.ndarray) -> float:
        smooth = [cv2.GaussianBlur(p.astype(np.float32), (0, 0), 3) for p in (filled, wall)]
        return float(np.abs(smooth[0] - smooth[1])[hole].mean())

    assert off(plate) < 0.6 * off(copied)


def test_a_real_person_is_cut_out_of_a_real_photo() -> None:
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.poses.segmentation import person_mask

    photo = astronaut()
    pose = estimate_pose(photo)
    points, seen = pose.keypoints[0], pose.confidence[0]
    layers = cut_layers(photo, person_mask(photo, points, seen), points, seen)
    assert layers.matte[120, 225] > 0.95  # her face
    assert layers.matte[100, 400] < 0.05  # the wall
    assert layers.parts[NAMES.index("head"), 120, 225, 3] > 240
    assert layers.parts[NAMES.index("torso"), 420, 250, 3] > 240


def test_hair_stays_with_the_head_though_a_hand_lies_behind_it() -> None:
    pose = doll.standing()
    eyes = pose[[0, 14, 15]].mean(0)
    unit = np.linalg.norm(pose[[8, 11]].mean(0) - pose[1])
    hair = eyes - [0, 0.25 * unit]
    pose[3], pose[4] = hair - (0.5 * unit, 0), hair  # the right hand is at the crown
    _, mask = doll.draw(pose)
    disk = np.zeros_like(mask)
    x, y = (int(v) for v in hair.round())
    cv2.circle(disk, (x, y), round(0.08 * unit), 1, -1)
    picture, _ = doll.draw(pose)
    layers = cut_layers(picture, blurred(np.maximum(mask, disk)), pose, SEEN)
    head = layers.parts[NAMES.index("head"), ..., 3]
    assert (head[disk > 0] > 128).mean() > 0.9


def test_a_head_of_somebody_who_stays_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(
        "pgvgen.rendering.plate.complete",
        lambda picture, hole, foreign: taken.append(foreign) or picture,
    )
    photo, nose = astronaut(), (128, 223)
    hole = np.zeros(photo.shape[:2], bool)
    hole[:, 400:] = True
    fill(photo, [hole])
    assert taken[0][nose]
    assert taken[0][hole].all()
    assert not taken[0][:, :100].any()
    hole[:, 100:] = True  # her own: the wall beside her head may be copied
    fill(photo, [hole])
    np.testing.assert_array_equal(taken[1], hole)
