"""What the networks run on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgvgen.errors import UsageError

if TYPE_CHECKING:
    import torch


def find_device(name: str = "auto") -> torch.device:
    """The device of that name; `auto` takes CUDA or Apple's GPU where there is one.

    Raises:
        UsageError: no such device on this machine.
    """
    import torch

    has = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if has[kind]))
    kind, colon, index = name.partition(":")
    known = has.get(kind, False) and (not colon or re.fullmatch("0|[1-9][0-9]?", index))
    if not known or (kind == "cuda" and index and int(index) >= torch.cuda.device_count()):
        there = ", ".join(kind for kind, here in has.items() if here)
        raise UsageError(f"there is no device {name!r} here: choose from auto, {there}")
    return torch.device(name)
