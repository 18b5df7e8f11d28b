"""A window about what people do, so that their motions are drawn large enough to be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pgvgen.poses.sequence import SEEN, PoseSequence

MARGIN = 0.12
"""Of the longer side of what the joints reach: heads and hands go beyond their joints."""

FADE = 0.6
"""How much darker the photo is behind the motions."""


def close_up(
    motions: Sequence[PoseSequence], picture: np.ndarray | None, *, side: int
) -> tuple[list[PoseSequence], np.ndarray]:
    """Motions in one window about all that they do, and what is behind them.

    Args:
        motions: of one picture size.
        picture: the photo, H×W×3 uint8 RGB of that size; none: black.
        side: the window's longer side in px.

    Returns:
        The motions in the window's px, and the window, h×w×3 uint8 RGB. It stays within the
        picture but where joints leave it: there it is black.
    """
    import cv2

    size = np.array(motions[0].size)
    joints = np.concatenate([m.keypoints[m.confidence >= SEEN] for m in motions])  # N×2
    low, high = (joints.min(0), joints.max(0)) if len(joints) else (0 * size, size)
    margin = MARGIN * (high - low).max()
    start = np.floor(np.minimum(low, np.maximum(low - margin, 0))).astype(int)
    stop = np.ceil(np.maximum(high + 1, np.minimum(high + margin, size))).astype(int)
    scale = side / (stop - start).max()
    width, height = np.maximum(1, np.rint(scale * (stop - start))).astype(int).tolist()
    window = np.zeros((height, width, 3), np.uint8)
    if picture is not None:
        (left, top), (right, bottom) = np.clip([start, stop], 0, size).tolist()
        seen = np.zeros((*(stop - start)[::-1], 3), np.uint8)
        x, y = (left, top) - start
        seen[y : y + bottom - top, x : x + right - left] = picture[top:bottom, left:right]
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        window = cv2.resize(seen, (width, height), interpolation=how)
        window = ((1 - FADE) * window).astype(np.uint8)
    moved = [
        m.replace(keypoints=(m.keypoints - start) * scale, size=(width, height)) for m in motions
    ]
    return moved, window
