"""A video gives one sequence a person, tracked, with gaps where nobody is seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pgvgen.errors import NoPersonError
from pgvgen.poses.estimators import estimate_people, estimate_pose
from pgvgen.poses.estimators.base import Effort, Person
from pgvgen.poses.estimators.blazepose import BlazePose
from pgvgen.poses.estimators.tracking import track
from pgvgen.video import open_video, write_video


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut glides 4 px a frame to the right for 12 frames, and is away in the middle."""
    photo = cv2.resize(skimage.data.astronaut(), (256, 256), interpolation=cv2.INTER_AREA)
    frames = []
    for t in range(12):
        frame = np.full((256, 400, 3), 120, np.uint8)
        if t not in (5, 6):
            frame[:, 40 + 4 * t : 296 + 4 * t] = photo
        frames.append(frame)
    path = tmp_path_factory.mktemp("video") / "walk.mp4"
    write_video(path, frames, fps=12)
    return path


@pytest.fixture(scope="module")
def blazepose() -> BlazePose:
    return BlazePose(threads=1)


def test_video_is_tracked_at_its_own_rate(walk: Path, blazepose: BlazePose) -> None:
    motion = estimate_pose(walk, estimator=blazepose)
    assert (len(motion), motion.fps, motion.size) == (12, 12, (400, 256))
    seen = motion.present.any(1)
    assert seen.tolist() == [t not in (5, 6) for t in range(12)]
    nose = motion.keypoints[seen, 0, 0]
    np.testing.assert_allclose(nose - nose[0], 4 * np.flatnonzero(seen), atol=3)


def test_other_rate_and_an_opened_video(walk: Path, blazepose: BlazePose) -> None:
    motion = estimate_pose(walk, estimator=blazepose, fps=6)
    assert (len(motion), motion.fps) == (6, 6)
    for again in (
        estimate_pose(open_video(walk, fps=6), estimator=blazepose),
        estimate_pose(open_video(walk), estimator=blazepose, fps=6),
    ):
        assert again.fps == 6
        np.testing.assert_array_equal(motion.keypoints, again.keypoints)


def test_video_without_people_names_the_file(tmp_path: Path, blazepose: BlazePose) -> None:
    path = tmp_path / "empty.mp4"
    write_video(path, [np.full((64, 64, 3), 90, np.uint8)] * 3, fps=10)
    with pytest.raises(NoPersonError, match=r"empty\.mp4"):
        estimate_people(path, estimator=blazepose)


def stand(x: float, size: float = 50) -> Person:
    """Somebody whose joints fill a box from x on."""
    grid = np.stack(np.meshgrid([0, 0.5, 1], np.linspace(0, 1, 6)), -1).reshape(-1, 2)
    points = (grid * [size / 2, size] + [x, 0]).astype(np.float32)
    return Person(points, np.ones(18, np.float32), (x, 0, x + size / 2, size), 1.0)


class Script:
    """An estimator whose answers are written down: a frame's one pixel is the frame's number."""

    def __init__(self, frames: Sequence[Sequence[Person]]) -> None:
        self.frames, self.efforts = frames, []

    def people(self, picture: np.ndarray, effort: Effort = "search") -> list[Person]:
        self.efforts.append((int(picture[0, 0, 0]), effort))
        return list(self.frames[picture[0, 0, 0]])

    def follow(self, picture: np.ndarray, before: Sequence[Person]) -> list[Person | None]:
        now = self.frames[picture[0, 0, 0]]
        return [next((p for p in now if abs(p.box[0] - one.box[0]) < 10), None) for one in before]


class Slow(Script):
    """Sees nobody new between the first frame and the sixth, but whom it follows."""

    def people(self, picture: np.ndarray, effort: Effort = "search") -> list[Person]:
        return super().people(picture, effort) if picture[0, 0, 0] in (0, 5, 6, 7) else []


def run(
    script: Script, fps: float = 10, effort: Effort = "everybody", *, back: bool = False
) -> list[list[int]]:
    """The x of each track by frame; -1 where it is not seen."""
    frames = [np.full((1, 1, 3), t, np.uint8) for t in range(len(script.frames))]
    tracks, _ = track(frames, script, fps, effort, back=back)
    return [[int(t.seen[i].box[0]) if i in t.seen else -1 for i in range(t.length)] for t in tracks]


def test_people_keep_their_tracks_when_the_order_changes() -> None:
    script = Script([[stand(100), stand(0, 60)], [stand(2, 60), stand(102)], [stand(4, 60)]])
    assert run(script) == [[0, 2, 4], [100, 102, -1]]


def test_lost_person_who_comes_back_nearby_continues_the_track() -> None:
    script = Script([[stand(0)], [stand(2)], [], [stand(8)], [stand(10)]])
    assert run(script) == [[0, 2, -1, 8, 10]]


def test_somebody_far_from_where_another_was_lost_is_new() -> None:
    script = Script([[stand(0)], [stand(0)], [stand(0)], [stand(300)], [stand(300)]])
    assert run(script) == [[0, 0, 0, -1, -1], [-1, -1, -1, 300, 300]]


def test_who_is_found_late_is_followed_back_to_where_they_come_from() -> None:
    frames = [[]] + [[stand(4 * t)] for t in range(1, 8)]
    assert run(Slow(frames)) == [[-1] * 5 + [20, 24, 28]]
    assert run(Slow(frames), back=True) == [[-1, *range(4, 32, 4)]]
    assert run(Slow(frames), fps=3, back=True) == [[-1, -1, *range(8, 32, 4)]]  # a second at most


def test_who_comes_back_is_followed_back_into_the_gap() -> None:
    frames = [[stand(0)], [stand(4)], [], *([stand(4 * t)] for t in range(3, 7))]
    assert run(Slow(frames)) == [[0, 4, -1, -1, -1, 20, 24]]
    assert run(Slow(frames), back=True) == [[0, 4, -1, 12, 16, 20, 24]]


def test_two_tracks_never_share_one_person() -> None:
    script = Script([[stand(0), stand(9)], [stand(4.5)], [stand(4.5)]])
    assert sum(x[1] >= 0 for x in run(script)) == 1


def test_new_people_are_looked_for_once_a_second_and_when_somebody_is_lost() -> None:
    script = Script([[stand(0)]] * 4 + [[]] + [[stand(0)]] * 3)
    run(script, fps=3)
    assert script.efforts == [
        (0, "everybody"), (3, "everybody"), (4, "glance"), (5, "glance"), (6, "everybody")
    ]  # fmt: skip


def test_a_glimpse_is_not_a_person() -> None:
    script = Script([[stand(0)]] * 4 + [[stand(0), stand(200)]] + [[stand(0)]] * 7)
    assert run(script, fps=8) == [[0] * 12]
