"""Whether the person in a painted frame does what the real one does: AKD and MKR.

As FOMM defines them (Siarohin et al., NeurIPS 2019, Section 4): an estimator looks at both frames.
It is told where the real person is, for a detector misses many who are as small as here: of the
Weizmann clips' test person, it finds half the frames, the landmark net all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.cores import threads
from pgvgen.poses.estimators.blazepose import PRESENT, to_person
from pgvgen.poses.estimators.landmarks import find_landmarks
from pgvgen.poses.estimators.region import Region

FOUND = 0.5
"""Confidence from which a joint counts as found."""


@dataclass(frozen=True, eq=False)
class Joints:
    """What BlazePose finds in a part of a frame.

    Attributes:
        points: 18×2 px of the frame.
        found: 18 booleans; none where there is nobody.
    """

    points: np.ndarray
    found: np.ndarray


def joints_in(frame: np.ndarray, region: Region | None) -> Joints:
    """The joints of a person in an H×W×3 uint8 frame.

    Args:
        frame: of any size; the region is drawn at the net's own.
        region: where the person should be (`body_region` of the real pose); None finds nobody.
    """
    if region is not None:
        landmarks = find_landmarks(frame, region, threads=threads(4))
        if landmarks.presence >= PRESENT:
            person = to_person(landmarks, (frame.shape[1], frame.shape[0]))
            return Joints(person.keypoints, person.confidence >= FOUND)
    return Joints(np.zeros((18, 2), np.float32), np.zeros(18, bool))


def average_keypoint_distance(painted: Joints, real: Joints) -> float:
    """AKD: the mean distance in px of the joints found in both frames; NaN if there are none.

    Joints that a bad frame loses are not in it: read it with `missing_keypoint_rate`.
    """
    both = painted.found & real.found
    if not both.any():
        return float("nan")
    return float(np.linalg.norm(painted.points[both] - real.points[both], axis=-1).mean())


def missing_keypoint_rate(painted: Joints, real: Joints) -> float:
    """MKR: of the joints found in the real frame, the share that is missing in the painted one.

    In [0, 1], 1 where nobody is found in the painted frame; NaN if none is found in the real one.
    """
    if not real.found.any():
        return float("nan")
    return float((real.found & ~painted.found).sum() / real.found.sum())
