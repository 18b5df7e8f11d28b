"""The discriminators of stage two (Section 3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from pgvgen.nn import PatchGAN, discriminator_loss, generator_loss
from pgvgen.rendering.encoders import Stream


class Judges(nn.ModuleDict):
    """D1 and D2, which tell a stream's frames from real ones, and D_which, which tells the streams
    from each other.

    Args:
        streams: those that are trained.
        which: with D_which, where both are.
        width: channels of the first layer.
    """

    def __init__(self, streams: Sequence[Stream], *, which: bool, width: int) -> None:
        names = [f"d_{stream}" for stream in streams]
        names += ["d_which"] if which and len(streams) == 2 else []
        super().__init__({name: PatchGAN(3, base=width) for name in names})

    def loss(self, frames: Mapping[Stream, Tensor], target: Tensor) -> Tensor:
        """−(Eq. 6 + 7 + 8), what the discriminators minimise.

        Args:
            frames: stream → N×3×h×w, as generated; no gradient reaches the generator.
            target: N×3×h×w, the real frames.
        """
        fixed = {stream: picture.detach() for stream, picture in frames.items()}
        losses = []
        for stream, picture in fixed.items():
            judge = self[f"d_{stream}"]
            losses.append(discriminator_loss(judge(target), judge(picture)))
        if "d_which" in self:
            which = self["d_which"]
            losses.append(discriminator_loss(which(fixed["true"]), which(fixed["predicted"])))
        return torch.stack(losses).sum()

    def adversary(self, frames: Mapping[Stream, Tensor]) -> Tensor:
        """−(Eq. 9 + 10), what the generator minimises: D_which judges the predicted stream's
        frames alone, so that G2 learns nothing of it."""
        losses = [generator_loss(self[f"d_{stream}"](frames[stream])) for stream in frames]
        if "d_which" in self:
            losses.append(generator_loss(self["d_which"](frames["predicted"])))
        return torch.stack(losses).sum()
