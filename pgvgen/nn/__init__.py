"""Blocks that both stages share: PatchGAN and its losses, residual block, ConvGRU, ConvLSTM."""

from pgvgen.nn.patchgan import PatchGAN, discriminator_loss, frozen, generator_loss
from pgvgen.nn.recurrent import ConvGRU, ConvLSTM
from pgvgen.nn.residual import ResidualBlock

__all__ = [
    "ConvGRU", "ConvLSTM", "PatchGAN", "ResidualBlock", "discriminator_loss", "frozen",
    "generator_loss",
]  # fmt: skip
