import io
import json
import stat
import sys

import numpy as np
import pytest

from pgvgen import errors
from pgvgen.poses import BODY_18, FACE_68, PoseSequence, files


def body(frames=3, seed=0, **changes):
    rng = np.random.default_rng(seed)
    values = {
        "keypoints": rng.uniform(0, 300, (frames, 18, 2)),
        "confidence": rng.uniform(0.01, 1, (frames, 18)),
        "fps": 15,
        "size": (320, 300),
    }
    return PoseSequence(**(values | changes))


def assert_same(a, b):
    assert a.keypoints.tobytes() == b.keypoints.tobytes()
    assert a.confidence.tobytes() == b.confidence.tobytes()
    assert (a.fps, a.size, a.skeleton, a.label, a.seed) == (
        b.fps, b.size, b.skeleton, b.label, b.seed,
    )  # fmt: skip


def openpose(*people, **extra):
    return {"version": 1.3, "people": list(people)} | extra


def person(count=18, x=0.0, **extra):
    """A person whose keypoint i is at (x + i, 2 i)."""
    triples = np.stack([x + np.arange(count), 2 * np.arange(count), np.full(count, 0.5)], axis=1)
    return {"person_id": [-1], "pose_keypoints_2d": triples.ravel().tolist(), **extra}


# What is written is read back, bit for bit


@pytest.mark.parametrize("fps", [15, 29.97, 30000 / 1001])
def test_round_trip_is_exact(tmp_path, fps):
    sequence = body(frames=20, fps=fps, label="wave", seed=7)
    sequence.save(tmp_path / "deep" / "pose.json")
    assert_same(PoseSequence.load(tmp_path / "deep" / "pose.json"), sequence)


def test_round_trip_of_any_float32():
    bits = np.random.default_rng(0).integers(0, 2**32, 40000, dtype=np.uint32)
    numbers = bits.view(np.float32)
    numbers = numbers[np.isfinite(numbers)][:36000].reshape(-1, 18, 2)
    sequence = body(frames=len(numbers), keypoints=numbers)
    assert_same(files.loads(files.dumps(sequence)), sequence)


def test_the_pose_in_the_photo_goes_along():
    motion = body(frames=5)
    loop = motion[2:].replace(photo=motion[0])
    again = files.loads(files.dumps(loop))
    assert_same(again, loop)
    assert_same(again.start, motion[0])
    assert again[1].photo is again.photo
    assert files.loads(files.dumps(motion)).photo is None
    assert np.array_equal(again.mirrored().start.keypoints, motion[0].mirrored().keypoints)


def test_absent_joints_and_frames_stay_absent():
    confidence = np.full((3, 18), 0.25)
    confidence[0, 4] = confidence[1] = 0
    read = files.loads(files.dumps(body(confidence=confidence)))
    np.testing.assert_array_equal(read.confidence, confidence)
    assert not read.keypoints[1].any()


def test_nobody_throughout_is_still_a_sequence():
    nobody = body(confidence=np.zeros((3, 18)))
    assert_same(files.loads(files.dumps(nobody)), nobody)


def test_face_round_trip():
    rng = np.random.default_rng(0)
    face = PoseSequence(rng.random((2, 68, 2)), np.ones((2, 68)), 25, (64, 64), FACE_68)
    assert_same(files.loads(files.dumps(face)), face)


def test_pipe_carries_the_same_bytes_as_a_file(tmp_path, capfd, monkeypatch):
    sequence = body()
    sequence.save(tmp_path / "pose.json")
    sequence.save("-")
    written = capfd.readouterr().out
    assert written == (tmp_path / "pose.json").read_text()
    stdin = io.TextIOWrapper(io.BytesIO(written.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert_same(PoseSequence.load("-"), sequence)


def test_file_is_readable_by_people_and_by_openpose_tools(tmp_path):
    keypoints = np.zeros((2, 18, 2))
    keypoints[:, 0] = 12.5, 0.1
    sequence = body(frames=2, keypoints=keypoints, confidence=[[1] + 17 * [0]] * 2)
    sequence = sequence.replace(label="wave")
    text = files.dumps(sequence)
    assert len(text.splitlines()) == 4, "a line of head, a line a frame, a line of end"
    assert "[12.5, 0.1, 1, 0, 0, 0," in text
    document = json.loads(text)
    assert (document["canvas_width"], document["canvas_height"]) == (320, 300)
    for frame in document["frames"]:
        assert len(frame["people"][0]["pose_keypoints_2d"]) == 54


def test_file_gets_ordinary_permissions_and_no_leftovers(tmp_path):
    body().save(tmp_path / "pose.json")
    assert stat.S_IMODE((tmp_path / "pose.json").stat().st_mode) & 0o444 == 0o444
    assert [path.name for path in tmp_path.iterdir()] == ["pose.json"]


def test_unwritable_place_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OutputError, match="cannot write"):
        body().save(tmp_path / "file" / "pose.json")


# OpenPose's own output


def test_openpose_coco_frame():
    read = files.loads(json.dumps(openpose(person())))
    np.testing.assert_array_equal(read.keypoints[0, :, 0], np.arange(18))
    assert (len(read), read.fps, read.size, read.skeleton) == (1, 25, (18, 35), BODY_18)


def test_openpose_body_25_becomes_body_18():
    # BODY_25: nose 0, neck 1, arms 2–7, mid-hip 8, legs 9–14, eyes and ears 15–18, feet 19–24.
    read = files.loads(json.dumps(openpose(person(25))))
    expected = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    np.testing.assert_array_equal(read.keypoints[0, :, 0], expected)


def test_openpose_face_loses_its_pupils():
    only_face = {"face_keypoints_2d": person(70)["pose_keypoints_2d"], "pose_keypoints_2d": []}
    read = files.loads(json.dumps(openpose(only_face)))
    assert read.skeleton is FACE_68
    np.testing.assert_array_equal(read.keypoints[0, :, 0], np.arange(68))


def test_body_is_preferred_and_face_can_be_asked_for():
    both = person(face_keypoints_2d=person(70)["pose_keypoints_2d"])
    text = json.dumps(openpose(both))
    assert files.loads(text).skeleton is BODY_18
    assert files.loads(text, skeleton=FACE_68).skeleton is FACE_68


def test_list_of_frames_with_a_canvas_as_controlnet_editors_write():
    frame = openpose(person(), canvas_width=512, canvas_height=768)
    for first in (frame, openpose(person())):
        read = files.loads(json.dumps([first, frame]))
        assert (len(read), read.size) == (2, (512, 768))


def test_a_canvas_that_nobody_says_is_not_made_up():
    read = files.loads(json.dumps(openpose(person())))
    assert not read.size_known
    again = files.loads(files.dumps(read))
    assert (again.size, again.size_known) == (read.size, False)
    assert files.loads(files.dumps(read.replace(size_known=True))).size_known


def fractions(**extra):
    """Two people who change places in the list, in fractions of a canvas."""
    near, far = person(), person(x=100)
    for one in (near, far):
        triples = np.reshape(one["pose_keypoints_2d"], (-1, 3)) / (200, 50, 1)
        one["pose_keypoints_2d"] = triples.ravel().tolist()
    return [openpose(near, far, **extra), openpose(far, near, **extra)]


def test_fractions_of_the_canvas_as_controlnet_writes_them():
    read = files.loads(json.dumps(fractions(canvas_width=200, canvas_height=50)))
    assert read.size == (200, 50)
    for frame in read.keypoints:
        np.testing.assert_allclose(frame, np.stack([np.arange(18), 2 * np.arange(18)], 1), 1e-5)


def test_folder_is_read_in_natural_order(tmp_path):
    for i in (10, 9, 100):
        (tmp_path / f"video_{i}_keypoints.json").write_text(json.dumps(openpose(person(x=i / 10))))
    (tmp_path / "._video_9_keypoints.json").write_bytes(b"\0\5\26\7")
    read = PoseSequence.load(tmp_path)
    np.testing.assert_allclose(read.keypoints[:, 0, 0], [0.9, 1, 10])


def test_one_person_is_followed_whatever_the_order():
    near, far = [person(x=t) for t in range(4)], [person(x=200 - t) for t in range(4)]
    frames = [
        openpose(near[0], far[0]),
        openpose(far[1], near[1]),
        openpose(far[2]),  # the one that is followed is hidden: nobody takes their place
        openpose(far[3], near[3]),
    ]
    read = files.loads(json.dumps({"frames": frames}))
    np.testing.assert_array_equal(read.keypoints[:, 0, 0], [0, 1, 0, 3])
    np.testing.assert_array_equal(read.present.any(axis=1), [True, True, False, True])


def test_a_single_person_may_jump_anywhere():
    confidence = [[1] + 17 * [0]] * 2
    keypoints = np.zeros((2, 18, 2))
    keypoints[1] = 250
    read = files.loads(files.dumps(body(2, keypoints=keypoints, confidence=confidence)))
    assert read.keypoints[1, 0, 0] == 250


# What is no pose file says so in one line


def nan_pose():
    broken = person()
    broken["pose_keypoints_2d"][3] = float("nan")
    return openpose(broken)


def ours(**changes):
    return json.loads(files.dumps(body())) | changes


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100000, "not JSON"),
        ("", "empty"),
        ("3", "not a pose file"),
        ({"some": "thing"}, "neither frames nor people"),
        ({"frames": []}, "no frames"),
        ({"frames": [1]}, "frame 0 .* no OpenPose people"),
        (openpose(), "no people"),
        (openpose(person(18, pose_keypoints_2d=[0] * 54)), "shows nobody"),
        (openpose(person(17)), "51 numbers"),
        (openpose(person(18, pose_keypoints_2d=["1"] * 54)), "not a list of numbers"),
        (openpose(person(18, pose_keypoints_2d=[10**400] * 54)), "not finite"),
        (openpose(person(18, pose_keypoints_2d=[1e39] * 54)), "not finite"),
        (nan_pose(), "not finite"),
        (fractions()[0], "canvas_width"),
        (ours(version=2), "version 2.*upgrade pgvgen"),
        (ours(version="x"), "damaged"),
        (ours(skeleton="hand_21"), "hand_21"),
        (ours(skeleton=["body_18"]), "body_18"),
        (ours(fps=0), "fps"),
        (ours(fps=float("nan")), "fps"),
        (ours(canvas_width=0), "canvas"),
        (ours(canvas_height=None), "canvas"),
        (ours(label=3), "label"),
        (ours(seed="x"), "seed"),
        (ours(frames=None), "neither frames nor people"),
        (ours(photo=3), "the photo of .* no OpenPose people"),
        (ours(photo=openpose()), "nobody in its photo"),
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, document, message):
    path = tmp_path / "pose.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(errors.InputError, match=message) as caught:
        PoseSequence.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_pose_of_another_skeleton_than_needed():
    with pytest.raises(errors.InputError, match="body_18 pose, face_68 is needed"):
        files.loads(files.dumps(body()), skeleton=FACE_68)


def test_a_picture_is_not_a_pose_file(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    with pytest.raises(errors.InputError, match="not text"):
        PoseSequence.load(tmp_path / "photo.jpg")


def test_missing_file_and_empty_folder(tmp_path):
    with pytest.raises(errors.InputError, match="No such file"):
        PoseSequence.load(tmp_path / "missing.json")
    with pytest.raises(errors.InputError, match=r"no \.json files"):
        PoseSequence.load(tmp_path)


def test_an_empty_sequence_is_not_written():
    with pytest.raises(ValueError, match="without frames"):
        files.dumps(body()[:0])
