"""Penn Action and JHMDB: joints where they belong, gaps, repetitions, what is left out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.io import savemat

from pgvgen.data.jhmdb import import_jhmdb
from pgvgen.data.penn import import_penn
from pgvgen.data.tracks import fill_gaps, repeat_track, smooth_tracks
from pgvgen.errors import InputError
from pgvgen.poses.skeletons import BODY_18

J = BODY_18.index

# A person seen from the front: their right is at the left of the picture. By name, in px.
FRONT = {
    "head": (100, 30), "right_shoulder": (80, 60), "left_shoulder": (120, 60),
    "right_elbow": (70, 95), "left_elbow": (130, 95), "right_wrist": (66, 130),
    "left_wrist": (134, 130), "right_hip": (88, 130), "left_hip": (112, 130),
    "right_knee": (86, 180), "left_knee": (114, 180), "right_ankle": (85, 230),
    "left_ankle": (115, 230),
}  # fmt: skip
# Penn's order with the sides exchanged, as its files have them.
PENN = ["head"] + [
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("right", "left")
]


def penn_clip(
    folder, number=1, action="jumping_jacks", frames=60, hidden=(), gap=(), close=True, **changes
):
    """A squat down and up (or, not `close`, only down); joints in `hidden` at x = 1, `gap` frames
    without the right knee. `changes` are variables of the file in place of its own, None for none.
    """
    phase = np.linspace(0, 1 if close else 0.5, frames)
    depth = 40 * np.sin(np.pi * phase)
    places = np.stack([np.tile(FRONT[name], (frames, 1)) for name in PENN], axis=1).astype(float)
    upper = [i for i, name in enumerate(PENN) if not name.endswith(("knee", "ankle"))]
    places[:, upper, 1] += depth[:, None]
    visible = np.ones((frames, 13), np.uint8)
    for name in hidden:
        places[:, PENN.index(name)], visible[:, PENN.index(name)] = 1, 0
    for frame in gap:
        places[frame, PENN.index("right_knee")], visible[frame, PENN.index("right_knee")] = 1, 0
    whole = {
            "action": action, "pose": "front", "x": np.rint(places[..., 0]).astype(np.uint16),
            "y": np.rint(places[..., 1]).astype(np.uint16), "visibility": visible, "train": 1,
            "bbox": np.zeros((frames, 4), np.uint16), "dimensions": [[300, 200, frames]],
            "nframes": frames,
    }  # fmt: skip
    variables = {name: value for name, value in (whole | changes).items() if value is not None}
    savemat(folder / f"{number:04}.mat", variables)


def read_penn(folder, source="penn"):
    dropped: Counter[str] = Counter()
    return list(import_penn(folder, source, dropped=dropped)), dropped


def test_penns_left_is_the_persons_right(tmp_path):
    penn_clip(tmp_path)
    (clip,), dropped = read_penn(tmp_path)
    assert not dropped
    assert (clip.label, clip.fps, clip.size) == ("jumping_jack", 15.0, (200, 300))
    first = clip.keypoints[0]
    for name, place in FRONT.items():
        joint = J("nose" if name == "head" else name)
        np.testing.assert_allclose(first[joint], np.array(place) - 1, atol=2.5)
    np.testing.assert_allclose(first[J("neck")], (99, 59), atol=2.5)
    lacking = [J(f"{side}_{part}") for side in ("right", "left") for part in ("eye", "ear")]
    assert (clip.confidence[:, lacking] == 0).all()
    assert (np.delete(clip.confidence, lacking, axis=1) == 1).all()


def test_a_whole_repetition_is_repeated_and_half_a_one_is_not(tmp_path):
    penn_clip(tmp_path, 1, frames=60)
    penn_clip(tmp_path, 21, frames=60, close=False)
    (whole, half), _ = read_penn(tmp_path)
    assert len(whole) >= 3.2 * 15
    assert len(half) == 30
    hips = whole.keypoints[:, J("right_hip"), 1]
    peaks = np.flatnonzero((hips[1:-1] > hips[:-2]) & (hips[1:-1] >= hips[2:]))
    assert len(peaks) == 2
    assert np.abs(np.diff(whole.keypoints, axis=0)).max() < 12  # no jump where it begins again


def test_absent_joints_are_masked_and_short_gaps_bridged(tmp_path):
    penn_clip(tmp_path, hidden=("right_wrist", "right_elbow"), gap=range(20, 24))
    (clip,), _ = read_penn(tmp_path)
    assert (clip.confidence[:, [J("right_wrist"), J("right_elbow")]] == 0).all()
    assert (clip.keypoints[:, J("right_wrist")] == 0).all()
    assert (clip.confidence[:, J("right_knee")] > 0).all()
    assert np.abs(clip.keypoints[:, J("right_knee")] - (85, 179)).max() < 2.5


def test_squats_are_without_the_barbell(tmp_path):
    penn_clip(tmp_path, action="squat", hidden=("right_wrist",))
    (clip,), _ = read_penn(tmp_path)
    for side in ("right", "left"):
        shoulder, elbow, wrist = (J(f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
        heights = clip.keypoints[:, [shoulder, elbow, wrist], 1]
        assert (np.diff(heights, axis=1) > 10).all()
        assert (clip.confidence[:, wrist] > 0).all()


def test_clips_with_too_little_are_counted_not_kept(tmp_path):
    penn_clip(tmp_path, 1)
    penn_clip(tmp_path, 2, hidden=[name for name in PENN if name.startswith("right")])
    penn_clip(tmp_path, 3, frames=10)
    clips, dropped = read_penn(tmp_path)
    assert [clip.id for clip in clips] == ["penn.0001"]
    assert dropped == {"jumping_jack: too few joints": 1, "jumping_jack: too short": 1}


def test_a_source_may_be_called_anything_and_its_files_in_capitals(tmp_path):
    penn_clip(tmp_path)
    (tmp_path / "0001.mat").rename(tmp_path / "0001.MAT")
    (tmp_path / "._0001.mat").write_bytes(b"macOS's own")
    (clip,), _ = read_penn(tmp_path, "Penn Action (2013)")
    assert (clip.id, clip.source) == ("Penn_Action__2013_.0001", "Penn Action (2013)")


def test_what_is_not_penns_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"no \.mat file"):
        read_penn(tmp_path)
    (tmp_path / "0001.mat").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="not a Penn Action label"):
        read_penn(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"pose": None}, {"pose": ""}, {"dimensions": None}, {"dimensions": [[300]]}, {"y": None},
        {"y": np.ones((59, 13))}, {"y": np.full((60, 13), np.nan)}, {"action": None},
    ],
)  # fmt: skip
def test_a_damaged_label_of_penns_is_one_line(tmp_path, changes):
    penn_clip(tmp_path, **changes)
    with pytest.raises(InputError, match=r"0001\.mat is not a Penn Action label"):
        read_penn(tmp_path)


JHMDB = ["neck", "belly", "head"] + [
    f"{side}_{joint}"
    for joint in ("shoulder", "hip", "elbow", "knee", "wrist", "ankle")
    for side in ("right", "left")
]


def jhmdb_poses(hand="right", frames=40):
    places = {**FRONT, "neck": (100, 50), "belly": (100, 100)}
    poses = np.stack([np.tile(places[name], (frames, 1)) for name in JHMDB], axis=1).astype(float)
    wave = 30 * np.sin(2 * np.pi * np.arange(frames) / (frames - 1))
    poses[:, JHMDB.index(f"{hand}_wrist"), 0] += wave
    return poses


def test_jhmdb_in_one_archive(tmp_path):
    poses = [jhmdb_poses("right"), jhmdb_poses("left"), jhmdb_poses("left") * [0, 1] + [100, 0]]
    np.savez(
        tmp_path / "jhmdb.npz",
        poses=np.concatenate(poses) / 200,
        lengths=[40, 40, 40],
        labels=["wave", "wave", "wave"],
        split=["train", "test", "test"],
    )
    dropped: Counter[str] = Counter()
    clips = list(import_jhmdb(tmp_path, "jhmdb", dropped=dropped))
    assert [(clip.label, clip.split) for clip in clips] == [
        ("wave", "train"),
        ("wave_left", "test"),
    ]
    assert dropped == {"wave: barely moves": 1}
    first = clips[0].keypoints[0]
    assert first[J("right_hip"), 0] < first[J("left_hip"), 0]
    assert first[J("nose"), 1] < first[J("neck"), 1] < first[J("right_knee"), 1]


def test_hands_that_clap_meet(tmp_path):
    apart = 30 + 28 * np.cos(2 * np.pi * np.arange(40) / 20)  # half of what lies between the wrists
    claps = {"meet": apart, "do not meet": apart + 30, "do not part": apart * 0 + 4}
    poses = []
    for half in claps.values():
        pose = jhmdb_poses()
        for side, sign in (("right", -1), ("left", 1)):
            pose[:, JHMDB.index(f"{side}_wrist")] = np.stack([100 + sign * half, half * 0 + 80], -1)
        poses.append(pose / 200)
    np.savez(
        tmp_path / "jhmdb.npz",
        poses=np.concatenate(poses),
        lengths=[40] * 3,
        labels=["clap"] * 3,
        split=["train"] * 3,
    )
    dropped: Counter[str] = Counter()
    clips = list(import_jhmdb(tmp_path, "jhmdb", dropped=dropped))
    assert [clip.id for clip in clips] == ["jhmdb.0000"]
    assert dropped == {"clap: barely moves": 2}


def test_jhmdb_as_published(tmp_path):
    folder = tmp_path / "joint_positions" / "golf" / "#1_video_(2)_golf_f_cm_np1_ba_med_1"
    folder.mkdir(parents=True)
    savemat(folder / "joint_positions.mat", {"pos_img": jhmdb_poses().transpose(2, 1, 0)})
    (clip,) = import_jhmdb(tmp_path, "jhmdb", dropped=Counter())
    assert (clip.label, len(clip)) == ("golf_swing", 20)
    assert clip.id == "jhmdb._1_video__2__golf_f_cm_np1_ba_med_1"
    assert clip.keypoints[0, J("right_shoulder"), 0] < clip.keypoints[0, J("left_shoulder"), 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["wave"]}, {"split": ["train"]}, {"lengths": [80, 0]}, {"lengths": [40, 41]},
        {"poses": np.full((80, 15, 2), np.nan)}, {"lengths": 80},
    ],
)  # fmt: skip
def test_a_damaged_archive_of_jhmdbs_is_one_line(tmp_path, changes):
    whole = {
        "poses": np.concatenate([jhmdb_poses()] * 2) / 200,
        "lengths": [40, 40], "labels": ["wave"] * 2, "split": ["train"] * 2,
    }  # fmt: skip
    path = tmp_path / "jhmdb.npz"
    np.savez(path, **whole | changes)
    with pytest.raises(InputError, match=r"jhmdb\.npz is not a JHMDB archive"):
        list(import_jhmdb(tmp_path, "jhmdb", dropped=Counter()))
    np.savez(path, **whole)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"jhmdb\.npz is not a JHMDB archive"):
        list(import_jhmdb(tmp_path, "jhmdb", dropped=Counter()))


def test_clips_of_one_movie_share_a_group(tmp_path):
    for action, name in (
        ("golf", "#20_Rhythm_golf_u_nm_np1_fr_goo_0"),
        ("golf", "swing_3"),
        ("swing_baseball", "#20_Rhythm_swing_baseball_u_nm_np1_le_goo_4"),
    ):
        folder = tmp_path / action / name
        folder.mkdir(parents=True)
        savemat(folder / "joint_positions.mat", {"pos_img": jhmdb_poses().transpose(2, 1, 0)})
    clips = import_jhmdb(tmp_path, "j", dropped=Counter())
    assert [clip.group for clip in clips] == ["j.#20_Rhythm", "j.swing", "j.#20_Rhythm"]


def test_a_single_frame_of_jhmdbs_is_too_short_and_nan_is_refused(tmp_path):
    folder = tmp_path / "golf" / "some_video_golf_f_cm_np1_ba_med_1"
    folder.mkdir(parents=True)
    one = jhmdb_poses(frames=2)[0].T  # 2×15: MATLAB keeps no third axis of one frame
    savemat(folder / "joint_positions.mat", {"pos_img": one})
    dropped: Counter[str] = Counter()
    assert not list(import_jhmdb(tmp_path, "jhmdb", dropped=dropped))
    assert dropped == {"golf_swing: too short": 1}
    savemat(folder / "joint_positions.mat", {"pos_img": one * np.nan})
    with pytest.raises(InputError, match="not a JHMDB annotation"):
        list(import_jhmdb(tmp_path, "jhmdb", dropped=dropped))


def test_gaps_up_to_the_longest_are_bridged_on_the_line():
    keypoints = np.arange(20, dtype=float)[:, None, None] * np.array([2.0, -1.0])
    confidence = np.ones((20, 1))
    confidence[3:6] = confidence[10:16] = confidence[18:] = 0
    truth = keypoints.copy()
    keypoints[confidence[:, 0] == 0] = 0
    filled, sure = fill_gaps(keypoints, confidence, longest=3)
    np.testing.assert_allclose(filled[:10], truth[:10])
    assert (sure[3:6] == 0.5).all()
    assert (sure[10:16] == 0).all()
    assert (sure[18:] == 0).all()


def test_smoothing_keeps_parabolas_and_takes_noise():
    rng = np.random.default_rng(0)
    time = np.arange(40.0)
    truth = np.stack([0.1 * time**2 - time, 3 * time], axis=-1)[:, None]
    sure = np.ones((40, 1))
    np.testing.assert_allclose(smooth_tracks(truth, sure, 7), truth, atol=1e-9)
    noisy = truth + rng.normal(0, 1, truth.shape)
    assert np.std(smooth_tracks(noisy, sure, 7) - truth) < 0.7


def test_a_repetition_closes_without_a_jump():
    phase = np.linspace(0, 1, 15)[:, None, None]
    track = np.concatenate([100 * np.sin(2 * np.pi * phase), 300 * np.ones_like(phase)], axis=-1)
    track = np.concatenate([track, track * 0], axis=1) + phase * 4  # drifts by 4 px
    longer, sure = repeat_track(track, np.ones((15, 2)), frames=40)
    assert len(longer) == len(sure) == 14 * 3 + 1
    np.testing.assert_allclose(longer[0], longer[14], atol=1e-9)
    np.testing.assert_allclose(longer[:14], longer[14:28], atol=1e-9)
