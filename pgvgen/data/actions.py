"""The vocabulary of actions: one label each, what people call it, and how it behaves."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pgvgen.errors import UsageError


@dataclass(frozen=True)
class Action:
    """An action and its ways.

    Attributes:
        label: the canonical name; left and right are the person's own.
        aliases: other names for it, in the label's spelling (lower case, underscores).
        cyclic: it repeats, so that a clip may begin at any moment; otherwise it begins at rest.
        mirror: the label of the clip seen in a mirror, None where the mirrored action has no name
            (a golf swing is not mirrored: who plays left-handed is rare).
        stands: at any time a foot is on the ground.
    """

    label: str
    aliases: tuple[str, ...] = ()
    cyclic: bool = False
    mirror: str | None = None
    stands: bool = True

    @property
    def faces(self) -> bool:
        """The body goes on facing the way it does at first."""
        return self.label in _FACING

    @property
    def whole(self) -> bool:
        """It is done again as a whole: what goes over best into more of it is staying down."""
        return self.label in _WHOLE

    @property
    def touches(self) -> bool:
        """The hands come together."""
        return self.label in _TOUCHING

    @property
    def rooted(self) -> bool:
        """Trunk and legs have no part in it: many who clapped for the data were sitting."""
        return self.label in _ROOTED


_WHOLE = frozenset(("squat",))

_TOUCHING = frozenset(("clap", "golf_swing", "baseball_swing"))

_ROOTED = frozenset(("clap",))

_FACING = frozenset((
    "wave", "wave_left", "wave_both", "raise_hand", "raise_hand_left", "raise_hands", "bow", "clap",
    "jump", "jumping_jack", "jump_rope", "squat",
))  # fmt: skip


def _both_sides(label: str, *aliases: str, cyclic: bool = False, stands: bool = True) -> Action:
    return Action(label, aliases, cyclic, label, stands)


def _pair(right: str, left: str, *aliases: str, cyclic: bool = False) -> tuple[Action, Action]:
    """A right-sided action, which is what its plain names mean, and its left-sided twin."""
    # What names the right hand names the left one; the plain names get its side.
    names = (n.replace("right", "left") if "right" in n else f"{n}_left" for n in aliases)
    others = tuple(name for name in names if name != left)
    return Action(right, aliases, cyclic, left), Action(left, others, cyclic, right)


_ALL = (
    # Greeting and gesture
    *_pair("wave", "wave_left", "hello", "hi", "wave_hello", "wave_right", "wave_right_hand",
           "wave1", "bye", "goodbye", "greet", cyclic=True),
    _both_sides("wave_both", "wave_both_hands", "wave2", "byebye", "wave_hands", cyclic=True),
    *_pair("raise_hand", "raise_hand_left", "raise_right_hand", "raise_arm", "hand_up"),
    _both_sides("raise_hands", "raise_both_hands", "raise_arms", "hands_up", "arms_up"),
    _both_sides("bow", "bend_forward", "curtsy"),
    _both_sides("bend", "bend_down", "touch_toes"),
    Action("guide", ("show_the_way", "invite")),
    Action("call", ("beckon", "call_over", "come_here")),
    _both_sides("clap", "applaud", "clapping", cyclic=True),
    # Getting about
    _both_sides("walk", "walking", "stroll", "go", cyclic=True),
    _both_sides("walk_back", "walk_backwards", cyclic=True),
    *_pair("turn", "turn_left", "turn_right", "turn_around", "walk_turn"),
    _both_sides("sneak", "stealthy_walk", "tiptoe", cyclic=True),
    _both_sides("zombie", "zombie_walk", cyclic=True),
    _both_sides("run", "running", "jog", "jogging", cyclic=True, stands=False),
    _both_sides("dash", "sprint", cyclic=True, stands=False),
    _both_sides("crawl", "crawling", cyclic=True, stands=False),
    _both_sides("sit", "sit_down"),
    _both_sides("stand", "stand_up"),
    _both_sides("get_up", "getup", stands=False),
    _both_sides("pick", "pick_up"),
    # Sport
    _both_sides("jump", "jumping", "hop", stands=False),
    _both_sides("leap", "dive", "parkour", stands=False),
    _both_sides("jumping_jack", "jack", "star_jump", cyclic=True, stands=False),
    _both_sides("jump_rope", "skip_rope", "skipping", cyclic=True, stands=False),
    _both_sides("squat", "squatting", "barbell_squat", "knee_bend", cyclic=True),
    _both_sides("push_up", "pushup", "press_up", cyclic=True, stands=False),
    _both_sides("pull_up", "pullup", "chin_up", cyclic=True, stands=False),
    _both_sides("sit_up", "situp", "crunch", cyclic=True, stands=False),
    _both_sides("clean_and_jerk", "weightlifting"),
    _both_sides("bench_press", cyclic=True, stands=False),
    Action("punch", ("punching", "box", "boxing", "hit")),
    Action("kick", ("kicking",)),
    Action("spin_kick", ("spinkick", "roundhouse"), stands=False),
    Action("slash", ("sword",)),
    _both_sides("push"),
    Action("throw", ("throwing", "toss", "throw_ball")),
    Action("pitch", ("baseball_pitch", "pitching")),
    _both_sides("catch"),
    Action("bowl", ("bowling",)),
    Action("golf_swing", ("golf",)),
    Action("baseball_swing", ("swing_baseball", "bat", "baseball")),
    Action("tennis_serve", ("serve", "tennis"), stands=False),
    Action("tennis_forehand", ("forehand",)),
    _both_sides("martial_arts", "martial", "karate", "kung_fu", stands=False),
    # Show
    _both_sides("dance", "dancing", cyclic=True, stands=False),
    _both_sides("salsa", cyclic=True, stands=False),
    _both_sides("indian_dance", "indian", "bharatanatyam", cyclic=True, stands=False),
    _both_sides("spin", "pirouette", "twirl", "dance_spin", cyclic=True, stands=False),
    _both_sides("breakdance", stands=False),
    Action("dab", ("dabbing",)),
    _both_sides("cartwheel", stands=False),
    _both_sides("flip", "backflip", "sideflip", "somersault", stands=False),
    _both_sides("roll", "forward_roll", stands=False),
    Action("strum_guitar", ("guitar", "play_guitar"), cyclic=True),
    Action("pour", ("pouring",)),
    # Two stages of an exercise, from folders of photo pairs
    _both_sides("exercise", stands=False),
)  # fmt: skip

ACTIONS: dict[str, Action] = {action.label: action for action in _ALL}
"""Every canonical label, and what is known about it."""

_NAMES: dict[str, str] = {
    name: action.label for action in reversed(_ALL) for name in (*action.aliases, action.label)
}


def canonical(text: str) -> str | None:
    """The canonical label of a name in any spelling (`Jumping-Jacks` → `jumping_jack`), or None."""
    name = re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")
    for candidate in (name, name.removesuffix("s"), name.removesuffix("es"), name.replace("_", "")):
        if candidate in _NAMES:
            return _NAMES[candidate]
    return None


def resolve_action(text: str, among: Iterable[str]) -> str:
    """The label that is meant by `text`, one of the labels that a weight knows.

    Args:
        text: a label or an alias; case, hyphens, spaces and a plural s do not matter.
        among: the labels to choose from; they need not be in the vocabulary.

    Raises:
        UsageError: none of them is meant; the message names the nearest.
    """
    labels = list(among)
    plain = re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")
    for label in (plain, canonical(text)):
        if label in labels:
            return str(label)
    names = {name: label for name, label in _NAMES.items() if label in labels}
    names.update({label: label for label in labels})
    close = difflib.get_close_matches(plain, names, n=5, cutoff=0.6)
    near = list(dict.fromkeys(names[name] for name in close))[:3]
    if near:
        raise UsageError(f"there is no action {text!r}: did you mean {' or '.join(near)}?")
    shown = ", ".join(labels)
    raise UsageError(f"there is no action {text!r}: choose from {shown}")
