"""Running the ffmpeg binary that imageio-ffmpeg carries: frames in, frames out, through pipes."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

# DV, DVDs and some cameras have pixels that are not square; in all else that follows they are.
_SQUARE = "scale=round(iw*sar):ih,setsar=1"
_PPM = ["-an", "-sn", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "pipe:1"]


class FfmpegError(Exception):
    """ffmpeg failed; the message says why."""


@dataclass(frozen=True)
class Probe:
    """What a video file says of itself: (width, height) as shown, fps and seconds, 0 if unknown."""

    size: tuple[int, int]
    fps: float
    seconds: float


def command(*arguments: str) -> list[str]:
    """A call of the binary that never asks anything."""
    from imageio_ffmpeg import get_ffmpeg_exe

    return [get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", *arguments]


def probe(path: Path) -> Probe:
    """Decode one frame and read the header that ffmpeg prints.

    Raises:
        FfmpegError: there is no frame to decode; the message goes on after the file's name.
    """
    call = command("-i", f"file:{path}", "-map", "0:v:0", "-frames:v", "1", "-vf", _SQUARE, *_PPM)
    done = subprocess.run(call, capture_output=True, stdin=subprocess.DEVNULL)
    talk = done.stderr.decode(errors="replace")
    stream = re.search(r"Stream #.*: Video: .*", talk)
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s", done.stdout)
    if stream is None:
        raise FfmpegError("is not a video that can be read, or was cut short")
    if head is None:
        raise FfmpegError("is damaged or cut short: not one frame can be decoded")
    fps = re.search(r"([\d.]+) fps", stream[0]) or re.search(r"([\d.]+) tbr", stream[0])
    time = re.search(r"Duration: (\d+):(\d+):([\d.]+)", talk)
    seconds = float(time[1]) * 3600 + float(time[2]) * 60 + float(time[3]) if time else 0.0
    return Probe((int(head[1]), int(head[2])), float(fps[1]) if fps else 0.0, seconds)


def decode(path: Path, fps: float) -> Iterator[np.ndarray]:
    """The frames at a constant `fps`, uint8 H×W×3 RGB, as shown; as far as the file goes.

    A damaged end simply ends the frames: what can be decoded before it is good. Of a clip that ends
    before the middle of its first frame at that rate it is the first frame that there is.
    """
    empty = True
    for frame in _frames(path, f"fps={fps},{_SQUARE}"):
        empty = False
        yield frame
    if empty:
        yield from _frames(path, _SQUARE, "-frames:v", "1")


def _frames(path: Path, filters: str, *options: str) -> Iterator[np.ndarray]:
    call = command(
        "-v", "error", "-i", f"file:{path}", "-map", "0:v:0", "-vf", filters, *options, *_PPM
    )
    with _running(call, stdout=subprocess.PIPE) as (process, _):
        assert process.stdout is not None
        while True:
            if process.stdout.readline() != b"P6\n":
                return
            width, height = map(int, process.stdout.readline().split())
            process.stdout.readline()
            data = process.stdout.read(width * height * 3)
            if len(data) < width * height * 3:
                return
            yield np.frombuffer(data, np.uint8).reshape(height, width, 3)


@contextlib.contextmanager
def encoder(
    path: Path, size: tuple[int, int], channels: int, fps: float, options: list[str]
) -> Iterator[IO[bytes]]:
    """A pipe that takes raw RGB or RGBA frames of `size` and becomes the video at `path`.

    Raises:
        FfmpegError: ffmpeg gave up, at any point until the file is closed.
    """
    call = command(
        "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24" if channels == 3 else "rgba",
        "-s", f"{size[0]}x{size[1]}", "-r", f"{fps}", "-i", "pipe:0", *options,
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", f"file:{path}",
    )  # fmt: skip
    with _running(call, stdin=subprocess.PIPE) as (process, talk):
        assert process.stdin is not None
        try:
            yield process.stdin
            process.stdin.close()
            failed = process.wait() != 0
        except BrokenPipeError:
            process.wait()
            failed = True
        if failed:
            talk.seek(0)
            raise FfmpegError(_last_line(talk.read().decode(errors="replace")))


@contextlib.contextmanager
def _running(
    call: list[str], stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    # Its talk goes to a file, so that a full pipe never stalls it; its own session, so that Ctrl-C
    # reaches us alone and we decide what becomes of the file.
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(
            call, stdin=stdin, stdout=stdout, stderr=talk, start_new_session=True
        )
        try:
            yield process, talk
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()


def _last_line(talk: str) -> str:
    """The last thing it said, without the `[encoder @ address]` that it may start with."""
    lines = [line.strip() for line in talk.splitlines() if line.strip()]
    return re.sub(r"^(\[[^]]*\]\s*)+", "", lines[-1]) if lines else "ffmpeg failed"
