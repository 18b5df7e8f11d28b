"""MediaPipe's pose detector: where in a picture people are, how large, and how turned."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from pgvgen.poses.estimators.nets import load_net
from pgvgen.poses.estimators.region import Region

STRIDES = (8, 16, 32, 32, 32)
ANCHORS_A_LAYER = 2
OVERLAP = 0.3
"""Boxes that share more of their union than this are one person."""


@dataclass(frozen=True)
class Detection:
    """One person as the detector sees them.

    Attributes:
        region: the square that the landmark net wants to see.
        face: (x0, y0, x1, y1) in px of the picture, about the face: mostly too low.
        score: in [0, 1].
    """

    region: Region
    face: tuple[float, float, float, float]
    score: float


def detect(
    picture: np.ndarray, *, threads: int, minimum: float = 0.5, area: Region | None = None
) -> list[Detection]:
    """People in a picture, surest first.

    Args:
        picture: H×W×3 uint8 RGB.
        threads: of the net.
        minimum: score below which nothing is reported.
        area: the square to look at, all of the picture by default.
    """
    net = load_net("pose_detection", threads)
    if area is None:
        height, width = picture.shape[:2]
        area = Region((width / 2, height / 2), max(width, height))
    crop = area.crop(picture, net.size, replicate=False)
    outputs = net(crop.astype(np.float32) / 127.5 - 1)
    values, logits = outputs["Identity"], outputs["Identity_1"]
    scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -80, 80)))
    sure = scores >= minimum
    points = _decode(values[sure], anchors(net.size)[sure], net.size)
    found = []
    for merged, score in _weighted_nms(points, scores[sure]):
        merged = area.to_picture(merged, net.size)
        region = Region.around(merged[2], merged[3], scale=1.25)
        (x0, y0), (x1, y1) = merged[:2].tolist()
        found.append(Detection(region, (x0, y0, x1, y1), score))
    return found


@functools.cache
def anchors(size: int) -> np.ndarray:
    """A×2 centres of the detector's anchors in px: `pose_detection_cpu.pbtxt` of MediaPipe.

    Two anchors a cell and layer; layers of one stride share their cells.
    """
    layers = []
    for stride in sorted(set(STRIDES)):
        cells = (np.arange(size // stride) + 0.5) * stride
        grid = np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, ANCHORS_A_LAYER * STRIDES.count(stride), axis=0))
    return np.concatenate(layers).astype(np.float32)


def _decode(values: np.ndarray, centres: np.ndarray, size: int) -> np.ndarray:
    """N×12 raw values → N×6×2 points in px: two corners of the box, then four keypoints.

    The values are offsets in px of the input (x_scale = y_scale = w_scale = h_scale = size).
    """
    middle, extent = values[:, :2] + centres, values[:, 2:4]
    keypoints = values[:, 4:].reshape(-1, 4, 2) + centres[:, None]
    corners = np.stack([middle - extent / 2, middle + extent / 2], axis=1)
    return np.concatenate([corners, keypoints], axis=1)


def _weighted_nms(points: np.ndarray, scores: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Overlapping detections become their mean, weighted by score; surest first."""
    left = np.argsort(-scores, kind="stable")
    merged = []
    while len(left):
        alike = _overlap(points[left[0], :2], points[left, :2]) > OVERLAP
        alike[0] = True
        group = left[alike]
        mean = np.average(points[group], axis=0, weights=scores[group])
        merged.append((mean, float(scores[left[0]])))
        left = left[~alike]
    return merged


def _overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of one box (2×2 corners) with each of N×2×2."""
    extent = np.minimum(box[1], boxes[:, 1]) - np.maximum(box[0], boxes[:, 0])
    shared = np.prod(np.clip(extent, 0, None), axis=1)
    union = np.prod(box[1] - box[0]) + np.prod(boxes[:, 1] - boxes[:, 0], axis=1) - shared
    return shared / np.maximum(union, 1e-9)
