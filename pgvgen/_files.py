"""Writing results so that no half file is ever seen."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pgvgen.errors import OutputError


@contextlib.contextmanager
def atomic_path(path: str | Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, moved into place when the block ends well.

    Raises:
        OutputError: the folder cannot be made or written, or the file exists and may not be
            overwritten. Nothing is left behind.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists: say --overwrite to replace it, or name another with -o")
    if path.is_dir():
        raise OutputError(f"{path} is a folder: name a file in it with -o")
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".pgvgen-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {path}: {reason}; choose another place with -o") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
