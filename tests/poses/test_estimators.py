"""BlazePose on real photos, against MediaPipe's own answer and against its own mirror image."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pgvgen.errors import InputError, NoPersonError, UsageError
from pgvgen.pictures import write_image
from pgvgen.poses import BODY_18
from pgvgen.poses.estimators import estimate_people, estimate_pose, load_estimator
from pgvgen.poses.estimators.base import Effort, same
from pgvgen.poses.estimators.blazepose import _BODY_18, BlazePose, tiles
from pgvgen.poses.estimators.detector import _weighted_nms, anchors, detect
from pgvgen.poses.estimators.landmarks import MIRROR, Landmarks, _refine, find_again
from pgvgen.poses.estimators.region import Region

# mediapipe==0.10.14, static_image_mode, model_complexity=1, on skimage's astronaut: x, y in px and
# visibility of nose, shoulders, right elbow, eyes and ears.
MEDIAPIPE = {
    "nose": (222.7, 128.0, 0.999),
    "right_shoulder": (112.7, 240.0, 0.998),
    "right_elbow": (64.6, 413.6, 0.763),
    "left_shoulder": (306.2, 256.6, 0.998),
    "right_eye": (205.0, 103.3, 0.999),
    "left_eye": (248.9, 112.5, 0.999),
    "right_ear": (190.4, 107.4, 0.999),
    "left_ear": (268.0, 122.8, 0.998),
}


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def blazepose() -> BlazePose:
    return BlazePose(threads=1)


EFFORTS: tuple[Effort, Effort] = ("glance", "search")


def beside(*pictures: np.ndarray, height: int = 512) -> np.ndarray:
    """Pictures in a row on grey, standing on the same floor, with room between them."""
    row = []
    for picture in pictures:
        canvas = np.full((height, picture.shape[1] + 60, 3), 120, np.uint8)
        canvas[height - picture.shape[0] :, :-60] = picture
        row.append(canvas)
    return np.concatenate(row, axis=1)


def shrunk(picture: np.ndarray, scale: float) -> np.ndarray:
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def test_pose_is_where_mediapipe_says(astronaut: np.ndarray, blazepose: BlazePose) -> None:
    (glance,) = blazepose.people(astronaut, "glance")
    pose = estimate_pose(astronaut, estimator=blazepose)
    assert (len(pose), pose.size, pose.skeleton) == (1, (512, 512), BODY_18)
    for joint, (x, y, visibility) in MEDIAPIPE.items():
        k = BODY_18.index(joint)
        # One percent of the square that the net looks at is 2.5 px of its own picture.
        assert math.dist(glance.keypoints[k], (x, y)) < 5, joint
        assert pose.confidence[0, k] == pytest.approx(visibility, abs=0.05), joint
        if visibility > 0.9:  # looked at again; the square's side is 1255 px
            assert math.dist(pose.keypoints[0, k], (x, y)) < 20, joint


def test_a_second_look_trembles_less(astronaut: np.ndarray, blazepose: BlazePose) -> None:
    cuts = [(dx, dy) for dx in (0, 9, 21) for dy in (0, 13)]
    spread = {}
    for effort in EFFORTS:
        found = [blazepose.people(astronaut[dy:, dx:], effort)[0] for dx, dy in cuts]
        seen = found[0].confidence >= 0.9
        points = [p.keypoints[seen] + cut for p, cut in zip(found, cuts, strict=True)]
        spread[effort] = np.std(points, axis=0).mean()
    assert spread["search"] < 0.7 * spread["glance"]


def test_who_is_made_up_of_two_is_nobody(
    astronaut: np.ndarray, blazepose: BlazePose, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net may answer with shoulders of one, hips of another, and a face between them."""
    two = beside(astronaut, astronaut)
    left, right = sorted(blazepose.people(two), key=lambda person: person.box)
    middle = replace(left, keypoints=(left.keypoints + right.keypoints) / 2)
    answers = iter([[left], [middle], [right]])
    monkeypatch.setattr(blazepose, "_from_near", lambda *_: next(answers, []))
    monkeypatch.setattr("pgvgen.poses.estimators.blazepose.detect", lambda *_, **__: [None] * 3)
    assert set(blazepose.people(two, "glance")) == {left, right}
    answers = iter([[middle]])
    assert blazepose.people(two, "glance") == [middle]  # nobody else: better than nothing


def test_two_poses_with_one_face_are_one_person(
    astronaut: np.ndarray, blazepose: BlazePose
) -> None:
    (person,) = blazepose.people(astronaut)
    body = np.full((18, 1), 0.6 * person.extent)
    body[[0, 1, 14, 15, 16, 17]] = 0
    astray = replace(person, keypoints=person.keypoints + body)
    assert same(person, astray)
    assert not same(person, replace(astray, keypoints=person.keypoints + 0.6 * person.extent))
    unseen = person.confidence.copy()
    unseen[0] = 0
    assert not same(person, replace(astray, confidence=unseen))


def test_in_a_mirror_right_is_left() -> None:
    mirror = np.array(MIRROR)
    np.testing.assert_array_equal(mirror[mirror], np.arange(39))
    body = mirror[_BODY_18[2:]]  # MediaPipe's numbers of BODY_18's, without nose and neck
    np.testing.assert_array_equal(body, np.array(_BODY_18)[list(BODY_18.mirror)][2:])


def test_what_most_looks_agree_on_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Front and back may be taken for one another: the mean of both would be a thin body."""
    asked = 0

    def look(picture: np.ndarray, region: Region, *, threads: int) -> Landmarks:
        nonlocal asked
        asked += 1
        points = np.full((39, 2), 60.0 if asked in (2, 6, 7) else 40.0 + asked / 10)
        if asked % 2 == 1:  # of the mirror image
            points[:, 0] = 99 - points[:, 0]
        return Landmarks(points, np.ones(39), 0.9)

    monkeypatch.setattr("pgvgen.poses.estimators.landmarks.find_landmarks", look)
    region = Region((50.0, 50.0), 100.0)
    first = Landmarks(np.full((39, 2), 40.0), np.full(39, 0.7), 0.8)
    found = find_again(np.zeros((100, 100, 3), np.uint8), region, first, 4, threads=1)
    assert asked == 7
    np.testing.assert_allclose(found.points, 40.3)  # of 40.0, 40.1, 40.3, 40.4, 40.5
    assert (found.presence, found.visibility[0]) == (0.8, 0.7)


def test_what_the_photo_does_not_show_is_unsure(
    astronaut: np.ndarray, blazepose: BlazePose
) -> None:
    pose = estimate_pose(astronaut, estimator=blazepose)
    legs = [BODY_18.index(f"{side}_{j}") for side in ("left", "right") for j in ("knee", "ankle")]
    assert pose.confidence[0, legs].max() < 0.2


def test_neck_is_between_the_shoulders(astronaut: np.ndarray, blazepose: BlazePose) -> None:
    pose = estimate_pose(astronaut, estimator=blazepose)
    neck, right, left = (BODY_18.index(j) for j in ("neck", "right_shoulder", "left_shoulder"))
    middle = pose.keypoints[0, [right, left]].mean(0)
    np.testing.assert_allclose(pose.keypoints[0, neck], middle, atol=1e-3)
    assert pose.confidence[0, neck] == pose.confidence[0, [right, left]].min()


def test_mirrored_photo_gives_the_mirrored_pose(
    astronaut: np.ndarray, blazepose: BlazePose
) -> None:
    pose = estimate_pose(astronaut, estimator=blazepose)
    mirrored = estimate_pose(np.ascontiguousarray(astronaut[:, ::-1]), estimator=blazepose)
    sure = pose.confidence[0] > 0.9
    apart = np.linalg.norm(pose.keypoints - mirrored.mirrored().keypoints, axis=-1)[0]
    assert sure.sum() >= 8
    assert apart[sure].max() < 15


@pytest.mark.parametrize("scale", [0.4, 0.25, 0.15])
def test_small_person_is_found(astronaut: np.ndarray, blazepose: BlazePose, scale: float) -> None:
    picture = np.full((512, 800, 3), 150, np.uint8)
    small = shrunk(astronaut, scale)
    picture[200 : 200 + small.shape[0], 500 : 500 + small.shape[1]] = small
    pose = estimate_pose(picture, estimator=blazepose)
    expected = (np.array(MEDIAPIPE["nose"][:2]) + 0.5) * scale - 0.5 + (500, 200)
    assert math.dist(pose.keypoints[0, 0], expected) < 3


def test_people_come_largest_first(astronaut: np.ndarray, blazepose: BlazePose) -> None:
    picture = beside(shrunk(astronaut, 0.75), astronaut)
    people = estimate_people(picture, estimator=blazepose)
    noses = [float(person.keypoints[0, 0, 0]) for person in people]
    assert len(people) == 2
    assert noses[0] == pytest.approx(384 + 60 + 223, abs=8)
    assert noses[1] == pytest.approx(0.75 * 223, abs=8)
    second = estimate_pose(picture, estimator=blazepose, person=1)
    np.testing.assert_array_equal(second.keypoints, people[1].keypoints)
    for other in (2, -1):
        with pytest.raises(NoPersonError, match=f"2 people: person {other} is not there"):
            estimate_pose(picture, estimator=blazepose, person=other)


def test_two_who_overlap_are_two(astronaut: np.ndarray, blazepose: BlazePose) -> None:
    """Though in the whole picture the detector takes them for one."""
    small = shrunk(astronaut, 0.4)
    picture = np.full((512, 700, 3), 120, np.uint8)
    for x, one in ((264, small[:, ::-1]), (100, small)):
        picture[180 : 180 + len(one), x : x + one.shape[1]] = one
    assert len(detect(picture, threads=1)) == 1
    noses = sorted(float(p.keypoints[0, 0]) for p in blazepose.people(picture, "glance"))
    assert noses == pytest.approx([100 + 0.4 * 223, 264 + 0.4 * (511 - 223)], abs=8)


@pytest.mark.parametrize("photo", ["coffee", "rocket", "text", "brick"])
def test_nobody_in_pictures_without_people(photo: str, blazepose: BlazePose) -> None:
    picture = getattr(skimage.data, photo)()
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=-1)
    with pytest.raises(NoPersonError, match="whole person"):
        estimate_people(picture, estimator=blazepose)


def test_path_is_read_and_named(
    tmp_path: Path, astronaut: np.ndarray, blazepose: BlazePose
) -> None:
    write_image(tmp_path / "astronaut.png", astronaut)
    from_file = estimate_pose(tmp_path / "astronaut.png", estimator=blazepose)
    from_array = estimate_pose(astronaut, estimator=blazepose)
    np.testing.assert_array_equal(from_file.keypoints, from_array.keypoints)
    write_image(tmp_path / "grey.png", np.full((300, 300, 3), 90, np.uint8))
    with pytest.raises(NoPersonError, match=r"grey\.png"):
        estimate_pose(tmp_path / "grey.png", estimator=blazepose)
    with pytest.raises(InputError, match="there is no file"):
        estimate_pose(tmp_path / "nothing.png", estimator=blazepose)


@pytest.mark.parametrize("name", ["yolo", "blazepose:x", ""])
def test_unknown_estimator(name: str) -> None:
    with pytest.raises(UsageError, match="blazepose or openpose"):
        load_estimator(name)


@pytest.mark.parametrize("fps", [0, -5, np.nan, np.inf])
def test_a_frame_rate_that_is_none(fps: float, astronaut: np.ndarray) -> None:
    with pytest.raises(UsageError, match="--fps"):
        estimate_pose(astronaut, fps=fps)


@pytest.mark.parametrize(
    "picture", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))]
)
def test_only_rgb_bytes_are_pictures(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="H×W×3 uint8"):
        estimate_pose(picture)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3000, 2, 3), (40, 4000, 3)])
def test_slivers_are_nobody(blazepose: BlazePose, shape: tuple[int, ...]) -> None:
    with pytest.raises(NoPersonError):
        estimate_pose(np.zeros(shape, np.uint8), estimator=blazepose)


def test_anchors_are_the_2254_of_the_net() -> None:
    centres = anchors(224)
    assert centres.shape == (2254, 2)
    np.testing.assert_array_equal(centres[:4], [[4, 4], [4, 4], [12, 4], [12, 4]])
    np.testing.assert_array_equal(centres[2 * 28 * 28], [8, 8])  # first of stride 16
    np.testing.assert_array_equal(centres[-6:], np.full((6, 2), 224 - 16))


def test_overlapping_detections_become_their_weighted_mean() -> None:
    def box(x: float) -> np.ndarray:
        return np.array([[x, 0], [x + 10, 10], *[[x, x]] * 4], np.float64)

    merged = _weighted_nms(np.stack([box(0), box(2), box(50)]), np.array([0.9, 0.6, 0.7]))
    assert [score for _, score in merged] == [0.9, 0.7]
    np.testing.assert_allclose(merged[0][0][2], (0 * 0.9 + 2 * 0.6) / 1.5)
    np.testing.assert_allclose(merged[1][0][0], [50, 0])


def test_refining_moves_to_the_heatmaps_mean_only_where_it_is_sure() -> None:
    heatmaps = np.zeros((64, 64, 3))
    heatmaps[20, 30, 0], heatmaps[20, 32, 0] = 0.9, 0.3
    heatmaps[20, 30, 1] = 0.4  # not sure
    heatmaps[40, 30, 2] = 0.9  # too far away
    points = np.full((3, 2), [31 / 64, 21 / 64])
    refined = _refine(points, heatmaps)
    np.testing.assert_allclose(refined[0] * 64, [(30 * 0.9 + 32 * 0.3) / 1.2, 20])
    np.testing.assert_array_equal(refined[1:], points[1:])


def test_region_stands_upright_along_the_spine() -> None:
    region = Region.around(np.array([50.0, 60.0]), np.array([80.0, 60.0]), scale=1.25)
    assert (region.side, region.angle) == (pytest.approx(75), pytest.approx(math.pi / 2))
    # The person lies with the head to the right: the crop's top middle is there.
    np.testing.assert_allclose(region.to_picture(np.array([128, 0]), 256), [87.5, 60])


def test_crop_and_paste_undo_each_other(astronaut: np.ndarray) -> None:
    region = Region((250.0, 240.0), 256.0, 0.3)
    crop = region.crop(astronaut, 256).astype(np.float32)[..., 0] / 255
    pasted = region.paste(crop, (512, 512))
    inside = region.paste(np.ones((256, 256), np.float32), (512, 512)) > 0.999
    apart = np.abs(pasted - astronaut[..., 0] / 255.0)[inside]
    assert inside.sum() > 0.95 * 256 * 256
    assert apart.mean() < 0.02
    assert pasted[0, 0] == 0


def test_tiles_cover_the_picture_and_overlap_by_half() -> None:
    squares = tiles(800, 500, 2)
    assert {t.side for t in squares} == {250}
    covered = np.zeros((500, 800), int)
    for tile in squares:
        left, top = (round(c - 125) for c in tile.centre)
        assert min(left, top) >= 0
        covered[top : top + 250, left : left + 250] += 1
    assert covered.min() >= 1
    xs = sorted({t.centre[0] for t in squares})
    assert max(np.diff(xs)) <= 125
