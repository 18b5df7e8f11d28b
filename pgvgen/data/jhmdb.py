"""Importing JHMDB's joints (Jhuang et al., ICCV 2013): 15 joints a frame, 30 frames a second.

Two layouts are read: the public one, `joint_positions/<action>/<clip>/joint_positions.mat`, and one
`.npz` with `poses` (ΣT×15×2, in units of the body), `lengths`, `labels` and `split`.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from pgvgen.data.actions import ACTIONS, canonical
from pgvgen.data.camera import BODY_PX, HIPS_PX, SIZE
from pgvgen.data.clip import Clip, clip_id
from pgvgen.data.files import files_below
from pgvgen.data.matlab import load_mat
from pgvgen.data.splits import split_groups
from pgvgen.data.tracks import (
    hold_in_place,
    jitter,
    repeat_track,
    smooth_tracks,
    unfit,
    with_neck,
)
from pgvgen.errors import InputError
from pgvgen.poses.bones import ARMS, HIPS, body_height
from pgvgen.poses.facing import ANKLES

FPS = 15.0
_STEP = 2

# BODY_18 joint → JHMDB's (neck, belly, face, R/L shoulder, hip, elbow, knee, wrist, ankle): the
# face stands for the nose; neck and belly are no joints of BODY_18.
_COLUMNS = {0: 2, 2: 3, 3: 7, 4: 11, 5: 4, 6: 8, 7: 12, 8: 5, 9: 9, 10: 13, 11: 6, 12: 10, 13: 14}
_WRISTS = [arm[-1] for arm in ARMS]
_TRAVEL = frozenset(("walk", "run"))
# In body heights:
_MOST_JITTER = 0.035
_SWEEP = 0.12
_MET = 0.1  # wrists of hands that touch


@dataclass(frozen=True)
class _Take:
    name: str
    label: str
    group: str
    split: str | None
    joints: np.ndarray  # T×15×2


def import_jhmdb(folder: Path, source: str, *, dropped: Counter[str]) -> Iterator[Clip]:
    """The clips of a folder in either layout, brought to the size of the motion capture's frame.

    The wave is told apart by the hand that waves; waves and walks that barely move are left out.

    Raises:
        InputError: there is neither layout in the folder, or a file is damaged.
    """
    takes = list(_takes(folder, dropped))
    splits = split_groups({take.group: take.label for take in takes})
    for take in takes:
        keypoints, confidence, shake = _joints(take.joints)
        if take.label in _TRAVEL:
            keypoints = hold_in_place(keypoints, confidence, half=int(0.6 * FPS))
        label = _recognised(take.label, keypoints)
        reason = "joints shake" if shake > _MOST_JITTER else unfit(confidence)
        if label is None or reason:
            dropped[f"{take.label}: {reason or 'barely moves'}"] += 1
            continue
        if ACTIONS[label].cyclic:
            keypoints, confidence = repeat_track(keypoints, confidence, int(3.2 * FPS))
        yield Clip(
            id=clip_id(source, take.name),
            label=label,
            source=source,
            group=f"{source}.{take.group}",
            split="test" if take.split == "test" else _kept(splits[take.group], take.split),
            fps=FPS,
            size=(SIZE, SIZE),
            keypoints=keypoints.astype(np.float32),
            confidence=confidence.astype(np.float32),
        )


def _kept(own: str, published: str | None) -> str:
    """Our split, but what the publishers trained on does not become test."""
    return "val" if published == "train" and own == "test" else own


def _takes(folder: Path, dropped: Counter[str]) -> Iterator[_Take]:
    packed = files_below(folder, ".npz")
    loose = [path for path in files_below(folder, ".mat") if path.stem == "joint_positions"]
    if not packed and not loose:
        raise InputError(f"{folder} holds no joint_positions.mat and no .npz: is it JHMDB's?")
    for path in packed:
        yield from _unpack(path)
    for path in loose:
        label = canonical(path.parent.parent.name)
        if label is None:
            dropped[f"{path.parent.parent.name}: not in the vocabulary"] += 1
            continue
        name = path.parent.name
        # <movie>_<action>_<how it was seen>_<number>: one movie gave clips of several views.
        movie, action, _ = name.rpartition(f"_{path.parent.parent.name}_")
        group = movie if action else name.rsplit("_", 1)[0]
        yield _Take(name, label, group, None, _read_mat(path))


def _unpack(path: Path) -> Iterator[_Take]:
    try:
        with np.load(path) as data:
            poses, lengths = data["poses"], data["lengths"]
            labels, splits = data["labels"], data["split"]
        if poses.shape[1:] != (15, 2) or lengths.sum() != len(poses):
            raise ValueError(f"poses are {poses.shape}, lengths sum to {lengths.sum()}")
        if not lengths.shape == labels.shape == splits.shape or lengths.min(initial=1) < 1:
            raise ValueError("a clip without a length, a label or a split")
        if not np.isfinite(poses).all():
            raise ValueError("a joint that is not finite")
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise InputError(f"{path} is not a JHMDB archive ({error})") from None
    starts = np.cumsum(lengths) - lengths
    for i, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        label = canonical(str(labels[i]))
        if label is None:
            raise InputError(f"{path}: the action {labels[i]} is not in the vocabulary")
        # Names are lost; neighbours are often cut from one video, so five in a row are a group.
        yield _Take(
            f"{i:04}", label, f"{label}.{i // 5:03}", str(splits[i]), poses[start : start + length]
        )


def _read_mat(path: Path) -> np.ndarray:
    try:
        joints = np.asarray(load_mat(path, "a JHMDB annotation")["pos_img"], dtype=np.float64)
        if joints.shape[:2] != (2, 15) or not np.isfinite(joints).all():
            raise ValueError(f"pos_img is {joints.shape}, or not finite")
        joints = joints.reshape(2, 15, -1)  # MATLAB drops a last axis of one frame
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a JHMDB annotation ({error})") from None
    return joints.transpose(2, 1, 0)


def _joints(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """T×18×2 px and T×18 at 15 frames a second, smoothed; how much they shook."""
    keypoints = np.zeros((len(joints), 18, 2))
    confidence = np.zeros((len(joints), 18))
    keypoints[:, list(_COLUMNS)] = joints[:, list(_COLUMNS.values())]
    confidence[:, list(_COLUMNS)] = 1
    smooth = smooth_tracks(keypoints, confidence, window=7)
    shake = jitter(keypoints, smooth, confidence)
    scale = BODY_PX / body_height(smooth, confidence)
    hips = smooth[0, HIPS].mean(0)
    smooth = (smooth - hips) * scale + HIPS_PX
    with_neck(smooth, confidence)
    smooth[confidence == 0] = 0
    return smooth[::_STEP], confidence[::_STEP], shake


def _recognised(label: str, keypoints: np.ndarray) -> str | None:
    """The label, a wave's by its hand; None where what should move sweeps under 12 % of the body.

    Hands that clap must meet, too. JHMDB's jumps are dives and leaps over walls, not what a person
    means by a jump.
    """
    right, left = (
        np.ptp(keypoints[:, joint], axis=0).max() / BODY_PX
        for joint in (ANKLES if label in _TRAVEL else _WRISTS)
    )
    if label == "jump":
        return "leap"
    if label == "clap":
        right_wrist, left_wrist = (keypoints[:, joint] for joint in _WRISTS)
        apart = np.linalg.norm(right_wrist - left_wrist, axis=-1) / BODY_PX
        return label if apart.min() < _MET and np.ptp(apart) > _SWEEP else None
    if label != "wave" and label not in _TRAVEL:
        return label
    if max(right, left) < _SWEEP:
        return None
    if label == "wave" and min(right, left) > 0.6 * max(right, left):
        return "wave_both"
    return "wave_left" if label == "wave" and left > right else label
