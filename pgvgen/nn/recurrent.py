"""Recurrent modules over the time axis of feature maps (Section 3.2, "LSTM embedding").

Matrix products of the standard cells are 3×3 convolutions, so that the state stays a map.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvGRU(nn.Module):
    """A one-layer GRU [Cho 2014] whose state is a stack of maps.

    Args:
        channels: channels C of each input map, and of the state.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.of_input = nn.Conv2d(channels, 3 * channels, 3, padding=1)
        self.of_state = nn.Conv2d(channels, 3 * channels, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×T×H×W → states N×C×T×H×W in (−1, 1), the first state being zero."""
        state = torch.zeros_like(x[:, :, 0])  # N×C×H×W
        states = []
        for told in _of_frames(self.of_input, x):
            reset_x, update_x, new_x = told.chunk(3, dim=1)
            reset_h, update_h, new_h = self.of_state(state).chunk(3, dim=1)
            update = torch.sigmoid(update_x + update_h)
            new = torch.tanh(new_x + torch.sigmoid(reset_x + reset_h) * new_h)
            state = (1 - update) * new + update * state
            states.append(state)
        return torch.stack(states, dim=2)


class ConvLSTM(nn.Module):
    """A one-layer LSTM [Shi 2015] whose state is a stack of maps.

    Args:
        channels: channels C of each input map, and of the state.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.of_input = nn.Conv2d(channels, 4 * channels, 3, padding=1)
        self.of_state = nn.Conv2d(channels, 4 * channels, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×T×H×W → states N×C×T×H×W in (−1, 1), the first state and cell being zero."""
        state = cell = torch.zeros_like(x[:, :, 0])  # N×C×H×W
        states = []
        for told in _of_frames(self.of_input, x):
            gates = told + self.of_state(state)
            enter, forget, new, leave = gates.chunk(4, dim=1)
            cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
            state = torch.sigmoid(leave) * torch.tanh(cell)
            states.append(state)
        return torch.stack(states, dim=2)


def _of_frames(conv: nn.Conv2d, x: Tensor) -> tuple[Tensor, ...]:
    """What the convolution makes of every frame of N×C×T×H×W, all at once: T times N×C'×H×W."""
    frames = conv(x.transpose(1, 2).flatten(0, 1))  # N·T×C'×H×W
    return frames.unflatten(0, (len(x), -1)).unbind(1)
