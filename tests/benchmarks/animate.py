"""How long a cold `pgvgen animate` takes from a 1080p photo, by step, and how much memory.

    python tests/benchmarks/animate.py [PHOTO] [--size 1080x1920] [--action wave] [--frames 32]

Without a photo it takes scikit-image's astronaut, enlarged and widened to 1920×1080; `--size`
enlarges the photo until it fills that size and cuts off what is too much. Every figure is of a
process of its own: the whole command as a user runs it, then the same steps one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

STEPS = ("import", "pose", "motion", "render", "encode")


def main() -> None:
    """Print a line a step: seconds, of them the CPU's, and the process's peak memory so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path)
    parser.add_argument("--size", type=_size, help="WIDTHxHEIGHT in px")
    parser.add_argument("--action", default="wave")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--weights", default="action")
    parser.add_argument("--steps", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.steps:
        _steps(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = _photo(options.photo, options.size, Path(folder) / "photo.png")
        given = [str(photo), "--action", options.action, "--frames", str(options.frames)]
        given += ["--weights", options.weights]
        video = Path(folder) / "video.mp4"
        began = time.perf_counter()
        whole = subprocess.Popen(
            [sys.executable, "-m", "pgvgen", "animate", *given, "-o", str(video), "-q"]
        )
        _, status, usage = os.wait4(whole.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            sys.exit(os.waitstatus_to_exitcode(status))
        cpu = usage.ru_utime + usage.ru_stime  # with the encoder's
        print(f"{'':<8}{'wall s':>8}{'CPU s':>8}{'MB':>8}")
        print(f"{'whole':<8}{seconds:8.2f}{cpu:8.2f}{usage.ru_maxrss / 1024:8.0f}  as a command")
        child = [sys.executable, __file__, *given, "--steps"]
        done = subprocess.run(child, check=True, capture_output=True, text=True)
        report = json.loads(done.stdout)
        for name, (seconds, cpu, megabytes) in report.items():
            print(f"{name:<8}{seconds:8.2f}{cpu:8.2f}{megabytes:8.0f}")
        print(f"render: {1000 * report['render'][0] / options.frames:.0f} ms a frame")
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def _steps(options: argparse.Namespace) -> None:
    """The steps of `animate` one after the other, in this process."""
    import resource

    report: dict[str, tuple[float, float, float]] = {}
    last = _clock()

    def done(step: str, spared: tuple[float, float] = (0, 0)) -> None:
        nonlocal last
        now = _clock()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report[step] = (now[0] - last[0] - spared[0], now[1] - last[1] - spared[1], peak)
        last = now

    from pgvgen.motion import generate_motion
    from pgvgen.pictures import read_image
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.rendering.renderer import render
    from pgvgen.video import write_video

    done("import")
    picture = read_image(options.photo)
    start = estimate_pose(picture)
    done("pose")
    motion = generate_motion(start, options.action, frames=options.frames, psgan=options.weights)
    done("motion")
    painting = [0.0, 0.0]

    def timed() -> Iterator[np.ndarray]:
        frames = iter(render(picture, motion, scgan=options.weights))
        while True:
            wall, cpu = _clock()
            frame = next(frames, None)
            after = _clock()
            painting[0] += after[0] - wall
            painting[1] += after[1] - cpu
            if frame is None:
                return
            yield frame

    with tempfile.TemporaryDirectory() as folder:
        write_video(Path(folder) / "video.mp4", timed(), motion.fps)
    done("encode", (painting[0], painting[1]))
    report["render"] = (painting[0], painting[1], report["encode"][2])
    print(json.dumps({step: report[step] for step in STEPS}))


def _clock() -> tuple[float, float]:
    """Wall and CPU seconds, the CPU's with those of finished child processes."""
    times = os.times()
    return time.perf_counter(), sum(times[:4])


def _size(text: str) -> tuple[int, int]:
    width, height = (int(side) for side in text.split("x"))
    return width, height


def _photo(given: Path | None, size: tuple[int, int] | None, path: Path) -> Path:
    """The photo to be measured, written to the path unless it is taken as it is given."""
    from pgvgen.pictures import read_image, write_image

    if given and not size:
        return given
    if given:
        picture = read_image(given)
    else:
        from skimage.data import astronaut

        picture = astronaut()
    if size:
        picture = _filling(picture, size)
    else:
        picture = _filling(picture, (1080, 1080))
        picture = np.pad(picture, ((0, 0), (420, 420), (0, 0)), mode="reflect")
    write_image(path, picture)
    return path


def _filling(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The middle of the picture at a size (width, height)."""
    import cv2

    scale = max(size[0] / picture.shape[1], size[1] / picture.shape[0])
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    top, left = (large.shape[0] - size[1]) // 2, (large.shape[1] - size[0]) // 2
    return np.ascontiguousarray(large[top : top + size[1], left : left + size[0]])


if __name__ == "__main__":
    main()
