"""The frames of clips, cut into layers once and drawn at any size as often as they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.data.store import read_picture
from pgvgen.poses.hands import with_guesses
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.boxes import Box, box_of
from pgvgen.rendering.layers import Layers, cut_layers
from pgvgen.training.ahead import map_ahead


@dataclass(frozen=True, eq=False)
class Cut:
    """One frame in layers, H×W px, its parts by the boxes that hold them."""

    picture: np.ndarray
    plate: np.ndarray
    matte: np.ndarray
    parts: tuple[tuple[Box, np.ndarray] | None, ...]

    @classmethod
    def of(cls, layers: Layers) -> Cut:
        """The layers without the parts' empty pixels."""
        boxes = [box_of(part[..., 3]) for part in layers.parts]
        parts = tuple(
            None if box is None else (box, part[box].copy())
            for box, part in zip(boxes, layers.parts, strict=True)
        )
        matte = np.rint(layers.matte * 255).astype(np.uint8)
        return cls(layers.photo, layers.plate, matte, parts)

    def layers(self, edge: int) -> Layers:
        """The layers again, their longer side `edge` px."""
        height, width = self.matte.shape
        scaled = edge != max(height, width)
        whole = np.zeros((height, width, 4), np.uint8)
        parts = []
        for part in self.parts:
            whole[:] = 0
            if part is not None:
                box, pixels = part
                whole[box] = _premultiplied(pixels) if scaled else pixels
            parts.append(drawn(whole, edge))
        stacked = np.stack(parts)
        return Layers(
            drawn(self.picture, edge),
            _straight(stacked) if scaled else stacked,
            drawn(self.plate, edge),
            drawn(self.matte, edge).astype(np.float32) / 255,
        )


@dataclass(eq=False)
class Cutter:
    """Reads frames and masks and cuts them; what was cut is kept in memory.

    A frame is cut at its own size, as the renderer cuts photos, and its layers are drawn smaller.
    The cut takes a second or two, most of it the plate's, and a training draws every frame many
    times: so it is kept, in a megabyte a frame.
    """

    _kept: dict[tuple[str, int], Cut] = field(default_factory=dict)

    def read(self, clip: Clip, index: int, edge: int) -> tuple[np.ndarray, np.ndarray]:
        """A frame (h×w×3 uint8) and its person (h×w uint8), the longer side `edge` px."""
        picture, mask = _read(clip, index)
        return drawn(picture, edge), drawn(mask, edge)

    def cut(self, clip: Clip, index: int) -> Cut:
        """A frame in layers, by the clip's own pose."""
        key = (clip.id, index)
        if key not in self._kept:
            picture, mask = _read(clip, index)
            person, pose = mask.astype(np.float32) / 255, clip.keypoints[index]
            self._kept[key] = Cut.of(cut_layers(picture, person, pose, believed(clip, index)))
        return self._kept[key]

    def cut_all(self, clips: Sequence[Clip], workers: int) -> None:
        """All frames of these clips, cut and kept, by so many processes."""
        frames = [(clip, i) for clip in clips for i in range(len(clip))]
        cuts = map_ahead(lambda frame: self.cut(*frame), frames, workers)
        for (clip, index), cut in zip(frames, cuts, strict=True):
            self._kept[clip.id, index] = cut


def _read(clip: Clip, index: int) -> tuple[np.ndarray, np.ndarray]:
    """A frame (H×W×3 uint8) and its person (H×W uint8) as they are stored."""
    assert clip.frames is not None
    assert clip.masks is not None
    picture, mask = read_picture(clip.frames[index]), read_picture(clip.masks[index])
    return picture, np.ascontiguousarray(mask[..., 0])


def drawn(picture: np.ndarray, edge: int) -> np.ndarray:
    """A picture of its own, its longer side `edge` px."""
    import cv2

    height, width = picture.shape[:2]
    scale = edge / max(height, width)
    size = (round(width * scale), round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how))


def _premultiplied(pixels: np.ndarray) -> np.ndarray:
    """RGBA uint8 of which only what is there has a say when pixels are mixed."""
    alpha = pixels[..., 3:].astype(np.uint16)
    colours = (pixels[..., :3] * alpha + 127) // 255
    return np.concatenate([colours, alpha], -1).astype(np.uint8)


def _straight(pixels: np.ndarray) -> np.ndarray:
    """RGBA uint8 with the colours that `_premultiplied` darkened."""
    alpha = np.maximum(pixels[..., 3:], 1).astype(np.uint16)
    colours = np.minimum((pixels[..., :3] * np.uint16(255) + alpha // 2) // alpha, 255)
    return np.concatenate([colours.astype(np.uint8), pixels[..., 3:]], -1)


def certain(clip: Clip, index: int) -> np.ndarray:
    """The confidence (18) of a frame's joints, 0 where they are guesses."""
    return _seen(clip.confidence[index])


def believed(clip: Clip, index: int) -> np.ndarray:
    """`certain`, but arms that a frame hides are believed as those of a start pose are."""
    return _seen(with_guesses(clip.keypoints[index], clip.confidence[index], clip.size))


def _seen(confidence: np.ndarray) -> np.ndarray:
    return np.where(confidence >= SEEN, confidence, 0).astype(np.float32)
