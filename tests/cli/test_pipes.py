"""`pose | motion | render` is `animate`, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from skimage.data import astronaut

from pgvgen.pictures import write_image

PGVGEN = f"{sys.executable} -m pgvgen"


def test_the_pipe_gives_the_same_video_as_animate(tmp_path: Path) -> None:
    write_image(tmp_path / "photo.jpg", astronaut())
    few = "--frames 12 --seed 5"

    def shell(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=tmp_path, check=True, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    whole = shell(f"{PGVGEN} animate photo.jpg --action wave {few} -o whole.mp4 -q")
    piped = shell(
        f"{PGVGEN} pose photo.jpg | {PGVGEN} motion - --action wave {few}"
        f" | {PGVGEN} render photo.jpg - -o piped.mp4 -q"
    )
    assert (whole.stdout, whole.stderr, piped.stdout, piped.stderr) == ("", "", "", "")
    assert (tmp_path / "whole.mp4").read_bytes() == (tmp_path / "piped.mp4").read_bytes()


@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_same_seed_same_bytes_another_seed_another_video(tmp_path: Path, suffix: str) -> None:
    from pgvgen import animate

    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        video = animate(astronaut(), "wave", frames=8, seed=seed, size=160)
        video.save(tmp_path / f"{name}.{suffix}")
    a, b, c = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in "abc")
    assert a == b
    assert a != c
