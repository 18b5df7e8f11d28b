"""The two skeletons of the paper (Section 4.1): 18 body joints and 68 face landmarks."""

from __future__ import annotations

from dataclasses import dataclass, field

RGB = tuple[int, int, int]

# OpenPose's rainbow, in its own order: joint i and limb i have colour i.
_OPENPOSE_COLOURS: tuple[RGB, ...] = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip


@dataclass(frozen=True)
class Skeleton:
    """Names, limbs, mirror pairs and colours of K keypoints.

    Attributes:
        name: what files and configs call it.
        joints: K names, in order.
        limbs: pairs of joint indices that are drawn as a line; a face is drawn as dots.
        mirror: K indices; joint i of a mirrored picture is joint `mirror[i]` of the original.
        limb_colours: one RGB colour a limb.
        joint_colours: one RGB colour a joint (empty: white).
    """

    name: str
    joints: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    mirror: tuple[int, ...]
    limb_colours: tuple[RGB, ...] = field(default=(), repr=False)
    joint_colours: tuple[RGB, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, joint: str) -> int:
        """The index of a joint by its name; raises ValueError for an unknown one."""
        return self.joints.index(joint)


BODY_18 = Skeleton(
    name="body_18",
    joints=(
        "nose", "neck",
        "right_shoulder", "right_elbow", "right_wrist",
        "left_shoulder", "left_elbow", "left_wrist",
        "right_hip", "right_knee", "right_ankle",
        "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear",
    ),
    limbs=(
        (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12),
        (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
    ),
    mirror=(0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16),
    limb_colours=_OPENPOSE_COLOURS[:17],
    joint_colours=_OPENPOSE_COLOURS,
)  # fmt: skip
"""COCO/OpenPose order; left and right are the person's own."""


FACE_68 = Skeleton(
    name="face_68",
    joints=tuple(
        f"{part}_{i}"
        for part, count in (
            ("jaw", 17), ("right_brow", 5), ("left_brow", 5), ("nose_bridge", 4), ("nostrils", 5),
            ("right_eye", 6), ("left_eye", 6), ("outer_lips", 12), ("inner_lips", 8),
        )
        for i in range(count)
    ),
    limbs=(),
    mirror=(
        *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
        45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
        *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1),
    ),
)  # fmt: skip
"""iBUG order, as CK+ and most face data sets are annotated."""

SKELETONS = {skeleton.name: skeleton for skeleton in (BODY_18, FACE_68)}
