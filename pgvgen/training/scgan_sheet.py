"""What stage two's training looks like: one row a pair."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from pgvgen.rendering.parts import PARTS
from pgvgen.rendering.transport import as_picture
from pgvgen.training.stage import Batch


def layer_colours() -> np.ndarray:
    """(P + 3)×3 RGB: the photo grey, parts in hues, the plate black, what is painted white."""
    hues = np.linspace(0, 180, len(PARTS), endpoint=False)
    hsv = np.stack([hues, np.full_like(hues, 200), np.full_like(hues, 240)], -1)
    parts = cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]
    return np.concatenate([[[90, 90, 90]], parts, [[0, 0, 0]], [[255, 255, 255]]])


def draw_masks(masks: Tensor) -> np.ndarray:
    """(P + 3)×h×w masks → h×w×3 uint8, every layer in its colour."""
    mixed = masks.detach().cpu().permute(1, 2, 0).numpy() @ layer_colours()
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def draw_sheet(batch: Batch, frames: Tensor, masks: Tensor | None) -> np.ndarray:
    """Photo, target, frame and (transported) masks, two pairs a row: H×W×3 uint8."""
    rows = []
    for i, frame in enumerate(frames):
        cells = [as_picture(batch["photo"][i]), as_picture(batch["target"][i]), as_picture(frame)]
        if masks is not None:
            cells.append(draw_masks(masks[i]))
        rows.append(np.hstack(cells))
    if len(rows) % 2:
        rows.append(np.zeros_like(rows[0]))
    return np.vstack([np.hstack(rows[i : i + 2]) for i in range(0, len(rows), 2)])
