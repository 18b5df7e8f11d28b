"""Joints that an estimator found frame by frame, made to go along with what is seen of the person.

An estimator looks at every frame anew: what it cannot see it invents, each time a little
differently, and a leg that the picture cuts off crumples when the body bends. How everything moves
between two frames, the pictures themselves say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pgvgen.data.tracks import body_height

_SIDE = 256
"""The longer side in px at which the picture's motion is looked at."""

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


def steady(
    frames: Sequence[np.ndarray], keypoints: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One person's joints in T successive frames, led by the pictures' motion (optical flow).

    Least is made, for every joint, of Σ c² ρ(x_t − m_t) + 12 Σ v ρ(x_{t+1} − x_t − u_t): x is where
    it is, m where the estimator saw it and c how surely, u the flow at x and v how surely, as going
    there and back tells. ρ grows with the distance alone (Charbonnier), so that what is far off
    decides nothing. A joint that is followed is as sure as where it was seen best, less a tenth for
    every frame between.

    Args:
        frames: T pictures, H×W×3 uint8 RGB.
        keypoints: T×K×2 (x, y) in px of the pictures.
        confidence: T×K, 0 for absent.

    Returns:
        keypoints T×K×2 float32 and confidence T×K float32.
    """
    if len(frames) < 2 or not (confidence > 0).any():
        return keypoints.astype(np.float32), confidence.astype(np.float32)
    view = _View.around(frames, keypoints, confidence)
    there, back = view.flows(frames)
    height = body_height(keypoints, confidence) * view.scale
    measured = view.place(keypoints)
    joints = measured.copy()
    sure = np.maximum(confidence.astype(float) ** 2, 1e-6)  # what was never seen must be somewhere
    for _ in range(_ROUNDS):
        ahead = _sampled(there, joints[:-1])
        returned = ahead + _sampled(back, joints[:-1] + ahead)
        flow = (ahead - _sampled(back, joints[1:])) / 2
        held = 1 / (1 + (_length(returned) / (_RETURN * height)) ** 2)
        at_place = sure * _weight(joints - measured, _NEAR * height)
        in_step = _FOLLOW * held * _weight(np.diff(joints, axis=0) - flow, _ALONG * height)
        joints = _balanced(measured, at_place, flow, in_step)
    spread = _spread(confidence)
    steadied = np.where(spread[..., None] > 0, view.placed_back(joints), keypoints)
    return steadied.astype(np.float32), spread.astype(np.float32)


@dataclass(frozen=True)
class _View:
    """The part of the pictures in which the person is, and the size it is looked at.

    Attributes:
        left, top, right, bottom: in px of the pictures.
        scale: px of the view a px of the pictures.
    """

    left: int
    top: int
    right: int
    bottom: int
    scale: float

    @classmethod
    def around(
        cls, frames: Sequence[np.ndarray], keypoints: np.ndarray, confidence: np.ndarray
    ) -> _View:
        size = np.array(frames[0].shape[1::-1])
        seen = keypoints[confidence > 0]
        margin = 0.2 * body_height(keypoints, confidence)
        low = np.floor(np.clip(seen.min(0) - margin, 0, size - 2)).astype(int)
        high = np.ceil(np.clip(seen.max(0) + margin, low + 2, size)).astype(int)
        (left, top), (right, bottom) = low.tolist(), high.tolist()
        return cls(left, top, right, bottom, _SIDE / max(right - left, bottom - top))

    def place(self, keypoints: np.ndarray) -> np.ndarray:
        return (keypoints.astype(float) - (self.left, self.top) + 0.5) * self.scale - 0.5

    def placed_back(self, keypoints: np.ndarray) -> np.ndarray:
        return np.asarray((keypoints + 0.5) / self.scale - 0.5 + (self.left, self.top))

    def flows(self, frames: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """From each frame to the next, and from the next back: px, a mean a cell, h×w×2."""
        grey = [self._grey(frame) for frame in frames]
        there = [_flow(one, other) for one, other in pairwise(grey)]
        return there, [_flow(other, one) for one, other in pairwise(grey)]

    def _grey(self, frame: np.ndarray) -> np.ndarray:
        import cv2

        part = frame[self.top : self.bottom, self.left : self.right]
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


def _sampled(flows: Sequence[np.ndarray], points: np.ndarray) -> np.ndarray:
    """Each of T flows at K points of its own, T×K×2; beyond the picture as at its border."""
    import cv2

    found = np.empty(points.shape)
    for t, (flow, cells) in enumerate(zip(flows, (points + 0.5) / _CELL - 0.5, strict=True)):
        x, y = cells[None].astype(np.float32).transpose(2, 0, 1)
        found[t] = cv2.remap(flow, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)[0]
    return found


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(vectors, axis=-1))


def _weight(residual: np.ndarray, scale: float) -> np.ndarray:
    """What makes of least squares Charbonnier's: 1/scale near 0, 1/distance far off."""
    return 1 / np.hypot(scale, _length(residual))


def _balanced(
    measured: np.ndarray, at_place: np.ndarray, flow: np.ndarray, in_step: np.ndarray
) -> np.ndarray:
    """The least of Σ a (x_t − m_t)² + Σ s (x_{t+1} − x_t − u_t)², joint by joint: T×K×2."""
    from scipy.linalg import solveh_banded

    diagonal = at_place.copy()
    diagonal[:-1] += in_step
    diagonal[1:] += in_step
    right = at_place[..., None] * measured
    right[1:] += in_step[..., None] * flow
    right[:-1] -= in_step[..., None] * flow
    joints = np.empty_like(measured)
    for joint in range(measured.shape[1]):
        bands = np.stack([np.concatenate([[0], -in_step[:, joint]]), diagonal[:, joint]])
        joints[:, joint] = solveh_banded(bands, right[:, joint])
    return joints


def _spread(confidence: np.ndarray) -> np.ndarray:
    """T×K, each joint as sure as the surest of its sightings, faded by the frames between."""
    spread = confidence.astype(float)
    for one in (spread, spread[::-1]):  # the second is a view: it goes backwards in the first
        for t in range(1, len(one)):
            one[t] = np.maximum(one[t], _FADING * one[t - 1])
    return spread
