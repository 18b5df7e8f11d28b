"""BVH: parsing in any order of channels, and forward kinematics against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.data.bvh import load_bvh
from pgvgen.errors import InputError

CHAIN = """HIERARCHY
ROOT base
{{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition {root}
  JOINT middle
  {{
    OFFSET 0 2 0
    CHANNELS 3 Xrotation Yrotation Zrotation
    JOINT tip
    {{
      OFFSET 0 1 0
      CHANNELS 0
      End Site
      {{
        OFFSET 0 1 0
      }}
    }}
  }}
}}
MOTION
Frames: 2
Frame Time: 0.02
{frames}
"""


def chain(tmp_path, root, frames):
    path = tmp_path / "chain.bvh"
    path.write_text(CHAIN.format(root=root, frames=frames))
    return load_bvh(path)


def test_a_chain_bends_where_the_closed_form_says(tmp_path):
    angle, bend = 30, 40
    motion = chain(
        tmp_path,
        "Zrotation Xrotation Yrotation",
        f"5 6 7 {angle} 0 0 0 0 {bend}\n0 0 0 0 0 0 0 0 0",
    )
    a, b = np.radians([angle, angle + bend])
    base = np.array([5, 6, 7])
    middle = base + 2 * np.array([-np.sin(a), np.cos(a), 0])
    tip = middle + np.array([-np.sin(b), np.cos(b), 0])
    assert motion.names == ("base", "middle", "tip")
    assert motion.fps == pytest.approx(50)
    np.testing.assert_allclose(motion.positions[0], [base, middle, tip], atol=1e-9)
    np.testing.assert_allclose(motion.positions[1, :, 1], [0, 2, 3], atol=1e-9)


def test_rotations_multiply_in_the_order_of_the_channels(tmp_path):
    # Z then X: the y axis is first tilted towards z by X, then turned towards −x by Z.
    x, z = np.radians([25, 60])
    values = "0 0 0 {} {} 0 0 0 0\n0 0 0 0 0 0 0 0 0"
    first_z = chain(tmp_path, "Zrotation Xrotation Yrotation", values.format(60, 25))
    first_x = chain(tmp_path, "Xrotation Zrotation Yrotation", values.format(25, 60))
    np.testing.assert_allclose(
        first_z.positions[0, 1] / 2,
        [-np.sin(z) * np.cos(x), np.cos(z) * np.cos(x), np.sin(x)],
        atol=1e-9,
    )
    np.testing.assert_allclose(
        first_x.positions[0, 1] / 2,
        [-np.sin(z), np.cos(z) * np.cos(x), np.cos(z) * np.sin(x)],
        atol=1e-9,
    )


def test_keywords_may_be_in_capitals_or_not(tmp_path):
    root, frames = "Zrotation Xrotation Yrotation", "0 0 0 10 20 30 0 0 40\n0 0 0 0 0 0 0 0 0"
    plain = chain(tmp_path, root, frames)
    text = CHAIN.format(root=root, frames=frames).replace("middle", "motion")
    for spelt in (text.lower(), text.upper()):
        (tmp_path / "spelt.bvh").write_text(spelt)
        motion = load_bvh(tmp_path / "spelt.bvh")
        assert [name.lower() for name in motion.names] == ["base", "motion", "tip"]
        np.testing.assert_allclose(motion.positions, plain.positions)


@pytest.mark.parametrize("text", ["", "HIERARCHY\nMOTION\nFrames: 1\nFrame Time: 1\n1 2 3", None])
def test_a_file_that_is_no_whole_bvh_is_one_line(tmp_path, text):
    path = tmp_path / "bad.bvh"
    whole = CHAIN.format(root="Zrotation Xrotation Yrotation", frames="0 0 0 0 0 0 0 0 0\n0 0 0")
    path.write_text(whole if text is None else text)
    with pytest.raises(InputError, match=r"bad\.bvh is not a whole BVH") as error:
        load_bvh(path)
    assert "\n" not in str(error.value)
