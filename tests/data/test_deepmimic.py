"""DeepMimic's clips: the humanoid at rest and bent, against closed forms."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from pgvgen.data.body3d import to_body
from pgvgen.data.deepmimic import load_deepmimic
from pgvgen.errors import InputError

REST = [1, 0, 0, 0]  # a quaternion that does nothing
# chest, neck, right hip, knee, ankle, shoulder, elbow, left hip, knee, ankle, shoulder, elbow
SIZES = (4, 4, 4, 1, 4, 4, 1, 4, 1, 4, 4, 1)


def frame(duration=1 / 30, root=REST, right_knee=0.0, left_elbow=0.0):
    values = [duration, 0, 0.9, 0, *root]
    for i, size in enumerate(SIZES):
        angle = {3: right_knee, 11: left_elbow}.get(i, 0.0)
        values += [angle] if size == 1 else REST
    return values


def load(tmp_path, frames, **extra):
    path = tmp_path / "humanoid3d_walk.txt"
    path.write_text(json.dumps({"Loop": "wrap", "Frames": frames} | extra))
    return load_deepmimic(path)


def test_at_rest_it_stands_and_faces_x(tmp_path):
    motion, wraps = load(tmp_path, [frame(), frame(), frame()])
    assert wraps
    assert motion.fps == 60
    at = dict(zip(motion.names, motion.positions[0], strict=True))
    np.testing.assert_allclose(
        at["right_ankle"], [0, 0.9 - 0.421546 - 0.40987, 0.084887], atol=1e-6
    )
    np.testing.assert_allclose(
        at["left_wrist"],
        [-0.02405, 0.9 + 0.236151 + 0.2435 - 0.274788 - 0.258947, -0.18311],
        atol=1e-6,
    )
    body = to_body(motion)
    np.testing.assert_allclose(
        body.joint("right_knee")[0, 2], 0.40987 / height(body, motion), atol=1e-6
    )


def height(body, motion):
    """How many metres a unit of the body is."""
    thigh = body.joint("right_hip") - body.joint("right_knee")
    return 0.421546 / np.linalg.norm(thigh[0])


def test_knees_bend_backwards_and_elbows_forwards(tmp_path):
    motion, _ = load(tmp_path, [frame(right_knee=-1.2, left_elbow=1.2)] * 2)
    at = dict(zip(motion.names, motion.positions[0], strict=True))
    assert at["right_ankle"][0] == pytest.approx(-0.40987 * np.sin(1.2), abs=1e-6)
    assert at["left_wrist"][0] - at["left_elbow"][0] == pytest.approx(
        0.258947 * np.sin(1.2), abs=1e-6
    )


def test_frames_last_as_long_as_they_say(tmp_path):
    quarter = [np.cos(np.pi / 8), 0, np.sin(np.pi / 8), 0]
    motion, _ = load(tmp_path, [frame(0.5), frame(0.25, root=quarter), frame(0.25)])
    assert len(motion.positions) == int(0.75 * 60) + 1
    body = to_body(motion)
    turned = body.facing @ body.facing[0]
    assert turned[30] == pytest.approx(np.cos(np.pi / 4), abs=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"Frames": [[1, 2, 3]]}',
        '{"Frames": "no"}',
        *(
            json.dumps({"Frames": [bad, frame()]})
            for bad in (
                frame(right_knee=math.nan),
                frame(root=[0] * 4),
                frame(-1),
                frame(1e5),
                frame(0),
            )
        ),
    ],
)
def test_what_is_no_clip_is_one_line(tmp_path, text):
    path = tmp_path / "humanoid3d_walk.txt"
    path.write_text(text)
    with pytest.raises(InputError, match="not a DeepMimic humanoid clip") as error:
        load_deepmimic(path)
    assert "\n" not in str(error.value)
