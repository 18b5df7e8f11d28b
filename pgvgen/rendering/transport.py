"""Moving a photo's parts and laying them over one another: what the network starts from.

A scene is a photo cut into layers. The parts are moved by their transforms; soft masks over
{photo as it is, parts…, background plate, painted} say what every pixel shows. The masks have an
analytic prior, the painter's order; the network only answers how to correct it. All of it works at
any resolution, so the same corrections move the photo at its full size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from pgvgen.rendering.layers import Layers
from pgvgen.rendering.order import FROM_THE_FRONT
from pgvgen.rendering.owners import part_owners

PHOTO, PLATE, PAINTED = 0, -2, -1
"""Where the layers that are no parts stand among the P + 3 masks; the parts are 1 … P."""

STILL = (0.001, 0.005)
"""A part moved by less than the first share of the picture's edge is at rest, by more than the
second it moves."""

BEYOND = 1.25
"""A part that the border cuts goes on up to here, in halves of the picture from its middle."""

OWNER_PIXELS = 64
"""The longer side of `Scene.owners`."""

FLOOR = 3e-3
"""The prior of a layer that the painter's order hides: small, and within the network's reach."""


@dataclass(frozen=True)
class Scene:
    """One photo (N = 1) or a batch of them, cut into layers. Colours are in [−1, 1].

    Attributes:
        photo: N×3×h×w.
        person: N×1×h×w in [0, 1], 1 where the person stands in the photo.
        parts: N×P×4×h×w, colour and alpha (0…1), not premultiplied.
        plate: N×3×h×w, the photo without the person.
        hole: N×1×h×w, 1 where the plate is not the photo: the person, with a rim.
        owners: N×P×h'×w', sum 1: whose the pixels of the hole are; small.
        order: N×P int64, which part lies where, back to front (`order.painters_order`).
    """

    photo: torch.Tensor
    person: torch.Tensor
    parts: torch.Tensor
    plate: torch.Tensor
    hole: torch.Tensor
    owners: torch.Tensor
    order: torch.Tensor

    @classmethod
    def of(cls, layers: Layers, order: Sequence[int] = FROM_THE_FRONT) -> Scene:
        """One photo's layers (uint8) as a scene of their own size."""
        rgba = torch.from_numpy(np.ascontiguousarray(layers.parts.transpose(0, 3, 1, 2))).float()
        parts = torch.cat([rgba[:, :3] / 127.5 - 1, rgba[:, 3:] / 255], 1)
        person = torch.from_numpy(np.ascontiguousarray(layers.matte, np.float32))
        hole = torch.from_numpy((layers.plate != layers.photo).any(-1)).float()
        owners = torch.from_numpy(part_owners(layers, OWNER_PIXELS).transpose(2, 0, 1).copy())
        return cls(
            as_tensor(layers.photo)[None], person[None, None], parts[None],
            as_tensor(layers.plate)[None], hole[None, None], owners[None],
            torch.tensor([list(order)]),
        )  # fmt: skip

    def to(self, device: torch.device | str) -> Scene:
        """The same scene on another device."""
        return Scene(*(getattr(self, field.name).to(device) for field in fields(self)))


def as_tensor(picture: np.ndarray) -> torch.Tensor:
    """H×W×3 uint8 → 3×H×W in [−1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 127.5 - 1


def as_picture(frame: torch.Tensor) -> np.ndarray:
    """3×H×W in [−1, 1] → H×W×3 uint8."""
    return ((frame.detach().cpu().clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def move_parts(
    parts: torch.Tensor, transforms: torch.Tensor, usable: torch.Tensor | None = None
) -> torch.Tensor:
    """Every part where its transform puts it: N×P×4×h×w.

    Args:
        parts: N×P×4×h×w, or 1×P×4×h×w for N frames of one photo.
        transforms: N×P×2×3, target px → source px (`transforms.part_transforms`).
        usable: N×P bool; a part that is not usable is nowhere (alpha 0).
    """
    frames, count = transforms.shape[:2]
    height, width = parts.shape[-2:]
    grid = affine_grid(
        _normalised(transforms.reshape(-1, 2, 3), width, height),
        [frames * count, 4, height, width],
        align_corners=False,
    )
    parts = parts.expand(frames, -1, -1, -1, -1).reshape(-1, 4, height, width)
    # What the border cuts goes on a little beyond it, as in the photo at full size.
    moved = grid_sample(parts, grid, padding_mode="border", align_corners=False)
    there = (grid.abs() <= BEYOND).all(-1)  # N·P×h×w
    if usable is not None:
        there &= usable.reshape(-1, 1, 1)
    moved[:, 3] *= there
    return moved.view(frames, count, 4, height, width)


def absence(scene: Scene, transforms: torch.Tensor, usable: torch.Tensor) -> torch.Tensor:
    """Where the person stood and is no longer: N×1×h×w in [0, 1].

    Around a part at rest the photo stays, with its shadow and what a hand holds.

    Args:
        scene: of 1 or N photos.
        transforms: N×P×2×3, target px → source px.
        usable: N×P bool; a part that is not usable is taken to be at rest.
    """
    height, width = scene.hole.shape[-2:]
    rows, columns = scene.owners.shape[-2:]
    x = (torch.arange(columns, device=transforms.device) + 0.5) * (width / columns) - 0.5
    y = (torch.arange(rows, device=transforms.device) + 0.5) * (height / rows) - 0.5
    still = torch.eye(2, 3, device=transforms.device)
    m = (transforms - still) * usable[..., None, None]
    off = m[..., :1, None] * x + m[..., 1:2, None] * y[:, None] + m[..., 2:, None]  # N×P×2×h'×w'
    low, high = (limit * max(width, height) for limit in STILL)
    moves = ((torch.hypot(off[:, :, 0], off[:, :, 1]) - low) / (high - low)).clamp(0, 1)
    moving = (moves * scene.owners).sum(1, keepdim=True)  # N×1×h'×w'
    return scene.hole * interpolate(moving.clamp(0, 1), (height, width), mode="bilinear")


def prior_logits(alpha: torch.Tensor, absent: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """The painter's order as logits over [photo, parts…, plate, painted]: N×(P+3)×h×w.

    What no part covers shows the photo, but the plate where the person has moved away from: no
    ghost stays. A part is never shown where it has no pixels.

    Args:
        alpha: N×P×h×w in [0, 1], the moved parts' opacities.
        absent: N×1×h×w (or 1×1×h×w) in [0, 1], where the person is no longer (`absence`).
        order: N×P (or 1×P), `Scene.order`.
    """
    place = order[:, :, None, None].expand_as(alpha)
    # What is left of the view after everything in front of a part: the product of their 1 − α.
    through = torch.flip(torch.cumprod(torch.flip(1 - alpha.gather(1, place), [1]), 1), [1])
    behind = through[:, :1]
    before = torch.cat([through[:, 1:], torch.ones_like(behind)], 1)
    seen = torch.zeros_like(alpha).scatter(1, place, before)
    weights = torch.cat(
        [
            (behind + FLOOR) * (1 - absent),
            alpha * (seen + FLOOR),
            behind * absent + FLOOR,
            torch.full_like(behind, FLOOR),
        ],
        1,
    )
    return torch.log(weights + 1e-10)


def compose(
    masks: torch.Tensor, scene: Scene, moved: torch.Tensor, painted: torch.Tensor
) -> torch.Tensor:
    """The frames: N×3×h×w, the layers weighed by their masks.

    Args:
        masks: N×(P+3)×h×w.
        scene: at the same resolution; of one photo or of N.
        moved: N×P×4×h×w (`move_parts`).
        painted: N×3×h×w.
    """
    frame = masks[:, :1] * scene.photo + masks[:, -2:-1] * scene.plate + masks[:, -1:] * painted
    return frame + (masks[:, 1:-2, None] * moved[:, :, :3]).sum(1)


def _normalised(transforms: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Pixel transforms (centres at integers) for `affine_grid(align_corners=False)`."""
    to_pixels = transforms.new_tensor(
        [[width / 2, 0, (width - 1) / 2], [0, height / 2, (height - 1) / 2], [0, 0, 1]]
    )
    full = torch.cat(
        [transforms, transforms.new_tensor([[[0, 0, 1]]]).expand(len(transforms), 1, 3)], 1
    )
    return (torch.linalg.inv(to_pixels) @ full @ to_pixels)[:, :2]
