"""Everything that a training needs to go on as if it had never stopped, in one file."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import torch

from pgvgen._files import atomic_path
from pgvgen.errors import WeightsError
from pgvgen.training.stage import Stage

# What is no checkpoint is read as a pickle, each byte of which may do something of its own.
_DAMAGED = (
    pickle.UnpicklingError, EOFError, OSError, RuntimeError, ValueError, LookupError, TypeError,
    AttributeError,
)  # fmt: skip


def save_checkpoint(path: Path, stage: Stage, *, step: int, best: float | None) -> None:
    """Write the stage as it is after `step` steps; the file before it stays until this is whole.

    No random state is in it: the loop draws the randomness of step n from (seed, n) alone.

    Args:
        path: of the `.pt` file.
        stage: its modules, optimisers and loss scale are kept.
        step: steps done.
        best: the best validation figure so far.

    Raises:
        OutputError: the file cannot be written.
    """
    state = {
        "step": step,
        "best": best,
        "modules": {name: module.state_dict() for name, module in stage.modules().items()},
        "optimisers": {name: opt.state_dict() for name, opt in stage.optimisers().items()},
        "scaler": stage.precision.scaler.state_dict(),
    }
    # By way of memory: a full disk is then an OSError and so one clear line, not torch's own error.
    content = io.BytesIO()
    torch.save(state, content)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.getbuffer())


def load_checkpoint(path: Path, stage: Stage) -> tuple[int, float | None]:
    """Put a stage back to where a checkpoint was written; nothing but tensors is unpickled.

    Returns:
        The steps done, and the best validation figure so far.

    Raises:
        WeightsError: damaged, or of networks of another shape.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGED as error:
        raise WeightsError(f"{path} is no checkpoint or a damaged one: start a new run") from error
    try:
        for name, module in stage.modules().items():
            module.load_state_dict(state["modules"][name])
        for name, optimiser in stage.optimisers().items():
            optimiser.load_state_dict(state["optimisers"][name])
        stage.precision.scaler.load_state_dict(state["scaler"])
        return state["step"], state["best"]
    except _DAMAGED as error:
        raise WeightsError(
            f"{path} does not fit this recipe's networks: resume with the recipe it began with"
        ) from error
