"""A motion from elsewhere drives the person: motion capture, somebody in a video, other poses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from pgvgen.data.body3d import Body3D, to_body
from pgvgen.data.bvh import load_bvh
from pgvgen.data.camera import SIZE, project
from pgvgen.data.trimming import in_place, travels, without_t_pose
from pgvgen.errors import InputError, UsageError
from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.looping import hurried, least_frames, looped
from pgvgen.poses.estimators import Estimator, estimate_pose
from pgvgen.poses.files import load
from pgvgen.poses.hands import with_hidden_arms
from pgvgen.poses.retarget import retarget
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import BODY_18
from pgvgen.poses.timing import bridge_gaps, check_fps, resample, smooth
from pgvgen.video import is_video

_FASTEST = 30.0  # frames a second that a motion gets by itself: capture has up to 120
_VIEWS = np.arange(-180.0, 180.0, 5.0)  # degrees
_FRONTAL = 0.02  # body heights of difference that a view from behind must make up for
# What shows where a body faces; arms and legs move.
_FACING = [
    BODY_18.index(joint)
    for joint in BODY_18.joints
    if not any(part in joint for part in ("elbow", "wrist", "knee", "ankle"))
]


def drive(
    start: PoseSequence,
    driver: PoseSequence | str | Path,
    *,
    frames: int | None = None,
    fps: float | None = None,
    loop: bool = False,
    estimator: str | Estimator = "blazepose",
) -> PoseSequence:
    """The person in the start pose does what somebody else has done.

    Args:
        start: its first frame is the start pose.
        driver: poses, or a file: motion capture (.bvh), filmed from where the actor faces at first
            as the person in the photo does; a video, whose largest person counts; a pose file or a
            folder of OpenPose's.
        frames: how many at most; the whole motion by default.
        fps: of the result; the driver's own by default, but no more than 30.
        loop: come back to the start pose, so that the first frame may follow the last. If `frames`
            leave no time for that, less than 1.3 s, it is done faster.
        estimator: finds the poses in a video, by its name or loaded.

    Returns:
        Poses in the start's picture, the first being the start pose itself.

    Raises:
        InputError: the driver cannot be read, shows too little, or has another skeleton.
        NoPersonError: nobody in the video.
        UsageError: no frames, or an fps that is none.
    """
    if frames is not None and frames < 1:
        raise UsageError(f"--frames is {frames}: ask for at least 1")
    check_fps(fps)
    captured = False
    if not isinstance(driver, PoseSequence):
        captured = _is_capture(Path(driver))
        driver = _read(Path(driver), start, estimator)
    shown = np.flatnonzero(driver.present.any(axis=1))
    if not len(shown):
        raise InputError("the motion shows nobody: use one that does")
    # Before and after somebody is seen there is nothing to do.
    motion = bridge_gaps(driver[int(shown[0]) : int(shown[-1]) + 1])
    fps = min(motion.fps, _FASTEST) if fps is None else fps
    motion = resample(smooth(motion), fps)
    frames = min(len(motion), frames or len(motion))
    motion = motion[: max(frames, least_frames(fps)) if loop else frames]
    start = with_hidden_arms(start.start)
    motion = retarget(motion, start, touching=True, shrugging=captured)
    motion = motion.replace(label=driver.label, seed=driver.seed)
    return hurried(looped(motion), frames) if loop else motion


def _read(path: Path, start: PoseSequence, estimator: str | Estimator) -> PoseSequence:
    if _is_capture(path):
        return _filmed(path, start)
    if is_video(path):
        return estimate_pose(path, estimator=estimator)
    return load(path, skeleton=start.skeleton)


def _is_capture(path: Path) -> bool:
    return path.suffix.lower() == ".bvh"


def _filmed(path: Path, start: PoseSequence) -> PoseSequence:
    """Motion capture as a camera sees it that goes with the actor."""
    if start.skeleton != BODY_18:
        raise InputError(f"{path} moves a body, and the start is a {start.skeleton.name} pose")
    try:
        body = without_t_pose(to_body(load_bvh(path)))
    except InputError as error:
        name = "" if str(path) in str(error) else f"{path}: "
        raise InputError(f"{name}{error}") from None
    body = in_place(body) if travels(body) else body
    keypoints = project(body, _view(body, start))
    return PoseSequence(keypoints, np.ones(keypoints.shape[:2]), body.fps, (SIZE, SIZE))


def _view(body: Body3D, start: PoseSequence) -> float:
    """The camera's yaw in degrees from which the actor faces at first as the photo's person."""
    views = np.stack([project(body[:1], yaw)[0] for yaw in _VIEWS])
    views = _normalised(views, np.ones(len(BODY_18)))
    photo = _normalised(start.keypoints[:1], start.confidence[0])
    seen = [joint for joint in _FACING if start.confidence[0, joint] >= SEEN]
    if not seen:
        return 0.0
    away = np.linalg.norm(views[:, seen] - photo[:, seen], axis=-1).mean(axis=1)
    away += _FRONTAL * (1 - np.cos(np.radians(_VIEWS)))
    return float(_VIEWS[away.argmin()])


def _normalised(keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """N×18×2 in body heights from the neck."""
    points = torch.from_numpy(np.array(keypoints, np.float32))
    sure = torch.from_numpy(np.array(confidence >= SEEN, np.float32))
    return np.asarray(body_frame(points, sure.expand(len(points), -1)).normalise(points).numpy())
