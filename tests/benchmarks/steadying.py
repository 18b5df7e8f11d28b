"""How near an estimator's joints in a video are to the truth, and how much they tremble.

    python tests/benchmarks/steadying.py PHOTO [PHOTO …] [--actions walk,dance,throw] [--seed 1]
        [--frames 60] [--fps 30] [--longest 480]

The videos are rendered from the photos, so that every frame's pose is known. A line each for the
joints as they are found in every frame, and as they are steadied, and both as `--motion` has them
further: smoothed. In hundredths of a body's height, of the joints of trunk and limbs that are seen;
`off` is how far they are from the truth, `tremble` by how much their way from frame to frame is.
Frames made of a photo's parts move more cleanly than people do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pgvgen.data.shots import Filmed, shrunk
from pgvgen.motion import generate_motion
from pgvgen.pictures import read_image
from pgvgen.poses.bones import body_height
from pgvgen.poses.estimators import estimate_pose
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.timing import bridge_gaps, smooth
from pgvgen.rendering.renderer import render

ACTIONS = "walk,dance,throw,jumping_jack,wave_both"
_LIMBS = slice(0, 14)


def main() -> None:
    """Print the means over all photos and actions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--actions", default=ACTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--longest", type=int, default=480, help="px of a video's longer side")
    options = parser.parse_args()
    figures: dict[str, list[np.ndarray]] = {}
    for path in options.photos:
        photo = shrunk(read_image(path), options.longest)
        start = estimate_pose(photo)
        for action in options.actions.split(","):
            truth = generate_motion(
                start, action, frames=options.frames, fps=options.fps, seed=options.seed
            )
            clip = Filmed(list(render(photo, truth)), truth.fps)
            found, steadied = (estimate_pose(clip, steady=steady) for steady in (False, True))
            seen = (truth.confidence >= SEEN) & (found.confidence >= SEEN)
            for name, poses in (("found", found), ("steadied", steadied)):
                smoothed = smooth(bridge_gaps(poses))
                for how, joints in ((name, poses), (f"{name}, smoothed", smoothed)):
                    figures.setdefault(how, []).append(_compare(joints, truth, seen))
    print(f"{'':<20}{'off':>8}{'95th %':>8}{'tremble':>8}{'95th %':>8}")
    for name, rows in figures.items():
        print(f"{name:<20}" + "".join(f"{value:8.2f}" for value in np.mean(rows, axis=0)))


def _compare(joints: PoseSequence, truth: PoseSequence, seen: np.ndarray) -> np.ndarray:
    """Mean and 95th percentile of what `off` and `tremble` are."""
    miss, seen = (joints.keypoints - truth.keypoints)[:, _LIMBS], seen[:, _LIMBS]
    height = body_height(truth.keypoints, truth.confidence) / 100
    off = np.linalg.norm(miss, axis=-1)[seen] / height
    tremble = np.linalg.norm(np.diff(miss, axis=0), axis=-1)[seen[1:] & seen[:-1]] / height
    return np.array([f(x) for x in (off, tremble) for f in (np.mean, _most)])


def _most(values: np.ndarray) -> float:
    return float(np.percentile(values, 95))


if __name__ == "__main__":
    main()
