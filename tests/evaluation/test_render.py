"""SSIM and PSNR against scikit-image's, and stage two's table."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data, metrics
from torch import nn

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation import frame_judge, render
from pgvgen.evaluation.images import person_box, psnr, ssim
from pgvgen.evaluation.pose_error import Joints
from pgvgen.evaluation.render import evaluate_render, kinds_of_prediction
from pgvgen.evaluation.tables import Row
from pgvgen.poses.estimators.region import Region
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from tests.training.tiny import tiny_store


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray]:
    photo = cv2.resize(data.astronaut(), (128, 128), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(scale=12, size=photo.shape)
    return photo, np.clip(photo * 0.9 + noise, 0, 255).astype(np.uint8)


def test_psnr_is_scikit_images(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    expected = metrics.peak_signal_noise_ratio(*(p / 255.0 for p in pictures), data_range=1)
    assert psnr(*pictures) == pytest.approx(expected, abs=1e-9)
    assert psnr(pictures[0], pictures[0]) == float("inf")


def test_ssim_is_scikit_images(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    expected = metrics.structural_similarity(
        *(p / 255.0 for p in pictures), data_range=1, channel_axis=2, gaussian_weights=True,
        sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    assert ssim(*pictures) == pytest.approx(expected, abs=1e-9)
    assert ssim(pictures[0], pictures[0]) == pytest.approx(1)


def test_in_a_box_only_the_box_counts(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    photo, _ = pictures
    worse = photo.copy()
    worse[:, :40] = 0
    box = (60, 20, 110, 90)
    assert psnr(worse, photo, box) == float("inf")
    assert ssim(worse, photo, box) == pytest.approx(1)
    assert ssim(worse, photo) < 0.9


def test_the_box_holds_the_person_of_both_frames() -> None:
    first, second = np.zeros((100, 80)), np.zeros((100, 80))
    first[40:60, 30:40] = 1
    second[20:50, 35:50] = 1
    assert person_box([first, second], margin=0) == (30, 20, 50, 60)
    assert person_box([first, second]) == (28, 16, 52, 64)
    assert person_box([first * 0]) == (0, 0, 80, 100)


@pytest.fixture(autouse=True)
def no_lpips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the package: its backbone would be downloaded."""
    monkeypatch.setitem(sys.modules, "lpips", None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of two test clips, and weights of both generators."""
    folder = tmp_path_factory.mktemp("render")
    tiny_store(folder / "store", frames=4)
    SCGAN(SCGANConfig(width=8, blocks=1)).save_pretrained(folder / "transported")
    painted = SCGANConfig(generator="painted", width=4, blocks=1)
    SCGAN(painted).save_pretrained(folder / "painted")
    return folder


def test_the_table_stands_between_a_static_copy_and_the_true_pose(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PAIRS", 3)
    store = ClipStore.open(place / "store")
    (table,) = evaluate_render(store, str(place / "transported"), device="cpu")
    rows = {row.name: row.values for row in table.rows if row.values}
    static, moved = rows["static"], rows["transport, untrained, true pose"]
    assert moved["box PSNR"] > static["box PSNR"]
    assert moved["box SSIM"] > static["box SSIM"]
    assert moved["box EfficientNet-Lite0"] < static["box EfficientNet-Lite0"]
    assert moved["EfficientNet-Lite0"] < static["EfficientNet-Lite0"]
    assert len(rows) == 5
    again = evaluate_render(store, place / "transported", device="cpu")[0]
    assert {row.name: row.values for row in again.rows if row.values} == rows
    paper = {row.name: row.paper["SSIM"] for row in table.rows if row.paper}
    assert paper["static"] == 0.66
    assert paper["SCGAN, the paper's"] == 0.87
    assert not any(row.interval for row in table.rows)
    assert "AKD" not in static
    assert "6 pairs of frames" in table.note
    assert "Fig. 3's abnormal ones, made from the true" in table.note
    assert "LPIPS is left out" in table.note
    assert "LPIPS" not in [column.name for column in table.columns]


def _cloth(frame: np.ndarray, region: Region | None) -> Joints:
    """An estimator that finds every joint in the middle of the drawn figure's red clothes."""
    assert region is not None
    red, green = frame[..., 0].astype(int), frame[..., 1].astype(int)
    y, x = np.nonzero(red > green + 60)
    return Joints(np.repeat([[x.mean(), y.mean()]], 18, axis=0), np.arange(18) < 9)


def test_the_whole_table_of_several_weights(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_judge, "load_lpips", lambda device: nn.PairwiseDistance())
    monkeypatch.setattr(frame_judge, "lpips_distance", lambda net, a, b: float(np.std(a - b)))
    monkeypatch.setattr(frame_judge, "joints_in", _cloth)
    monkeypatch.setattr(render, "_PAIRS_WHOLE", 4)
    weights = [f"SCGAN-gen={place}/painted", f"SCGAN-gt={place}/transported"]
    table = evaluate_render(ClipStore.open(place / "store"), weights, device="cpu", whole=True)[0]
    rows = {row.name: row for row in table.rows}
    assert list(rows) == [
        "static",
        "transport, untrained, predicted pose",
        "transport, untrained, true pose",
        "SCGAN-gen, predicted pose",
        "SCGAN-gen, true pose",
        "SCGAN-gt, predicted pose",
        "SCGAN-gt, true pose",
        "SCGAN-gt, as `render` shows it",
        "SCGAN, the paper's",
    ]
    moved = rows["transport, untrained, true pose"]
    assert moved.values["AKD"] < rows["static"].values["AKD"]
    assert moved.values["MKR"] == 0
    assert rows["SCGAN-gen, predicted pose"].paper == {"SSIM": 0.73, "LPIPS": 0.083}
    assert rows["SCGAN-gt, true pose"].paper == {"SSIM": 0.89, "LPIPS": 0.04}
    assert {column.name for column in table.columns} == set(moved.values)
    # The head of the transported generator starts at zero: it begins as the untrained transport.
    assert rows["SCGAN-gt, true pose"].values == pytest.approx(moved.values)
    shown = rows["SCGAN-gt, as `render` shows it"].values
    assert shown["box SSIM"] > rows["static"].values["box SSIM"]
    assert shown["box SSIM"] != moved.values["box SSIM"]
    assert moved.interval["SSIM"] > 0
    assert f"{moved.values['SSIM']:.3f} ± {moved.interval['SSIM']:.3f}" in table.markdown()
    assert "8 pairs" in table.note
    assert "LPIPS is left out" not in table.note


def test_a_clip_alone_has_no_interval_and_the_same_pairs(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PAIRS_WHOLE", 2)
    store = ClipStore.open(place / "store")
    first, second = store.clips(split="test")

    def static(*clips: Clip) -> Row:
        part = ClipStore(store.folder, clips)
        return evaluate_render(part, place / "painted", device="cpu", whole=True)[0].rows[0]

    alone, other, both = static(first), static(second), static(first, second)
    assert not alone.interval
    assert both.interval
    assert both.values["SSIM"] == pytest.approx((alone.values["SSIM"] + other.values["SSIM"]) / 2)


def test_the_whole_table_of_several_actions_has_each_by_itself(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PAIRS_WHOLE", 2)
    store = ClipStore.open(place / "store")
    first, second = store.clips(split="test")
    clips = replace(first, label="walk"), replace(second, label="bend")
    told = ClipStore(store.folder, clips)
    whole, apart = evaluate_render(told, place / "painted", device="cpu", whole=True)
    assert [row.name for row in apart.rows] == ["bend", "walk"]
    rows = {row.name: row.values["box SSIM"] for row in whole.rows if row.values}
    assert [column.name for column in apart.columns] == list(rows)
    for name, value in rows.items():
        bend, walk = (row.values[name] for row in apart.rows)
        assert value == pytest.approx((bend + walk) / 2)
    assert rows["static"] != rows["transport, untrained, true pose"]
    assert len(evaluate_render(told, place / "painted", device="cpu")) == 1


def test_a_row_of_several_runs_is_their_mean(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_PAIRS", 2)
    weights = [str(place / "transported"), str(place / "painted")]

    def values(names: str) -> dict[str, float]:
        named = [f"{name}={weight}" for name, weight in zip(names, weights, strict=True)]
        (table,) = evaluate_render(ClipStore.open(place / "store"), named, device="cpu")
        assert table.note.count("S: mean of 2 weights.") == (names == "SS")
        assert table.note.count("LPIPS is left out") == 1
        rows = {row.name: row.values["SSIM"] for row in table.rows if row.values}
        return {name: rows[f"{name}, true pose"] for name in names}

    one, other = values("AB").values()
    assert one != other
    assert values("SS") == {"S": pytest.approx((one + other) / 2)}


def test_the_note_says_where_the_predicted_poses_come_from(place: Path) -> None:
    none = ClipStore.open(place / "store").clips(split="test")[0]
    written = replace(none, predicted=none.keypoints)
    drawn = "Fig. 3's abnormal ones, made from the true"
    psgans = "PSGAN's (of several, 8 by default, the nearest to the true poses)"
    assert kinds_of_prediction([written] * 3) == psgans
    assert kinds_of_prediction([none, none]) == drawn
    both = f"{psgans} in 1 of 3 clips, in the others {drawn}"
    assert kinds_of_prediction([written, none, none]) == both


def test_psgans_predictions_are_painted_where_a_clip_has_them(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PAIRS", 2)
    store = ClipStore.open(place / "store")
    clip = store.clips(split="test")[0]
    away = replace(clip, predicted=clip.keypoints + np.float32(8))

    def psnr_of(shown: Clip, pose: str) -> float:
        tables = evaluate_render(ClipStore(store.folder, (shown,)), place / "painted", device="cpu")
        rows = {row.name: row.values for row in tables[0].rows}
        return rows[f"transport, untrained, {pose} pose"]["box PSNR"]

    assert psnr_of(away, "true") == psnr_of(clip, "true")
    assert psnr_of(away, "predicted") < psnr_of(clip, "predicted") - 1


def test_a_split_without_pictures_says_so(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=3))
    SCGAN(SCGANConfig(width=8, blocks=1)).save_pretrained(tmp_path / "scgan")
    with pytest.raises(InputError, match="no test clips with pictures"):
        evaluate_render(store, str(tmp_path))
