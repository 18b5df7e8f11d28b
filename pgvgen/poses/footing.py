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

    It stays where it comes down, plus what is left of the correction before: that fades over half a
    second of being up. A foot that was up so long comes down where it rests in the median; one that
    hardly was, because it slides, goes on from where it is. So no short step has to make up for a
    long way.

    Args:
        path: T complex, the ankle in px.
        rests: from `stands`.
        unit: body unit in px.
        fps: frames a second.
    """
    half = fps / 2
    times = np.arange(len(path))
    at, values = [np.zeros(1)], [np.zeros(1, complex)]
    for first, last in rests:
        rest = path[first : last + 1]
        middle = np.median(rest.real) + 1j * np.median(rest.imag)
        up = float(np.clip((first - at[-1][-1] - 1) / half, 0, 1))
        place = rest[0] + up * (middle - rest[0]) + (1 - up) * values[-1][-1]
        at.append(times[first : last + 1].astype(float))
        values.append(_no_further(place - rest, _FURTHEST * unit))
    at.append(at[-1][-1:] + max(1.0, half))
    values.append(np.zeros(1, complex))
    return np.asarray(np.interp(times, np.concatenate(at), np.concatenate(values)))


def _no_further(values: np.ndarray, limit: float) -> np.ndarray:
    return np.asarray(values * np.minimum(1, limit / np.maximum(np.abs(values), 1e-9)))


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
