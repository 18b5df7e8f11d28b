"""Temporary files of processes that were killed are swept away, those of living ones are not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from pgvgen._files import atomic_path, sweep

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
