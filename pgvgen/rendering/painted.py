"""The paper's generator (Fig. 4): photo and pose in, freshly painted frame out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pgvgen.rendering.encoders import PoseEncoders, Stream, double, encoder, residual_blocks


class PaintedGenerator(nn.Module):
    """G(I_t0, P_ti) ⇒ Î_ti of Section 3.3, to the letter.

    Args:
        keypoints: K heatmaps a pose.
        size: the frame's edge in px (128 in the paper).
        width: channels of the first layer.
        blocks: residual blocks on the joined features.
        shared: as in `PoseEncoders`.
    """

    def __init__(
        self, keypoints: int, size: int, width: int, blocks: int, *, shared: bool = True
    ) -> None:
        super().__init__()
        self.photo_encoder = encoder(3, width)
        self.pose_encoders = PoseEncoders(keypoints, width, size, shared=shared)
        self.joint = residual_blocks(16 * width, blocks)
        self.decoder = nn.Sequential(
            double(16 * width, 4 * width),
            double(4 * width, 2 * width),
            double(2 * width, width),
            double(width, width),
            nn.Conv2d(width, 3, 3, padding=1),
            nn.Tanh(),
        )

    def encode_photo(self, photo: Tensor) -> Tensor:
        """1×3×128×128 in [−1, 1] → 1×8·width×8×8: once a photo, not once a frame."""
        return self.photo_encoder(photo)

    def forward(self, features: Tensor, heatmaps: Tensor, stream: Stream = "predicted") -> Tensor:
        """Photo features (1 or N)×8·width×8×8 and poses N×K×64×64 → frames N×3×128×128."""
        pose = self.pose_encoders(heatmaps, stream)  # N×8w×8×8
        photo = features.expand(len(pose), -1, -1, -1)
        joined = torch.cat([photo, pose], 1)  # N×16w×8×8
        return self.decoder(self.joint(joined))
