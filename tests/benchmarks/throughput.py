"""Photos a minute of `pgvgen animate FOLDER`, and what a photo costs beyond the networks.

    python tests/benchmarks/throughput.py [--photos 12] [--frames 16] [--edge 384] [--jobs 1 2]

The photos are scikit-image's astronaut in many lights. Photos a minute are of the whole command
and of what it does once its workers have loaded: from the first line of the report to the last.
What the networks take (the pose's, PSGAN, SCGAN: their forward passes alone) is measured in this
process, on the same photos, one after the other; the rest of a photo's seconds is everything else:
reading, cutting out, moving the parts, encoding, and the batch itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Print a line for each number of jobs, then the networks' share."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--edge", type=int, default=384)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        draw(photos, options.photos, options.edge)
        print(f"{options.photos} photos, {options.edge} px, {options.frames} frames each")
        print(f"{'jobs':>4} {'photos/min':>11} {'loaded':>8} {'wall s':>8} {'CPU s a photo':>14}")
        for jobs in options.jobs:
            print(measure(photos, Path(scratch) / f"videos-{jobs}", jobs, options.frames))
        networks, whole = alone(sorted(photos.iterdir()), options.frames)
        print(
            f"in one process: {whole:.2f} CPU s a photo, {networks:.2f} of them in the networks, "
            f"{whole - networks:.2f} beyond them"
        )
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def draw(folder: Path, count: int, edge: int) -> None:
    """The photos."""
    import cv2
    from skimage.data import astronaut

    from pgvgen.pictures import write_image

    portrait = cv2.resize(astronaut(), (edge, edge), interpolation=cv2.INTER_AREA)
    for i, light in enumerate(np.linspace(0.75, 1.1, count)):
        write_image(folder / f"{i:03}.png", (portrait * light).clip(0, 255).astype(np.uint8))


def measure(photos: Path, videos: Path, jobs: int, frames: int) -> str:
    """A line of the table."""
    call = [sys.executable, "-m", "pgvgen", "animate", str(photos), "-a", "wave", "-o", str(videos)]
    call += ["--frames", str(frames), "--jobs", str(jobs), "--json", "-q"]
    before, began = os.times(), time.perf_counter()
    told: list[float] = []
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [time.perf_counter() for _ in process.stdout]
    wall = time.perf_counter() - began
    if process.returncode:
        sys.exit(process.returncode)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    loaded = 60 * (len(told) - jobs) / (told[-1] - told[jobs - 1])
    a_minute = 60 * len(told) / wall
    return f"{jobs:4} {a_minute:11.1f} {loaded:8.1f} {wall:8.1f} {cpu / len(told):14.2f}"


def alone(photos: list[Path], frames: int) -> tuple[float, float]:
    """CPU seconds a photo in the networks, and in all, once everything is loaded."""
    from pgvgen.cli.animate import AnimateWork
    from pgvgen.motion import PSGAN
    from pgvgen.poses.estimators.nets import Net
    from pgvgen.rendering.scgan import SCGAN

    spent = 0.0

    def clocked(owner: Any, name: str) -> None:
        plain = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal spent
            began = time.process_time()
            try:
                return plain(*arguments, **options)
            finally:
                spent += time.process_time() - began

        setattr(owner, name, call)

    clocked(Net, "__call__")
    clocked(PSGAN, "forward")
    for name in ("encode_photo", "transport", "paint"):
        clocked(SCGAN, name)
    work = AnimateWork(
        action="wave", driver=None, frames=frames, fps=None, seed=0, strength=0.5, loop=False,
        person=0, estimator="blazepose", size=None, crop=False, transparent=False,
        weights="action", device="cpu",
    )  # fmt: skip
    do = work.start()
    with tempfile.TemporaryDirectory() as folder:
        do(Path(folder) / "first.mp4", photos[0])
        spent, before = 0.0, sum(os.times()[:4])
        for photo in photos:
            do(Path(folder) / f"{photo.stem}.mp4", photo)
        whole = sum(os.times()[:4]) - before
    return spent / len(photos), whole / len(photos)


if __name__ == "__main__":
    main()
