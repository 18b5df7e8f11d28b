"""Results appear whole or not at all; nothing that is not ours is replaced or swept away."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pgvgen._files import atomic_folder, atomic_path, check_folder, check_output, sweep
from pgvgen.errors import OutputError

WRITE = """
import sys, time
from pgvgen._files import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print(temporary, flush=True)
    time.sleep(60)
"""


def test_only_what_nobody_writes_any_more_is_swept(tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(video)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    half = Path(process.stdout.readline().strip())
    sweep(tmp_path)
    assert half.read_text() == "half", "it is still being written"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert half.exists(), "or this test proves nothing"
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_does_not_sweep_away_what_one_writes(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "note.txt") as temporary:
        temporary.write_text("whole")
        sweep(tmp_path)
    assert (tmp_path / "note.txt").read_text() == "whole"
    sweep(tmp_path / "missing")


def stopped(place: AbstractContextManager[Path], by: BaseException) -> None:
    with place as temporary:
        (temporary / "half.txt" if temporary.is_dir() else temporary).write_text("half")
        raise by


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    place = tmp_path / "new" / "frames"
    with atomic_folder(place, "*.txt") as temporary:
        (temporary / "0.txt").write_text("one")
        assert not place.exists()
        sweep(place.parent)  # it is in use
    assert [file.read_text() for file in place.iterdir()] == ["one"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(place.stat().st_mode) == 0o777 & ~umask
    with atomic_folder(place, "*.txt") as temporary:
        (temporary / "1.txt").write_text("two")
    assert [file.name for file in place.iterdir()] == ["1.txt"]
    with pytest.raises(KeyboardInterrupt):
        stopped(atomic_folder(place, "*.txt"), KeyboardInterrupt())
    assert [file.name for file in place.iterdir()] == ["1.txt"]
    assert [folder.name for folder in place.parent.iterdir()] == ["frames"]


def test_a_disk_without_permissions_holds_results_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refused)
    with atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    with atomic_folder(tmp_path / "a", "*.txt") as temporary:
        (temporary / "0.txt").write_text("one")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a", "a.txt"]


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "0.txt").touch()
    check_folder(tmp_path, "*.txt")
    with pytest.raises(OutputError, match="--overwrite"):
        check_folder(tmp_path, "*.txt", overwrite=False)
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(OutputError, match="would be lost"), atomic_folder(tmp_path, "*.txt"):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.txt", "thesis.doc"]


def test_a_disk_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path)
    with pytest.raises(OutputError, match="name a folder in it"):
        check_folder(tmp_path, "*.txt")
    check_folder(tmp_path / "a", "*.txt")


def test_a_link_leads_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("file.txt")
    with atomic_path(tmp_path / "link.txt") as temporary:
        temporary.write_text("through")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "file.txt").read_text() == "through"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="symbolic links"), atomic_path(tmp_path / "loop"):
        pass
    assert (tmp_path / "loop").is_symlink()


def test_neither_a_device_nor_the_input_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="device"):
        check_output("/dev/null")
    (tmp_path / "photo.png").write_text("the only copy")
    (tmp_path / "same.png").hardlink_to(tmp_path / "photo.png")
    with pytest.raises(OutputError, match="input itself"):
        check_output(tmp_path / "same.png", source=tmp_path / "photo.png")
    check_output(tmp_path / "other.png", source=tmp_path / "photo.png")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for place in (atomic_path(tmp_path / "a.txt"), atomic_folder(tmp_path / "a", "*")):
        with pytest.raises(OutputError, match="No space left"):
            stopped(place, full)
    assert list(tmp_path.iterdir()) == []
