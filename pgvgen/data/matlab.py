"""Reading MATLAB's `.mat` annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pgvgen.errors import InputError, PgvgenError


def load_mat(path: Path, what: str) -> dict[str, Any]:
    """The variables of a `.mat` file.

    Args:
        what: what the file should be, for the error.

    Raises:
        InputError: the file cannot be read.
        PgvgenError: SciPy is not installed.
    """
    try:
        from scipy.io import loadmat
    except ImportError:
        raise PgvgenError(
            "SciPy reads .mat files and is not installed: pip install 'pgvgen[train]'"
        ) from None
    try:
        variables: dict[str, Any] = loadmat(path)
    except Exception as error:  # SciPy raises whatever it stumbles over in a damaged file
        raise InputError(f"{path} is not {what} ({' '.join(str(error).split())})") from None
    return variables
