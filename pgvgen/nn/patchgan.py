"""The PatchGAN discriminator [30] of both stages: every logit judges one local patch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn.functional import softplus

from pgvgen.nn._dimensions import CONVOLUTIONS, INSTANCE_NORMS


class PatchGAN(nn.Module):
    """Convolutions k4 that answer real (> 0) or fake (< 0) for every patch; no sigmoid.

    With three strided layers a patch is 70×70 pixels of a picture, as in pix2pix. As Section 3.4
    says, ReLU follows each layer and all but the first and last are instance-normed.

    Args:
        in_channels: channels of what is judged, conditions joined to it included.
        base: channels of the first layer; they double each layer up to 8 times.
        layers: how many layers halve the size.
        dimensions: 2 for pictures N×C×H×W, 3 for volumes N×C×T×H×W.
    """

    def __init__(
        self, in_channels: int, *, base: int = 64, layers: int = 3, dimensions: int = 2
    ) -> None:
        super().__init__()
        conv = CONVOLUTIONS[dimensions]
        body: list[nn.Module] = [conv(in_channels, base, 4, stride=2, padding=1), nn.ReLU()]
        width = base
        for layer in range(1, layers + 1):
            previous, width = width, base * min(2**layer, 8)
            stride = 2 if layer < layers else 1
            body += [
                conv(previous, width, 4, stride=stride, padding=1, bias=False),
                INSTANCE_NORMS[dimensions](width),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*body, conv(width, 1, 4, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """N×in_channels×H×W → logits N×1×h×w, h = H / 2^layers − 2 (volumes alike)."""
        return self.body(x)


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """−Eq. 1, 7 or 8 on logits: −E[log D(real)] − E[log(1 − D(fake))], to be minimised.

    Eq. 6 is the same function: for D_which the true pose's frame counts as real. Its logits must
    come from a detached frame, so that D_which teaches G2 nothing.
    """
    return softplus(-real).mean() + softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """−Eq. 2, or one term of −Eq. 9 or 10, on logits: −E[log D(fake)], to be minimised."""
    return softplus(-fake).mean()


@contextlib.contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Gradients go through the network, but it keeps none: what a generator learns from a
    discriminator costs a third less so."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
