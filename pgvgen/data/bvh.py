"""Reading motion capture: a BVH file becomes the place and orientation of its joints over time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pgvgen.errors import InputError


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


_CHANNELS = {f"{axis}{kind}" for axis in "xyz" for kind in ("position", "rotation")}


@dataclass
class _Joint:
    name: str
    parent: int
    offset: np.ndarray
    channels: list[tuple[str, int]] = field(default_factory=list)


def load_bvh(path: str | Path) -> JointMotion:
    """Parse a BVH file and run its forward kinematics.

    Channels may come in any order and any number, keywords in capitals or not. Position channels
    replace the joint's offset (as the files in the wild mean them), rotation channels multiply in
    the order they are listed.

    Raises:
        InputError: not a BVH file, or cut short.
    """
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    try:
        # A joint may be called motion, but is not followed by frames.
        hierarchy, motion = re.split(r"\bMOTION\s+(?=Frames\b)", text, maxsplit=1, flags=re.I)
        joints, width = _parse_hierarchy(hierarchy.split())
        words = motion.replace(":", " ").split()
        count, seconds = int(words[1]), float(words[4])
        values = np.array(words[5 : 5 + count * width], dtype=np.float64).reshape(count, width)
        if count < 1 or not 1e-3 <= seconds <= 20:
            raise ValueError("no frames, or none that last a sensible time")
        numbers = np.concatenate([values.ravel(), *(joint.offset for joint in joints)])
        if not (np.abs(numbers) < 1e6).all():  # nor is NaN
            raise ValueError("a number that is not finite, or is larger than any body")
    except (ValueError, IndexError) as error:
        raise InputError(f"{path} is not a whole BVH file ({error})") from None
    positions, rotations = _forward(joints, values)
    return JointMotion(tuple(joint.name for joint in joints), positions, rotations, 1 / seconds)


def _parse_hierarchy(words: list[str]) -> tuple[list[_Joint], int]:
    """The joints, parents before children, and the number of channels. End sites are left out."""
    joints: list[_Joint] = []
    open_joints: list[int] = []
    width = 0
    at = 0
    while at < len(words):
        word = words[at].upper()
        if word in ("ROOT", "JOINT", "END"):
            if word == "END":
                open_joints.append(-1)
            else:
                parent = open_joints[-1] if open_joints else -1
                joints.append(_Joint(words[at + 1], parent, np.zeros(3)))
                open_joints.append(len(joints) - 1)
            at += 2
        elif word == "OFFSET":
            if open_joints[-1] >= 0:
                x, y, z = (float(word) for word in words[at + 1 : at + 4])
                joints[open_joints[-1]].offset = np.array([x, y, z])
            at += 4
        elif word == "CHANNELS":
            count = int(words[at + 1])
            for name in words[at + 2 : at + 2 + count]:
                if name.lower() not in _CHANNELS:
                    raise ValueError(f"unknown channel {name}")
                joints[open_joints[-1]].channels.append((name.lower(), width))
                width += 1
            at += 2 + count
        else:
            if word == "}":
                open_joints.pop()
            at += 1
    if not joints:
        raise ValueError("no joints")
    return joints, width


def _forward(joints: list[_Joint], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions T×J×3 and rotations T×J×3×3 in the file's own frame."""
    length = len(values)
    positions = np.zeros((length, len(joints), 3))
    rotations = np.zeros((length, len(joints), 3, 3))
    for i, joint in enumerate(joints):
        local = np.tile(joint.offset, (length, 1))
        turn = np.tile(np.eye(3), (length, 1, 1))
        for name, column in joint.channels:
            axis = "xyz".index(name[0])
            if name.endswith("position"):
                local[:, axis] = values[:, column]
            else:
                turn = turn @ axis_rotation(axis, np.radians(values[:, column]))
        if joint.parent < 0:
            positions[:, i], rotations[:, i] = local, turn
        else:
            above = rotations[:, joint.parent]
            positions[:, i] = positions[:, joint.parent] + np.einsum("tij,tj->ti", above, local)
            rotations[:, i] = above @ turn
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
