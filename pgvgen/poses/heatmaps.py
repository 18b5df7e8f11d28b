"""Poses as heatmaps (Section 3.2): K maps, 1 within 4 px of the keypoint and 0 elsewhere.

Maps are torch tensors of any leading shape, on any device. Heatmap pixels, like picture pixels,
have their centres at integers; `to_heatmap` turns the latter into the former.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SIZE, RADIUS = 64, 4
"""Section 4.1: poses are 64×64, a keypoint is a disk of 4 px radius."""


def draw_heatmaps(
    keypoints: Tensor, confidence: Tensor, size: int = SIZE, radius: float = RADIUS
) -> Tensor:
    """Keypoints as disks.

    Args:
        keypoints: …×K×2, (x, y) in heatmap pixels.
        confidence: …×K; 0 is an absent keypoint, its map stays empty.
        size: side of the maps.
        radius: of the disks, in heatmap pixels.

    Returns:
        …×K×size×size float32 of 0 and 1.
    """
    axis = torch.arange(size, dtype=keypoints.dtype, device=keypoints.device)
    across = (axis - keypoints[..., 0, None]).square()  # …×K×size
    down = (axis - keypoints[..., 1, None]).square()
    inside = across[..., None, :] + down[..., :, None] <= radius**2  # …×K×size×size
    return (inside & (confidence > 0)[..., None, None]).float()


def decode_heatmaps(heatmaps: Tensor, radius: float = RADIUS) -> tuple[Tensor, Tensor]:
    """The maximum response of every map (Section 4.2) and how strong it is.

    The response is the match with a disk, `Σ map / √pixels` over the disk's part inside the map
    (the least-squares fit of a disk of free strength), so that neither a single bright pixel wins
    over a keypoint nor the map's border over a keypoint beside it. The place is then refined by the
    centroid of what is brighter than half the peak there.

    Args:
        heatmaps: …×K×H×W in [0, 1]; what is below 0 counts as 0.
        radius: of the disks, in heatmap pixels.

    Returns:
        …×K×2 keypoints, (x, y) in heatmap pixels, and …×K confidence, the peak's height in [0, 1];
        an empty map has the keypoint (0, 0) and the confidence 0.
    """
    height, width = heatmaps.shape[-2:]
    maps = heatmaps.reshape(-1, height, width).clamp(0, 1).float()  # N×H×W
    peak = _match(maps, radius).flatten(1).argmax(dim=1)  # N
    row, column = peak // width, peak % width

    # The neighbourhood of the peak, with a margin for a disk between two pixels.
    offsets = torch.arange(-int(radius) - 2, int(radius) + 3, device=maps.device)
    rows, columns = row[:, None] + offsets, column[:, None] + offsets  # N×D
    inside = _within(rows, height)[:, :, None] & _within(columns, width)[:, None, :]  # N×D×D
    each = torch.arange(len(maps), device=maps.device)[:, None, None]
    rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    patch = maps[each, rows[:, :, None], columns[:, None, :]] * inside
    confidence = patch.amax(dim=(1, 2))  # N
    bright = (patch - confidence[:, None, None] / 2).clamp(min=0)

    keypoints = torch.stack([column, row], dim=1) + _centre(bright, inside, offsets, radius)
    keypoints = keypoints * (confidence > 0)[:, None]
    return keypoints.view(*heatmaps.shape[:-2], 2), confidence.view(heatmaps.shape[:-2])


def _match(maps: Tensor, radius: float) -> Tensor:
    """N×H×W: how well a disk around each pixel explains the map."""
    reach = int(radius)
    squares = torch.arange(-reach, reach + 1, device=maps.device).square()
    disk = (squares[:, None] + squares <= radius**2).to(maps)[None, None]  # 1×1×D×D
    # As channels of one picture, not as pictures of one channel: that is six times as fast.
    count = len(maps)
    sums = F.conv2d(maps[None], disk.expand(count, -1, -1, -1), padding=reach, groups=count)[0]
    return sums / F.conv2d(torch.ones_like(maps[:1, None]), disk, padding=reach)[0].sqrt()


def _within(places: Tensor, size: int) -> Tensor:
    return (places >= 0) & (places < size)


def _centre(bright: Tensor, inside: Tensor, offsets: Tensor, radius: float) -> Tensor:
    """N×2: the centre (x, y) of the disk that `bright` (N×D×D) is, from the patch's middle.

    That is its centroid, but where the map's border cuts the disk: there it is the centre of the
    disk that would have this centroid after being cut, found by iteration.
    """
    wanted = _centroid(bright, offsets)
    centre = wanted
    for _ in range(6):
        across = offsets - centre[:, 0, None]
        down = offsets - centre[:, 1, None]
        distance = (across[:, None, :].square() + down[:, :, None].square()).sqrt()
        disk = (radius + 0.5 - distance).clamp(0, 1) * inside
        centre = centre + wanted - _centroid(disk, offsets)
        centre = centre.clamp(-1, 1)
    return centre


def _centroid(weight: Tensor, offsets: Tensor) -> Tensor:
    mass = weight.sum(dim=(1, 2)).clamp(min=torch.finfo(weight.dtype).tiny)
    moments = [(weight.sum(dim=axis) * offsets).sum(dim=1) / mass for axis in (1, 2)]
    return torch.stack(moments, dim=1)


def to_heatmap(keypoints: np.ndarray, box: Sequence[float], size: int = SIZE) -> np.ndarray:
    """Keypoints (…×2) in picture pixels → in pixels of a heatmap that covers `box`.

    Args:
        keypoints: (x, y).
        box: left, top, right, bottom of the part of the picture that the map covers, in pixels; the
            whole picture is (0, 0, width, height).
        size: side of the map.
    """
    left, top, right, bottom = box
    x = (keypoints[..., 0] + 0.5 - left) * (size / (right - left)) - 0.5
    y = (keypoints[..., 1] + 0.5 - top) * (size / (bottom - top)) - 0.5
    return np.stack([x, y], axis=-1)
