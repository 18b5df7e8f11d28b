"""`pgvgen motion`: pose files, photos and pipes in; poses, previews and lists out."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner

from pgvgen.cli import app
from pgvgen.errors import InputError, OutputError, UsageError, WeightsError
from pgvgen.pictures import read_image, write_image
from pgvgen.poses import PoseSequence
from pgvgen.poses.files import dumps, loads
from pgvgen.video import open_video
from pgvgen.weights import bundled_root
from tests.training.tiny import STANDING

RUN = CliRunner()
LAST = str(2**63 - 1)
STAGE_TWO = str(bundled_root() / "action" / "scgan")


def pose() -> PoseSequence:
    return PoseSequence(STANDING[None] * 3, np.ones((1, 18)), fps=25, size=(288, 288))


@pytest.fixture
def pose_file(tmp_path: Path) -> Path:
    pose().save(tmp_path / "pose.json")
    return tmp_path / "pose.json"


def run(*arguments: object, stdin: str | bytes | None = None) -> str:
    """What goes to stdout; failures are raised."""
    result = RUN.invoke(app, ["motion", *map(str, arguments)], input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_poses_go_to_stdout_and_begin_with_the_pose(pose_file: Path) -> None:
    motion = loads(run(pose_file, "--action", "wave", "--frames", 8, "--seed", 3))
    assert (len(motion), motion.label, motion.seed) == (8, "wave", 3)
    assert np.array_equal(motion.keypoints[0], pose().keypoints[0])


def test_every_seed_is_one_that_can_be_read_again(pose_file: Path) -> None:
    options = (pose_file, "--action", "wave", "--frames", 2, "--seed")
    assert loads(run(*options, LAST)).seed == int(LAST)
    for seed in (-1, 2**63):
        refused = RUN.invoke(app, ["motion", *map(str, options), str(seed)])
        assert (refused.exit_code, refused.stdout) == (2, "")


@pytest.mark.parametrize(("frames", "said"), [(1, "1 frame at"), (2, "2 frames at")])
def test_frames_are_counted_in_words(
    pose_file: Path, tmp_path: Path, frames: int, said: str
) -> None:
    options = (pose_file, "--action", "wave", "--frames", frames, "-o", tmp_path / "m.json")
    assert said in RUN.invoke(app, ["motion", *map(str, options)]).stderr


def test_a_pipe_and_a_file_give_the_same_bytes(pose_file: Path) -> None:
    options = ("--action", "squat", "--frames", 8, "--fps", 25)
    assert run(pose_file, *options) == run("-", *options, stdin=dumps(pose()))


@pytest.mark.parametrize("name", ["astronaut.png", "astronaut.jfif", "astronaut"])
def test_of_a_photo_the_pose_is_found(tmp_path: Path, name: str) -> None:
    write_image(tmp_path / "astronaut.png", skimage.data.astronaut())
    (tmp_path / "astronaut.png").rename(tmp_path / name)
    motion = loads(run(tmp_path / name, "--action", "wave", "--frames", 4))
    assert motion.size == (512, 512)
    assert motion.present[:, :2].all()


@pytest.mark.parametrize("source", ["-", "pipe"])
@pytest.mark.parametrize("kind", ["photo.png", "pose.json"])
def test_photos_and_poses_come_through_pipes(
    tmp_path: Path, pose_file: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_image("photo.png", skimage.data.astronaut())
    options = ("--action", "wave", "--frames", 4)
    data = Path(kind).read_bytes()
    if source == "pipe":
        os.mkfifo(source)
        threading.Thread(target=Path(source).write_bytes, args=(data,), daemon=True).start()
    assert run(source, *options, stdin=data) == run(kind, *options)


def test_aliases_and_spellings_are_understood(pose_file: Path) -> None:
    assert loads(run(pose_file, "--action", "Jumping-Jacks", "--frames", 2)).label == "jumping_jack"


def test_actions_are_listed_without_an_input() -> None:
    listed = run("--list-actions").split()
    assert {"wave", "wave_both", "bow", "jump", "walk", "run", "squat"} <= set(listed)
    records = [json.loads(line) for line in run("--list-actions", "--json").splitlines()]
    assert [record["action"] for record in records] == listed
    assert "hello" in next(r["aliases"] for r in records if r["action"] == "wave")


def test_previews_are_a_page_or_a_video(pose_file: Path, tmp_path: Path) -> None:
    page, video = tmp_path / "page.png", tmp_path / "video.mp4"
    for preview in (page, video):
        options = ("--frames", 9, "--preview", preview, "-o", tmp_path / "m.json", "--overwrite")
        run(pose_file, "--action", "bow", *options, "-q")
    assert read_image(page).std() > 5
    assert len(list(open_video(video))) == 9


def test_json_reports_where_the_motion_is(pose_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.json"
    report = json.loads(run(pose_file, "--action", "bow", "--frames", 5, "-o", out, "--json"))
    assert report.pop("seconds") > 0
    assert report == {
        "source": str(pose_file), "output": str(out), "action": "bow", "frames": 5, "fps": 15.0,
        "seed": 0, "samples": 1, "status": "done",
    }  # fmt: skip
    assert len(PoseSequence.load(out)) == 5


def test_several_actions_take_their_turns(pose_file: Path) -> None:
    motion = loads(run(pose_file, "--action", "hello, Jump,bow", "--frames", 12))
    assert (len(motion), motion.label) == (12, "wave,jump,bow")


def test_samples_are_what_their_seeds_give_alone(pose_file: Path, tmp_path: Path) -> None:
    page, video = tmp_path / "page.png", tmp_path / "video.mp4"
    options = ("--action", "dance", "--frames", 6)
    lines = run(pose_file, *options, "--samples", 2, "--seed", 4, "--preview", video).splitlines()
    out = tmp_path / "dance.json"
    more = ("--samples", 2, "--seed", 4, "-o", out, "--json", "--preview", page)
    reports = [json.loads(line) for line in run(pose_file, *options, *more).splitlines()]
    assert [(r["output"], r["seed"]) for r in reports] == [
        (str(tmp_path / f"dance-{i}.json"), 4 + i) for i in range(2)
    ]
    for i in range(2):
        alone = loads(run(pose_file, *options, "--seed", 4 + i))
        for motion in (loads(lines[i]), PoseSequence.load(tmp_path / f"dance-{i}.json")):
            assert np.array_equal(motion.keypoints, alone.keypoints)
            assert motion.seed == 4 + i
    assert not out.exists()
    height, width = read_image(page).shape[:2]
    assert width > 1.5 * height  # a row of six poses each
    frames = list(open_video(video))
    assert len(frames) == 6
    assert frames[0].shape[1] > 1.1 * frames[0].shape[0]  # both beside one another


def test_a_file_drives_instead_of_a_label(pose_file: Path, tmp_path: Path) -> None:
    driver = tmp_path / "nod.json"
    moving = np.repeat(STANDING[None], 10, axis=0)
    moving[:, :, 1] += np.arange(10)[:, None] * 2  # the whole body sinks
    PoseSequence(moving, np.ones((10, 18)), fps=20, size=(96, 96)).save(driver)
    motion = loads(run(pose_file, "--motion", driver))
    assert (len(motion), motion.fps, motion.label) == (10, 20, None)
    assert np.array_equal(motion.keypoints[0], pose().keypoints[0])
    closed = loads(run(pose_file, "--motion", driver, "--loop", "--frames", 8))
    assert len(closed) == 8


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (("POSE", "--action", "wavee"), UsageError, "did you mean wave"),
        (("POSE",), UsageError, "--action"),
        ((), UsageError, "--list-actions"),
        (("POSE", "--action", "wave", "--json"), UsageError, "-o"),
        (("POSE", "--action", "wave", "--motion", "POSE"), UsageError, "--action"),
        (("POSE", "--motion", "POSE", "--samples", "2"), UsageError, "--samples"),
        (("POSE", "--motion", "POSE", "--strength", "1"), UsageError, "--strength"),
        (("POSE", "--motion", "POSE", "--seed", "0"), UsageError, "--seed"),
        (("POSE", "--motion", "POSE", "--weights", "action"), UsageError, "--weights"),
        (("POSE", "--action", "wave", "--seed", LAST, "--samples", "2"), UsageError, "--samples"),
        (("POSE", "--action", "wave", "--person", "1"), UsageError, "--person"),
        (("POSE", "--motion", "nowhere.bvh"), InputError, "nowhere"),
        (("POSE", "--action", "wave", "--preview", "p.txt"), UsageError, r"\.mp4"),
        (("POSE", "--action", "wave", "-o", "POSE"), OutputError, "the input itself"),
        (("POSE", "--action", "wave", "--weights", STAGE_TWO), WeightsError, "psgan weights are"),
        (("nowhere.json", "--action", "wave"), InputError, "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], kind: type[Exception], says: str, pose_file: Path
) -> None:
    named = [str(pose_file) if part == "POSE" else part for part in arguments]
    result = RUN.invoke(app, ["motion", *named])
    assert isinstance(result.exception, kind), result.exception
    assert says.replace("\\", "") in str(result.exception)
    assert result.stdout == ""
