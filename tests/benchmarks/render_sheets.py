"""Frames of several actions from several photos, on pages to look at: a page a photo.

    python tests/benchmarks/render_sheets.py PHOTO [PHOTO …] OUT/
        [--actions wave,jump,squat,walk,throw] [--weights action] [--seed 0] [--frames 8]

A row is an action: the photo first, then frames evenly spaced in time, cut to the square in which
the motion takes place.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pgvgen.motion import PSGAN, generate_motion
from pgvgen.pictures import read_image, write_image
from pgvgen.poses.estimators import estimate_pose
from pgvgen.poses.sheets import contact_sheet
from pgvgen.rendering.renderer import render
from pgvgen.rendering.scgan import SCGAN

ACTIONS = "wave,jump,squat,walk,throw"


def main() -> None:
    """Write a page a photo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("out", type=Path)
    parser.add_argument("--actions", default=ACTIONS)
    parser.add_argument("--weights", default="action")
    parser.add_argument("--motion", default="action", help="weights of stage one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, default=8, help="shown of each motion")
    parser.add_argument("--height", type=int, default=220, help="px of a frame on the page")
    options = parser.parse_args()
    psgan, scgan = PSGAN.from_pretrained(options.motion), SCGAN.from_pretrained(options.weights)
    for number, path in enumerate(options.photos):
        picture, start = read_image(path), estimate_pose(path)
        cells: list[np.ndarray] = []
        for action in options.actions.split(","):
            motion = generate_motion(start, action, seed=options.seed, psgan=psgan)
            wanted = np.linspace(0, len(motion) - 1, options.frames).round().astype(int)
            shown = motion.replace(  # its own first pose and extent, but only the frames shown
                keypoints=motion.keypoints[wanted], confidence=motion.confidence[wanted]
            )
            cells += render(picture, shown, scgan=scgan, crop=True)
        name = f"{number:02}-{path.parent.name}-{path.stem}.png"
        write_image(options.out / name, contact_sheet(cells, options.frames, cell=options.height))


if __name__ == "__main__":
    main()
