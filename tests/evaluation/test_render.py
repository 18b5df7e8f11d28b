"""SSIM and PSNR against scikit-image's, and stage two's table."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data, metrics

from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError
from pgvgen.evaluation.images import person_box, psnr, ssim
from pgvgen.evaluation.render import evaluate_render
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


def test_the_table_stands_between_a_static_copy_and_the_true_pose(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", frames=4))
    SCGAN(SCGANConfig(width=8, blocks=1)).save_pretrained(tmp_path / "scgan")
    (table,) = evaluate_render(store, str(tmp_path), device="cpu")
    rows = {row.name: row.values for row in table.rows if row.values}
    static, moved = rows["static"], rows["transport, untrained, true pose"]
    assert moved["box PSNR"] > static["box PSNR"]
    assert moved["box SSIM"] > static["box SSIM"]
    assert len(rows) == 5
    again = evaluate_render(store, str(tmp_path), device="cpu")[0]
    assert {row.name: row.values for row in again.rows if row.values} == rows
    paper = {row.name: row.paper["SSIM"] for row in table.rows if row.paper}
    assert paper["static"] == 0.66
    assert paper["the paper's SCGAN"] == 0.87


def test_a_split_without_pictures_says_so(tmp_path: Path) -> None:
    store = ClipStore.open(tiny_store(tmp_path / "store", pictures=False, frames=3))
    SCGAN(SCGANConfig(width=8, blocks=1)).save_pretrained(tmp_path / "scgan")
    with pytest.raises(InputError, match="no test clips with pictures"):
        evaluate_render(store, str(tmp_path))
