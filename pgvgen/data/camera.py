"""From a body in space to what a camera sees of it."""

from __future__ import annotations

import numpy as np

from pgvgen.data.body3d import Body3D

SIZE = 128
"""Width and height in px of the frame that motion capture is projected into."""

BODY_PX = 80.0
"""A person's standing height in that frame."""

HIPS_PX = (63.5, 68.0)
"""Where the first frame's hips lie."""

_DISTANCE = 4.0  # camera to person in body heights: 7 m, the perspective of a short telephoto lens
_PITCH = 4.0  # degrees that the camera looks down


def project(body: Body3D, yaw: float) -> np.ndarray:
    """T×18×2 float32 px: the body seen by a still camera.

    Args:
        yaw: degrees from where the person faces in the first frames to the camera, positive
            towards the person's left: 0 shows the front, 90 the left side.
    """
    front = body.facing[: max(1, int(body.fps / 3))].mean(0)
    angle = np.arctan2(front[1], front[0]) + np.radians(yaw)
    pitch = np.radians(_PITCH)
    towards = np.array([np.cos(angle), np.sin(angle), 0.0])
    across = np.array([-np.sin(angle), np.cos(angle), 0.0])  # to the right in the picture
    view = towards * np.cos(pitch) + np.array([0, 0, np.sin(pitch)])
    up = np.cross(view, across)
    centred = body.joints - body.hips[0]
    scale = BODY_PX * _DISTANCE / np.maximum(_DISTANCE - centred @ view, 0.5)
    flat = np.stack([centred @ across, -(centred @ up)], axis=-1) * scale[..., None]
    return np.asarray(flat + HIPS_PX, dtype=np.float32)
