"""OpenPose through controlnet-aux: its own code runs, on a checkpoint of random weights.

The trained weights are a download and for non-commercial use, so no test has them: what the net
finds in a photo is not tested, what becomes of its findings is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from pgvgen.animation import animate
from pgvgen.cli import app
from pgvgen.errors import PgvgenError, UsageError, WeightsError
from pgvgen.pictures import write_image
from pgvgen.poses import BODY_18
from pgvgen.poses.estimators import load_estimator, openpose
from pgvgen.poses.estimators.openpose import OpenPose
from tests.motion.test_generate import standing


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of several tests at once only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as OpenPose's is: the state dict by layer names alone."""
    import sys

    openpose._body_module()
    torch.manual_seed(0)
    net = sys.modules["_pgvgen_open_pose.model"].bodypose_model()
    state = {name.split(".", 1)[1]: tensor for name, tensor in net.state_dict().items()}
    path = tmp_path_factory.mktemp("openpose")
    torch.save(state, path / "body_pose_model.pth")
    return path


@pytest.fixture(scope="module")
def estimator(folder: Path) -> OpenPose:
    loaded = load_estimator(f"openpose:{folder}")
    assert isinstance(loaded, OpenPose)
    return loaded


def findings(people: list[dict[str, tuple[float, float, float]]]) -> tuple[np.ndarray, np.ndarray]:
    """Candidates (N×4) and subset (P×20) as `Body.__call__` returns them."""
    candidates, subset = [], []
    for person in people:
        row = -np.ones(20)
        for name, (x, y, score) in person.items():
            row[BODY_18.index(name)] = len(candidates)
            candidates.append([x, y, score, len(candidates)])
        row[18], row[19] = sum(joint[2] for joint in person.values()), len(person)
        subset.append(row)
    return np.array(candidates), np.array(subset)


def test_its_own_code_runs_on_a_photo(estimator: OpenPose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpose, "SIDE", 128)  # a sixteenth of the work
    # Random weights see nobody, but everything from picture to grouping has run.
    assert estimator.people(np.full((64, 48, 3), 120, np.uint8)) == []


def test_it_runs_on_the_device_that_was_asked_for(folder: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", np.full((64, 48, 3), 120, np.uint8))
    photo, name = str(tmp_path / "photo.png"), f"openpose:{folder}"
    with pytest.raises(UsageError, match="no device 'tpu'"):
        animate(photo, "wave", estimator=name, device="tpu")
    standing().save(tmp_path / "driver.json")
    driver = str(tmp_path / "driver.json")
    line = ["motion", photo, "--motion", driver, "--estimator", name, "--device", "tpu"]
    with pytest.raises(UsageError, match="no device 'tpu'"):
        CliRunner().invoke(app, line, catch_exceptions=False)


def test_confidences_are_kept_and_pixels_are_the_photos(
    estimator: OpenPose, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"nose": (99.5, 99.5, 0.75), "neck": (119.5, 149.5, 0.5)}
    large = {
        "nose": (299.5, 99.5, 0.875),
        "neck": (299.5, 199.5, 1.5),
        "left_hip": (349.5, 399.5, 0.25),
    }
    shown = []

    class Body:
        format_body_result = staticmethod(estimator._body.format_body_result)

        def __call__(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            shown.append(picture)
            return findings([small, large])

    monkeypatch.setattr(estimator, "_body", Body())
    photo = np.zeros((1024, 2048, 3), np.uint8)
    photo[..., 0] = 255
    people = estimator.people(photo)
    # The net sees 512 px on the shorter side, in BGR.
    assert shown[0].shape == (512, 1024, 3)
    assert shown[0][0, 0].tolist() == [0, 0, 255]
    nose, neck, hip = (BODY_18.index(n) for n in ("nose", "neck", "left_hip"))
    first, second = people
    np.testing.assert_allclose(first.keypoints[hip], [699.5, 799.5])
    assert first.confidence[[nose, neck, hip]].tolist() == [0.875, 1.0, 0.25]
    assert (first.confidence > 0).sum() == 3
    np.testing.assert_allclose(second.keypoints[nose], [199.5, 199.5])
    assert second.confidence[nose] == 0.75
    # Followed: each to whoever is nearest, and never two to one.
    after = estimator.follow(photo, [second, first, first])
    assert [a.box if a else None for a in after] == [second.box, first.box, None]


def test_missing_checkpoint_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"holds no body_pose_model\.pth"):
        load_estimator(f"openpose:{tmp_path}")


def test_damaged_checkpoint_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "body_pose_model.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="not OpenPose's body net"):
        load_estimator(f"openpose:{tmp_path}")
    torch.save({"conv1_1.weight": torch.zeros(1)}, tmp_path / "body_pose_model.pth")
    with pytest.raises(WeightsError, match="not OpenPose's body net"):
        load_estimator(f"openpose:{tmp_path}")


@pytest.mark.parametrize("source", ["openpose", "openpose:somebody/annotators", "openpose:a/b/c"])
def test_offline_says_where_to_put_the_checkpoint(source: str) -> None:
    with pytest.raises(WeightsError, match=r"cannot be had from .* openpose:FOLDER") as caught:
        load_estimator(source)
    assert "\n" not in str(caught.value)


def test_torchvision_that_does_not_fit_gets_its_pair(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(openpose.importlib, "import_module", fail)
    monkeypatch.setattr(torch, "__version__", "2.13.0+cpu")
    with pytest.raises(PgvgenError, match=r"torch==2\.13\.0 torchvision==0\.28\.0"):
        load_estimator(f"openpose:{folder}")


def test_lacking_controlnet_aux_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(openpose.sys.modules, "_pgvgen_open_pose", raising=False)
    monkeypatch.setattr(openpose.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PgvgenError, match="pip install -U controlnet-aux"):
        load_estimator(f"openpose:{folder}")
