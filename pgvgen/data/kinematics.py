"""A body of joints in space, and where its joints are by how each is turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class JointMotion:
    """Joints of one body in space over time, in a right-handed frame of any orientation and unit.

    Attributes:
        names: J joint names, as the file spells them.
        positions: T×J×3 float64.
        rotations: T×J×3×3 float64, from the joint's own axes to the frame's.
        fps: frames a second.
        up: the axis (0, 1, 2) that points up, None where only the motion itself can tell.
    """

    names: tuple[str, ...]
    positions: np.ndarray
    rotations: np.ndarray
    fps: float
    up: int | None = None


def forward_kinematics(
    parents: Sequence[int], offsets: np.ndarray, turns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions T×J×3 and rotations T×J×3×3 in the root's frame.

    Args:
        parents: of every joint, which stand before it; below 0 for a root.
        offsets: T×J×3 from the parent, in its axes.
        turns: T×J×3×3 against the parent.
    """
    positions, rotations = offsets.copy(), turns.copy()
    for i, parent in enumerate(parents):
        if parent >= 0:
            above = rotations[:, parent]
            turned = np.einsum("tij,tj->ti", above, offsets[:, i])
            positions[:, i] = positions[:, parent] + turned
            rotations[:, i] = above @ turns[:, i]
    return positions, rotations


def axis_rotation(axis: int, angle: np.ndarray) -> np.ndarray:
    """T×3×3 rotations by `angle` (T, radians) about the x, y or z axis (0, 1, 2)."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(angle), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, first, first] = turn[:, second, second] = np.cos(angle)
    turn[:, second, first] = np.sin(angle)
    turn[:, first, second] = -np.sin(angle)
    return turn
