"""`pgvgen train predict`: PSGAN's predictions for a store's clips, the P̂ of stage two."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pgvgen.cli import _run
from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore, ClipWriter
from pgvgen.motion import PSGAN
from pgvgen.training.predictions import predict_clip
from tests.rendering import doll
from tests.training.tiny import tiny_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("store"), frames=6)


@pytest.fixture(scope="module")
def psgan() -> PSGAN:
    return PSGAN.from_pretrained("action")


def test_the_nearest_of_several_begins_where_the_clip_begins(folder: Path, psgan: PSGAN) -> None:
    clip = next(c for c in ClipStore.open(folder).all_clips if c.label == "wave")
    one, best = (predict_clip(clip, psgan, samples=n, seed=3) for n in (1, 4))
    assert one is not None
    assert best is not None
    np.testing.assert_allclose(best[0], clip.keypoints[0], atol=1e-3)

    def off(poses: np.ndarray) -> float:
        return float(np.linalg.norm(poses - clip.keypoints, axis=-1).mean())

    assert off(best) <= off(one)


def test_every_32_frames_begin_with_their_own_true_pose(folder: Path, psgan: PSGAN) -> None:
    clip = next(c for c in ClipStore.open(folder).all_clips if c.label == "wave")
    long = replace(
        clip,
        keypoints=np.resize(clip.keypoints, (70, 18, 2)),
        confidence=np.resize(clip.confidence, (70, 18)),
        frames=None,
        masks=None,
    )
    foretold = predict_clip(long, psgan, samples=1, seed=3)
    assert foretold is not None
    assert foretold.shape == (70, 18, 2)
    np.testing.assert_allclose(foretold[[0, 32, 64]], long.keypoints[[0, 32, 64]], atol=1e-3)

    hidden = replace(long, confidence=long.confidence.copy())
    hidden.confidence[32] = 0  # too little to go by: the window before goes on
    foretold = predict_clip(hidden, psgan, samples=1, seed=3)
    assert foretold is not None
    assert np.linalg.norm(foretold[32] - foretold[31], axis=-1).max() < 20
    np.testing.assert_allclose(foretold[64], long.keypoints[64], atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_what_begins_with_raised_arms_goes_on_with_them(psgan: PSGAN, seed: int) -> None:
    """A photo's person lets the arms down first; a clip's frame is in the middle of its action."""
    raised = doll.turned(doll.turned(doll.standing(), 2, [3, 4], 130), 5, [6, 7], -130)
    clip = Clip(
        "waves.one", "wave_both", "waves", "one", "train", 25.0, doll.SIZE,
        np.repeat(raised[None], 20, 0), np.ones((20, 18), np.float32),
    )  # fmt: skip
    foretold = predict_clip(clip, psgan, samples=1, seed=seed)
    assert foretold is not None
    lowered = foretold[:, [4, 7], 1].mean(1) - raised[[4, 7], 1].mean()
    hanging = doll.standing()[[4, 7], 1].mean() - raised[[4, 7], 1].mean()
    assert lowered.max() < 0.3 * hanging


def test_what_cannot_be_foretold_is_left_out(folder: Path, psgan: PSGAN) -> None:
    clip = ClipStore.open(folder).all_clips[0]
    assert predict_clip(replace(clip, label="exercise"), psgan, samples=1, seed=0) is None
    hidden = replace(clip, confidence=np.zeros_like(clip.confidence))
    assert predict_clip(hidden, psgan, samples=1, seed=0) is None


def test_the_command_writes_them_into_the_store_and_stores_keep_them(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "store"
    shutil.copytree(folder, store)
    assert all(clip.predicted is None for clip in ClipStore.open(store).all_clips)
    monkeypatch.setattr("sys.argv", f"pgvgen train predict --data {store} --samples 1".split())
    assert _run() == 0
    assert "predicted" in capsys.readouterr().err
    foretold = {clip.id: clip.predicted for clip in ClipStore.open(store).all_clips}
    assert all(poses is not None for poses in foretold.values())
    with ClipWriter(tmp_path / "merged") as writer:
        for clip in ClipStore.open(store).all_clips:
            writer.add(clip)
    for clip in ClipStore.open(tmp_path / "merged").all_clips:
        np.testing.assert_array_equal(clip.predicted, foretold[clip.id])


def test_actions_that_no_weight_knows_are_one_line(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ClipWriter(tmp_path / "store") as writer:
        writer.add(replace(ClipStore.open(folder).all_clips[0], label="exercise"))
    monkeypatch.setattr("sys.argv", f"pgvgen train predict --data {tmp_path}/store".split())
    assert _run() == 2
    assert "knows none of the actions" in capsys.readouterr().err
