"""Mixed precision: the number format of the forward pass, and how a loss becomes a step."""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """Autocast and loss scaling on CUDA; plain float32 everywhere else.

    Args:
        name: `fp32`, `bf16` or `fp16`. bf16 is many times slower than fp32 on CPUs, so anything
            but CUDA computes in fp32 whatever is asked.
        device: where the networks are.
    """

    def __init__(self, name: str = "fp32", device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.format = FORMATS[name] if self.device.type == "cuda" else torch.float32
        # A disabled scaler passes everything through, so there is one way for all formats.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.format is torch.float16)

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """The context of a forward pass: `with self.precision.autocast(): loss = …`."""
        if self.format is torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.format)

    def descend(self, loss: Tensor, optimiser: Optimizer, *, clip: float | None = None) -> None:
        """One step of the optimiser down the gradient of the loss.

        Args:
            loss: a scalar.
            optimiser: its parameters' old gradients are dropped first.
            clip: the largest norm that the gradient of all its parameters together may have.
        """
        optimiser.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        if clip is not None:
            self.scaler.unscale_(optimiser)
            weights = [weight for group in optimiser.param_groups for weight in group["params"]]
            torch.nn.utils.clip_grad_norm_(weights, clip)
        self.scaler.step(optimiser)
        self.scaler.update()
