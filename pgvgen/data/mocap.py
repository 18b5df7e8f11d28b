"""Importing motion capture (BVH, DeepMimic): takes seen by several cameras, 15 fps, in place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pgvgen.data.actions import ACTIONS, canonical
from pgvgen.data.body3d import Body3D, to_body
from pgvgen.data.bvh import load_bvh
from pgvgen.data.camera import SIZE, project
from pgvgen.data.clip import Clip, clip_id
from pgvgen.data.deepmimic import load_deepmimic
from pgvgen.data.files import files_below
from pgvgen.data.splits import names_below, split_groups
from pgvgen.data.trimming import (
    bursts,
    in_place,
    only_turn,
    travels,
    turned_less,
    unroll,
    without_idling,
    without_t_pose,
)
from pgvgen.errors import InputError

FPS = 15.0
YAWS = (-90.0, -65.0, -45.0, -22.0, 0.0, 22.0, 45.0, 65.0, 90.0)
"""Where the cameras stand: mostly in front, as photographers do."""

# Bandai-Namco: what a take's content is called → the label here.
_BANDAI = {
    "bye": "wave",
    "byebye": "wave_both",
    "dance-short": "dance",
    "raise-up-both-hands": "raise_hands",
    "raise-up-left-hand": "raise_hand_left",
    "raise-up-right-hand": "raise_hand",
    "walk-turn-left": "turn_left",
    "walk-turn-right": "turn",
    "wave-both-hands": "wave_both",
    "wave-left-hand": "wave_left",
    "wave-right-hand": "wave",
}
# Takes whose names mislead.
_RENAMED = {"humanoid3d_spin": "breakdance"}

# In these moods a person does the action so faintly or oddly that it is another one, and in these
# others it is a play of its own when they walk or run (a giant's, a thug's, an old man's gait).
_CROOKED = frozenset(("angry", "sad", "not-confident"))
_PLAYED = frozenset(("old", "tired", "giant", "musical", "childish", "chimpira"))
_GAITS = frozenset(("walk", "walk_back", "run", "dash", "turn", "turn_left"))

# Takes of these hold several strikes with pauses between them.
_STRIKES = frozenset(("punch", "kick", "slash"))


@dataclass(frozen=True)
class Take:
    """A capture file and what its name says."""

    path: Path
    label: str
    mood: str | None = None


def import_mocap(
    folder: Path, source: str, *, suffix: str, dropped: Counter[str]
) -> Iterator[Clip]:
    """The clips of all takes below a folder, one a camera.

    Args:
        suffix: ".bvh", or ".txt" for DeepMimic's.
        source: the name that the clips' source gets.
        dropped: gets a count for each reason that a take was left out for.

    Raises:
        InputError: no such file in the folder, or one that cannot be read as what it is called.
    """
    files = files_below(folder, suffix)
    if not files:
        raise InputError(f"{folder} holds no {suffix} file: name the folder of the motion capture")
    takes = []
    for path in files:
        take = _name_take(path)
        if take is None:
            dropped["no known action in the name"] += 1
        elif take.mood in _CROOKED or (take.label in _GAITS and take.mood in _PLAYED):
            dropped[f"mood {take.mood}"] += 1
        else:
            takes.append(take)
    names = names_below(folder, {take.path: take.path.stem for take in takes})
    bodies = {names[take.path]: list(_fit(take, dropped)) for take in takes}
    takes = [take for take in takes if bodies[names[take.path]]]
    splits = split_groups(
        {names[take.path]: take.label for take in takes},
        {name: max(_speed(body) for _, body in parts) for name, parts in bodies.items() if parts},
    )
    for take in takes:
        name = names[take.path]
        for number, body in bodies[name]:
            yield from _film(take, name, body, number, source, splits[name])


def _fit(take: Take, dropped: Counter[str]) -> Iterator[tuple[int, Body3D]]:
    """The numbered parts of a take that are long and strong enough."""
    for number, body in enumerate(_load(take)):
        if len(body) < FPS * (1.5 if take.label in _GAITS else 0.8):
            dropped["too short"] += 1
        elif _faint(body, take.label):
            dropped[f"{take.label} too faint to see"] += 1
        else:
            yield number, body


def _film(
    take: Take, name: str, body: Body3D, number: int, source: str, split: str
) -> Iterator[Clip]:
    notes = {"mood": take.mood} if take.mood else {}
    group = f"{source}.{name}"
    for yaw in YAWS[1:-1] if take.label in _STRIKES else YAWS:  # edge-on, a punch is not seen
        yield Clip(
            id=clip_id(source, name, str(number), f"{'l' if yaw >= 0 else 'r'}{abs(yaw):.0f}"),
            label=take.label,
            source=source,
            group=group,
            split=split,
            fps=FPS,
            size=(SIZE, SIZE),
            keypoints=project(body, yaw),
            confidence=np.ones(body.joints.shape[:2], dtype=np.float32),
            notes=notes | {"yaw": yaw},
        )


def _speed(body: Body3D) -> float:
    """The mean speed of its joints."""
    return float(np.linalg.norm(np.diff(body.joints, axis=0), axis=-1).mean())


def _faint(body: Body3D, label: str) -> bool:
    """A hand waved or raised no higher than the shoulders, a bow of less than 30 degrees."""
    if label.startswith(("wave", "raise")):
        wrists = np.maximum(body.joint("right_wrist"), body.joint("left_wrist"))[:, 2]
        return bool((wrists > body.joint("neck")[:, 2] + 0.02).mean() < 0.25)
    if label == "bow":
        spine = body.joint("neck") - body.hips
        lean = np.degrees(np.arccos(spine[:, 2] / np.linalg.norm(spine, axis=1)))
        return bool(lean.max() < 30)
    return False


def _name_take(path: Path) -> Take | None:
    """Label and mood from a file's name, None where it names no known action."""
    bandai = re.fullmatch(r"dataset-\d_(?P<content>[^_]+)_(?P<mood>[^_]+)_\d+", path.stem)
    if bandai:
        content = bandai["content"]
        label = _BANDAI.get(content) or canonical(content)
        return Take(path, label, bandai["mood"]) if label else None
    if path.stem in _RENAMED:
        return Take(path, _RENAMED[path.stem])
    words = re.sub(r"^humanoid3d_|[-_]?\d+$", "", path.stem).replace("-", "_").split("_")
    # "jesse_dance" is a dance, so is "dance_a"
    for part in (words, *(words[i:] for i in range(1, len(words))), words[:-1]):
        label = canonical("_".join(part)) if part else None
        if label:
            return Take(path, label)
    return None


def _load(take: Take) -> list[Body3D]:
    if take.path.suffix.lower() == ".txt":
        motion, wraps = load_deepmimic(take.path)
        body = to_body(motion)
        if wraps and ACTIONS[take.label].cyclic:
            body = unroll(body, seconds=4)
    else:
        motion = load_bvh(take.path)
        try:
            body = to_body(motion)
        except InputError as error:  # it does not know the file
            raise InputError(f"{take.path}: {error}") from None
        body = without_t_pose(body)
    body = without_idling(body.at(FPS))
    if len(body) < 3:  # too short to say how it moves; `_fit` counts it
        return [body]
    body = only_turn(body) if take.label.startswith("turn") else body
    body = in_place(body) if travels(body) else body
    if take.label in _STRIKES:
        return [turned_less(strike) for strike in bursts(body)]
    return [body]
