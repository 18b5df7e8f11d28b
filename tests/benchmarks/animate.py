"""How long a cold `pgvgen animate` takes from a 1080p photo, by step, and how much memory.

    python tests/benchmarks/animate.py [PHOTO] [--action wave] [--frames 32] [--weights action]

Without a photo it takes scikit-image's astronaut, enlarged and widened to 1920×1080. Every figure
is of a process of its own: the whole command as a user runs it, then the same steps one by one.
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
    parser.add_argument("--action", default="wave")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--weights", default="action")
    parser.add_argument("--steps", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.steps:
        _steps(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = options.photo or _astronaut(Path(folder) / "photo.png")
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
        for name, (seconds, cpu, megabytes) in json.loads(done.stdout).items():
            print(f"{name:<8}{seconds:8.2f}{cpu:8.2f}{megabytes:8.0f}")
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


def _astronaut(path: Path) -> Path:
    import cv2
    from skimage.data import astronaut

    from pgvgen.pictures import write_image

    large = cv2.resize(astronaut(), (1080, 1080), interpolation=cv2.INTER_CUBIC)
    write_image(path, np.pad(large, ((0, 0), (420, 420), (0, 0)), mode="reflect"))
    return path


if __name__ == "__main__":
    main()
