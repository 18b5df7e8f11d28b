"""Poses in other tools' forms: what they say is what the sequence says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pgvgen.errors import OutputError, UsageError
from pgvgen.pictures import read_image
from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.drawing import draw_sequence
from pgvgen.poses.exports import check, fitted
from pgvgen.video import open_video


def walk(frames: int = 4, size: tuple[int, int] = (320, 240)) -> PoseSequence:
    """A moving person whose left ear (17) is never seen, and who is not there in frame 2."""
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(20, 220, (1, 18, 2)) + 3 * np.arange(frames)[:, None, None]
    confidence = rng.uniform(0.3, 1, (frames, 18))
    confidence[:, 17] = 0
    confidence[2:3] = 0
    return PoseSequence(keypoints, confidence, 12.5, size, label="walk", seed=3)


def test_openpose_folder_loads_here_and_reads_as_openpose_wrote_it(tmp_path: Path) -> None:
    sequence = walk()
    sequence.save(f"{tmp_path}/walk/")
    names = sorted(file.name for file in (tmp_path / "walk").iterdir())
    assert names == [f"walk_{t:012}_keypoints.json" for t in range(4)]
    loaded = PoseSequence.load(tmp_path / "walk")
    assert loaded.keypoints.tobytes() == sequence.keypoints.tobytes()
    assert loaded.confidence.tobytes() == sequence.confidence.tobytes()
    assert loaded.size == sequence.size
    first, gone = (json.loads((tmp_path / "walk" / names[t]).read_text()) for t in (0, 2))
    assert (first["version"], gone["people"]) == (1.3, [])
    (person,) = first["people"]
    assert len(person["pose_keypoints_2d"]) == 54
    assert person["hand_left_keypoints_2d"] == person["face_keypoints_2d"] == []


def test_a_face_goes_where_openpose_has_it(tmp_path: Path) -> None:
    face = PoseSequence(np.full((1, 68, 2), 9), np.ones((1, 68)), 5, (40, 40), FACE_68)
    face.save(f"{tmp_path}/face/")
    loaded = PoseSequence.load(tmp_path / "face")
    assert (loaded.skeleton, loaded.keypoints.min()) == (FACE_68, 9)


def test_csv_is_a_row_a_frame(tmp_path: Path) -> None:
    sequence = walk()
    sequence.save(tmp_path / "walk.csv")
    with (tmp_path / "walk.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["frame"], row["time"]) for row in rows[:2]] == [("0", "0.0"), ("1", "0.08")]
    assert len(rows[0]) == 2 + 3 * 18
    for t, row in enumerate(rows):
        for k, joint in enumerate(BODY_18.joints):
            told = [row[f"{joint}_{column}"] for column in ("x", "y", "confidence")]
            if not sequence.present[t, k]:
                assert told == ["", "", "0.0"]
            else:
                assert np.float32(told[:2]).tobytes() == sequence.keypoints[t, k].tobytes()
                assert np.float32(told[2]) == sequence.confidence[t, k]


def test_npz_has_everything(tmp_path: Path) -> None:
    sequence = walk()
    sequence.save(tmp_path / "walk.NPZ")
    assert [path.name for path in tmp_path.iterdir()] == ["walk.NPZ"]
    with np.load(tmp_path / "walk.NPZ", allow_pickle=False) as saved:
        assert saved["keypoints"].tobytes() == sequence.keypoints.tobytes()
        assert saved["confidence"].tobytes() == sequence.confidence.tobytes()
        assert (saved["fps"], saved["size"].tolist(), str(saved["label"]), saved["seed"]) == (
            12.5, [320, 240], "walk", 3,
        )  # fmt: skip
        assert tuple(saved["joints"]) == BODY_18.joints


def test_skeleton_picture_and_video_on_black(tmp_path: Path) -> None:
    sequence = walk()
    sequence[0].save(tmp_path / "pose.png")
    drawn = list(draw_sequence(sequence))
    assert np.array_equal(read_image(tmp_path / "pose.png"), drawn[0])
    assert (drawn[0][0] == 0).all()
    sequence.save(tmp_path / "walk.mp4")
    video = open_video(tmp_path / "walk.mp4")
    assert (video.size, video.fps, video.length) == ((320, 240), 12.5, 4)
    for read, wanted in zip(video, drawn, strict=True):
        assert np.abs(read.astype(float) - wanted).mean() < 6
    with pytest.raises(UsageError, match=r"\.mp4"):
        sequence.save(tmp_path / "walk.png")


@pytest.mark.parametrize("frames", [1, 4])
def test_webp_is_a_picture_or_an_animation(tmp_path: Path, frames: int) -> None:
    check(tmp_path / "walk.webp", several=frames > 1)
    walk(frames).save(tmp_path / "walk.webp")
    assert getattr(Image.open(tmp_path / "walk.webp"), "n_frames", 1) == frames


@pytest.mark.parametrize("size", [(576, 1024), (512, 512), (96, 40)])
def test_a_drawing_of_another_size_shows_all_of_the_picture(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    corners = np.zeros((1, 18, 2), np.float32)
    corners[0, 0], corners[0, 1] = (0, 0), (319, 239)
    seen = np.zeros((1, 18))
    seen[0, :2] = 1
    pose = fitted(PoseSequence(corners, seen, 5, (320, 240)), size)
    (low, high) = pose.keypoints[0, :2]
    assert np.allclose(low + high, np.array(size) - 1, atol=1e-3), "in the middle"
    scale = min(size[0] / 320, size[1] / 240)
    assert np.allclose(high - low, np.array([319, 239]) * scale, rtol=1e-4)
    walk()[0].save(tmp_path / "pose.png", size=size)
    assert read_image(tmp_path / "pose.png").shape == (size[1], size[0], 3)


def test_what_cannot_be_meant_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv"):
        check("pose.cvs")
    with pytest.raises(UsageError, match="--size"):
        check("pose.json", size=(512, 512))
    with pytest.raises(UsageError, match="several frames"):
        check("walk.png", several=True)
    check("walk.mp4", several=True)
    walk().save(f"{tmp_path}/walk/")
    with pytest.raises(OutputError, match="--overwrite"):
        check(f"{tmp_path}/walk/", overwrite=False)
    check("-")
    check(f"{tmp_path}/walk/")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["walk"]
