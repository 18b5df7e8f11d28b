"""MediaPipe's full landmark net: 33 points of a body, or its mask, inside one square."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pgvgen.poses.estimators.nets import load_net
from pgvgen.poses.estimators.region import Region

KERNEL = 7
SURE = 0.5
HIPS, TOP = 33, 34  # the two auxiliary points: middle of the hips, rim of the body's circle

MIRROR = [0, 4, 5, 6, 1, 2, 3, *(i + 1 if i % 2 else i - 1 for i in range(7, 33)), *range(33, 39)]
"""Which point each point is in a mirror: left and right exchanged."""

VIEWS = ((1.0, 0.0), (0.94, 0.1), (0.94, -0.1), (1.08, 0.0))
"""Squares that a person is looked at in: how large, and turned by how much (radians)."""

AGREED = 0.04
"""Answers that differ by more, in sides of the square, are not of the same thing: who is seen from
behind may be taken to be seen from the front."""


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


def find_again(
    picture: np.ndarray, region: Region, first: Landmarks, views: int, *, threads: int
) -> Landmarks:
    """Landmarks where most looks have them: squares a little larger, turned, or mirrored.

    One answer trembles with its square by a hundredth of it. Of all answers the one that is nearest
    to the others is taken, and every point of it becomes the median of those that lie near. What is
    in view stays as the first look says.

    Args:
        picture: H×W×3 uint8 RGB.
        region: about the person.
        first: what was found there.
        views: how many of `VIEWS`, each straight and in a mirror.
        threads: of the net.
    """
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    answers = [first.points]
    for i, (size, turn) in enumerate(VIEWS[:views]):
        view = Region(region.centre, size * region.side, region.angle + turn)
        if i > 0:
            answers.append(find_landmarks(picture, view, threads=threads).points)
        answers.append(_mirrored_points(mirrored, view, threads))
    points = np.stack(answers)  # N×39×2
    apart = np.linalg.norm(points - points[:, None], axis=-1)  # N×N×39
    middle = int(np.median(apart, axis=-1).sum(axis=1).argmin())
    near = apart[middle] <= AGREED * region.side  # N×39
    return replace(first, points=np.nanmedian(np.where(near[..., None], points, np.nan), axis=0))


def _mirrored_points(mirrored: np.ndarray, region: Region, threads: int) -> np.ndarray:
    """39×2: the points of a picture's region, asked of its mirror image."""
    right = mirrored.shape[1] - 1
    (x, y), flip = region.centre, np.array([-1, 1])
    view = Region((right - x, y), region.side, -region.angle)
    points = find_landmarks(mirrored, view, threads=threads).points
    return (points * flip + (right, 0))[MIRROR]


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
