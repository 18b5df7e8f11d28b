"""MediaPipe's full landmark net: 33 points of a body, or its mask, inside one square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.poses.estimators.nets import load_net
from pgvgen.poses.estimators.region import Region

KERNEL = 7
SURE = 0.5
HIPS, TOP = 33, 34  # the two auxiliary points: middle of the hips, rim of the body's circle


@dataclass(frozen=True)
class Landmarks:
    """What the landmark net says about one square.

    Attributes:
        points: 39×2 float64 in px of the picture; 0–32 the body, 33–34 for the next region.
        visibility: 39 in [0, 1]: in view and not hidden.
        presence: in [0, 1]: that there is a person at all.
    """

    points: np.ndarray
    visibility: np.ndarray
    presence: float

    @property
    def next_region(self) -> Region:
        """Where to look for the person in the next frame."""
        return Region.around(self.points[HIPS], self.points[TOP], scale=1.25)


def find_landmarks(picture: np.ndarray, region: Region, *, threads: int) -> Landmarks:
    """Run the net on one square of an H×W×3 uint8 RGB picture."""
    net = load_net("pose_landmark_full", threads)
    crop = region.crop(picture, net.size)
    outputs = net(crop.astype(np.float32) / 255)
    raw = outputs["Identity"].reshape(39, 5).astype(np.float64)
    points = _refine(raw[:, :2] / net.size, _sigmoid(outputs["Identity_3"]))
    return Landmarks(
        points=region.to_picture(points * net.size, net.size),
        visibility=_sigmoid(raw[:, 3]),
        presence=float(outputs["Identity_1"][0]),
    )


def find_mask(picture: np.ndarray, region: Region, *, threads: int) -> np.ndarray:
    """Where the person of one square is: 256×256 float32 in [0, 1].

    The mean of the net's answer and of its answer to the mirror image: what it gets wrong on one
    side only is halved, and no side is favoured.
    """
    net = load_net("pose_landmark_full", threads)
    crop = region.crop(picture, net.size).astype(np.float32) / 255
    straight = net(crop)["Identity_2"][..., 0]
    mirrored = net(np.ascontiguousarray(crop[:, ::-1]))["Identity_2"][:, ::-1, 0]
    return (_sigmoid(straight) + _sigmoid(mirrored)) / 2


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(values, -80, 80)))


def _refine(points: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Move each point to the mean of its heatmap nearby, as `RefineLandmarksFromHeatmap` does.

    Args:
        points: K×2 in [0, 1] of the square.
        heatmaps: H×W×K in [0, 1].
    """
    height, width, _ = heatmaps.shape
    reach = KERNEL // 2
    refined = points.copy()
    for k, (x, y) in enumerate(points * (width, height)):
        column, row = int(x), int(y)
        if not (0 <= column < width and 0 <= row < height):
            continue
        rows = np.arange(max(0, row - reach), min(height, row + reach + 1))
        columns = np.arange(max(0, column - reach), min(width, column + reach + 1))
        near = heatmaps[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, k]
        if near.max() >= SURE:
            total = near.sum()
            refined[k] = (
                (near.sum(0) @ columns) / total / width,
                (near.sum(1) @ rows) / total / height,
            )
    return refined
