"""A running average of a network's weights: steadier than the last step's, and what is released."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


class EMA(nn.Module, Generic[Network]):
    """Exponential moving average of a network. List it among a stage's modules and it resumes.

    Args:
        network: the one that is trained; it is copied.
        decay: how much of the average survives an update, in [0, 1). The first updates use less,
            (1 + n) / (10 + n), so that the random beginning is forgotten.
    """

    updates: Tensor

    def __init__(self, network: Network, decay: float = 0.999) -> None:
        super().__init__()
        self.network: Network = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def update(self, network: Network) -> None:
        """Move the average towards the network as it is after a step."""
        # A tensor, not a number: nothing waits for a GPU.
        weight = 1 - ((1 + self.updates) / (10 + self.updates)).clamp(max=self.decay)
        for kept, new in zip(self.network.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, weight)
        for held, fresh in zip(self.network.buffers(), network.buffers(), strict=True):
            held.copy_(fresh)
        self.updates += 1
