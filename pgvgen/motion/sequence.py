"""Several actions, one after the other, and actions that end, done again and again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

from pgvgen.data.actions import ACTIONS, resolve_action
from pgvgen.errors import UsageError
from pgvgen.motion.segments import Writer
from pgvgen.poses.blending import crossfade, held
from pgvgen.poses.sequence import PoseSequence

_LEAD_OVER = 0.5  # seconds in which one action leads over into the next, or back to rest
_PAUSE = 0.5  # seconds of rest, at the least, before an action is done again


def resolve_actions(text: str, among: Sequence[str]) -> tuple[str, ...]:
    """The labels that are meant by actions with commas between them: `wave, jump,bow`.

    Raises:
        UsageError: one of them is not known, or there is none.
    """
    labels = tuple(resolve_action(part, among) for part in text.split(",") if part.strip())
    if not labels:
        raise UsageError(f"there is no action {text!r}: choose from {', '.join(among)}")
    return labels


def repeats(label: str) -> bool:
    """Whether an action goes on by itself; one that is not in the vocabulary is held to end."""
    return label in ACTIONS and ACTIONS[label].cyclic and not ACTIONS[label].whole


def perform(writer: Writer, labels: Sequence[str], frames: int) -> PoseSequence:
    """The actions one after the other, each for its share of the frames.

    Each begins as it does from rest, and the action before it leads over into it.

    Args:
        writer: writes the actions.
        labels: what to do.
        frames: of the whole, at the network's rate, at least one an action.
    """
    joint = round(_LEAD_OVER * writer.fps)
    ends = [round(frames * (i + 1) / len(labels)) for i in range(len(labels))]
    motion = act(writer, labels[0], ends[0] if len(labels) == 1 else ends[0] + joint)
    for label, begin, end in zip(labels[1:], ends, ends[1:], strict=False):
        more = 0 if end == frames else joint
        shared = min(joint, end - begin + more)
        motion = crossfade(motion[: begin + shared], act(writer, label, end - begin + more), shared)
    return motion


def act(writer: Writer, label: str, frames: int) -> PoseSequence:
    """One action for so many frames.

    What repeats by itself goes on. What ends is done again, after a rest if it is no exercise, as
    often as it fits in whole; whoever does it is at rest for what is left.
    """
    if repeats(label):
        return writer.on_and_on(label, frames)[0]
    if frames <= writer.frames:
        return writer.once(label)[:frames]
    exercise = label in ACTIONS and ACTIONS[label].cyclic
    joint, pause = round(_LEAD_OVER * writer.fps), 0 if exercise else round(_PAUSE * writer.fps)
    times = max(1, (frames + pause) // (writer.frames + pause))
    begins = [round(i * (frames + pause) / times) for i in range(times)]
    takes = []
    for begin, end in zip(begins, [*begins[1:], frames], strict=True):
        rest = held(writer.start, end - begin - writer.frames + joint)
        takes.append(crossfade(writer.once(label), rest, joint))
    return reduce(partial(crossfade, shared=0), takes)
