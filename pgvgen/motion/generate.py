"""A start pose and an action's name become a motion of any length: stage one as people use it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch

from pgvgen.data.actions import ACTIONS
from pgvgen.devices import find_device
from pgvgen.errors import InputError, UsageError
from pgvgen.motion.ease import at_ease
from pgvgen.motion.looping import (
    frames_to_go_round,
    frames_to_loop,
    going_round,
    hurried,
    least_frames,
    looped,
)
from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.segments import Writer
from pgvgen.motion.sequence import perform, repeats, resolve_actions
from pgvgen.poses.bones import ARMS, places
from pgvgen.poses.hands import GUESSED, with_hidden_arms
from pgvgen.poses.inside import cut_off, keep_inside
from pgvgen.poses.retarget import retarget
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.timing import bridge_gaps, check_fps, resample, smooth
from pgvgen.talk import log

FRAMES = 32
"""Frames of an action where nobody says how many."""

_LEAST = 4  # keypoints without which nothing can be said about a pose
_ARM = {"wave": "right", "raise_hand": "right", "wave_left": "left", "raise_hand_left": "left"}
_BOTH_ARMS = {"wave_both", "raise_hands", "clap"}


def generate_motion(
    start: PoseSequence,
    label: str,
    *,
    frames: int | None = None,
    fps: float | None = None,
    seed: int = 0,
    strength: float | None = None,
    loop: bool = False,
    psgan: PSGAN | str | Path = "action",
    device: str = "auto",
) -> PoseSequence:
    """What the person in the start pose does next.

    The network writes at the rate it has learnt; weak keypoints are bridged over time, the motion
    is smoothed, brought to the rate asked for, and put on the person's own bones. Keypoints that
    the start pose lacks stay absent.

    Args:
        start: the person's pose in the photo, or a motion that begins with it.
        label: the action, or several with commas between them (`wave,jump,bow`), done one after
            the other; aliases and any spelling are understood. What one hand does is done by the
            other where the photo shows only that arm.
        frames: of the whole result, ≥ 1; 32 an action by default. An action that repeats by itself
            goes on for its share of them, one that ends is done again after a rest.
        fps: of the result; the network's own by default.
        seed: from 0 to 2^63 - 1; another seed is another motion.
        strength: 0 to 1, how energetic; by default as the action is done best, which mostly is 0.5,
            the middle of what the network has seen.
        loop: the first frame may follow the last. What ends comes back to the start pose; an action
            that repeats goes round without a rest, and the first frame is in the middle of it. What
            has no time for all of that, in less than 1.3 s an action, is done faster.
        psgan: loaded, or a name, folder or Hub id.
        device: auto, cpu, cuda or mps.

    Returns:
        `frames` poses in the start's picture, the first being the start pose itself (which is kept
        as `photo` where it is not; hands and arms that it hides count as seen), with the labels
        that were done (commas between them) and the seed.

    Raises:
        UsageError: an action that the weight does not know, fewer frames than actions, a strength,
            fps or seed that is none, or another skeleton.
        InputError: too few keypoints in the start pose.
        WeightsError: the weight cannot be had.
    """
    if not isinstance(psgan, PSGAN):
        psgan = PSGAN.from_pretrained(psgan, device=find_device(device))
    own = psgan.config
    labels = resolve_actions(label, own.labels)
    frames = FRAMES * len(labels) if frames is None else frames
    if frames < len(labels):
        raise UsageError(f"--frames is {frames}: ask for at least {len(labels)}")
    if strength is not None and not 0 <= strength <= 1:
        raise UsageError(f"--strength is {strength:g}: it goes from 0 to 1")
    check_fps(fps)
    if not 0 <= seed < 2**63:
        raise UsageError(f"--seed is {seed}: it goes from 0 to 2^63 - 1")
    if start.skeleton.name != own.skeleton:
        raise UsageError(f"the weight moves {own.skeleton} poses, not {start.skeleton.name}")
    fps = own.fps if fps is None else fps
    first = with_hidden_arms(start.start)
    if not len(first) or (first.confidence >= SEEN).sum() < _LEAST:
        raise InputError("the pose shows too little of the person: use a photo that shows more")
    labels = tuple(_with_the_arm_that_is_seen(label, first, own.labels) for label in labels)
    _warn_of_arms(labels, first)
    rounds = loop and len(labels) == 1 and repeats(labels[0]) and frames > 1
    whole = max(frames, least_frames(fps) * len(labels)) if loop else frames
    wanted = whole
    if loop and repeats(labels[-1]):
        wanted = frames_to_go_round(whole, fps) if rounds else frames_to_loop(whole)
    writer = Writer(psgan, at_ease(first), strength, torch.Generator().manual_seed(int(seed)))
    motion = keep_inside(done_by(first, written(writer, labels, wanted, fps), labels))
    motion = motion.replace(label=",".join(labels), seed=seed)
    if rounds:
        return hurried(going_round(motion, whole), frames).replace(photo=first)
    return hurried(looped(motion, whole), frames) if loop else motion


def written(writer: Writer, labels: Sequence[str], frames: int, fps: float) -> PoseSequence:
    """So many frames of one action after another, at another rate than the network's."""
    count = max(2, math.ceil((frames - 1) / fps * writer.fps - 1e-6) + 1)
    motion = perform(writer, labels, max(count, len(labels)))
    return resample(smooth(bridge_gaps(motion)), fps)[:frames]


def done_by(start: PoseSequence, motion: PoseSequence, labels: Sequence[str]) -> PoseSequence:
    """The motion on the bones of the start pose's person, as its actions are done: on the ground,
    facing the same way all the time, with hands that touch."""
    actions = [ACTIONS.get(label) for label in labels]
    return retarget(
        motion,
        start,
        grounded=all(action is not None and action.stands for action in actions),
        facing=all(action is not None and action.faces for action in actions),
        touching=all(action is not None and action.touches for action in actions),
        shrugging=True,
    )


def _with_the_arm_that_is_seen(label: str, start: PoseSequence, labels: tuple[str, ...]) -> str:
    """`wave` is `wave_left` for somebody whose right arm the photo hides."""
    if label not in _ARM:
        return label

    def seen(side: str) -> bool:
        arm = [start.skeleton.index(f"{side}_{joint}") for joint in ("elbow", "wrist")]
        elbow, wrist = start.confidence[0, arm]
        return bool(elbow > GUESSED and wrist >= SEEN) and side not in _cut_off(start)

    other = ACTIONS[label].mirror
    if other in labels and not seen(_ARM[label]) and seen(_ARM[str(other)]):
        return str(other)
    return label


def _cut_off(start: PoseSequence) -> set[str]:
    """The sides of the arms that hang, whatever is done."""
    (where,), (confidence,) = places(start)
    sides = zip(("right", "left"), ARMS, cut_off(where, start), strict=True)
    return {side for side, (_, *ends), cut in sides if cut and confidence[ends].min() > 0}


def _warn_of_arms(labels: Sequence[str], start: PoseSequence) -> None:
    """Say what will hardly be seen, as the photo cuts off the arms that would do it."""
    cut = _cut_off(start)
    for label in dict.fromkeys(labels):
        if _ARM.get(label) in cut or (label in _BOTH_ARMS and len(cut) == 2):
            log.warning("%s will hardly be seen: use a photo that shows the hand", label)
