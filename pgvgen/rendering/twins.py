"""What the photo hides of a limb, its twin on the body's other side may show."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.boxes import Box, shape_of
from pgvgen.rendering.matting import push_pull
from pgvgen.rendering.parts import MIRROR, PARTS, left_of, unit_vectors

TELLING = 0.25
"""A bone that looks shorter, in body units, points at the camera and has no sides to compare."""

ALIKE = 48.0
"""Grey levels a channel by which the two may differ and still be taken for the same: light falls
otherwise on either side. What differs more is a hem that lies elsewhere, and evens out nothing."""


def twin_transform(
    part: int, points: np.ndarray, confidence: np.ndarray, unit: float, mirrored: bool
) -> np.ndarray | None:
    """From a part's px to its twin's: 2×3; None where they cannot be compared.

    Args:
        part: index into `PARTS`.
        points: 18×2 px.
        confidence: 18.
        unit: the body unit in px.
        mirrored: whether the sides show one another's mirror image, as from the front, or the
            same, as from aside.
    """
    twin = PARTS[MIRROR[part]]
    joints = [*PARTS[part].joints[:2], *twin.joints[:2]]
    if PARTS[part].kind not in ("limb", "foot") or confidence[joints].min() < SEEN:
        return None
    (start, end), (there, there_end) = points[joints].reshape(2, 2, 2).astype(np.float64)
    here, bone = end - start, there_end - there
    lengths = float(np.linalg.norm(here)), float(np.linalg.norm(bone))
    if min(lengths) < TELLING * unit:
        return None
    along, along_there = unit_vectors(here), unit_vectors(bone)
    across, across_there = left_of(along), (-1 if mirrored else 1) * left_of(along_there)
    ratio = lengths[1] / lengths[0] if PARTS[part].kind == "limb" else 1
    linear = ratio * np.outer(along_there, along) + np.outer(across_there, across)
    return np.column_stack([linear, there - linear @ start])


def from_twin(
    colours: np.ndarray, clean: np.ndarray, transform: np.ndarray, boxes: tuple[Box, Box]
) -> tuple[np.ndarray, np.ndarray]:
    """A twin's colours where the part is: h×w×3 uint8, and where they are sure: h×w in [0, 1].

    Args:
        colours: H×W×3 uint8.
        clean: h'×w' in [0, 1], where in its box the colours are surely the twin's.
        transform: from `twin_transform`.
        boxes: of H×W, the part's and its twin's.
    """
    import cv2

    here, there = boxes
    pixels = np.dstack([colours[there], np.rint(255 * clean).astype(np.uint8)])
    linear = transform[:, :2]
    shift = transform[:, 2] + linear @ _corner(here) - _corner(there)
    moved = cv2.warpAffine(
        pixels,
        np.column_stack([linear, shift]),
        shape_of(here)[::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return moved[..., :3], np.clip((moved[..., 3] / np.float32(255) - 0.5) * 4, 0, 1)


def whole_twin(layer: np.ndarray, transform: np.ndarray, person: np.ndarray) -> np.ndarray:
    """A part that the body hides, as its twin is: h×w×4 uint8 RGBA.

    Args:
        layer: h×w×4 uint8 RGBA, the twin.
        transform: from `twin_transform`.
        person: h×w in [0, 1]: nothing of it is beside the person, or it would be seen.
    """
    import cv2

    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(layer, transform, layer.shape[1::-1], flags=flags)
    moved[..., 3] = np.rint(moved[..., 3] * person)
    return np.asarray(moved)


def matched(
    twin: np.ndarray, own: np.ndarray, sure: np.ndarray, both: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A twin's colours in a part's light, h×w×3 uint8, and where they are to be trusted, h×w.

    How the two differ where both are sure is carried on smoothly, and so is whether they are alike:
    beside a sleeve that ends higher than its twin's no cloth is lent.

    Args:
        twin, own: h×w×3 uint8.
        sure: h×w in [0, 1], where the twin's are.
        both: h×w in [0, 1], where its and the part's own are.
    """
    if not both.any():
        return twin, sure
    differs = own.astype(np.float32) - twin
    alike = (np.abs(differs).max(-1) < ALIKE).astype(np.float32)
    agree = push_pull(alike[..., None], both)[..., 0]
    if (both * alike).any():
        twin = np.rint(twin + push_pull(differs, both * alike)).clip(0, 255).astype(np.uint8)
    return twin, sure * np.clip(4 * agree - 1.5, 0, 1)


def _corner(box: Box) -> np.ndarray:
    return np.array([box[1].start, box[0].start], np.float64)
