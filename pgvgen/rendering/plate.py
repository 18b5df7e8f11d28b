"""The background plate: the photo as it would look without the person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pgvgen.cores import threads
from pgvgen.poses.estimators.blazepose import tiles
from pgvgen.poses.estimators.detector import detect
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.matting import push_pull
from pgvgen.rendering.parts import body_unit
from pgvgen.rendering.patches import complete
from pgvgen.sizes import size_within

TEXTURED = 160
"""A picture whose longer side is shorter than this is filled smoothly.

So small, a texture is less like what was hidden (SSIM .529 at 128 px) than none (.540); at 256 px
it is more so (.577)."""


LEVELLED, RIM = 200, 3
"""A fill's shade is compared with its surroundings' with the picture's longer side at most so long,
in a rim so wide, px."""

SHADE, UNSEEN = 16.0, 1.5
"""Grey levels by which a fill may be brighter or darker than what it continues, and by which it
shall remain so."""

HAIR = 0.8
"""How far above the detector's box a head goes on, in sides of it."""

HAND = 0.24
"""What a hand holds goes with it: the hole reaches so many body units around it."""

FADE = 0.035
"""Beside the person the fill fades into the photo, over so many body units.

Where people have gone the photo is more like what comes to view than a fill is (130 photos: 13 grey
levels off to 21), from a fiftieth of a body unit beyond the matte on; nearer there is a rim."""


def clean_plate(
    picture: np.ndarray,
    matte: np.ndarray,
    mask: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
) -> np.ndarray:
    """The photo with the person filled in: H×W×3 uint8; the photo's own pixels elsewhere.

    Args:
        picture: H×W×3 uint8.
        matte, mask, keypoints, confidence: as in `hole_of`.
    """
    return fill(picture, [hole_of(matte, mask, keypoints, confidence)])


def hole_of(
    matte: np.ndarray, mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray
) -> np.ndarray:
    """How much of a photo must go with the person: H×W float32 in [0, 1].

    It is the person and what the hands hold, and less and less of what is beside (`FADE`).

    Args:
        matte: H×W float32 in [0, 1], the person.
        mask: H×W float32 in [0, 1], the coarse mask that the matte was made of: what it is not
            sure of goes too, lest a rim of hair stays hanging in the air.
        keypoints: 18×2 px.
        confidence: 18.
    """
    import cv2

    unit = float(body_unit(keypoints, confidence))
    stays = ((matte <= 0.03) & (mask <= 0.15)).astype(np.uint8)
    if stays.all():
        return np.zeros(stays.shape, np.float32)
    for elbow, wrist in ((3, 4), (6, 7)):
        if min(confidence[elbow], confidence[wrist]) >= SEEN:
            hand = keypoints[wrist] + 0.25 * (keypoints[wrist] - keypoints[elbow])
            centre = round(float(hand[0])), round(float(hand[1]))
            cv2.circle(stays, centre, round(HAND * unit), 0, -1)
    beside = cv2.distanceTransform(stays, cv2.DIST_L2, 5)
    return np.clip(1 - beside / max(2, FADE * unit), 0, 1).astype(np.float32)


def fill(picture: np.ndarray, holes: Sequence[np.ndarray]) -> np.ndarray:
    """The photo with its holes (H×W in [0, 1] each, a person's) filled: H×W×3 uint8.

    Each is filled for itself, as sharply as one alone, and with nothing of what is in another, nor
    of other people's heads: nothing looks as wrong as a face that is there twice.
    """
    import cv2

    share = np.max(holes, 0).astype(np.float32)
    hole = share > 0
    if not hole.any():
        return picture
    if max(hole.shape) >= TEXTURED and not hole.all():
        filled, foreign = picture, hole | _heads(picture, hole)
        for one in _apart([one > 0 for one in holes]):
            filled = np.where(one[..., None], complete(picture, one, foreign), filled)
        filled = _levelled(filled, picture, hole)
    else:
        filled = np.rint(push_pull(picture.astype(np.float32), 1.0 - hole)).astype(np.uint8)
    return np.asarray(cv2.blendLinear(filled, picture, share, 1 - share))


def _heads(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Where heads of people are who stay: H×W bool."""
    out = np.zeros_like(hole)
    height, width = hole.shape
    for area in (None, *tiles(width, height, 1)):
        for found in detect(picture, threads=threads(4), area=area):
            box = np.clip(found.face, 0, [width - 1, height - 1] * 2)
            (left, top, right, bottom), side = box.astype(int), int(np.ptp(box[::2]))
            if not hole[(top + bottom) // 2, (left + right) // 2]:
                rows = slice(max(top - round(HAIR * side), 0), bottom + 1)
                out[rows, max(left - side // 4, 0) : right + side // 4 + 1] = True
    return out


def _apart(holes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The holes that have any pixel, those that overlap made one."""
    apart: list[np.ndarray] = []
    for hole in holes:
        whole, others = hole, []
        for other in apart:
            if (other & hole).any():
                whole = whole | other
            else:
                others.append(other)
        apart = [*others, whole] if hole.any() else apart
    return apart


def _levelled(filled: np.ndarray, picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """A fill as bright as what is around it: H×W×3 uint8.

    Copied from elsewhere on a wall, it would show the person's outline in another shade. What it
    differs by along the hole's rim is spread over the hole smoothly (a membrane, as in Poisson
    image editing), from where the surroundings are plain and the fill continues them.
    """
    import cv2

    whole = hole.shape[::-1]
    size = size_within(whole, LEVELLED)

    def mean(values: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        total = cv2.resize(cv2.copyTo(values, where), size, interpolation=cv2.INTER_AREA)
        share = cv2.resize(where, size, interpolation=cv2.INTER_AREA) / np.float32(255)
        return total / np.maximum(share, 1e-3)[..., None], share

    inner = hole * np.uint8(255)
    outside, known = mean(picture, 255 - inner)
    inside, _ = mean(filled, inner)
    apart = push_pull(outside, (known > 0.5).astype(np.float32)) - inside

    box = (4 * RIM + 1,) * 2
    near = np.maximum(cv2.blur(known, box), 1e-3)[..., None]
    middle = cv2.blur(outside * known[..., None], box) / near
    spread = cv2.blur((outside - middle) ** 2 * known[..., None], box) / near
    depth = cv2.distanceTransform((known < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    rim = np.exp(-(np.abs(apart).max(-1) ** 2 + 4 * spread.max(-1)) / SHADE**2)
    rim = (rim * ((depth > 0) & (depth <= RIM))).astype(np.float32)
    change = push_pull(apart, rim)
    # A wall's shade is none of the window's in it.
    other = np.abs(inside - push_pull(inside, rim)).max(-1, keepdims=True)
    change *= np.exp(-((other / (2 * SHADE)) ** 2))
    change *= np.clip(np.abs(change) - UNSEEN, 0, 1)
    change = cv2.resize(change, whole, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(filled, change, filled.copy(), inner, cv2.CV_8U))
