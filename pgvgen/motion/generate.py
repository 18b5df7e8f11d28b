"""A start pose and an action's name become a motion of any length: stage one as people use it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pgvgen.data.actions import ACTIONS, resolve_action
from pgvgen.errors import InputError, UsageError
from pgvgen.motion.coordinates import BodyFrame, body_frame
from pgvgen.motion.ease import at_ease
from pgvgen.motion.psgan import PSGAN
from pgvgen.poses.retarget import retarget
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.timing import bridge_gaps, resample, smooth
from pgvgen.weights import device as find_device

_HISTORY = 4  # frames that a segment shares with the one before it
_LEAST = 4  # keypoints without which nothing can be said about a pose
_ARM = {"wave": "right", "raise_hand": "right", "wave_left": "left", "raise_hand_left": "left"}


def generate_motion(
    start: PoseSequence,
    label: str,
    *,
    frames: int = 32,
    fps: float | None = None,
    seed: int = 0,
    psgan: PSGAN | str | Path = "action",
    device: str = "auto",
) -> PoseSequence:
    """What the person in the start pose does next.

    The network writes at the rate it has learnt; weak keypoints are bridged over time, the motion
    is smoothed, brought to the rate asked for, and put on the person's own bones. Keypoints that
    the start pose lacks stay absent.

    Args:
        start: its first frame is the start pose.
        label: the action; aliases and any spelling are understood. What one hand does is done by
            the other where the photo shows only that arm.
        frames: of the result, ≥ 1; beyond the network's own length segments follow one another,
            each continuing the last poses.
        fps: of the result; the network's own by default.
        seed: another seed is another motion.
        psgan: loaded, or a name, folder or Hub id.
        device: auto, cpu, cuda or mps.

    Returns:
        `frames` poses in the start's picture, the first being the start pose itself, with the
        label that was done and the seed.

    Raises:
        UsageError: an action that the weight does not know, no frames, or another skeleton.
        InputError: too few keypoints in the start pose.
        WeightsError: the weight cannot be had.
    """
    if frames < 1:
        raise UsageError(f"--frames is {frames}: ask for at least 1")
    if not isinstance(psgan, PSGAN):
        psgan = PSGAN.from_pretrained(psgan, device=find_device(device))
    own = psgan.config
    label = resolve_action(label, own.labels)
    if start.skeleton.name != own.skeleton:
        raise UsageError(f"the weight moves {own.skeleton} poses, not {start.skeleton.name}")
    fps = own.fps if fps is None else fps
    first = start[0]
    if not len(first) or (first.confidence >= SEEN).sum() < _LEAST:
        raise InputError("the pose shows too little of the person: use a photo that shows more")
    label = _with_the_arm_that_is_seen(label, first, own.labels)
    count = max(2, math.ceil((frames - 1) / fps * own.fps - 1e-6) + 1)
    keypoints, confidence = _write(psgan, at_ease(first), own.labels.index(label), count, seed)
    motion = first.replace(keypoints=keypoints, confidence=confidence, fps=own.fps)
    motion = resample(smooth(bridge_gaps(motion)), fps)[:frames]
    return retarget(motion, first).replace(label=label, seed=seed)


def _with_the_arm_that_is_seen(label: str, start: PoseSequence, labels: tuple[str, ...]) -> str:
    """`wave` is `wave_left` for somebody whose right arm the photo hides."""
    if label not in _ARM:
        return label

    def seen(side: str) -> bool:
        arm = [start.skeleton.index(f"{side}_{joint}") for joint in ("elbow", "wrist")]
        return bool((start.confidence[0, arm] >= SEEN).all())

    other = ACTIONS[label].mirror
    if other in labels and not seen(_ARM[label]) and seen(_ARM[str(other)]):
        return str(other)
    return label


@torch.no_grad()
def _write(
    psgan: PSGAN, start: PoseSequence, label: int, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """`count` poses at the network's own rate: count×K×2 in px, count×K."""
    device = next(psgan.parameters()).device
    rng = torch.Generator().manual_seed(seed)
    present = torch.from_numpy((start.confidence >= SEEN).astype(np.float32)).to(device)  # 1×K
    keypoints = torch.tensor(start.keypoints, device=device)[:, None]  # 1×1×K×2
    confidence = torch.tensor(start.confidence, device=device)[:, None] * present
    height = body_frame(keypoints[:, 0], present).height
    action = torch.tensor([label], device=device)
    while keypoints.shape[1] < count:
        history = keypoints[:, -_HISTORY:]
        frame = BodyFrame(body_frame(history[:, 0], present).centre, height)
        placed = frame.normalise(history)
        motion = psgan(placed[:, 0], present, action, rng=rng, history=placed)
        keypoints, confidence = _append(
            keypoints,
            confidence,
            frame.place(motion.keypoints),
            motion.confidence,
            history.shape[1],
        )
    return keypoints[0, :count].cpu().numpy(), confidence[0, :count].cpu().numpy()


def _append(
    keypoints: Tensor, confidence: Tensor, more: Tensor, sure: Tensor, shared: int
) -> tuple[Tensor, Tensor]:
    """Join a segment whose first `shared` frames are the last ones of what is there.

    A generator that continues a motion repeats them exactly; where it does not (the paper's sees
    one pose only), the difference fades out over the segment's next frames.
    """
    gap = keypoints[:, -1:] - more[:, shared - 1 : shared]
    there = (confidence[:, -1:] > 0) & (sure[:, shared - 1 : shared] > 0)
    new = more[:, shared:]
    fade = torch.linspace(1, 0, new.shape[1] // 2 + 2, device=new.device)[1:-1].square()
    fade = torch.cat([fade, fade.new_zeros(new.shape[1] - len(fade))])[None, :, None, None]
    new = new + fade * torch.where(there[..., None], gap, torch.zeros_like(gap))
    return torch.cat([keypoints, new], dim=1), torch.cat([confidence, sure[:, shared:]], dim=1)
