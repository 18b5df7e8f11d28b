"""From a photo and a motion to frames, with an untrained network: the analytic transport."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest
import torch
from skimage.data import astronaut

from pgvgen.errors import InputError, NoPersonError, UsageError
from pgvgen.poses import BODY_18, FACE_68, PoseSequence, files
from pgvgen.poses.estimators import estimate_pose
from pgvgen.rendering import actor
from pgvgen.rendering.framing import Frame, motion_square, painted_frame
from pgvgen.rendering.layers import Layers, cut_layers
from pgvgen.rendering.parts import PARTS
from pgvgen.rendering.renderer import render
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import PAINTED
from pgvgen.rendering.view import View
from tests.rendering import doll

PHOTO = astronaut()[::2, ::2].copy()


@pytest.fixture(scope="module")
def network() -> SCGAN:
    return SCGAN(SCGANConfig(width=8, blocks=1))


@pytest.fixture(scope="module")
def motion() -> PoseSequence:
    """She leans to the side and back: five frames, the first and the last alike."""
    start = estimate_pose(PHOTO)
    lean = np.zeros((5, 18, 2), np.float32)
    lean[:, :, 0] = np.array([0, 6, 12, 6, 0])[:, None]
    return start.replace(
        keypoints=start.keypoints + lean * (start.keypoints[:, :, 1:] < 120),
        confidence=np.repeat(start.confidence, 5, 0),
    )


def test_first_the_photo_then_movement_then_the_photo(network: SCGAN, motion: PoseSequence) -> None:
    frames = list(render(PHOTO, motion, scgan=network))
    assert len(frames) == 5
    assert all(frame.shape == PHOTO.shape and frame.dtype == np.uint8 for frame in frames)
    assert np.array_equal(frames[0], PHOTO)
    assert np.array_equal(frames[4], PHOTO)
    assert np.array_equal(frames[1], frames[3])
    assert np.abs(frames[2].astype(int) - PHOTO).mean() > 2


def test_a_loop_need_not_begin_with_the_photo(network: SCGAN, motion: PoseSequence) -> None:
    whole = list(render(PHOTO, motion, scgan=network))
    later = motion[1:].replace(photo=motion[0])
    frames = list(render(PHOTO, files.loads(files.dumps(later)), scgan=network))
    assert len(frames) == 4
    assert all(np.array_equal(a, b) for a, b in zip(frames, whole[1:], strict=True))


@pytest.mark.parametrize("photo", [PHOTO / 255, PHOTO[..., 0], np.dstack([PHOTO, PHOTO[..., 0]])])
def test_what_is_no_picture_or_no_size(
    network: SCGAN, motion: PoseSequence, photo: np.ndarray
) -> None:
    with pytest.raises(ValueError, match="uint8"):
        render(photo, motion, scgan=network)
    with pytest.raises(InputError, match="no pixels"):
        render(PHOTO[:0, :0], motion, scgan=network)
    for size in (0, -5):
        with pytest.raises(UsageError, match="--size"):
            render(PHOTO, motion, scgan=network, size=size)


def test_what_is_painted_shows_in_small_pictures_only(network: SCGAN, motion: PoseSequence) -> None:
    painter = copy.deepcopy(network)
    with torch.no_grad():
        painter.generator.head.bias[PAINTED] = 12
    apart = {}
    for size in (None, 64):
        plain, frame = (
            list(render(PHOTO, motion, scgan=n, size=size))[2].astype(int)
            for n in (network, painter)
        )
        apart[size] = np.abs(frame - plain).mean()
    assert apart[None] == 0
    assert apart[64] > 20


def test_the_same_motion_gives_the_same_frames(network: SCGAN, motion: PoseSequence) -> None:
    """Also though several are composed at a time."""
    first, second = (np.stack(list(render(PHOTO, motion, scgan=network))) for _ in range(2))
    assert np.array_equal(first, second)


def test_who_stands_still_is_the_photo(motion: PoseSequence) -> None:
    """The bundled network's answer to the photo's own pose changes nothing in the person's box."""
    still = motion[::4]
    frames = list(render(PHOTO, still))
    low, high = (getattr(still.keypoints[0], end)(0).astype(int) for end in ("min", "max"))
    (left, top), (right, bottom) = np.clip(low - 20, 0, None), high + 20
    for frame in frames:
        apart = frame[top:bottom, left:right].astype(float) - PHOTO[top:bottom, left:right]
        assert np.square(apart).mean() <= 255**2 / 10**3.5, "35 dB"


def test_a_motion_that_does_not_say_of_what_picture_it_is_is_of_this_photo(
    network: SCGAN, motion: PoseSequence
) -> None:
    unsaid = motion.replace(size=(90, 200), size_known=False)
    frames, whole = (list(render(PHOTO, m, scgan=network)) for m in (unsaid, motion))
    assert all(np.array_equal(a, b) for a, b in zip(frames, whole, strict=True))
    with pytest.raises(InputError, match="begins beyond the photo"):
        next(render(PHOTO[:, :100], unsaid, scgan=network))


def test_frames_come_one_by_one(network: SCGAN, motion: PoseSequence) -> None:
    frames = render(PHOTO, motion, scgan=network)
    assert np.array_equal(next(frames), PHOTO)


@pytest.mark.parametrize("size", [None, 64])
def test_frames_may_be_given_up(network: SCGAN, motion: PoseSequence, size: int | None) -> None:
    before = threading.active_count()
    frames = render(PHOTO, motion, scgan=network, size=size, crop=True)
    next(frames)
    frames.close()
    assert not list(frames)
    assert threading.active_count() == before


def test_ctrl_c_is_heard_while_a_large_photo_is_cut(
    network: SCGAN, motion: PoseSequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = {}

    def cut(picture: np.ndarray, *others: np.ndarray, **what: bool) -> Layers:
        threads[picture.shape[0]] = threading.current_thread()
        return cut_layers(picture, *others, **what)

    monkeypatch.setattr(actor, "cut_layers", cut)
    next(render(PHOTO, motion, scgan=network))
    assert threads[max(threads)] is threading.main_thread()


@pytest.mark.parametrize("size", [64, 200, 300])
def test_size_is_the_longer_side(network: SCGAN, motion: PoseSequence, size: int) -> None:
    wide = np.pad(PHOTO, ((0, 0), (0, 128), (0, 0)), mode="edge")
    moved = motion.replace(size=(384, 256))
    frame = next(render(wide, moved, scgan=network, size=size))
    assert frame.shape == (round(size * 2 / 3), size, 3)


def test_crop_is_a_square_of_the_photo(network: SCGAN, motion: PoseSequence) -> None:
    wide = np.pad(PHOTO, ((0, 0), (200, 0), (0, 0)), mode="edge")
    moved = motion.replace(size=(456, 256), keypoints=motion.keypoints + np.float32([200, 0]))
    frame = next(render(wide, moved, scgan=network, crop=True))
    side = frame.shape[0]
    assert frame.shape == (side, side, 3)
    assert any(
        np.array_equal(frame, wide[y : y + side, x : x + side])
        for x in range(457 - side)
        for y in range(257 - side)
    )


@pytest.mark.parametrize("generator", ["transported", "painted"])
def test_transparent_frames_are_the_person_cut_out(motion: PoseSequence, generator: str) -> None:
    network = SCGAN(SCGANConfig(generator=generator, width=8, blocks=1))
    for kept, cut in zip(
        render(PHOTO, motion[:3], scgan=network),
        render(PHOTO, motion[:3], scgan=network, transparent=True),
        strict=True,
    ):
        assert cut.shape == (*PHOTO.shape[:2], 4)
        assert cut[:40, 220:, 3].max() == 0, "the background"
        assert cut[150:200, 90:130, 3].min() > 200, "her middle"
        solid = cut[..., 3] == 255
        assert solid.mean() > 0.2
        assert np.abs(cut[solid, :3].astype(int) - kept[solid]).mean() < 2
    square = next(render(PHOTO, motion, scgan=network, transparent=True, crop=True))
    assert square.shape[0] == square.shape[1]


def test_a_person_who_is_lost_for_a_moment_goes_on_moving(
    network: SCGAN, motion: PoseSequence
) -> None:
    confidence = motion.confidence.copy()
    confidence[1] = 0
    lost = motion.replace(
        confidence=confidence, keypoints=motion.keypoints * (confidence > 0)[..., None]
    )
    for a, b in zip(
        render(PHOTO, lost, scgan=network), render(PHOTO, motion, scgan=network), strict=True
    ):
        assert np.abs(a.astype(int) - b).mean() < 0.5


@pytest.mark.filterwarnings("error")
def test_frames_that_show_nobody_leave_the_photo_as_it_is(
    network: SCGAN, motion: PoseSequence
) -> None:
    confidence = motion.confidence.copy()
    confidence[2:] = 0
    gone = motion.replace(
        confidence=confidence, keypoints=motion.keypoints * (confidence > 0)[..., None]
    )
    frames = list(render(PHOTO, gone, scgan=network))
    cut = list(render(PHOTO, gone, scgan=network, transparent=True))
    for t in (2, 3, 4):
        assert np.array_equal(frames[t], PHOTO)
        assert np.abs(cut[t][..., 3].astype(int) - cut[0][..., 3]).mean() < 1


def test_a_motion_of_a_smaller_copy_fits(network: SCGAN, motion: PoseSequence) -> None:
    half = motion.replace(keypoints=(motion.keypoints + 0.5) / 2 - 0.5, size=(128, 128))
    for a, b in zip(
        render(PHOTO, half, scgan=network), render(PHOTO, motion, scgan=network), strict=True
    ):
        assert np.abs(a.astype(int) - b).mean() < 0.5


def test_the_painted_generator_leaves_the_background_alone(motion: PoseSequence) -> None:
    painter = SCGAN(SCGANConfig(generator="painted", width=8, blocks=1))
    frames = list(render(PHOTO, motion[:2], scgan=painter))
    assert np.array_equal(frames[1][:40, 220:], PHOTO[:40, 220:])
    assert np.abs(frames[1].astype(int) - PHOTO)[60:200, 60:160].mean() > 5


def test_a_motion_that_does_not_belong_here_is_refused(
    network: SCGAN, motion: PoseSequence
) -> None:
    with pytest.raises(InputError, match="made for a picture of 300×100 px"):
        render(PHOTO, motion.replace(size=(300, 100)), scgan=network)
    face = PoseSequence(np.ones((2, 68, 2)), np.ones((2, 68)), 15, (256, 256), FACE_68)
    with pytest.raises(InputError, match="face_68"):
        render(PHOTO, face, scgan=network)
    with pytest.raises(InputError, match="no frames"):
        render(PHOTO, motion[:0], scgan=network)
    nobody = motion.replace(confidence=np.zeros_like(motion.confidence))
    with pytest.raises(NoPersonError, match="first pose is empty"):
        render(PHOTO, nobody, scgan=network)


def test_motions_of_several_people_have_one_frame_rate(
    network: SCGAN, motion: PoseSequence
) -> None:
    with pytest.raises(UsageError, match="12 and 25 frames a second"):
        render(PHOTO, [motion.replace(fps=25), motion.replace(fps=12)], scgan=network)
    with pytest.raises(UsageError, match="no motion"):
        render(PHOTO, [], scgan=network)
    with pytest.raises(InputError, match="300×100"):
        render(PHOTO, [motion, motion.replace(size=(300, 100))], scgan=network)


def test_one_of_one_is_one(network: SCGAN, motion: PoseSequence) -> None:
    one, of_one = (list(render(PHOTO, m, scgan=network)) for m in (motion, [motion]))
    assert all(np.array_equal(a, b) for a, b in zip(one, of_one, strict=True))


def test_a_bowed_head_nods_and_does_not_roll() -> None:
    upright = doll.standing()
    bowed = upright.copy()
    bowed[[0, 14, 15, 16, 17], 1] += 60  # the face comes to lie below the neck, its eyes level
    seen = np.ones((2, 18), np.float32)
    transforms, usable = part_transforms(upright, seen[0], np.stack([upright, bowed]), seen)
    head = [part.name for part in PARTS].index("head")
    assert usable.all()
    assert np.allclose(transforms[0, head], np.eye(2, 3), atol=1e-4)
    assert np.allclose(transforms[1, head, :, :2], np.eye(2), atol=0.05)


def test_the_square_holds_every_pose_and_the_margin(motion: PoseSequence) -> None:
    square = motion_square(motion)
    seen = motion.keypoints[motion.confidence > 0.2]
    assert square.width == square.height
    assert seen.min(0)[0] > square.left
    assert seen.max(0)[0] < square.right
    assert seen.min(0)[1] > square.top


def test_a_body_cut_by_the_border_goes_on_beyond_it() -> None:
    mask = np.zeros((100, 80), np.float32)
    mask[30:, 20:60] = 1
    frame = painted_frame(Frame(-30, -20, 140, 140), mask, unit=50)
    assert (frame.left, frame.top, frame.right, frame.bottom) == (0, 0, 80, 140)
    assert np.array_equal(frame.cut(mask)[139], mask[99])


@pytest.mark.parametrize(("below", "goes_on"), [(7, False), (-20, True)])
def test_legs_go_on_beyond_the_border_but_not_below_their_feet(below: int, goes_on: bool) -> None:
    pose = doll.standing()
    picture, mask = doll.draw(pose)
    height = int(pose[10, 1]) + below
    motion = PoseSequence(pose[None], np.ones((1, 18), np.float32), 10, size=(240, height))
    view = View(picture[:height], motion, mask[:height], acts=True)
    assert view.frame.bottom > height
    _, whole = view.cut(view.frame)
    legs = whole[height - view.frame.top :].any(1)
    assert legs[0]
    assert legs[-1] == goes_on


@pytest.mark.parametrize(("joint", "goes_on"), [("right_elbow", False), ("right_knee", True)])
def test_beyond_the_border_an_arm_is_no_slab(joint: str, goes_on: bool) -> None:
    pose = doll.standing()
    picture, mask = doll.draw(pose)
    x, y = pose[BODY_18.index(joint)]
    left = int(x)  # the photo's border goes through it
    shown = pose - np.array([left, 0], np.float32)
    motion = PoseSequence(shown[None], np.ones((1, 18), np.float32), 10, size=(240 - left, 260))
    view = View(picture[:, left:], motion, mask[:, left:], acts=True)
    _, whole = view.cut(view.frame)
    beyond = whole[round(y), : -view.frame.left][::-1]  # from the border on
    assert beyond[:5].all()
    assert beyond[20] == goes_on


def test_cut_and_paste_are_inverse() -> None:
    frame = Frame(-10, 200, 100, 90)
    assert frame.cut(PHOTO).shape == (90, 100, 3)
    shown = frame.within((256, 256))
    assert (shown.left, shown.top, shown.right, shown.bottom) == (0, 200, 90, 256)
    part = shown.cut(PHOTO)
    assert np.array_equal(shown.paste(part, PHOTO), PHOTO)
    painted = shown.paste(np.zeros_like(part), PHOTO)
    assert not painted[200:, :90].any()
    assert np.array_equal(painted[:200], PHOTO[:200])
    assert np.array_equal(painted[:, 90:], PHOTO[:, 90:])
