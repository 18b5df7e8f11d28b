"""MediaPipe's nets, run by LiteRT."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from pgvgen.errors import WeightsError


class Net:
    """One .tflite network: a picture in, its output tensors by name out.

    Calls from several threads wait for each other, as an interpreter has one set of buffers.
    """

    def __init__(self, name: str, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        from pgvgen.weights import bundled_root

        path = bundled_root() / "mediapipe" / f"{name}.tflite"
        if not path.is_file():
            raise WeightsError(f"{path} is missing: install pgvgen again")
        self._interpreter: Any = Interpreter(str(path), num_threads=threads)
        with _silence():
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Side of the square input in px."""
        return int(self._input["shape"][1])

    def __call__(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """Run on one size×size×3 float picture; outputs by their names, without the batch axis."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], picture[None].astype(np.float32))
            self._interpreter.invoke()
            return {
                output["name"]: self._interpreter.get_tensor(output["index"])[0]
                for output in self._outputs
            }


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """LiteRT announces its delegate on stderr and has no switch for it: close that for a moment."""
    if sys.stderr:  # which is None where it was closed (`2>&-`)
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@functools.cache
def load_net(name: str, threads: int) -> Net:
    """The bundled net of that name, loaded once a process.

    Raises:
        WeightsError: the installation lacks it.
    """
    return Net(name, threads)
