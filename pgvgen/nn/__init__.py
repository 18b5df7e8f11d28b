"""Blocks that both stages share: PatchGAN, residual block, convolutional GRU and LSTM."""

from pgvgen.nn.patchgan import PatchGAN
from pgvgen.nn.recurrent import ConvGRU, ConvLSTM
from pgvgen.nn.residual import ResidualBlock

__all__ = ["ConvGRU", "ConvLSTM", "PatchGAN", "ResidualBlock"]
