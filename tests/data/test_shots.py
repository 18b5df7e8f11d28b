"""Pictures into shots: squares, masks that agree with poses, and every layout of pictures."""

from __future__ import annotations

import shutil
from collections import Counter

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.data.importers import import_into
from pgvgen.data.pairs import _led, import_pairs
from pgvgen.data.shots import MAX_SIDE, Square, agreement, look, square_around
from pgvgen.data.store import ClipStore
from pgvgen.data.ucf import import_videos
from pgvgen.data.weizmann import import_weizmann
from pgvgen.errors import InputError, NoPersonError
from pgvgen.pictures import write_image
from pgvgen.poses import estimators
from pgvgen.poses.estimators.blazepose import BlazePose
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import BODY_18
from pgvgen.video import write_video

NOSE = BODY_18.index("nose")


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


def stick(width: int, height: int) -> np.ndarray:
    """18 joints of a person who fills the middle of a picture."""
    x = [0.5, 0.5, 0.4, 0.35, 0.3, 0.6, 0.65, 0.7, 0.45, 0.44, 0.43, 0.55, 0.56, 0.57]
    y = [0.15, 0.25, 0.25, 0.4, 0.5, 0.25, 0.4, 0.2, 0.5, 0.7, 0.9, 0.5, 0.7, 0.9]
    face = [(0.48, 0.13), (0.52, 0.13), (0.45, 0.14), (0.55, 0.14)]
    places = np.array([*zip(x, y, strict=True), *face], np.float32)
    return places * (width, height)


def body_mask(picture, keypoints, confidence):
    """A box around the joints that are sure: agrees with every pose that is sure of itself."""
    mask = np.zeros(picture.shape[:2], np.float32)
    (x0, y0), (x1, y1) = keypoints.min(0).astype(int) - 2, keypoints.max(0).astype(int) + 3
    mask[max(0, y0) : y1, max(0, x0) : x1] = 1
    return mask


@pytest.fixture
def seen(monkeypatch):
    """An estimator that sees a person in every bright picture, the first three badly."""

    def estimate(source, *, estimator, steady=True):
        frames = [source] if isinstance(source, np.ndarray) else list(source)
        if max(frame.mean() for frame in frames) < 50:
            raise NoPersonError("nobody")
        height, width = frames[0].shape[:2]
        late = 3 if len(frames) > 3 else 0
        confidence = np.ones((len(frames), 18), np.float32)
        confidence[:late] = 0.55
        keypoints = np.tile(stick(width, height), (len(frames), 1, 1))
        keypoints[:late] += 20
        return PoseSequence(keypoints, confidence, fps=25, size=(width, height))

    monkeypatch.setattr("pgvgen.poses.estimators.estimate_pose", estimate)
    monkeypatch.setattr("pgvgen.poses.segmentation.person_mask", body_mask)


def test_of_two_people_one_is_kept_all_through(monkeypatch):
    """Forwards the left one is followed, backwards the right one, each surer where it begins."""

    def estimate(source, *, estimator, steady=True):
        frames = list(source)
        forwards = frames[0].mean() < frames[-1].mean()
        keypoints = np.tile(stick(100, 200), (len(frames), 1, 1))
        keypoints[..., 0] += 0 if forwards else 120
        confidence = np.tile(np.linspace(0.9, 0.8, len(frames))[:, None], (1, 18))
        return PoseSequence(keypoints, confidence, fps=25, size=(240, 200))

    monkeypatch.setattr("pgvgen.poses.estimators.estimate_pose", estimate)
    monkeypatch.setattr("pgvgen.poses.segmentation.person_mask", body_mask)
    shot = look([np.full((200, 240, 3), i, np.uint8) for i in range(20)], 25, BlazePose())
    assert len(shot.keypoints) == 20
    assert np.ptp(shot.keypoints[:, NOSE, 0]) < 1


@pytest.mark.parametrize(("lost", "kept"), [((6,), 20), ((6, 7), 12)])
def test_one_frame_in_which_the_person_is_lost_does_not_cut_a_clip(monkeypatch, lost, kept):
    frames = [np.full((200, 100, 3), i, np.uint8) for i in range(20)]
    there = stick(100, 200)

    def estimate(source, *, estimator, steady=True):
        keypoints = np.stack([there + 300 * (frame.max() in lost) for frame in source])
        return PoseSequence(keypoints, np.full(keypoints.shape[:2], 0.9), fps=25, size=(100, 200))

    monkeypatch.setattr("pgvgen.poses.estimators.estimate_pose", estimate)
    mask = body_mask(frames[0], there, None)
    monkeypatch.setattr("pgvgen.poses.segmentation.person_mask", lambda *_: mask)
    shot = look(frames, 25, BlazePose())
    assert len(shot.keypoints) == kept
    np.testing.assert_allclose(shot.keypoints, np.broadcast_to(there, (kept, 18, 2)), atol=1e-3)


@pytest.mark.usefixtures("seen")
def test_weizmann_strips_are_cut_and_split_by_person(tmp_path):
    frames = filmed(26, 64)
    for person in (0, 5, 6):
        (tmp_path / "wave1").mkdir(exist_ok=True)
        write_image(tmp_path / "wave1" / f"person{person}.jpg", np.concatenate(frames, axis=1))
    (tmp_path / "wave1" / "person0.jpg").rename(tmp_path / "wave1" / "person0.JPG")
    (tmp_path / "wave1" / "._person1.jpg").write_bytes(b"no picture")
    (tmp_path / "siesta").mkdir()
    write_image(tmp_path / "siesta" / "person0.jpg", frames[0])
    dropped: Counter[str] = Counter()
    made = list(import_weizmann(tmp_path, "weizmann", estimator="blazepose", dropped=dropped))
    clip, pictures, masks = made[0]
    # The hand that is up is the left one; the bad start was seen better backwards.
    assert (clip.label, clip.size, clip.fps, len(clip)) == ("wave_left", (128, 128), 25.0, 26)
    assert (clip.confidence == 1).all()
    # The picture moves to the right by 6.5 px in all, the poses found in it stay.
    np.testing.assert_allclose(clip.keypoints[0], (stick(256, 256) + 0.5) / 2 - 0.5, atol=3.3)
    shown = list(pictures)
    assert len(shown) == len(list(masks)) == 26
    large = cv2.resize(frames[3], (128, 128), interpolation=cv2.INTER_LANCZOS4).astype(int)
    assert np.abs(shown[3].astype(int) - large).mean() < 6
    assert {one.clip.group for one in made} == {"weizmann.person0", "weizmann.person5"}
    assert dropped == {"person0.jpg: no action in the vocabulary": 1}


@pytest.mark.usefixtures("seen")
def test_a_video_of_the_original_weizmann_is_cut_around_the_person(tmp_path):
    write_video(tmp_path / "video.mp4", filmed(26, 144), fps=25)
    (tmp_path / "video.mp4").rename(tmp_path / "daria_walk2.AVI")
    (made,) = import_weizmann(tmp_path, "(w)", estimator="blazepose", dropped=Counter())
    assert (made.clip.label, made.clip.group, len(made.clip)) == ("walk", "(w).daria", 26)
    assert made.clip.id == "_w_.daria.walk2"
    assert made.clip.size[0] == next(iter(made.frames)).shape[0] == MAX_SIDE
    inside = made.clip.keypoints
    assert inside.min() > 0
    assert inside.max() < MAX_SIDE


def test_videos_by_label_become_clips_with_poses_masks_and_pictures(tmp_path):
    """The whole way, with the real estimator on a real photo."""
    folder = tmp_path / "ucf" / "JumpingJack"
    folder.mkdir(parents=True)
    write_video(folder / "v_JumpingJack_g01_c02.mp4", filmed(32, 448), fps=30)
    (folder / "notes.txt").write_text("no video")
    store = tmp_path / "store"
    assert len(list(import_into(store, tmp_path / "ucf", "ucf"))) == 1
    (clip,) = ClipStore.open(store).clips(frames=True)
    assert clip.label == "jumping_jack"
    assert clip.group == "ucf.jumping_jack.v_JumpingJack_g01"
    assert clip.fps == 15
    assert 15 <= len(clip) == len(clip.frames) == len(clip.masks) <= 17
    first, last = clip.keypoints[0, NOSE], clip.keypoints[-1, NOSE]
    right, down = last - first
    assert 5 < right < 30  # 26 px in the video, which is drawn at about half its size
    assert abs(down) < 5
    mask = cv2.imread(str(clip.masks[0]), cv2.IMREAD_UNCHANGED)
    x, y = np.rint(first).astype(int)
    assert mask[y, x] > 128 > mask[5, 5]

    merged = list(import_into(tmp_path / "all", store, "store"))
    assert [one.id for one in merged] == [clip.id]
    assert (tmp_path / "all" / "frames" / clip.id / "00000.png").is_file()


@pytest.mark.usefixtures("seen")
def test_a_video_that_cannot_be_read_is_counted_and_the_rest_goes_on(tmp_path):
    (tmp_path / "wave").mkdir()
    for name in ("._a.mp4", "a.mp4"):
        (tmp_path / "wave" / name).write_bytes(b"nothing of the kind")
    write_video(tmp_path / "wave" / "b.mp4", filmed(16, 448), fps=15)
    dropped: Counter[str] = Counter()
    (made,) = import_videos(tmp_path, "mine", estimator="blazepose", dropped=dropped)
    assert made.clip.id == "mine.wave.b"
    assert dropped == {"wave: cannot be read": 1}


@pytest.mark.usefixtures("seen")
def test_large_videos_are_looked_at_smaller(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr("pgvgen.data.ucf.look", lambda frames, *_: looked.extend(frames))
    (tmp_path / "wave").mkdir()
    wide = [np.full((540, 1280, 3), 90 + i, np.uint8) for i in range(3)]
    write_video(tmp_path / "wave" / "a.mp4", wide, fps=15)
    assert not list(import_videos(tmp_path, "mine", estimator="blazepose", dropped=Counter()))
    assert {frame.shape for frame in looked} == {(405, 960, 3)}


@pytest.mark.usefixtures("seen")
def test_labels_are_written_in_latin_letters(tmp_path):
    for label in ("Überschlag", "Ｗａｖｅ"):
        (tmp_path / label).mkdir()
        write_video(tmp_path / label / "a.mp4", filmed(16, 448), fps=15)
    made = import_videos(tmp_path, "mine", estimator="blazepose", dropped=Counter())
    assert [one.clip.label for one in made] == ["uberschlag", "wave"]
    (tmp_path / "Ｗａｖｅ").rename(tmp_path / "танец")
    with pytest.raises(InputError, match=r"танец: .*letters a to z"):
        list(import_videos(tmp_path, "mine", estimator="blazepose", dropped=Counter()))


def pair(folder, first, second):
    folder.mkdir(parents=True)
    write_image(folder / "0.jpg", first)
    write_image(folder / "1.jpg", second)


@pytest.mark.usefixtures("seen")
def test_pairs_become_clips_of_two_frames_and_doubtful_ones_are_counted(tmp_path, monkeypatch):
    first, second = filmed(2, 448)
    pair(tmp_path / "a" / "Arm Circles", first, second)
    pair(tmp_path / "a" / "Nobody", first * 0, second * 0)
    pair(tmp_path / "b" / "Two_Cameras", first, second[:400])
    pair(tmp_path / "b" / "Far_Away", first[:100, :100], second[:100, :100])
    (tmp_path / "b" / "alone").mkdir()
    write_image(tmp_path / "b" / "alone" / "0.jpg", first)
    pair(tmp_path / "b" / "Cut_Short", first, second)
    (tmp_path / "b" / "Cut_Short" / "1.jpg").write_bytes(b"nothing of the kind")
    dropped: Counter[str] = Counter()
    (made,) = import_pairs(tmp_path, "pairs", estimator="blazepose", dropped=dropped)
    assert dropped == {
        "nobody found": 1, "photos differ in size": 1, "person too small": 1, "cannot be read": 1,
        "not two pictures": 1,
    }  # fmt: skip
    clip = made.clip
    assert (clip.id, clip.group, len(clip)) == ("pairs.Arm_Circles", "pairs.Arm Circles", 2)
    assert clip.notes == {"exercise": "Arm Circles", "view": "a", "registered": True}
    assert [picture.shape[:2] for picture in made.frames] == [clip.size[::-1]] * 2

    def elsewhere(picture, keypoints, confidence):
        return 1 - body_mask(picture, keypoints, confidence)

    monkeypatch.setattr("pgvgen.poses.segmentation.person_mask", elsewhere)
    dropped.clear()
    assert not list(import_pairs(tmp_path / "a", "p", estimator="blazepose", dropped=dropped))
    assert dropped["joints beside the person"] == 1


def test_joints_of_a_pair_that_tremble_are_led_by_what_stands_still():
    still = cv2.resize(astronaut(), (288, 288), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(0)
    poses = np.tile(rng.uniform(60, 230, (18, 2)), (2, 1, 1)) + rng.normal(0, 1.5, (2, 18, 2))
    poses[:, 4] = (90, 100), (200, 180)  # has moved, or one of the two is wrong
    confidence = np.ones((2, 18))
    confidence[1, 9] = 0.1  # a guess
    led = _led(poses, confidence, [still, still])
    apart, before = (np.linalg.norm(np.diff(p, axis=0)[0], axis=-1) for p in (led, poses))
    others = np.setdiff1d(np.arange(18), [4, 9])
    assert apart[others].max() < 0.2 * before[others].max()
    np.testing.assert_allclose(led[:, [4, 9]], poses[:, [4, 9]], rtol=1e-6)


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("kind", ["weizmann", "pairs", "ucf"])
def test_the_estimator_is_loaded_once_for_all_pictures(tmp_path, monkeypatch, kind):
    frames = filmed(26, 448)
    for name in ("a", "b"):
        pair(tmp_path / "pairs" / name, *frames[:2])
        write_video(tmp_path / f"ucf/wave/{name}.mp4", frames, fps=15)
        (tmp_path / "weizmann").mkdir(exist_ok=True)
        shutil.copy(tmp_path / f"ucf/wave/{name}.mp4", tmp_path / f"weizmann/{name}_walk.avi")
    loaded, estimate = [], estimators.estimate_pose

    def load(name):
        loaded.append(name)
        return BlazePose()

    def loading(source, *, estimator, steady=True):
        finder = load(estimator) if isinstance(estimator, str) else estimator
        return estimate(source, estimator=finder, steady=steady)

    monkeypatch.setattr(estimators, "load_estimator", load)
    monkeypatch.setattr(estimators, "estimate_pose", loading)
    made = list(import_into(tmp_path / "store", tmp_path / kind, kind, estimator="openpose"))
    assert len(made) == 2
    assert loaded == ["openpose"]


@pytest.mark.parametrize("kind", ["bvh", "deepmimic", "penn", "jhmdb", "weizmann", "pairs", "ucf"])
def test_an_empty_folder_is_one_line(tmp_path, kind):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        list(import_into(tmp_path / "store", tmp_path / "empty", kind))
    assert str(tmp_path / "empty") in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "store").exists()
