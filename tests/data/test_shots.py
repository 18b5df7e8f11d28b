"""Pictures into shots: squares, masks that agree with poses, and every layout of pictures."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.data import pairs
from pgvgen.data.importers import import_into
from pgvgen.data.pairs import import_pairs
from pgvgen.data.shots import MAX_SIDE, Square, agreement, square_around
from pgvgen.data.store import ClipStore
from pgvgen.data.ucf import import_videos
from pgvgen.data.weizmann import import_weizmann
from pgvgen.errors import InputError
from pgvgen.pictures import write_image
from pgvgen.poses.skeletons import BODY_18
from pgvgen.video import write_video

NOSE = BODY_18.index("nose")
WRISTS = [BODY_18.index("right_wrist"), BODY_18.index("left_wrist")]


def filmed(count: int, side: int) -> list[np.ndarray]:
    """The astronaut, half-length, who moves a little to the right."""
    photo = cv2.resize(astronaut()[:448], (512, 512), interpolation=cv2.INTER_AREA)
    moves = [np.array([[1, 0, i], [0, 1, 0]], np.float32) for i in range(count)]
    frames = [
        cv2.warpAffine(photo, move, (512, 512), borderMode=cv2.BORDER_REPLICATE) for move in moves
    ]
    return [cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) for frame in frames]


def test_a_square_keeps_pixels_and_keypoints_together():
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[90:111, 140:161] = 255  # a blob around (150, 100)
    for square in (Square(100, 50, 120, 60), Square(60, -40, 240, 288), Square(140, 60, 300, 150)):
        cut = square.cut(picture)
        assert cut.shape == (square.drawn, square.drawn, 3)
        x, y = square.place(np.array([150.0, 100.0]))
        rows, columns = np.nonzero(cut[..., 0] > 127)
        assert columns.mean() == pytest.approx(x, abs=0.6)
        assert rows.mean() == pytest.approx(y, abs=0.6)


def test_the_square_holds_the_whole_motion_and_stays_in_the_picture():
    keypoints = np.full((2, 18, 2), 100.0, np.float32)
    keypoints[0, 3], keypoints[1, 4] = (20, 150), (250, 90)
    keypoints[1, 5] = (900, 900)  # a guess
    confidence = np.ones((2, 18), np.float32)
    confidence[1, 5] = 0.1
    square = square_around(keypoints, confidence, (640, 480))
    assert square.drawn == MAX_SIDE < square.side
    assert 0 <= square.left <= 20
    assert 0 <= square.top <= 90
    assert 250 < square.left + square.side <= 640
    wide = square_around(keypoints, confidence, (640, 200))  # the picture is too low for it
    assert wide.top < 0 < 200 < wide.top + wide.side
    assert square_around(keypoints, confidence * 0, (640, 480)) is None


def test_a_pose_beside_the_person_does_not_agree():
    mask = np.zeros((100, 100), np.float32)
    mask[20:80, 40:60] = 1
    inside = np.tile([50.0, 50.0], (18, 1))
    beside = np.tile([80.0, 50.0], (18, 1))
    sure, unsure = np.ones(18), np.full(18, 0.3)
    assert agreement(mask, inside, sure) == 1
    assert agreement(mask, beside, sure) == 0
    assert agreement(mask, beside * 10, sure) == 0
    assert agreement(mask, inside, unsure) == 0


def test_weizmann_strips_are_cut_and_split_by_person(tmp_path):
    frames = filmed(26, 64)
    for person in (0, 5, 6):
        (tmp_path / "wave2").mkdir(exist_ok=True)
        write_image(tmp_path / "wave2" / f"person{person}.jpg", np.concatenate(frames, axis=1))
    (tmp_path / "siesta").mkdir()
    write_image(tmp_path / "siesta" / "person0.jpg", frames[0])
    dropped: Counter[str] = Counter()
    made = import_weizmann(tmp_path, "weizmann", estimator="blazepose", dropped=dropped)
    clip, pictures, masks = next(made)
    assert (clip.label, clip.size, clip.fps, len(clip)) == ("wave_both", (128, 128), 25.0, 26)
    shown = list(pictures)
    assert len(shown) == 26
    large = cv2.resize(frames[3], (128, 128), interpolation=cv2.INTER_LANCZOS4).astype(int)
    assert np.abs(shown[3].astype(int) - large).mean() < 6
    mask = next(iter(masks))
    assert mask.shape == (128, 128)
    x, y = np.rint(clip.keypoints[0, NOSE]).astype(int)
    assert mask[y, x] > 0.5 > mask[5, 5]
    groups = {clip.group} | {other.clip.group for other in made}
    assert groups == {"weizmann.person0", "weizmann.person5"}
    assert dropped == {"person0.jpg: no action in the vocabulary": 1}


def test_a_video_of_the_original_weizmann_is_cut_around_the_person(tmp_path):
    write_video(tmp_path / "video.mp4", filmed(26, 144), fps=25)
    (tmp_path / "video.mp4").rename(tmp_path / "daria_wave1.avi")
    (made,) = import_weizmann(tmp_path, "w", estimator="blazepose", dropped=Counter())
    assert made.clip.label in ("wave", "wave_left")
    assert made.clip.group == "w.daria"
    assert made.clip.size[0] == next(iter(made.frames)).shape[0] <= MAX_SIDE


def test_videos_by_label_become_clips_at_15_frames_a_second(tmp_path):
    folder = tmp_path / "JumpingJack"
    folder.mkdir()
    write_video(folder / "v_JumpingJack_g01_c02.mp4", filmed(40, 256), fps=30)
    (folder / "notes.txt").write_text("no video")
    (made,) = import_videos(tmp_path, "ucf", estimator="blazepose", dropped=Counter())
    assert made.clip.label == "jumping_jack"
    assert made.clip.group == "ucf.jumping_jack.v_JumpingJack_g01"
    assert made.clip.fps == 15
    assert 18 <= len(made.clip) == len(list(made.frames)) == len(list(made.masks)) <= 20


def pair(folder, first, second):
    folder.mkdir(parents=True)
    write_image(folder / "0.jpg", first)
    write_image(folder / "1.jpg", second)


def test_pairs_become_clips_of_two_frames_and_doubtful_ones_are_counted(tmp_path, monkeypatch):
    first, second = filmed(2, 448)
    pair(tmp_path / "a" / "Arm_Circles", first, second)
    pair(tmp_path / "a" / "Nobody", first * 0 + 90, second * 0 + 90)
    pair(tmp_path / "a" / "Two_Cameras", first, second[:400])
    pair(
        tmp_path / "a" / "Far_Away",
        *(cv2.copyMakeBorder(p, 0, 0, 0, 3200, 0) for p in (first, second)),
    )
    dropped: Counter[str] = Counter()
    list(import_pairs(tmp_path, "pairs", estimator="blazepose", dropped=dropped))
    assert dropped["too few joints are sure"] >= 1  # half-length: no legs
    assert dropped["nobody found"] == 1
    assert dropped["photos differ in size"] == 1

    monkeypatch.setattr(pairs, "_LEAST_JOINTS", 3)
    made = list(import_pairs(tmp_path / "a", "pairs", estimator="blazepose", dropped=Counter()))
    clip = made[0].clip
    assert (clip.id, clip.label, len(clip)) == ("pairs.Arm_Circles", "exercise", 2)
    assert [picture.shape[:2] for picture in made[0].frames] == [clip.size[::-1]] * 2


def test_a_source_goes_into_the_store_with_its_pictures(tmp_path):
    (tmp_path / "data" / "wave2").mkdir(parents=True)
    strip = np.concatenate(filmed(26, 64), axis=1)
    write_image(tmp_path / "data" / "wave2" / "person0.jpg", strip)
    store = tmp_path / "store"
    assert len(list(import_into(store, tmp_path / "data", "weizmann"))) == 1
    (clip,) = ClipStore.open(store).clips(frames=True)
    assert clip.source == "data"
    assert all(path.is_file() for path in [*clip.frames, *clip.masks])
    merged = list(import_into(tmp_path / "all", store, "store"))
    assert [c.id for c in merged] == [clip.id]


@pytest.mark.parametrize("kind", ["bvh", "deepmimic", "penn", "jhmdb", "weizmann", "pairs", "ucf"])
def test_an_empty_folder_is_one_line(tmp_path, kind):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        list(import_into(tmp_path / "store", tmp_path / "empty", kind))
    assert str(tmp_path / "empty") in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "store").exists()
