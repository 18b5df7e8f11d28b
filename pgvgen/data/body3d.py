"""From a motion capture skeleton of any make to BODY_18 in space."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from pgvgen.data.kinematics import JointMotion
from pgvgen.errors import InputError
from pgvgen.poses.skeletons import BODY_18

# What the joints are called in the wild, without their side, the surest name first:
# "LeftShoulder" is the collar bone where there is a "LeftArm" and the shoulder where there is none.
_NAMES: dict[str, tuple[str, ...]] = {
    "shoulder": ("upperarm", "arm", "shldr", "shoulder"),
    "elbow": ("lowerarm", "forearm", "elbow"),
    "wrist": ("wrist", "hand"),
    "hip": ("upperleg", "upleg", "thigh", "hip"),
    "knee": ("lowerleg", "leg", "shin", "knee", "calf"),
    "ankle": ("ankle", "foot"),
}

# "Hand_L", "hand_l", "LeftHand" or "left_hand", "lHand" or "l_hand" or "LHand"
_SIDES = (
    r"(?P<stem>\w+)[_.](?P<side>[LRlr])",
    r"(?i:(?P<side>left|right))_?(?P<stem>\w+)",
    r"(?P<side>[lrLR])(?P<stem>[A-Z]\w+|_\w+)",
)

# How far apart, in torso lengths, estimators see them of people who face the camera; motion capture
# has 0.8 to 1.
_SHOULDERS = 0.68

# Places on the head from the head joint (the base of the skull), in body heights:
# (forward, up, to the person's left).
_FACE: dict[str, tuple[float, float, float]] = {
    "nose": (0.066, 0.022, 0.0),
    "right_eye": (0.050, 0.042, -0.019),
    "left_eye": (0.050, 0.042, 0.019),
    "right_ear": (0.004, 0.030, -0.043),
    "left_ear": (0.004, 0.030, 0.043),
}


@dataclass(frozen=True, eq=False)
class Body3D:
    """BODY_18 in space over time: Z up, right-handed, in body heights.

    Attributes:
        joints: T×18×3 float64.
        fps: frames a second.
    """

    joints: np.ndarray
    fps: float

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice) -> Body3D:
        return Body3D(self.joints[frames], self.fps)

    @property
    def hips(self) -> np.ndarray:
        """T×3, the middle of the hips."""
        return self.joint("right_hip", "left_hip")

    @property
    def facing(self) -> np.ndarray:
        """T×2 unit vectors in the ground plane: where chest and hips face."""
        right = self.joint("right_hip") - self.joint("left_hip")
        right = right + self.joint("right_shoulder") - self.joint("left_shoulder")
        return _unit(np.stack([-right[:, 1], right[:, 0]], axis=-1))

    def joint(self, *names: str) -> np.ndarray:
        """T×3, the mean of the named joints."""
        return np.asarray(self.joints[:, [BODY_18.index(name) for name in names]].mean(1))

    def at(self, fps: float) -> Body3D:
        """The same motion at another rate, linear between frames."""
        count = int((len(self) - 1) / self.fps * fps + 1e-6) + 1
        times = np.arange(count) * (self.fps / fps)
        low = np.minimum(times.astype(int), len(self) - 1)
        high = np.minimum(low + 1, len(self) - 1)
        share = (times - low)[:, None, None]
        return Body3D(self.joints[low] * (1 - share) + self.joints[high] * share, fps)


def to_body(motion: JointMotion) -> Body3D:
    """The 18 joints of a motion capture skeleton.

    The neck is the middle of the shoulders, as in OpenPose; nose, eyes and ears ride on the head
    joint, whose axes are found by the head facing on average where the torso does. The shoulders
    are as far apart as photos show them: how wide they look must say how far a body is turned.

    Raises:
        InputError: a joint that is needed cannot be recognised by its name.
    """
    places = _recognise(motion.names)
    upright = _upright(motion, places)
    positions = motion.positions @ upright.T
    joints = np.zeros((len(positions), len(BODY_18), 3))
    for name, index in places.items():
        if name in BODY_18.joints:
            joints[:, BODY_18.index(name)] = positions[:, index]
    shoulders = joints[:, [BODY_18.index("right_shoulder"), BODY_18.index("left_shoulder")]]
    joints[:, BODY_18.index("neck")] = shoulders.mean(1)
    body = Body3D(joints, motion.fps)
    height = _height(body)
    _add_face(body, positions[:, places["head"]], upright @ motion.rotations[:, places["head"]])
    joints -= np.append(body.hips[0, :2], joints[..., 2].min())
    _broaden(body)
    return Body3D(joints / height, motion.fps)


def _recognise(names: tuple[str, ...]) -> dict[str, int]:
    """BODY_18 names (and "head") → indices of the skeleton's joints."""
    found: dict[tuple[str, str], int] = {}
    for index, name in enumerate(names):
        found.setdefault(_side_and_stem(name), index)
    places = {}
    for joint, stems in _NAMES.items():
        for side in ("right", "left"):
            known = [found[side, stem] for stem in stems if (side, stem) in found]
            if not known:
                shown = ", ".join(names[:30])
                raise InputError(f"no joint that could be the {side} {joint} among {shown}")
            places[f"{side}_{joint}"] = known[0]
    if ("", "head") not in found:
        raise InputError(f"no joint called head among {', '.join(names[:30])}")
    places["head"] = found["", "head"]
    return places


def _side_and_stem(name: str) -> tuple[str, str]:
    # "mixamorig:LeftArm", "mixamorig_LeftArm", "Character1_LeftArm"
    name = re.sub(r"^(Character|mixamorig)\d*_", "", name.split(":")[-1])
    for pattern in _SIDES:
        match = re.fullmatch(pattern, name)
        if match:
            side = "left" if match["side"].lower().startswith("l") else "right"
            return side, match["stem"].lower().strip("_")
    return "", name.lower()


def _upright(motion: JointMotion, places: dict[str, int]) -> np.ndarray:
    """The 3×3 rotation that makes the up axis Z; if it is not known, the legs hang along it."""
    hips = motion.positions[:, [places["right_hip"], places["left_hip"]]].mean(1)
    ankles = motion.positions[:, [places["right_ankle"], places["left_ankle"]]].mean(1)
    up = np.median(hips - ankles, axis=0)
    axis = int(np.abs(up).argmax()) if motion.up is None else motion.up
    turn = np.roll(np.eye(3), axis + 1, axis=1)  # cyclic, so right-handed stays right-handed
    if motion.up is None and up[axis] < 0:
        return np.diag([1.0, -1.0, -1.0]) @ turn
    return turn


def _height(body: Body3D) -> float:
    """The person's height from leg and torso, which are 0.78 of it (Drillis & Contini)."""
    legs = [
        np.linalg.norm(body.joint(f"{side}_{above}") - body.joint(f"{side}_{below}"), axis=1)
        for side in ("right", "left")
        for above, below in (("hip", "knee"), ("knee", "ankle"))
    ]
    torso = np.linalg.norm(body.joint("neck") - body.hips, axis=1)
    return float((np.median(legs, axis=1).sum() / 2 + np.median(torso)) / 0.78)


def _add_face(body: Body3D, head: np.ndarray, rotation: np.ndarray) -> None:
    """Put nose, eyes and ears on the head: T×3 places, T×3×3 rotations of the head joint."""
    up = _unit(body.joint("neck") - body.hips)
    right = body.joint("right_shoulder") - body.joint("left_shoulder")
    forward = _unit(np.cross(up, right))
    # The torso's axes in the head's own, averaged over the clip, are the head's axes.
    own_forward = np.einsum("tji,tj->ti", rotation, forward).mean(0)
    own_up = np.einsum("tji,tj->ti", rotation, up).mean(0)
    own_forward = _unit(own_forward)
    own_up = _unit(own_up - own_forward * (own_up @ own_forward))
    axes = np.stack([own_forward, own_up, np.cross(own_up, own_forward)])
    height = _height(body)
    for name, place in _FACE.items():
        own = np.array(place) @ axes * height
        body.joints[:, BODY_18.index(name)] = head + rotation @ own


def _broaden(body: Body3D) -> None:
    """Move the shoulders, and the arms with them, as far apart as `_SHOULDERS`, in place."""
    neck = body.joint("neck")
    torso = np.median(np.linalg.norm(neck - body.hips, axis=1))
    across = body.joint("right_shoulder") - body.joint("left_shoulder")
    factor = _SHOULDERS * torso / np.median(np.linalg.norm(across, axis=1))
    for side in ("right", "left"):
        out = (factor - 1) * (body.joint(f"{side}_shoulder") - neck)
        for joint in ("shoulder", "elbow", "wrist"):
            body.joints[:, BODY_18.index(f"{side}_{joint}")] += out


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
