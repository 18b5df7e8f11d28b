"""Contact sheets: many small pictures on one page, to see at a glance what a model does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_GAP, _CAPTION = 4, 16
_PAPER, _INK = 24, (230, 230, 230)


def contact_sheet(
    pictures: Sequence[np.ndarray],
    columns: int,
    titles: Sequence[str] | None = None,
    cell: int | tuple[int, int] = 128,
) -> np.ndarray:
    """A grid of pictures, filled row by row.

    Args:
        pictures: uint8 RGB of any sizes; each is scaled to fit its cell, its shape kept.
        columns: pictures a row.
        titles: a caption below each picture; what is too long for the cell is cut.
        cell: side of a cell in pixels, or its (width, height).

    Returns:
        H×W×3 uint8 RGB.

    Raises:
        ValueError: no pictures, no columns, or titles that are not one a picture.
    """
    if not pictures or columns < 1:
        raise ValueError("a contact sheet needs pictures and at least one column")
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(f"{len(titles)} titles for {len(pictures)} pictures")
    columns = min(columns, len(pictures))
    width, height = (cell, cell) if isinstance(cell, int) else cell
    step_x, step_y = width + _GAP, height + _GAP + (_CAPTION if titles is not None else 0)
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * step_y + _GAP, columns * step_x + _GAP, 3), _PAPER, np.uint8)
    for i, picture in enumerate(pictures):
        x, y = _GAP + i % columns * step_x, _GAP + i // columns * step_y
        _place(sheet[y : y + height, x : x + width], picture)
        if titles is not None:
            _write(sheet[y + height : y + height + _CAPTION, x : x + width], titles[i])
    return sheet


def _place(area: np.ndarray, picture: np.ndarray) -> None:
    """The picture, as large as fits, in the middle of the area."""
    import cv2

    scale = min(area.shape[0] / picture.shape[0], area.shape[1] / picture.shape[1])
    width, height = (max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (width, height), interpolation=how)
    x, y = (area.shape[1] - width) // 2, (area.shape[0] - height) // 2
    area[y : y + height, x : x + width] = small


def _write(area: np.ndarray, text: str) -> None:
    import cv2

    line = np.ascontiguousarray(area)
    at = (1, area.shape[0] - 5)
    cv2.putText(line, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, _INK, 1, cv2.LINE_AA)
    area[:] = line
