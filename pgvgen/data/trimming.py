"""Cutting and turning a take so that it shows its action: trimmed, kept in place, facing us."""

from __future__ import annotations

import numpy as np

from pgvgen.data.body3d import Body3D
from pgvgen.data.tracks import drift
from pgvgen.poses.skeletons import BODY_18


def in_place(body: Body3D) -> Body3D:
    """Take out how the body travels over the ground; the sway of each step stays.

    What is taken out is the hips' path in the ground plane, averaged over 1.2 s (about a gait
    cycle): a straight line for a straight walk, and its curve where the walker turns.
    """
    joints = body.joints.copy()
    joints[..., :2] -= drift(body.hips[:, :2], half=int(0.6 * body.fps))[:, None]
    return Body3D(joints, body.fps)


def travels(body: Body3D) -> bool:
    """Whether the hips leave a circle of 0.35 body heights around where they begin."""
    path = body.hips[:, :2]
    return bool(np.linalg.norm(path - path[0], axis=1).max() > 0.35)


def unroll(body: Body3D, seconds: float) -> Body3D:
    """Repeat a cycle, whose last frame is the next one's first, until it lasts `seconds`."""
    step = body.hips[-1] - body.hips[0]
    step[2] = 0
    cycle = body.joints[:-1]
    times = int(np.ceil(seconds * body.fps / len(cycle)))
    joints = [cycle + step * i for i in range(times)]
    return Body3D(np.concatenate([*joints, body.joints[-1:] + step * (times - 1)]), body.fps)


def without_t_pose(body: Body3D) -> Body3D:
    """Without the calibration pose (arms out to the sides) that many captures begin with.

    If the clip begins in it, everything goes until both arms hang or 3 seconds have passed, and
    until a jump of the capture just after it (CMU's takes have one) is over.
    """
    arms = [_arm(body, side) for side in ("right", "left")]
    if any(abs(rise[0]) > 0.4 or bend[0] > 0.07 for rise, bend in arms):
        return body
    hanging = np.flatnonzero((arms[0][0] < -0.6) & (arms[1][0] < -0.6))
    limit = min(int(3 * body.fps), len(body) - 1)
    steps = np.linalg.norm(np.diff(body.joints, axis=0), axis=-1).max(1) * body.fps
    jumps = np.flatnonzero(steps[:limit] > 12)  # body heights a second: no limb is that fast
    if len(jumps):
        return body[int(jumps[-1]) + 1 :]
    return body[min(int(hanging[0]) if len(hanging) else limit, limit) :]


def _arm(body: Body3D, side: str) -> tuple[np.ndarray, np.ndarray]:
    """T sines of an arm to the ground (1 up, −1 down); T shares lost to its bend."""
    shoulder, elbow = body.joint(f"{side}_shoulder"), body.joint(f"{side}_elbow")
    wrist = body.joint(f"{side}_wrist")
    reach = np.linalg.norm(wrist - shoulder, axis=1)
    bones = np.linalg.norm(wrist - elbow, axis=1) + np.linalg.norm(elbow - shoulder, axis=1)
    return (wrist - shoulder)[:, 2] / reach, 1 - reach / bones


def without_idling(body: Body3D) -> Body3D:
    """Cut so that something moves within 0.15 s, and so that it ends 0.3 s after the last move.

    Moving is a hand, a foot, the head or the hips that go faster than 0.15 body heights a second.
    """
    if len(body) < 5:
        return body
    names = ("right_wrist", "left_wrist", "right_ankle", "left_ankle", "nose", "right_hip")
    places = body.joints[:, [BODY_18.index(name) for name in names]]
    window = max(1, int(0.1 * body.fps))
    ahead = np.linalg.norm(places[window:] - places[:-window], axis=-1).max(1)
    moving = np.flatnonzero(ahead * body.fps / window > 0.15)
    if len(moving) == 0:
        return body
    first = max(0, int(moving[0] - 0.15 * body.fps))
    last = min(len(body), int(moving[-1] + window + 0.3 * body.fps) + 1)
    return body[first:last]


def turned_less(body: Body3D, keep: float = 0.25) -> Body3D:
    """The body turned about the vertical so that it faces much the way it began.

    Who punches and kicks turns edge-on or away from the camera, and then nobody can tell what they
    do: of the heading's change, smoothed over 0.3 s, the share `keep` stays.
    """
    heading = np.unwrap(np.arctan2(body.facing[:, 1], body.facing[:, 0]))
    half = max(1, int(0.15 * body.fps))
    window = np.ones(2 * half + 1) / (2 * half + 1)
    smooth = np.convolve(np.pad(heading, half, mode="edge"), window, "valid")
    angle = -(1 - keep) * (smooth - smooth[0])
    cos, sin, zero = np.cos(angle), np.sin(angle), np.zeros_like(angle)
    turn = np.array([[cos, -sin, zero], [sin, cos, zero], [zero, zero, zero + 1]])
    hips = body.hips[:, None] * (1, 1, 0)
    return Body3D(np.einsum("ijt,tkj->tki", turn, body.joints - hips) + hips, body.fps)


def only_turn(body: Body3D) -> Body3D:
    """The part of a take in which the person turns: between the first and the last 15 degrees."""
    heading = np.unwrap(np.arctan2(body.facing[:, 1], body.facing[:, 0]))
    width = min(int(body.fps), len(body)) // 2  # at either end, where the heading only sways
    start, end = np.median(heading[:width]), np.median(heading[-width:])
    done = (heading - start) / (end - start)
    share = min(0.3, np.radians(15) / abs(end - start))
    first = int(np.argmax(done > share))
    last = len(done) - int(np.argmax(done[::-1] < 1 - share))
    margin = int(0.5 * body.fps)
    return body[max(0, first - margin) : min(len(body), last + margin)]


def bursts(body: Body3D) -> list[Body3D]:
    """The single strikes of a take that holds several, each with a third of a second around it.

    A strike is where the fastest hand or foot exceeds a third of its greatest speed in the take.
    """
    names = ("right_wrist", "left_wrist", "right_ankle", "left_ankle")
    places = body.joints[:, [BODY_18.index(name) for name in names]]
    speed = np.linalg.norm(np.gradient(places, axis=0), axis=-1).max(1)
    width = max(1, int(0.2 * body.fps))
    speed = np.convolve(speed, np.ones(width) / width, "same")
    margin = int(0.35 * body.fps)
    fast = np.convolve(speed > speed.max() / 3, np.ones(2 * margin + 1), "same") > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fast.astype(int), [0]])))
    return [body[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
