"""The generator that moves the photo's parts and answers which layer every pixel shows.

The plain encoder-decoder loses a person it never saw in its 8×8 features. Here colours are copied
from the photo, so they stay the person's own and stay sharp; the network, with the paper's photo
encoder, two pose streams and decoder, corrects the painter's order of the moved parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from pgvgen.rendering.encoders import PoseEncoders, Stream, double, encoder, halve, residual_blocks
from pgvgen.rendering.parts import PARTS
from pgvgen.rendering.transport import (
    PAINTED,
    PHOTO,
    PLATE,
    Scene,
    absence,
    compose,
    move_parts,
    prior_logits,
)

LAYERS = len(PARTS) + 3

NEVER = -1e4
"""The logit of a layer that is never shown, also in half precision."""

INSIDE = 2
"""Well inside the person is what lies so many px, of 128, from where it is seen through."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says about N frames.

    Attributes:
        corrections: N×(P+3)×128×128, added to the prior's logits; smooth, so that they may be
            drawn larger, for a photo at its own size.
        logits: N×(P+3)×128×128, the painter's order (`transport.prior_logits`).
        painted: N×3×128×128 in [−1, 1].
        scene, moved: what was moved: of 1 or N photos, and N×P×4×128×128.
    """

    corrections: Tensor
    logits: Tensor
    painted: Tensor
    scene: Scene
    moved: Tensor

    def unpainted(self) -> Answer:
        """The same without painted pixels, for a picture in which they would be smudges."""
        logits = self.logits.clone()
        logits[:, PAINTED] = NEVER
        return replace(self, logits=logits)

    @cached_property
    def masks(self) -> Tensor:
        """N×(P+3)×128×128, sum 1: [photo as it is, parts…, plate, painted]."""
        return torch.softmax(self.corrections + self.logits, 1)

    @property
    def frames(self) -> Tensor:
        """N×3×128×128 in [−1, 1], the layers weighed by the masks."""
        return compose(self.masks, self.scene, self.moved, self.painted)

    @property
    def relative(self) -> Tensor:
        """Corrections less those of what the painter's order shows: N×(P+3)×128×128.

        A softmax does not change when all its logits shift together; at full size gentle factors
        would (`corrections`). Well inside the person the network neither shows the background nor
        paints: a hole in a shirt is never right, and a stain hardly.
        """
        prior = torch.softmax(self.logits, 1)
        relative = self.corrections - (prior * self.corrections).sum(1, keepdim=True)
        through = torch.prod(1 - self.moved[:, :, 3], 1, keepdim=True)  # N×1×128×128
        near = max_pool2d(through, 2 * INSIDE + 1, stride=1, padding=INSIDE)
        relative[:, [PHOTO, PLATE, PAINTED]] *= near
        return relative


class TransportedGenerator(nn.Module):
    """Photo, pose and moved parts → corrections of the masks, and painted pixels.

    The head starts at zero: untrained, the frames are the analytic transport's. No instance norm:
    it would throw the clothes' colours away.

    Args:
        keypoints: K heatmaps a pose.
        size: the frame's edge in px.
        width: channels of the first layer.
        blocks: residual blocks on the joined features.
        shared: as in `PoseEncoders`.
    """

    def __init__(
        self, keypoints: int, size: int, width: int, blocks: int, *, shared: bool = True
    ) -> None:
        super().__init__()
        w = width
        self.photo_encoder = encoder(3, 16, norm=False)
        self.pose_encoders = PoseEncoders(keypoints, 16, size, norm=False, shared=shared)
        seen = 3 + 3 + 3 + LAYERS - 1 + 1  # composition, photo, plate, prior masks, person
        self.scene_encoder = nn.ModuleList(
            [halve(seen if i == 0 else w * 2 ** (i - 1), w * 2**i, norm=False) for i in range(4)]
        )
        self.joint = nn.Sequential(
            nn.Conv2d(8 * w + 256, 8 * w, 1), residual_blocks(8 * w, blocks, norm=False)
        )
        self.decoder = nn.ModuleList(
            [
                double(8 * w, 4 * w, norm=False),  # 8 → 16
                double(8 * w, 2 * w, norm=False),  # 16 → 32, with the scene's 4w
                double(4 * w, 2 * w, norm=False),  # 32 → 64, with the scene's 2w
            ]
        )
        self.head = nn.Conv2d(3 * w, LAYERS, 3, padding=1)
        self.paint = nn.Sequential(nn.Conv2d(3 * w, 16, 3, padding=1), nn.ReLU(inplace=True))
        self.painted = nn.Conv2d(16, 3, 3, padding=1)
        for layer in (self.head, self.painted):
            nn.init.zeros_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def repaint(self) -> None:
        """Show what is painted as little, and as gladly, as an untrained network does."""
        with torch.no_grad():
            self.head.weight[PAINTED] = 0
            cast(Tensor, self.head.bias)[PAINTED] = 0

    def encode_photo(self, photo: Tensor) -> Tensor:
        """1×3×128×128 in [−1, 1] → 1×4·width×8×8: once a photo, not once a frame."""
        return self.photo_encoder(photo)

    def forward(
        self,
        features: Tensor,
        scene: Scene,
        transforms: Tensor,
        usable: Tensor,
        heatmaps: Tensor,
        stream: Stream = "predicted",
    ) -> Answer:
        """N frames of one photo, or of N photos.

        Args:
            features: `encode_photo(scene.photo)`, of 1 or N photos.
            scene: the photo's layers at 128×128, of 1 or N photos.
            transforms: N×P×2×3 at 128×128, target px → source px.
            usable: N×P bool.
            heatmaps: N×K×64×64 in [0, 1], the target poses.
            stream: whose poses they are; at inference always the predicted stream.
        """
        moved = move_parts(scene.parts, transforms, usable)  # N×P×4×128×128
        alpha = moved[:, :, 3]
        absent = absence(scene, transforms, usable)  # N×1×128×128
        logits = prior_logits(alpha, absent, scene.order)  # N×L×128×128
        prior = torch.softmax(logits, 1)
        nothing = scene.photo.new_zeros(1, 3, 1, 1)
        composition = compose(prior, scene, moved, nothing)
        whole = (len(heatmaps), -1, -1, -1)
        x = torch.cat(
            [composition, scene.photo.expand(whole), scene.plate.expand(whole), prior[:, :-1],
             scene.person.expand(whole)], 1
        )  # fmt: skip
        skips = []
        for layer in self.scene_encoder:
            x = layer(x)  # → N×8w×8×8
            skips.append(x)
        pose = self.pose_encoders(heatmaps, stream)  # N×4w×8×8
        x = self.joint(torch.cat([x, features.expand(whole), pose], 1))  # N×8w×8×8
        for layer, skip in zip(self.decoder, reversed(skips[:3]), strict=True):
            x = torch.cat([layer(x), skip], 1)  # N×8w×16×16, N×4w×32×32, N×3w×64×64
        corrections = interpolate(self.head(x), scale_factor=2.0, mode="bilinear")  # N×L×128×128
        painted = interpolate(self.paint(x), scale_factor=2.0, mode="bilinear")
        painted = torch.tanh(self.painted(painted))  # N×3×128×128
        return Answer(corrections, logits, painted, scene, moved)
