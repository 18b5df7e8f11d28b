"""The frames of clips, cut into layers once and then placed as often as they are drawn."""

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
    """One frame in layers, h×w px, its parts by the boxes that hold them."""

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

    def layers(self) -> Layers:
        """The layers again, at their own size."""
        parts = np.zeros((len(self.parts), *self.matte.shape, 4), np.uint8)
        for part, there in zip(parts, self.parts, strict=True):
            if there is not None:
                part[there[0]] = there[1]
        return Layers(self.picture, parts, self.plate, self.matte.astype(np.float32) / 255)


@dataclass(eq=False)
class Cutter:
    """Reads frames and masks at some edge length and cuts them; what was cut is kept in memory.

    A cut costs as much as learning from it, and a training draws every frame many times: a quarter
    of a megabyte a frame and size buys half of the time.
    """

    _kept: dict[tuple[str, int, int], Cut] = field(default_factory=dict)

    def read(self, clip: Clip, index: int, edge: int) -> tuple[np.ndarray, np.ndarray]:
        """A frame (h×w×3 uint8) and its person (h×w uint8), the longer side `edge` px."""
        import cv2

        assert clip.frames is not None
        assert clip.masks is not None
        picture, mask = read_picture(clip.frames[index]), read_picture(clip.masks[index])[..., 0]
        scale = edge / max(clip.size)
        size = (round(clip.size[0] * scale), round(clip.size[1] * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        mask = cv2.resize(np.ascontiguousarray(mask), size, interpolation=how)
        return cv2.resize(picture, size, interpolation=how), mask

    def cut(self, clip: Clip, index: int, edge: int) -> Cut:
        """The same in layers, by the clip's own pose."""
        key = (clip.id, index, edge)
        if key not in self._kept:
            picture, mask = self.read(clip, index, edge)
            pose = (clip.keypoints[index] + 0.5) * (edge / max(clip.size)) - 0.5
            person = mask.astype(np.float32) / 255
            layers = cut_layers(picture, person, pose.astype(np.float32), believed(clip, index))
            self._kept[key] = Cut.of(layers)
        return self._kept[key]

    def cut_all(self, clips: Sequence[Clip], edges: Sequence[int], workers: int) -> None:
        """All frames of these clips at these sizes, cut and kept, by so many processes."""
        frames = [(clip, i, edge) for clip in clips for i in range(len(clip)) for edge in edges]
        cuts = map_ahead(lambda frame: self.cut(*frame), frames, workers)
        for (clip, index, edge), cut in zip(frames, cuts, strict=True):
            self._kept[clip.id, index, edge] = cut


def certain(clip: Clip, index: int) -> np.ndarray:
    """The confidence (18) of a frame's joints, 0 where they are guesses."""
    return _seen(clip.confidence[index])


def believed(clip: Clip, index: int) -> np.ndarray:
    """`certain`, but arms that a frame hides are believed as those of a start pose are."""
    return _seen(with_guesses(clip.keypoints[index], clip.confidence[index], clip.size))


def _seen(confidence: np.ndarray) -> np.ndarray:
    return np.where(confidence >= SEEN, confidence, 0).astype(np.float32)
