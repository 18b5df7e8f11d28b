"""Writing results so that no half file is ever seen."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pgvgen.errors import OutputError


def check_output(path: str | Path, *, overwrite: bool = True) -> None:
    """Fail now, before minutes of work, if `path` could not be written afterwards.

    Raises:
        OutputError: the file exists and may not be overwritten, is a folder, or would lie where
            nothing can be written.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder: name a file in it with -o")
        if path.exists() and not overwrite:
            raise OutputError(
                f"{path} exists: say --overwrite to replace it, or name another with -o"
            )
        folder = next(parent for parent in path.absolute().parents if parent.exists())
    except OSError as error:
        raise _cannot_write(path, error) from error
    if not folder.is_dir():
        raise OutputError(f"cannot write {path}: {folder} is not a folder; name another with -o")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: {folder} is read-only; name another with -o")


@contextlib.contextmanager
def atomic_path(path: str | Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, moved into place when the block ends well.

    Raises:
        OutputError: the folder cannot be made or written, or the file exists and may not be
            overwritten. Nothing is left behind.
    """
    path = Path(path)
    check_output(path, overwrite=overwrite)
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
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}; name another place with -o")
