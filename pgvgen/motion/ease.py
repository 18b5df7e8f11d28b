"""A start pose whose arms hang: where actions begin in what the network has learnt from.

Someone who holds their hands up, or folds their arms, is a start that motion capture hardly has,
and from there the network moves too little. So it is shown the same person with hanging arms;
retargeting then leads from the photo's own pose into the motion.
"""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS, HIPS, NECK
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import BODY_18

_UPPER_ARM, _FOREARM = 0.55, 0.48  # torso lengths
_OUTWARDS = 0.15  # of the shoulder's distance from the neck
_HANGING = 0.92  # cosine of how far from straight down an arm still hangs


def at_ease(start: PoseSequence) -> PoseSequence:
    """The first frame of a pose with the arms hanging along the torso, T = 1.

    An arm that hangs already or is not wholly seen stays as it is, and so does a pose without
    neck or hips, or of another skeleton.
    """
    start = start[0]
    seen = start.confidence[0] >= SEEN
    hips = [joint for joint in HIPS if start.skeleton == BODY_18 and seen[joint]]
    if not hips or not seen[NECK]:
        return start
    keypoints = start.keypoints[0].astype(np.float64)
    down = keypoints[hips].mean(0) - keypoints[NECK]
    torso = max(float(np.linalg.norm(down)), 1e-6)
    for shoulder, elbow, wrist in ARMS:
        arm = keypoints[wrist] - keypoints[shoulder]
        hangs = arm @ down >= _HANGING * torso * np.linalg.norm(arm)
        if hangs or not seen[[shoulder, elbow, wrist]].all():
            continue
        along = down + _OUTWARDS * (keypoints[shoulder] - keypoints[NECK])
        along *= torso / max(float(np.linalg.norm(along)), 1e-6)
        keypoints[elbow] = keypoints[shoulder] + _UPPER_ARM * along
        keypoints[wrist] = keypoints[elbow] + _FOREARM * along
    return start.replace(keypoints=keypoints[None])
