"""Writing results so that no half file is ever seen."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from pgvgen.errors import OutputError, UsageError

_PREFIX = ".pgvgen-"


def check_name(path: str | Path) -> None:
    """Fail if it names nothing that a result could be called.

    Raises:
        UsageError: it is `.` or `..`, which could not be replaced either, or the root.
    """
    if Path(path).name in ("", ".."):
        raise UsageError(f"{path} is no name of a result: name one in it with -o")


def names_folder(path: str | Path) -> bool:
    """Whether the name ends as a folder's; a `Path` has lost the slash that says so."""
    return str(path).endswith(("/", os.sep))


def check_output(
    path: str | Path, *, overwrite: bool = True, source: str | Path | None = None
) -> None:
    """Fail now, before minutes of work, if `path` could not be written afterwards.

    Args:
        path: the file that is to be written.
        overwrite: whether it may exist.
        source: a file that it is made from, and which it must not replace.

    Raises:
        OutputError: the file exists and may not be overwritten, is the source itself, is no file,
            or would lie where nothing can be written.
    """
    path = Path(path)
    try:
        path = _target(path)
        if path.is_dir():
            raise OutputError(f"{path} is a folder: name a file in it with -o")
        if path.exists():
            if not path.is_file():  # moving a file into place would replace the device
                raise OutputError(f"{path} is a device or a pipe: name a file with -o")
            if source is not None and Path(source).exists() and path.samefile(source):
                raise OutputError(f"{path} is the input itself: name another file with -o")
            if not overwrite:
                raise OutputError(
                    f"{path} exists: say --overwrite to replace it, or name another with -o"
                )
    except OSError as error:
        raise cannot_write(path, error) from error
    _check_place(path)


def is_one_file(path: str | Path, other: str | Path) -> bool:
    """Whether two names, through links, lead to one file, which need not be there yet."""
    return os.path.realpath(path) == os.path.realpath(other)


def check_folder(
    path: str | Path, names: str, *, overwrite: bool = True, source: str | Path | None = None
) -> None:
    """`check_output` for a folder that is written as a whole.

    Args:
        path: the folder that is to be written.
        names: a glob for the files in it. Only a folder of nothing else is ever replaced.
        overwrite: whether it may hold such files already.
        source: a file or folder that it is made from, and which it must not replace.

    Raises:
        OutputError: it holds files and may not be overwritten, or other files; it is the source
            itself, or has it in it; or it would lie where nothing can be written.
    """
    path = Path(path)
    try:
        path = _target(path)
        if path.is_dir():
            held = list(path.iterdir())
            given = [Path(source)] if source is not None and Path(source).exists() else []
            if any(one.samefile(file) for file in given for one in (path, *held) if one.exists()):
                raise OutputError(f"{path} has the input in it: name another folder with -o")
            if any(not file.match(names) or file.is_dir() for file in held):
                raise OutputError(
                    f"{path} holds other files, which would be lost: name another folder with -o"
                )
            if held and not overwrite:
                raise OutputError(
                    f"{path} exists: say --overwrite to replace it, or name another with -o"
                )
            if os.path.ismount(path):
                raise OutputError(f"{path} is a disk of its own: name a folder in it with -o")
        elif path.exists():
            raise OutputError(f"{path} is a file, not a folder: name another with -o")
    except OSError as error:
        raise cannot_write(path, error) from error
    _check_place(path)


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, moved into place when the block ends well.

    Where `path` is a link, the file that it leads to is written.

    Raises:
        OutputError: as `check_output`, or the disk is full. Nothing is left behind.
    """
    check_output(path)
    suffix, path = Path(path).suffix, _target(Path(path))
    with _beside(path, suffix) as temporary:
        yield temporary
        with contextlib.suppress(OSError):  # a disk without permissions
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)


@contextlib.contextmanager
def atomic_folder(path: str | Path, names: str) -> Iterator[Path]:
    """A temporary folder beside `path`, moved into place when the block ends well.

    Args:
        path: the folder.
        names: a glob for the files that are written into it; such as it holds already go.

    Raises:
        OutputError: as `check_folder`, or the disk is full. Nothing is left behind.
    """
    check_folder(path, names)
    path = _target(Path(path))
    with _beside(path, folder=True) as temporary:
        yield temporary
        with contextlib.suppress(OSError):
            temporary.chmod(0o777 & ~_umask())
        if path.is_dir() and any(path.iterdir()):  # only an empty one can be replaced at once
            with _beside(path, folder=True) as old:
                path.replace(old)
                temporary.replace(path)
        else:
            temporary.replace(path)


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
                    if lock(handle):
                        _remove(temporary)
                finally:
                    os.close(handle)


@contextlib.contextmanager
def _beside(path: Path, suffix: str = "", *, folder: bool = False) -> Iterator[Path]:
    """A new temporary file or folder beside `path`, locked while it is in use, gone afterwards."""
    # Its name is known before it exists: Ctrl-C at any moment finds what has to be removed.
    temporary = path.parent / f"{_PREFIX}{secrets.token_hex(8)}{suffix}"
    handle = -1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _own(temporary, folder)
        yield temporary
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        _remove(temporary)
        if handle >= 0:
            os.close(handle)


def _own(temporary: Path, folder: bool) -> int:
    """Make the temporary file or folder; the handle that holds the lock on it."""
    while True:
        if folder:
            temporary.mkdir(0o700)
            handle = os.open(temporary, os.O_RDONLY)
        else:
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        lock(handle)
        if os.fstat(handle).st_nlink:  # or else it was swept away before it was locked
            return handle
        os.close(handle)


def _remove(temporary: Path) -> None:
    if temporary.is_dir():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        temporary.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """Where a name leads to, through links.

    Raises:
        OSError: a loop of links, or no file can be called so.
    """
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise OSError(errno.EINVAL, "no file can be called so")
    if not path.is_symlink():
        return path
    path = Path(os.path.realpath(path))
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return path


def _check_place(path: Path) -> None:
    """Whether the folder that is to hold `path`, or that can be made for it, can be written."""
    try:
        folder = next(parent for parent in path.absolute().parents if parent.exists())
    except OSError as error:
        raise cannot_write(path, error) from error
    if not folder.is_dir():
        raise OutputError(f"cannot write {path}: {folder} is not a folder; name another with -o")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: {folder} is read-only; name another with -o")


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def lock(handle: int) -> bool | None:
    """Lock an open file until it is closed; None on systems that have no such locks.

    Returns:
        False if somebody else holds it.
    """
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def cannot_write(path: Path, error: OSError) -> OutputError:
    """What to raise where the system says that it cannot be written."""
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}; name another place with -o")
