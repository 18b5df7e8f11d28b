"""The vocabulary: what people say finds the label, and what they mistype finds a suggestion."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pgvgen.data.actions import ACTIONS, canonical, resolve_action
from pgvgen.errors import UsageError

EVERYDAY = (
    "wave", "wave_left", "wave_both", "bow", "jump", "walk", "run", "squat", "jumping_jack",
    "punch", "kick", "raise_hand", "raise_hands", "dance", "turn", "throw", "golf_swing",
)  # fmt: skip


def test_the_everyday_labels_are_there():
    assert set(EVERYDAY) <= set(ACTIONS)
    for label in EVERYDAY:
        assert resolve_action(label, ACTIONS) == label


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hello", "wave"),
        ("Wave", "wave"),
        ("wave-right-hand", "wave"),
        ("jumping-jacks", "jumping_jack"),
        ("Jumping Jacks", "jumping_jack"),
        ("pushup", "push_up"),
        ("push ups", "push_up"),
        ("squats", "squat"),
        ("golf", "golf_swing"),
        ("baseball_pitch", "pitch"),
        ("throwing", "throw"),
        ("turn left", "turn_left"),
        ("raise left hand", "raise_hand_left"),
        ("wave left hand", "wave_left"),
        ("wave2", "wave_both"),
    ],
)
def test_what_people_say_is_understood(said, meant):
    assert resolve_action(said, ACTIONS) == meant


def test_what_they_mistype_is_guessed():
    with pytest.raises(UsageError, match=r"did you mean jumping_jack") as error:
        resolve_action("jumpin-jak", ["wave", "jumping_jack", "bow"])
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match=r"choose from wave, bow"):
        resolve_action("xyzzy", ["wave", "bow"])


def test_only_what_the_weight_knows_is_offered():
    with pytest.raises(UsageError):
        resolve_action("hello", ["bow", "jump"])
    assert resolve_action("moonwalk", ["moonwalk"]) == "moonwalk"


def test_no_name_means_two_things():
    names = [name for action in ACTIONS.values() for name in (action.label, *action.aliases)]
    assert len(names) == len(set(names))
    for action in ACTIONS.values():
        for name in (action.label, *action.aliases):
            assert canonical(name) == action.label


def test_mirrors_are_mutual():
    for action in ACTIONS.values():
        assert action.mirror is None or ACTIONS[action.mirror].mirror == action.label
    assert ACTIONS["wave"].mirror == "wave_left"


def test_nothing_heavy_is_imported_for_a_label():
    code = "import sys, pgvgen.data.actions; print({'torch', 'cv2'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
