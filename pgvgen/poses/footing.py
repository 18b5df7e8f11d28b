"""Feet that stand do not slide: which feet stand when, and legs that reach where they stand."""

from __future__ import annotations

import numpy as np

# In body units (torso lengths): how far an ankle that stands may stray from its mean.
_STRAY = 0.08
# Corrections beyond this are no longer a matter of footing.
_FURTHEST = 0.6


def stands(path: np.ndarray, unit: float, fps: float) -> list[tuple[int, int]]:
    """When a foot rests: [first, last] frames of every stretch of at least a fifth of a second.

    Args:
        path: T complex, the ankle over time in px.
        unit: body unit in px.
        fps: frames a second.
    """
    shortest = max(3, round(fps / 5))
    found, first = [], 0
    while first < len(path):
        last, mean = first, path[first]
        while last + 1 < len(path) and abs(path[last + 1] - mean) < _STRAY * unit:
            last += 1
            mean += (path[last] - mean) / (last - first + 1)
        if last - first + 1 >= shortest:
            found.append((first, last))
            first = last + 1
        else:
            first += 1
    return found


def corrections(
    path: np.ndarray, rests: list[tuple[int, int]], unit: float, fps: float
) -> np.ndarray:
    """T complex: what to add to an ankle's path so that it stays in place while it rests.

    It stays at its mean place, and at its first while it rests from the first frame on: that is the
    photo's. From one rest to the next the correction changes evenly; after the last it fades.

    Args:
        path: T complex, the ankle in px.
        rests: from `stands`.
        unit: body unit in px.
        fps: frames a second.
    """
    times = np.arange(len(path))
    at: list[np.ndarray] = []
    values: list[np.ndarray] = []
    if not rests or rests[0][0] > 0:
        at, values = [np.zeros(1)], [np.zeros(1, complex)]
    for first, last in rests:
        place = path[0] if first == 0 else path[first : last + 1].mean()
        at.append(times[first : last + 1].astype(float))
        values.append(place - path[first : last + 1])
    at.append(at[-1][-1:] + max(1.0, fps / 2))
    values.append(np.zeros(1, complex))
    correction = np.interp(times, np.concatenate(at), np.concatenate(values))
    size = np.abs(correction)
    return np.asarray(correction * np.minimum(1, _FURTHEST * unit / np.maximum(size, 1e-9)))


def reach(where: np.ndarray, leg: tuple[int, ...], change: np.ndarray, unit: float) -> None:
    """Turn and stretch a leg about its hip, a little, so that the ankle moves by `change`.

    Args:
        where: T×19 complex, changed in place.
        leg: the indices of hip, knee and ankle.
        change: T complex.
        unit: body unit in px; a leg seen from its end (shorter than a third) does not turn.
    """
    hip, knee, ankle = leg
    bone = where[:, ankle] - where[:, hip]
    length = np.maximum(np.abs(bone), 1e-6)
    ratio = (bone + change) / np.where(np.abs(bone) < 1e-6, 1e-6, bone)
    stretch = np.clip(np.abs(ratio), 0.8, 1.12)
    turn = np.clip(np.angle(ratio), -0.8, 0.8)
    sure = np.clip(length / (unit / 3) - 1, 0, 1)
    factor = stretch**sure * np.exp(1j * turn * sure)
    for joint in (knee, ankle):
        where[:, joint] = where[:, hip] + factor * (where[:, joint] - where[:, hip])
