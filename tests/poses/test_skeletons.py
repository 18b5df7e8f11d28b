import numpy as np
import pytest

from pgvgen.poses import BODY_18, FACE_68, SKELETONS

SIDES = {"right": "left", "left": "right"}


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_a_skeleton_is_consistent(skeleton):
    count = len(skeleton)
    assert len(set(skeleton.joints)) == count
    assert all(0 <= joint < count for limb in skeleton.limbs for joint in limb)
    assert all(skeleton.mirror[skeleton.mirror[i]] == i for i in range(count))
    assert len(skeleton.limb_colours) == len(skeleton.limbs)
    assert len(skeleton.joint_colours) in (0, count)
    assert [skeleton.index(name) for name in skeleton.joints] == list(range(count))


def test_body_18_is_in_the_order_of_coco_and_openpose():
    assert len(BODY_18) == 18
    assert BODY_18.joints[:5] == ("nose", "neck", "right_shoulder", "right_elbow", "right_wrist")
    assert BODY_18.joints[10] == "right_ankle"
    assert BODY_18.joints[14:] == ("right_eye", "left_eye", "right_ear", "left_ear")


def test_the_mirror_of_the_right_is_the_left():
    for i, name in enumerate(BODY_18.joints):
        side, _, rest = name.partition("_")
        expected = f"{SIDES[side]}_{rest}" if side in SIDES else name
        assert BODY_18.joints[BODY_18.mirror[i]] == expected


def test_the_mirror_of_a_symmetric_face_is_the_face():
    # An iBUG face drawn from its definition: jaw 0–16, brows 17–26, nose 27–35, eyes 36–47 (outer
    # corner, two on the lid, inner corner, two below), lips 48–67; right is the person's own.
    eye = [(-45, 0), (-38, -6), (-28, -6), (-20, 0), (-28, 5), (-38, 5)]
    other = [(20, 0), (28, -6), (38, -6), (45, 0), (38, 5), (28, 5)]
    angles = np.linspace(0, 2 * np.pi, 13)[:12]
    outer = [(-25 * np.cos(a), 60 - 12 * np.sin(a)) for a in angles]
    inner = [(-18 * np.cos(a), 60 - 5 * np.sin(a)) for a in angles[[0, 2, 3, 4, 6, 8, 9, 10]]]
    face = np.array(
        [(-70 + 8.75 * i, 80 - 0.01 * (i - 8) ** 4) for i in range(17)]
        + [(-60 + 10 * i, -30 - (i % 4)) for i in range(5)]
        + [(20 + 10 * i, -30 - ((4 - i) % 4)) for i in range(5)]
        + [(0, 5 * i) for i in range(4)]
        + [(-10 + 5 * i, 25) for i in range(5)]
        + eye + other + outer + inner
    )  # fmt: skip
    assert len(face) == len(FACE_68)
    mirrored = face[list(FACE_68.mirror)] * [-1, 1]
    np.testing.assert_allclose(mirrored, face, atol=1e-9)
