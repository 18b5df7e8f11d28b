"""How far BlazePose in pgvgen is from MediaPipe's own answer, in px, on a folder of photos.

MediaPipe 0.10.14 wants another numpy than pgvgen, so its answers are written in its own
environment first and compared in pgvgen's:

    python tests/benchmarks/blazepose_reference.py answer PHOTOS answers.json
    python tests/benchmarks/blazepose_reference.py compare PHOTOS answers.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

# MediaPipe's landmark for each joint of BODY_18; the neck (1) is ours and left out.
LANDMARKS = [0, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7]
JOINTS = [0, *range(2, 18)]
SURE = 0.5


def photos(folder: Path, count: int) -> list[Path]:
    """`count` photos of the folder and those in it, evenly spaced by name."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".png"})
    return [found[i] for i in np.unique(np.linspace(0, len(found) - 1, count).astype(int))]


def answer(folder: Path, count: int) -> dict[str, list[list[float]] | None]:
    """MediaPipe's (x px, y px, visibility) of each joint, by photo; None without a person."""
    import mediapipe

    answers: dict[str, list[list[float]] | None] = {}
    with mediapipe.solutions.pose.Pose(static_image_mode=True, model_complexity=1) as pose:
        for path in photos(folder, count):
            picture = cv2.imread(str(path))[:, :, ::-1]
            height, width = picture.shape[:2]
            found = pose.process(np.ascontiguousarray(picture)).pose_landmarks
            answers[str(path.relative_to(folder))] = found and [
                [p.x * width, p.y * height, p.visibility]
                for p in (found.landmark[i] for i in LANDMARKS)
            ]
    return answers


def compare(folder: Path, answers: dict[str, list[list[float]] | None]) -> dict[str, object]:
    """Distances over the joints that MediaPipe sees (visibility ≥ 0.5)."""
    from pgvgen.poses.estimators import load_estimator

    estimator = load_estimator("blazepose")
    apart, relative, visibility, worst, missed, extra = [], [], [], [], [], []
    for name, theirs in answers.items():
        picture = np.ascontiguousarray(cv2.imread(str(folder / name))[:, :, ::-1])
        people = estimator.people(picture)
        if theirs is None:
            extra += [name] * bool(people)
            continue
        if not people:
            missed.append(name)
            continue
        reference = np.array(theirs)
        sure = reference[:, 2] >= SURE
        distances = [
            np.linalg.norm(p.keypoints[JOINTS] - reference[:, :2], axis=1)[sure] for p in people
        ]
        # MediaPipe takes its surest person, pgvgen the largest: compare the same one.
        person = min(range(len(people)), key=lambda i: distances[i].mean())
        apart.append(distances[person])
        extent = np.ptp(reference[sure, :2], axis=0).max()
        relative.append(distances[person] / extent)
        visibility.append(np.abs(people[person].confidence[JOINTS] - reference[:, 2]))
        worst.append((round(float(distances[person].mean()), 2), name))
    pixels, share = np.concatenate(apart), 100 * np.concatenate(relative)
    return {
        "photos": len(answers),
        "found by both": len(apart),
        "only MediaPipe": missed,
        "only pgvgen": extra,
        "joints": len(pixels),
        "px median, 90 %, 99 %": np.percentile(pixels, [50, 90, 99]).round(2).tolist(),
        "% of the body's extent": np.percentile(share, [50, 90, 99]).round(2).tolist(),
        "visibility, median and 90 %": np.percentile(np.concatenate(visibility), [50, 90])
        .round(4)
        .tolist(),
        "worst photos (mean px)": sorted(worst, reverse=True)[:5],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=["answer", "compare"])
    parser.add_argument("photos", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    if options.step == "answer":
        try:
            answers = answer(options.photos, options.count)
        except ImportError as error:
            print(f"skipped: {error}; run this in an environment with mediapipe==0.10.14")
            return
        options.answers.write_text(json.dumps(answers))
    else:
        print(
            json.dumps(compare(options.photos, json.loads(options.answers.read_text())), indent=1)
        )


if __name__ == "__main__":
    main()
