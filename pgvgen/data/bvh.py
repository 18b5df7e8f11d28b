"""Reading motion capture: a BVH file becomes the place and orientation of its joints over time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pgvgen.data.kinematics import JointMotion, axis_rotation, forward_kinematics
from pgvgen.errors import InputError

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
    offsets = np.tile([joint.offset for joint in joints], (len(values), 1, 1))
    turns = np.tile(np.eye(3), (len(values), len(joints), 1, 1))
    for i, joint in enumerate(joints):
        for name, column in joint.channels:
            axis = "xyz".index(name[0])
            if name.endswith("position"):
                offsets[:, i, axis] = values[:, column]
            else:
                turns[:, i] = turns[:, i] @ axis_rotation(axis, np.radians(values[:, column]))
    return forward_kinematics([joint.parent for joint in joints], offsets, turns)
