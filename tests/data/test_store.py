"""The clip store: what goes in comes out, appending, and what a killed writer leaves."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pgvgen.data.clip import Clip, clip_id
from pgvgen.data.splits import names_below, split_groups
from pgvgen.data.store import ClipStore, ClipWriter
from pgvgen.errors import InputError, OutputError


def clip(name: str, length: int = 5, **changes) -> Clip:
    rng = np.random.default_rng(len(name) + length)
    made = Clip(
        id=name,
        label="wave",
        source="made",
        group=name,
        split="train",
        fps=15.0,
        size=(64, 48),
        keypoints=rng.uniform(0, 48, (length, 18, 2)).astype(np.float32),
        confidence=rng.uniform(0, 1, (length, 18)).astype(np.float32),
        notes={"yaw": 22.0},
    )
    return replace(made, **changes)


def pictures(length: int) -> list[np.ndarray]:
    ramp = np.linspace(0, 200, 64 * 48).reshape(48, 64, 1)
    return [(ramp + [0, 10, 20] + 5 * i).astype(np.uint8) for i in range(length)]


def same(one: Clip, other: Clip) -> bool:
    named = ("id", "label", "source", "group", "split", "fps", "size", "notes")
    return (
        all(getattr(one, name) == getattr(other, name) for name in named)
        and np.array_equal(one.keypoints, other.keypoints)
        and np.array_equal(one.confidence, other.confidence)
    )


def test_clips_come_back_bit_by_bit(tmp_path):
    clips = [clip("a", 3), clip("bb", 7, split="test", label="bow"), clip("ccc", 1)]
    with ClipWriter(tmp_path / "store") as writer:
        for one in clips:
            writer.add(one)
    store = ClipStore.open(tmp_path / "store")
    assert len(store) == 3
    assert all(map(same, store.all_clips, clips))
    assert [c.id for c in store.clips(split="test")] == ["bb"]
    assert [c.id for c in store.clips(labels=["wave"])] == ["a", "ccc"]
    assert store.clips(frames=True) == []
    assert len(store.clips(frames=False)) == 3


def test_poses_come_back_however_they_lay_in_memory(tmp_path):
    one = clip("a", 3)
    one = replace(
        one, keypoints=np.asfortranarray(one.keypoints), predicted=one.keypoints.T.copy().T
    )
    with ClipWriter(tmp_path / "store") as writer:
        writer.add(one)
    (back,) = ClipStore.open(tmp_path / "store").all_clips
    assert same(back, one)
    np.testing.assert_array_equal(back.predicted, one.predicted)


def test_pictures_and_masks_come_back(tmp_path):
    frames = pictures(2)
    masks = [np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))] * 2
    with ClipWriter(tmp_path) as writer:
        writer.add(clip("a", 2), iter(frames), iter(masks))
    (back,) = ClipStore.open(tmp_path).clips(frames=True)
    assert [p.name for p in back.frames] == ["00000.jpg", "00001.jpg"]
    picture = cv2.imread(str(back.frames[1]))[..., ::-1].astype(int)
    assert np.abs(picture - frames[1]).max() <= 4  # JPEG's loss, and red is still red
    mask = cv2.imread(str(back.masks[0]), cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(mask / 255, masks[0], atol=0.5 / 255 + 1e-6)


def test_a_second_source_is_added_behind_the_first(tmp_path):
    for name in ("a", "b"):
        with ClipWriter(tmp_path) as writer:
            writer.add(clip(name))
    assert [c.id for c in ClipStore.open(tmp_path).all_clips] == ["a", "b"]
    with pytest.raises(OutputError, match="has a clip a already"), ClipWriter(tmp_path) as writer:
        writer.add(clip("a"))


def test_a_store_merges_into_another_with_its_pictures(tmp_path):
    with ClipWriter(tmp_path / "one") as writer:
        writer.add(clip("a", 2), pictures(2), [np.ones((48, 64))] * 2)
    (first,) = ClipStore.open(tmp_path / "one").all_clips
    with ClipWriter(tmp_path / "two") as writer:
        writer.add(first)
    (second,) = ClipStore.open(tmp_path / "two").all_clips
    assert same(first, second)
    assert second.frames[0].parent == tmp_path / "two" / "frames" / "a"
    for before, after in zip(first.frames + first.masks, second.frames + second.masks, strict=True):
        assert after.read_bytes() == before.read_bytes()
    first.masks[1].unlink()
    with pytest.raises(InputError, match="missing"), ClipWriter(tmp_path / "three") as writer:
        writer.add(first)


def test_a_writer_that_is_stopped_leaves_the_store_as_it_was(tmp_path):
    with ClipWriter(tmp_path) as writer:
        writer.add(clip("a"))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def killed() -> None:
        with ClipWriter(tmp_path) as writer:
            writer.add(clip("b"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_one_writer_at_a_time(tmp_path):
    store = tmp_path / "store"
    with ClipWriter(store) as writer:
        writer.add(clip("a"))
        with pytest.raises(OutputError, match="another process is adding"), ClipWriter(store):
            pass
    with ClipWriter(store) as writer:
        writer.add(clip("b"))
    assert [c.id for c in ClipStore.open(store).all_clips] == ["a", "b"]
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"), ClipWriter(tmp_path / "file"):
        pass


@pytest.mark.parametrize("predicted", [None, np.ones((5, 18, 2), np.float32)])
def test_a_full_disk_is_one_line(tmp_path, monkeypatch, predicted):
    def full(path, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"), ClipWriter(tmp_path) as writer:
        writer.add(clip("a", predicted=predicted))


def test_what_is_no_store_is_one_line(tmp_path):
    with pytest.raises(InputError, match="holds no clip store"):
        ClipStore.open(tmp_path)
    with ClipWriter(tmp_path) as writer:
        writer.add(clip("a"))
    poses = tmp_path / "poses.safetensors"
    poses.write_bytes(poses.read_bytes()[:100])
    with pytest.raises(InputError, match="damaged"):
        ClipStore.open(tmp_path)
    (tmp_path / "index.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="damaged"):
        ClipStore.open(tmp_path)


def test_a_clip_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="18"):
        clip("a", keypoints=np.zeros((5, 17, 2), np.float32))
    with pytest.raises(ValueError, match="finite"):
        clip("a", keypoints=np.full((5, 18, 2), np.nan, np.float32))
    with pytest.raises(ValueError, match="odd"):
        clip("../a")
    assert Path(clip("a.b-c_1").id).name == "a.b-c_1"


def test_files_whose_names_would_make_one_id_have_names_of_their_own(tmp_path):
    below = ("a/wave 1.bvh", "a/wave_1.bvh", "a/run.bvh", "b/run.bvh", "b/walk.bvh")
    files = [tmp_path / way for way in below]
    names = names_below(tmp_path, {path: path.stem for path in files})
    assert [names[path] for path in files] == [
        "a/wave 1.bvh", "a/wave_1.bvh-2", "a/run.bvh", "b/run.bvh", "walk"
    ]  # fmt: skip
    assert len({clip_id("made", name) for name in names.values()}) == len(files)


def test_splits_are_80_10_10_by_group_within_a_label_and_never_change():
    labels = {f"take{i}": "wave" for i in range(50)} | {f"rare{i}": "dab" for i in range(3)}
    splits = split_groups(labels)
    waves = [splits[name] for name in labels if labels[name] == "wave"]
    assert [waves.count(s) for s in ("train", "val", "test")] == [40, 5, 5]
    assert {splits[f"rare{i}"] for i in range(3)} == {"train"}
    assert split_groups(dict(reversed(labels.items()))) == splits
    assert [name for name in sorted(splits) if splits[name] == "test"] == TEST_TAKES


TEST_TAKES = ["take19", "take30", "take41", "take48", "take6"]


def test_held_out_takes_are_faint_and_strong_alike() -> None:
    energy = {f"take{i}": float(i) for i in range(40)}
    splits = split_groups(dict.fromkeys(energy, "wave"), energy)
    for part in ("test", "val"):
        held = sorted(energy[name] for name in splits if splits[name] == part)
        assert len(held) == 4
        assert [value // 10 for value in held] == [0, 1, 2, 3]  # one of every quarter
