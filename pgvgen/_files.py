"""Writing results so that no half file is ever seen."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pgvgen.errors import OutputError

_PREFIX = ".pgvgen-"


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
    handle = -1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = _own(path)
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
        if handle >= 0:
            os.close(handle)


def sweep(folder: str | Path) -> None:
    """Remove the temporary files that processes which were killed have left in a folder.

    Whoever writes one holds a lock on it, which the system takes back when the process ends,
    however it ends: what is still being written is left alone.
    """
    with contextlib.suppress(OSError):
        for temporary in Path(folder).glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                handle = os.open(temporary, os.O_RDONLY)
                try:
                    if _lock(handle):
                        temporary.unlink()
                finally:
                    os.close(handle)


def _own(path: Path) -> tuple[int, Path]:
    """A new temporary file beside `path` and the handle that holds the lock on it."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=path.suffix, dir=path.parent)
        _lock(handle)
        if os.fstat(handle).st_nlink:  # or else it was swept away before it was locked
            return handle, Path(name)
        os.close(handle)


def _lock(handle: int) -> bool:
    """Whether the lock could be had; never on systems without such locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _cannot_write(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}; name another place with -o")
