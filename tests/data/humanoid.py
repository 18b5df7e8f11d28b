"""A stick person as a BVH file, for the tests of the importers: standing, facing +z, y up."""

from __future__ import annotations

import math
from pathlib import Path

# (name, parent, offset): a person of about 170 units
JOINTS: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("Hips", "", (0, 0, 0)),
    ("Spine", "Hips", (0, 30, 0)),
    ("Neck", "Spine", (0, 22, 0)),
    ("Head", "Neck", (0, 8, 0)),
    ("LeftShoulder", "Spine", (4, 18, 0)),
    ("LeftArm", "LeftShoulder", (14, 0, 0)),
    ("LeftForeArm", "LeftArm", (0, -28, 0)),
    ("LeftHand", "LeftForeArm", (0, -25, 0)),
    ("RightShoulder", "Spine", (-4, 18, 0)),
    ("RightArm", "RightShoulder", (-14, 0, 0)),
    ("RightForeArm", "RightArm", (0, -28, 0)),
    ("RightHand", "RightForeArm", (0, -25, 0)),
    ("LeftUpLeg", "Hips", (9, 0, 0)),
    ("LeftLeg", "LeftUpLeg", (0, -42, 0)),
    ("LeftFoot", "LeftLeg", (0, -41, 0)),
    ("RightUpLeg", "Hips", (-9, 0, 0)),
    ("RightLeg", "RightUpLeg", (0, -42, 0)),
    ("RightFoot", "RightLeg", (0, -41, 0)),
)

Frame = dict[str, tuple[float, ...]]


def write_bvh(path: Path, frames: list[Frame], *, fps: float = 30, z_up: bool = False) -> Path:
    """Write frames that give "position" of the hips and (x, y, z) degrees of joints by name.

    With `z_up` the same motion is written in a frame in which z points up and the person faces −y.
    """

    def turned(v: tuple[float, ...]) -> tuple[float, ...]:
        return (v[0], -v[2], v[1]) if z_up else v

    lines = ["HIERARCHY"]

    def open_joint(index: int, depth: int) -> None:
        name, parent, offset = JOINTS[index]
        lines.append(f"{'JOINT' if parent else 'ROOT'} {name}")
        lines.append("{ OFFSET " + " ".join(map(str, turned(offset))))
        place = "" if parent else "Xposition Yposition Zposition "
        lines.append(f"CHANNELS {3 if parent else 6} {place}Zrotation Yrotation Xrotation")
        children = [i for i, (_, above, _) in enumerate(JOINTS) if above == name]
        for child in children:
            open_joint(child, depth + 1)
        if not children:
            lines.append("End Site { OFFSET 0 1 0 }")
        lines.append("}")
        order.append(name)

    order: list[str] = []
    open_joint(0, 0)
    order = [line.split()[1] for line in lines if line.startswith(("ROOT", "JOINT"))]
    lines += ["MOTION", f"Frames: {len(frames)}", f"Frame Time: {1 / fps:.8f}"]
    for frame in frames:
        values = list(turned(frame.get("position", (0, 90, 0))))
        for name in order:
            x, y, z = turned(frame.get(name, (0, 0, 0)))
            values += [z, y, x]
        lines.append(" ".join(f"{value:.6f}" for value in values))
    path.write_text("\n".join(lines) + "\n")
    return path


def waving(seconds: float = 3, fps: float = 30, *, joint: str = "RightArm") -> list[Frame]:
    """One arm goes up sideways and sways about the vertical, twice a second."""
    side = -1 if joint.startswith("Right") else 1
    frames = []
    for i in range(int(seconds * fps)):
        rise = min(1.0, i / (0.5 * fps)) * 160 + 15 * math.sin(4 * math.pi * i / fps)
        frames.append({joint: (0.0, 0.0, side * rise)})
    return frames
