"""A start pose's own coordinates: where it stands and how tall the person is.

The networks see a pose relative to the person's neck, in body heights, so that a motion does not
depend on where in the picture the person stands, how large, or which joints the picture shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Bone lengths of a standing adult in body heights, measured between BODY_18's joints.
_BONES: tuple[tuple[int, int, float], ...] = (
    (1, 8, 0.31), (1, 11, 0.31), (8, 9, 0.24), (9, 10, 0.24), (11, 12, 0.24), (12, 13, 0.24),
    (2, 3, 0.17), (3, 4, 0.15), (5, 6, 0.17), (6, 7, 0.15), (2, 8, 0.29), (5, 11, 0.29),
    (1, 0, 0.12),
)  # fmt: skip
_NECK, _SHOULDERS, _HIPS = 1, (2, 5), (8, 11)
_BODY_KEYPOINTS = 18

_MAP_HEIGHT = 38.0  # px of a body height in a map: raised arms and a jump stay inside
_MAP_CENTRE = (31.5, 23.0)  # px of the neck in a map


@dataclass(frozen=True)
class BodyFrame:
    """The coordinates of N start poses.

    Attributes:
        centre: N×2, px, the neck (of a face: the mean of its landmarks).
        height: N, px, the body height (of a face: six times its landmarks' spread).
    """

    centre: Tensor
    height: Tensor

    def normalise(self, keypoints: Tensor) -> Tensor:
        """N×…×2 in px → body heights from the neck."""
        return (keypoints - self._like(self.centre, keypoints)) / self._scale(keypoints)

    def place(self, keypoints: Tensor) -> Tensor:
        """N×…×2 in body heights from the neck → px."""
        return keypoints * self._scale(keypoints) + self._like(self.centre, keypoints)

    def _like(self, value: Tensor, keypoints: Tensor) -> Tensor:
        return value.reshape(len(value), *[1] * (keypoints.ndim - 2), -1)

    def _scale(self, keypoints: Tensor) -> Tensor:
        return self._like(self.height[:, None], keypoints)


def to_map(normalised: Tensor) -> Tensor:
    """…×2 in body heights from the neck → px of the 64×64 maps."""
    return normalised * _MAP_HEIGHT + normalised.new_tensor(_MAP_CENTRE)


def from_map(pixels: Tensor) -> Tensor:
    """…×2 in px of the 64×64 maps → body heights from the neck."""
    return (pixels - pixels.new_tensor(_MAP_CENTRE)) / _MAP_HEIGHT


def body_frame(keypoints: Tensor, confidence: Tensor) -> BodyFrame:
    """Where N people stand and how tall they are, from whatever joints are present.

    Every bone that is there gives an estimate of the height; foreshortening makes bones shorter,
    never longer, so the upper quartile is taken.

    Args:
        keypoints: N×K×2 in px, K = 18 for a body, any other for a face.
        confidence: N×K, 0 for absent.
    """
    present = confidence > 0
    if keypoints.shape[1] != _BODY_KEYPOINTS:
        return _spread_frame(keypoints, present)
    neck = torch.where(present[:, 1:2], keypoints[:, _NECK], _mean(keypoints, present, _SHOULDERS))
    first, second, ratio = (torch.tensor(column) for column in zip(*_BONES, strict=True))
    ends = torch.cat([keypoints[:, :_NECK], neck[:, None], keypoints[:, _NECK + 1 :]], dim=1)
    seen = present.clone()
    seen[:, _NECK] |= present[:, _SHOULDERS].any(1)
    usable = seen[:, first] & seen[:, second]  # N×B
    lengths = (ends[:, first] - ends[:, second]).norm(dim=-1) / ratio.to(keypoints)
    height = lengths.masked_fill(~usable, float("nan")).nanquantile(0.75, dim=1)
    rest = _spread_frame(keypoints, present)
    centred = present[:, _NECK] | present[:, _SHOULDERS].any(1)
    return BodyFrame(
        torch.where(centred[:, None], neck, rest.centre),
        torch.where(height > 0, height, rest.height).clamp_min(1e-3),
    )


def _mean(keypoints: Tensor, present: Tensor, joints: tuple[int, ...]) -> Tensor:
    """The mean of those of the joints that are present, N×2; zero where none is."""
    weight = present[:, joints].to(keypoints)[..., None]
    return (keypoints[:, joints] * weight).sum(1) / weight.sum(1).clamp_min(1)


def _spread_frame(keypoints: Tensor, present: Tensor) -> BodyFrame:
    """Mean and six root-mean-square radii of what is present."""
    weight = present.to(keypoints)[..., None]
    count = weight.sum(1).clamp_min(1)
    centre = (keypoints * weight).sum(1) / count
    square = ((keypoints - centre[:, None]) ** 2 * weight).sum((1, 2)) / count[:, 0]
    return BodyFrame(centre, 6 * square.sqrt().clamp_min(1e-3))
