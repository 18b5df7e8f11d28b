"""Cleaning joints that people annotated or an estimator found, frame by frame, in a picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pgvgen.poses.bones import ARMS, HIPS, LEGS, NECK, body_height

GUESSED = 0.5
"""The confidence of a joint that was annotated though hidden, or stands in for another."""

_SHOULDERS = [arm[0] for arm in ARMS]


def fill_gaps(
    keypoints: np.ndarray, confidence: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bridge gaps of at most `longest` frames between two sightings, linearly.

    Args:
        keypoints: T×K×2.
        confidence: T×K, 0 where absent; a bridged joint gets `GUESSED`.
    """
    keypoints, confidence = keypoints.copy(), confidence.copy()
    for joint in range(keypoints.shape[1]):
        seen = np.flatnonzero(confidence[:, joint] > 0)
        for before, after in pairwise(seen):
            if 1 < after - before <= longest + 1:
                gap = slice(before + 1, after)
                share = (np.arange(before + 1, after) - before) / (after - before)
                ends = keypoints[before, joint], keypoints[after, joint]
                keypoints[gap, joint] = ends[0] + share[:, None] * (ends[1] - ends[0])
                confidence[gap, joint] = GUESSED
    return keypoints, confidence


def smooth_tracks(keypoints: np.ndarray, confidence: np.ndarray, window: int) -> np.ndarray:
    """Each run of sightings of a joint through a quadratic Savitzky-Golay filter (odd `window`)."""
    from scipy.signal import savgol_filter

    result = keypoints.copy()
    for joint in range(keypoints.shape[1]):
        present = np.concatenate([[0], (confidence[:, joint] > 0).astype(int), [0]])
        edges = np.flatnonzero(np.diff(present))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start >= window:
                run = keypoints[start:end, joint]
                result[start:end, joint] = savgol_filter(run, window, 2, axis=0)
    return result


def jitter(raw: np.ndarray, smooth: np.ndarray, confidence: np.ndarray) -> float:
    """How much joints shake: 90th percentile of |raw − smooth| in body heights."""
    seen = confidence > 0
    if not seen.any():
        return float("inf")
    shake = np.linalg.norm(raw - smooth, axis=-1)[seen]
    return float(np.percentile(shake, 90) / body_height(smooth, confidence))


def with_neck(keypoints: np.ndarray, confidence: np.ndarray) -> None:
    """Set the neck, in place: the middle of the shoulders, or the one that is seen as a guess."""
    sure = confidence[:, _SHOULDERS]
    weights = (sure > 0).astype(float)
    total = weights.sum(1)
    mean = (keypoints[:, _SHOULDERS] * weights[..., None]).sum(1) / np.maximum(total, 1)[:, None]
    keypoints[:, NECK] = mean
    confidence[:, NECK] = np.where(total == 2, sure.min(1), np.where(total == 1, GUESSED, 0))


def repeat_track(
    keypoints: np.ndarray, confidence: np.ndarray, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Repeat a clip that ends as it began (within 8 % of the body's height) to last `frames`.

    What little the joints lack to where they began is spread over the repetition.
    """
    both = (confidence[0] > 0) & (confidence[-1] > 0)
    miss = np.where(both[:, None], keypoints[-1] - keypoints[0], 0)
    count = -(-frames // max(1, len(keypoints) - 1))
    distance = np.linalg.norm(miss[both], axis=-1).mean() if both.any() else np.inf
    if count < 2 or distance > 0.08 * body_height(keypoints, confidence):
        return keypoints, confidence
    closed = keypoints - miss * np.linspace(0, 1, len(keypoints))[:, None, None]
    cycles = np.concatenate([closed[:-1]] * count + [closed[-1:]])
    return cycles, np.concatenate([confidence[:-1]] * count + [confidence[-1:]])


def hold_in_place(keypoints: np.ndarray, confidence: np.ndarray, half: int) -> np.ndarray:
    """Take out how the hips' middle travels, averaged over 2·half + 1 frames."""
    weights = (confidence[:, HIPS] > 0).astype(float)[..., None]
    path = (keypoints[:, HIPS] * weights).sum(1) / np.maximum(weights.sum(1), 1)
    return keypoints - drift(path, half)[:, None]


def drift(path: np.ndarray, half: int) -> np.ndarray:
    """How far a path, averaged over 2·half + 1 frames, has come from where it begins; T×2.

    What lies before and after it is its mirror image in the end point, which keeps the speed there.
    """
    half = min(half, len(path) - 1)
    before, after = 2 * path[0] - path[half:0:-1], 2 * path[-1] - path[-2 : -2 - half : -1]
    window = np.ones(2 * half + 1) / (2 * half + 1)
    padded = np.concatenate([before, path, after])
    slow = np.stack([np.convolve(column, window, "valid") for column in padded.T], axis=-1)
    return slow - slow[0]


def unfit(confidence: np.ndarray) -> str | None:
    """Why a clip teaches no motion, or None.

    It must last half a second at 15 frames a second, and in nine tenths of its frames there must be
    a neck, a whole leg, and eight joints in all, neck and face not counted but for the nose.
    """
    seen = (confidence > 0).mean(0) >= 0.9
    limbs = seen[[0, *range(2, 14)]]
    legs = seen[np.array(LEGS)].all(1).any()
    if len(confidence) < 8:
        return "too short"
    if limbs.sum() < 8 or not legs or not seen[NECK]:
        return "too few joints"
    return None


def let_arms_hang(keypoints: np.ndarray, confidence: np.ndarray) -> None:
    """Arms that hang from the shoulders instead of holding something, T×18×2 and T×18, in place.

    Lengths are those of an adult whose torso is as long as the longest of the clip.
    """
    seen = (confidence[:, HIPS] > 0)[..., None]
    hips = (keypoints[:, HIPS] * seen).sum(1) / seen.sum(1).clip(1)
    neck = keypoints[:, NECK]
    whole = seen.any((1, 2)) & (confidence[:, NECK] > 0)
    if not whole.any():
        return
    torso = np.linalg.norm(hips - neck, axis=1)[whole].max()
    for shoulder, elbow, wrist in ARMS:
        outwards = np.sign(keypoints[:, shoulder, 0] - neck[:, 0])
        for joint, along, aside in ((elbow, 0.55, 0.08), (wrist, 1.02, 0.1)):
            keypoints[:, joint, 0] = keypoints[:, shoulder, 0] + aside * torso * outwards
            keypoints[:, joint, 1] = keypoints[:, shoulder, 1] + along * torso
            confidence[:, joint] = confidence[:, shoulder] * whole
            keypoints[confidence[:, joint] == 0, joint] = 0
