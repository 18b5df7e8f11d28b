"""Blocks that both stages share: PatchGAN and its losses, residual block, ConvGRU, ConvLSTM."""

from pgvgen.nn._dimensions import Norm, norm_of
from pgvgen.nn.patchgan import PatchGAN, discriminator_loss, frozen, generator_loss
from pgvgen.nn.recurrent import ConvGRU, ConvLSTM
from pgvgen.nn.residual import ResidualBlock

__all__ = [
    "ConvGRU", "ConvLSTM", "Norm", "PatchGAN", "ResidualBlock", "discriminator_loss", "frozen",
    "generator_loss", "norm_of",
]  # fmt: skip
