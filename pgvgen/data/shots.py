"""From pictures of a person to a shot: poses, masks, and a square around the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.data.prepared import Prepared
from pgvgen.errors import NoPersonError
from pgvgen.poses.estimators.base import Estimator
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.steadying import steady

MAX_SIDE = 288
"""Pictures in the store are squares of at most this many px a side."""

LEAST_FIT = 0.75
"""Of the joints that are seen, the share that must lie in the person's mask."""

_LEAST_SURE = 0.6  # of a shot's median confidence: less, and the person was lost
_MARGIN = 0.16  # of the person's extent, on each side: hair, hands and feet go on beyond joints


@dataclass(frozen=True)
class Square:
    """A square window of a picture and the side it is drawn at.

    Attributes:
        left, top, side: in px of the picture; parts outside it repeat its border.
        drawn: side in px of what `cut` returns.
    """

    left: int
    top: int
    side: int
    drawn: int

    def cut(self, picture: np.ndarray, camera: np.ndarray | None = None) -> np.ndarray:
        """The window of an H×W(×3) picture, drawn×drawn(×3) and of its type.

        Args:
            camera: 2×3 affine, px of this picture to px of the one that the window is of; the
                identity by default.
        """
        import cv2

        camera = np.eye(2, 3) if camera is None else camera
        placed = camera - [[0, 0, self.left], [0, 0, self.top]]
        size = (self.side, self.side)
        window = cv2.warpAffine(picture, placed, size, borderMode=cv2.BORDER_REPLICATE)
        how = cv2.INTER_AREA if self.drawn < self.side else cv2.INTER_LANCZOS4
        return np.asarray(cv2.resize(window, (self.drawn, self.drawn), interpolation=how))

    def place(self, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints …×2 in px of the picture → in px of the window as drawn."""
        scale = self.drawn / self.side
        return (keypoints - (self.left, self.top) + 0.5) * scale - 0.5


def square_around(
    keypoints: np.ndarray, confidence: np.ndarray, size: tuple[int, int]
) -> Square | None:
    """The square that holds a person all through T poses, with a margin; None if nobody is seen.

    It is moved to lie within the picture as far as it can.

    Args:
        keypoints: T×18×2 px.
        confidence: T×18.
        size: (width, height) of the pictures.
    """
    seen = keypoints[confidence >= SEEN]
    if len(seen) == 0:
        return None
    low, high = seen.min(0), seen.max(0)
    side = int(np.ceil((high - low).max() * (1 + 2 * _MARGIN))) + 1
    corner = (low + high) / 2 - side / 2
    room = np.maximum(np.array(size) - side, 0)
    # The larger of window and picture holds the other; a window larger than the picture is centred.
    corner = np.where(np.array(size) >= side, np.clip(corner, 0, room), (np.array(size) - side) / 2)
    left, top = np.rint(corner).astype(int)
    return Square(int(left), int(top), side, min(side, MAX_SIDE))


def enlarged(frame: np.ndarray, factor: int) -> np.ndarray:
    """A small picture made large enough for an estimator."""
    import cv2

    size = (frame.shape[1] * factor, frame.shape[0] * factor)
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_LANCZOS4))


def shrunk(frame: np.ndarray, longest: int) -> np.ndarray:
    """A picture whose longer side has at most so many px."""
    import cv2

    scale = longest / max(frame.shape[:2])
    if scale >= 1:
        return frame
    return np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


@dataclass(frozen=True, eq=False)
class Shot:
    """One person in T frames one after another.

    Attributes:
        first: the number of the first of the frames in what was looked at.
        keypoints: T×18×2 px.
        confidence: T×18.
        masks: T masks of the person, H×W uint8, 255 = person: there can be hundreds.
        fit: how well poses and masks agree, in [0, 1].
    """

    first: int
    keypoints: np.ndarray
    confidence: np.ndarray
    masks: list[np.ndarray]
    fit: float

    def prepared(self, frames: Sequence[np.ndarray], square: Square, **about: Any) -> Prepared:
        """The shot as a clip, cut to a square.

        Args:
            frames: all that was looked at, H×W×3 uint8 RGB.
            square: what of them is kept.
            about: the clip's id, label, source, group, split and fps.
        """
        clip = Clip(
            size=(square.drawn, square.drawn),
            keypoints=square.place(self.keypoints).astype(np.float32),
            confidence=self.confidence,
            notes={"fit": round(self.fit, 3)},
            **about,
        )
        shown = frames[self.first : self.first + len(clip)]
        masks = (square.cut(mask) / np.float32(255) for mask in self.masks)
        return Prepared(clip, map(square.cut, shown), masks)


def look(frames: Sequence[np.ndarray], fps: float, estimator: Estimator) -> Shot | None:
    """The longest run of frames in which the largest person's pose can be believed, if any.

    People are followed forwards and backwards, and of every frame the surer pose is kept that the
    mask agrees with: a tracker that has caught somebody badly stays unsure for long. A single frame
    whose pose does not fit may have the one between its neighbours'. Where each way another person
    was followed, one of them is kept all through. In the run the joints then go along with what is
    seen of the person (`steady`).
    """
    forward, backward = _follow(frames, fps, estimator), _follow(frames[::-1], fps, estimator)
    if forward is None or backward is None:
        return None
    backward = backward[::-1]
    if _strangers(forward, backward):  # who is largest at the start need not be at the end
        forward = backward = max(forward, backward, key=lambda way: sum(c.sum() for _, c in way))
    seen = [_surer(*poses) for poses in zip(frames, forward, backward, strict=True)]
    _bridge(seen, frames)
    keypoints = np.stack([s.keypoints for s in seen])
    confidence = np.stack([s.confidence for s in seen])
    fits, certain = np.array([s.fit for s in seen]), confidence.mean(1)
    believed = (fits >= LEAST_FIT) & (certain >= _LEAST_SURE * np.median(certain))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], believed.astype(int), [0]])))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return None
    start, end = max(runs, key=lambda run: run[1] - run[0])
    part = slice(int(start), int(end))
    masks = [s.mask for s in seen[part]]
    size = (frames[0].shape[1], frames[0].shape[0])
    poses = PoseSequence(keypoints[part], confidence[part], fps=fps, size=size)
    poses = steady(poses, frames[part])
    return Shot(int(start), poses.keypoints, poses.confidence, masks, float(fits[part].mean()))


_Pose = tuple[np.ndarray, np.ndarray]  # 18×2 px and 18


def _strangers(one: list[_Pose], other: list[_Pose]) -> bool:
    """Whether two tracks are of different people in most of the frames in which both show one."""
    apart = []
    for (a, sure_a), (b, sure_b) in zip(one, other, strict=True):
        both = np.minimum(sure_a, sure_b) >= SEEN
        if both.any():
            extent = max(np.ptp(a[both], axis=0).max(), np.ptp(b[both], axis=0).max(), 1.0)
            apart.append(np.linalg.norm(a[both] - b[both], axis=1).mean() > 0.3 * extent)
    return bool(apart) and float(np.mean(apart)) > 0.5


def _follow(frames: Sequence[np.ndarray], fps: float, estimator: Estimator) -> list[_Pose] | None:
    """The poses of the largest person in T frames, None if nobody is found."""
    from pgvgen.poses.estimators import estimate_pose

    try:
        poses = estimate_pose(Filmed(frames, fps), estimator=estimator, steady=False)
    except NoPersonError:
        return None
    return list(zip(poses.keypoints, poses.confidence, strict=True))


@dataclass(frozen=True, eq=False)
class _Seen:
    """A person in one frame: keypoints, confidence, H×W uint8 mask, and how well they agree."""

    keypoints: np.ndarray
    confidence: np.ndarray
    mask: np.ndarray
    fit: float


def _surer(frame: np.ndarray, *poses: _Pose) -> _Seen:
    """The surest pose that agrees with its mask, or the surest if none does."""
    from pgvgen.poses.segmentation import person_mask

    seen = []
    for keypoints, confidence in sorted(poses, key=lambda pose: -pose[1].mean()):
        mask = person_mask(frame, keypoints, confidence)
        fit = agreement(mask, keypoints, confidence)
        grey = np.rint(mask * 255).astype(np.uint8)
        seen.append(_Seen(keypoints, confidence, grey, fit))
        if seen[-1].fit >= LEAST_FIT:
            return seen[-1]
    return seen[0]


def _bridge(seen: list[_Seen], frames: Sequence[np.ndarray]) -> None:
    """Try, in place, the pose between its neighbours' where a single frame's pose does not fit.

    One bad answer would else cut a clip in two, of which the shorter half is lost.
    """
    for t in range(1, len(seen) - 1):
        before, now, after = seen[t - 1 : t + 2]
        if now.fit < LEAST_FIT <= min(before.fit, after.fit):
            between = (before.keypoints + after.keypoints) / 2
            tried = _surer(frames[t], (between, np.minimum(before.confidence, after.confidence)))
            seen[t] = max(now, tried, key=lambda one: one.fit)


@dataclass(frozen=True)
class Filmed:
    """Pictures in a row that know their rate: what an estimator follows a person through."""

    frames: Sequence[np.ndarray]
    fps: float

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.frames)


def agreement(mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray) -> float:
    """The share of the limbs' joints that are seen (confidence ≥ 0.5) that lie in the mask.

    A pose that was dreamt up lies beside the person.
    """
    limbs = slice(2, 14)
    height, width = mask.shape
    points = np.rint(keypoints[limbs][confidence[limbs] >= 0.5]).astype(int)
    inside = ((points >= 0) & (points < (width, height))).all(1)
    if len(points) == 0:
        return 0.0
    x, y = points[inside].T
    return float((mask[y, x] > 0.3).sum() / len(points))
