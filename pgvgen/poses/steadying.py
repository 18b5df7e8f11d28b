"""Joints that an estimator found frame by frame, made to go along with what is seen of the person.

An estimator looks at every frame anew: it trembles, and what it cannot see it invents, each time a
little differently, so that a leg that the picture cuts off crumples when the body bends. How
everything moves between two frames, the pictures themselves say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import numpy as np

from pgvgen.errors import InputError
from pgvgen.poses.bones import body_height
from pgvgen.poses.sequence import PoseSequence

_SIDE = 256
"""The longer side in px at which the pictures' motion is looked at."""

_CELL = 4
"""px a side of what moves as one: a joint is more than a point."""

_FOLLOW = 12.0
"""How many times more a px counts by which the pictures' motion is left than one from where the
estimator saw the joint."""

_NEAR, _ALONG = 0.02, 0.004
"""In body heights: an estimator is off, and a motion inexact, by this without being wrong."""

_RETURN = 0.002
"""In body heights: by how much a motion that is half sure misses, there and back again."""

_FADING = 0.9
"""Of a joint's confidence, what remains one frame further."""

_ROUNDS = 8  # of weights and least squares in turn

_WINDOW, _SHARED = 600, 60
"""Frames that are looked at together, and by how many two windows overlap: a long video's motion
would fill the memory."""


def steady(poses: PoseSequence, frames: Iterable[np.ndarray]) -> PoseSequence:
    """One person's poses in successive frames, led by the pictures' motion (optical flow).

    Least is made, for every joint, of Σ c² ρ(x_t − m_t) + 12 Σ v ρ(x_{t+1} − x_t − u_t): x is where
    it is, m where the estimator saw it and c how surely, u the flow at x and v how surely, as going
    there and back tells. ρ grows with the distance alone (Charbonnier), so that what is far off
    decides nothing. A joint that is followed is as sure as where it was seen best, less a tenth for
    every frame between.

    Args:
        poses: T poses in px of the frames; a confidence of 0 is absent, and where all of a frame's
            are the person is not seen.
        frames: T pictures, H×W×3 uint8 RGB, of which two are held at a time.

    Returns:
        T poses. What is absent in all frames, and everything where the person is not seen, stays as
        it is.

    Raises:
        InputError: there are fewer frames than poses.
    """
    count = len(poses)
    if count < 2 or not poses.present.any():
        return poses
    view = _View(poses)
    measured, height = view.place(poses.keypoints), view.height
    joints, coming = measured.copy(), view.motions(frames)
    motions: list[_Motion] = []
    for first in range(0, max(count - _SHARED, 1), _WINDOW - _SHARED):
        window = slice(first, first + _WINDOW)
        wanted = len(measured[window]) - 1
        motions = motions[_WINDOW - _SHARED :]
        motions += islice(coming, wanted - len(motions))
        if len(motions) < wanted:
            raise InputError("the video has fewer frames than when it was read before")
        solved = _led(measured[window], poses.confidence[window], motions, height)
        if first:  # over from the window before
            share = np.linspace(0, 1, _SHARED)[:, None, None]
            before = joints[first : first + _SHARED]
            solved[:_SHARED] = before + share * (solved[:_SHARED] - before)
        joints[window] = solved
    return poses.replace(keypoints=view.place_back(joints), confidence=_spread(poses.confidence))


_Motion = tuple[np.ndarray, np.ndarray]  # optical flow from a frame to the next, and back: h×w×2 px


class _View:
    """The part of the pictures in which the person is, at the size it is looked at.

    Attributes:
        low, high: its corners (x, y) in px of the pictures.
        scale: px of the view a px of the pictures.
        height: the person's in px of the view.
    """

    def __init__(self, poses: PoseSequence) -> None:
        height = body_height(poses.keypoints, poses.confidence)
        seen, size = poses.keypoints[poses.confidence > 0], np.array(poses.size)
        low, high = seen.min(0) - 0.2 * height, seen.max(0) + 0.2 * height
        self.low = np.floor(np.clip(low, 0, size - 2)).astype(int)
        self.high = np.ceil(np.clip(high, self.low + 2, size)).astype(int)
        self.scale = _SIDE / float((self.high - self.low).max())
        self.height = height * self.scale

    def place(self, keypoints: np.ndarray) -> np.ndarray:
        """…×2 px of the pictures in px of the view."""
        return np.asarray((keypoints.astype(float) - self.low + 0.5) * self.scale - 0.5)

    def place_back(self, keypoints: np.ndarray) -> np.ndarray:
        """…×2 px of the view in px of the pictures."""
        return np.asarray((keypoints + 0.5) / self.scale - 0.5 + self.low)

    def motions(self, frames: Iterable[np.ndarray]) -> Iterator[_Motion]:
        """Between every two frames."""
        for one, other in pairwise(map(self._grey, frames)):
            yield _flow(one, other), _flow(other, one)

    def _grey(self, frame: np.ndarray) -> np.ndarray:
        import cv2

        part = frame[self.low[1] : self.high[1], self.low[0] : self.high[0]]
        how = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
        size = [max(2 * _CELL, round(n * self.scale / _CELL) * _CELL) for n in part.shape[1::-1]]
        return cv2.cvtColor(cv2.resize(part, size, interpolation=how), cv2.COLOR_RGB2GRAY)


def _flow(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Optical flow between two grey pictures, px, a mean a cell: h×w×2 float32."""
    import cv2

    find = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    find.setFinestScale(0)  # a forearm is thin
    flow = find.calc(one, other, np.zeros((*one.shape, 2), np.float32))
    size = (one.shape[1] // _CELL, one.shape[0] // _CELL)
    return np.asarray(cv2.resize(flow, size, interpolation=cv2.INTER_AREA))


def _led(
    measured: np.ndarray, confidence: np.ndarray, motions: list[_Motion], height: float
) -> np.ndarray:
    """The least of `steady`'s sum, T×K×2, for a person so many px high."""
    joints = measured.copy()
    there, back = zip(*motions, strict=True)
    sure = np.maximum(confidence.astype(float) ** 2, 1e-6)  # what was never seen must be somewhere
    seen = _seen(confidence)
    for _ in range(_ROUNDS):
        ahead = _sampled(there, joints[:-1])
        returned = ahead + _sampled(back, joints[:-1] + ahead)
        flow = (ahead - _sampled(back, joints[1:])) / 2
        held = (seen[:-1] & seen[1:])[:, None] / (1 + (_length(returned) / (_RETURN * height)) ** 2)
        at_place = sure * _weight(joints - measured, _NEAR * height)
        in_step = _FOLLOW * held * _weight(np.diff(joints, axis=0) - flow, _ALONG * height)
        joints = _balanced(measured, at_place, flow, in_step)
    return joints


def _sampled(flows: Iterable[np.ndarray], points: np.ndarray) -> np.ndarray:
    """Each of T flows at K points of its own, T×K×2; beyond the picture as at its border."""
    import cv2

    found = np.empty(points.shape)
    for t, (flow, cells) in enumerate(zip(flows, (points + 0.5) / _CELL - 0.5, strict=True)):
        x, y = cells[None].astype(np.float32).transpose(2, 0, 1)
        found[t] = cv2.remap(flow, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)[0]
    return found


def _seen(confidence: np.ndarray) -> np.ndarray:
    """T bool, in which frames the person is seen at all."""
    return np.asarray((confidence > 0).any(1))


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(vectors, axis=-1))


def _weight(residual: np.ndarray, scale: float) -> np.ndarray:
    """What makes of least squares Charbonnier's: 1/scale near 0, 1/distance far off."""
    return 1 / np.hypot(scale, _length(residual))


def _balanced(
    measured: np.ndarray, at_place: np.ndarray, flow: np.ndarray, in_step: np.ndarray
) -> np.ndarray:
    """The least of Σ a (x_t − m_t)² + Σ s (x_{t+1} − x_t − u_t)², for every joint: T×K×2.

    Its normal equations tie each frame to the next alone, and are eliminated one after the other.
    """
    a, s = at_place[..., None], in_step[..., None]
    pivot, right = a.repeat(2, axis=-1), a * measured
    pivot[:-1] += s
    pivot[1:] += s
    right[:-1] -= s * flow
    right[1:] += s * flow
    for t in range(1, len(right)):
        share = s[t - 1] / pivot[t - 1]
        pivot[t] -= share * s[t - 1]
        right[t] += share * right[t - 1]
    joints = right / pivot
    for t in range(len(right) - 2, -1, -1):
        joints[t] += s[t] / pivot[t] * joints[t + 1]
    return joints


def _spread(confidence: np.ndarray) -> np.ndarray:
    """T×K, each joint as sure as the surest of its sightings, faded by the frames between."""
    spread = confidence.astype(float)
    seen = _seen(confidence)
    for one, there in ((spread, seen), (spread[::-1], seen[::-1])):  # views: forwards, backwards
        for t in range(1, len(one)):
            one[t] = np.maximum(one[t], there[t] * _FADING * one[t - 1])
    return spread
