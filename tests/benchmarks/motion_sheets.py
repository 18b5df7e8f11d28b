"""Every action from several photos, each above the nearest real motion, on one page to look at.

    python tests/benchmarks/motion_sheets.py WEIGHTS STORE PHOTO [PHOTO …] OUT.png
        [--actions wave,bow] [--poses 8] [--seed 0] [--fade 0.5]

A photo is a column of strips, an action two rows: what the weights write, and below it the clip of
the store's training split whose start pose is nearest, put on the same person.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore
from pgvgen.motion import PSGAN, generate_motion
from pgvgen.motion.coordinates import body_frame
from pgvgen.pictures import read_image, write_image
from pgvgen.poses import PoseSequence
from pgvgen.poses.drawing import draw_stills
from pgvgen.poses.estimators import estimate_pose
from pgvgen.poses.retarget import retarget
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.sheets import contact_sheet
from pgvgen.poses.timing import resample

HEIGHT = 110  # px of a pose on the page
WIDE, HIGH = 0.9, 1.35  # of the window about the person, in body heights


def main() -> None:
    """Draw the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("store", type=Path)
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("out", type=Path)
    parser.add_argument("--actions", help="some of them, with commas between; all by default")
    parser.add_argument("--poses", type=int, default=8, help="of each motion")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fade", type=float, default=0.5, help="of the photo behind the poses")
    options = parser.parse_args()
    psgan = PSGAN.from_pretrained(options.weights)
    store = ClipStore.open(options.store)
    people = [(read_image(path), estimate_pose(path)) for path in options.photos]
    strips, titles = [], []
    for label in options.actions.split(",") if options.actions else psgan.config.labels:
        made = [generate_motion(s, label, seed=options.seed, psgan=psgan) for _, s in people]
        clips = store.clips(split="train", labels=[label])
        real = [_nearest(clips, start, psgan) for _, start in people] if clips else []
        for kind, motions in (("", made), (", real", real)):
            for (picture, start), motion in zip(people, motions, strict=False):
                strips.append(_strip(motion, start, picture, options.poses, options.fade))
                titles.append(f"{label}{kind}")
    cell = (max(strip.shape[1] for strip in strips), HEIGHT)
    write_image(options.out, contact_sheet(strips, len(people), titles, cell=cell))


def _nearest(clips: list[Clip], start: PoseSequence, psgan: PSGAN) -> PoseSequence:
    """The clip that begins most alike, as the person of the start pose does it."""
    own = _placed(start.keypoints, start.confidence)
    away = []
    for clip in clips:
        both = (clip.confidence[0] > 0) & (start.confidence[0] >= SEEN)
        apart = np.linalg.norm(_placed(clip.keypoints[:1], clip.confidence[:1]) - own, axis=-1)
        away.append(apart[0, both].mean() - 0.1 * both.mean() if both.any() else np.inf)
    clip = clips[int(np.argmin(away))]
    motion = PoseSequence(clip.keypoints, clip.confidence, clip.fps, clip.size)
    return retarget(resample(motion, psgan.config.fps)[: psgan.config.frames], start)


def _placed(keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    places, sure = torch.tensor(keypoints[:1]), torch.tensor(confidence[:1])
    return body_frame(places, sure).normalise(places).numpy()


def _strip(
    motion: PoseSequence, start: PoseSequence, picture: np.ndarray, count: int, fade: float
) -> np.ndarray:
    """Evenly spaced poses in a row, each in a window about the person."""
    frame = body_frame(torch.tensor(start.keypoints), torch.tensor(start.confidence >= SEEN))
    height = float(frame.height)
    wide, high = round(WIDE * height), round(HIGH * height)
    left, top = (frame.centre[0].numpy() - (wide / 2, 0.5 * height)).round().astype(int)
    # Drawn at twice the page's size: lines that are drawn on a large photo vanish on the page.
    scale = 2 * HEIGHT / high
    size = round(scale * wide), 2 * HEIGHT
    window = np.float32([[scale, 0, -scale * left], [0, scale, -scale * top]])
    room = cv2.warpAffine(cv2.GaussianBlur(picture, (0, 0), 0.5 / scale), window, size)
    room = (room * (1 - fade)).astype(np.uint8)
    moved = motion.replace(keypoints=(motion.keypoints - (left, top)) * scale, size=size)
    chosen = [round(i * (len(moved) - 1) / max(1, count - 1)) for i in range(count)]
    return contact_sheet(
        list(draw_stills(moved, chosen, room)), count, cell=(round(HEIGHT * wide / high), HEIGHT)
    )


if __name__ == "__main__":
    main()
