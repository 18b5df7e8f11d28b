"""A folder of many tiny photos, small networks to animate them, and a hand that kills."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

SEED = 0


def draw_photos(folder: Path, count: int) -> None:
    """Portraits of one person in many lights and places, 96×96; one in forty shows nobody."""
    import cv2
    from skimage.data import astronaut

    from pgvgen.pictures import write_image

    rng = np.random.default_rng(SEED)
    portrait = cv2.resize(astronaut(), (96, 96), interpolation=cv2.INTER_AREA)
    for i in range(count):
        light, (dx, dy) = rng.uniform(0.8, 1.1), rng.integers(-4, 5, 2)
        photo = np.roll(portrait, (dy, dx), (0, 1)) * light
        if i % 40 == 20:
            photo = np.full_like(portrait, 90)
        name = folder / f"album {i % 3}" / f"{i:03}.png"
        write_image(name, photo.clip(0, 255).astype(np.uint8))


def small_weights(folder: Path) -> Path:
    """Both networks, real but small and untrained."""
    import torch

    from pgvgen.motion import PSGAN, PSGANConfig
    from pgvgen.rendering.scgan import SCGAN, SCGANConfig

    torch.manual_seed(SEED)
    psgan = PSGANConfig(("wave", "bow"), generator="keypoint", frames=8, width=16)
    PSGAN(psgan).save_pretrained(folder / "psgan")
    SCGAN(SCGANConfig(size=32, heatmap=16, width=8, blocks=1)).save_pretrained(folder / "scgan")
    return folder


def animate(photos: Path, videos: Path, weights: Path, jobs: int = 2) -> subprocess.Popen[bytes]:
    """`pgvgen animate` on the folder, in a process group of its own."""
    call = [sys.executable, "-m", "pgvgen", "animate", str(photos), "-a", "wave", "-o", str(videos)]
    call += ["--weights", str(weights), "--frames", "2", "--size", "32", "--jobs", str(jobs), "-q"]
    few = {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        call, start_new_session=True, stderr=subprocess.PIPE, env=os.environ | few
    )


def kill_at_random(process: subprocess.Popen[bytes], rng: random.Random, seconds: float) -> bool:
    """SIGKILL to the parent alone or to all of them at some moment; False if it was done before."""
    try:
        process.wait(rng.uniform(0, seconds))
        return False
    except subprocess.TimeoutExpired:
        if rng.random() < 0.5:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def finish(process: subprocess.Popen[bytes]) -> int:
    """Let it come to its end."""
    process.communicate(timeout=3600)
    return process.returncode


def files_in(folder: Path) -> dict[str, str]:
    """Every file below, hidden ones too, and what is in it; the report is looked at apart."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "report.jsonl"
    }


def report_in(folder: Path) -> list[tuple[Any, ...]]:
    """What the report says of each input, in the order of their names."""
    lines = (folder / "report.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    keys = ("source", "output", "status", "error")
    return sorted(tuple(str(record.get(key)) for key in keys) for record in records)


def run_and_kill(folder: Path, count: int, kills: int, seed: int, jobs: int = 2) -> dict[str, Any]:
    """An undisturbed run and one that is killed so often; what both have made.

    Raises:
        AssertionError: they differ.
    """
    rng = random.Random(seed)
    photos, weights = folder / "photos", small_weights(folder / "weights")
    draw_photos(photos, count)
    began = time.monotonic()
    assert finish(animate(photos, folder / "whole", weights, jobs)) == 3, "some show nobody"
    seconds = time.monotonic() - began
    left: list[int] = []
    while len(left) < kills and kill_at_random(
        animate(photos, folder / "killed", weights, jobs), rng, seconds / max(1, kills - 1)
    ):
        left.append(len(list((folder / "killed").rglob("*.mp4"))))
    assert finish(animate(photos, folder / "killed", weights, jobs)) == 3
    whole, killed = files_in(folder / "whole"), files_in(folder / "killed")
    assert killed == whole
    assert report_in(folder / "killed") == report_in(folder / "whole")
    assert len(report_in(folder / "whole")) == count
    return {"photos": count, "videos": len(whole), "seconds": seconds, "found at kills": left}


if __name__ == "__main__":
    import tempfile

    print(__doc__)
    count, kills, seed = (int(word) for word in [*sys.argv[1:], "200", "6", "1"][:3])
    with tempfile.TemporaryDirectory() as scratch:
        print(run_and_kill(Path(scratch), count, kills, seed))
