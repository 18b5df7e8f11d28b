"""Reading DeepMimic's motion clips: JSON of joint rotations for its humanoid, Y up, in metres."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pgvgen.data.kinematics import JointMotion, axis_rotation, forward_kinematics
from pgvgen.errors import InputError

# The humanoid of DeepMimic's data/characters/humanoid3d.txt: (name, parent, offset from the parent
# in metres, numbers a frame: 4 a quaternion w x y z, 1 an angle about z, 0 fixed). It faces +x.
_HUMANOID: tuple[tuple[str, str, tuple[float, float, float], int], ...] = (
    ("root", "", (0, 0, 0), 4),
    ("chest", "root", (0, 0.236151, 0), 4),
    ("neck", "chest", (0, 0.223894, 0), 4),
    ("right_hip", "root", (0, 0, 0.084887), 4),
    ("right_knee", "right_hip", (0, -0.421546, 0), 1),
    ("right_ankle", "right_knee", (0, -0.40987, 0), 4),
    ("right_shoulder", "chest", (-0.02405, 0.2435, 0.18311), 4),
    ("right_elbow", "right_shoulder", (0, -0.274788, 0), 1),
    ("right_wrist", "right_elbow", (0, -0.258947, 0), 0),
    ("left_hip", "root", (0, 0, -0.084887), 4),
    ("left_knee", "left_hip", (0, -0.421546, 0), 1),
    ("left_ankle", "left_knee", (0, -0.40987, 0), 4),
    ("left_shoulder", "chest", (-0.02405, 0.2435, -0.18311), 4),
    ("left_elbow", "left_shoulder", (0, -0.274788, 0), 1),
    ("left_wrist", "left_elbow", (0, -0.258947, 0), 0),
    ("head", "neck", (0, 0.09, 0), 0),
)
_NUMBERS = 1 + 3 + sum(numbers for *_, numbers in _HUMANOID)
_FPS = 60.0


def load_deepmimic(path: str | Path) -> tuple[JointMotion, bool]:
    """The joints over time at 60 fps, and whether the clip is a cycle that may be repeated.

    Raises:
        InputError: not a DeepMimic humanoid clip.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        frames = np.array(document["Frames"], dtype=np.float64)
        if frames.ndim != 2 or frames.shape[1] != _NUMBERS or len(frames) < 2:
            raise ValueError(f"frames are {frames.shape}, the humanoid has {_NUMBERS} numbers")
        if not (np.abs(frames) < 1e6).all():  # nor is NaN
            raise ValueError("a number that is not finite, or is larger than any body")
        lasts = frames[:-1, 0]
        if not ((lasts >= 0) & (lasts <= 20)).all() or lasts.sum() < 1 / _FPS:
            raise ValueError("no frames that last a sensible time")
        positions, rotations = _forward(frames)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a DeepMimic humanoid clip ({error})") from None
    names = tuple(name for name, *_ in _HUMANOID)
    # A frame lasts as long as its first number says; the last frame's is not used.
    times = np.concatenate([[0], np.cumsum(frames[:-1, 0])])
    wanted = np.arange(0, times[-1] + 1e-6, 1 / _FPS)
    flat = positions.reshape(len(frames), -1)
    even = np.stack([np.interp(wanted, times, column) for column in flat.T], axis=-1)
    after = np.searchsorted(times, wanted).clip(1, len(times) - 1)
    nearest = after - (wanted - times[after - 1] <= times[after] - wanted)
    motion = JointMotion(names, even.reshape(len(wanted), -1, 3), rotations[nearest], _FPS, up=1)
    return motion, document.get("Loop") == "wrap"


def _forward(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions T×J×3 in metres and rotations T×J×3×3."""
    names = [name for name, *_ in _HUMANOID]
    parents = [names.index(parent) if parent else -1 for _, parent, *_ in _HUMANOID]
    offsets = np.tile([offset for *_, offset, _ in _HUMANOID], (len(frames), 1, 1))
    offsets[:, 0] = frames[:, 1:4]
    turns = np.tile(np.eye(3), (len(frames), len(names), 1, 1))
    at = 4
    for i, (*_, numbers) in enumerate(_HUMANOID):
        values = frames[:, at : at + numbers]
        at += numbers
        if numbers == 4:
            turns[:, i] = _quaternion_rotation(values)
        elif numbers == 1:
            turns[:, i] = axis_rotation(2, values[:, 0])
    return forward_kinematics(parents, offsets, turns)


def _quaternion_rotation(quaternion: np.ndarray) -> np.ndarray:
    """T×3×3 rotations of T quaternions (w, x, y, z)."""
    norm = np.linalg.norm(quaternion, axis=1, keepdims=True)
    if not norm.all():
        raise ValueError("a quaternion of zeros, which is no rotation")
    w, x, y, z = (quaternion / norm).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)
