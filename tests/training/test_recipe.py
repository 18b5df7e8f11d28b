"""A recipe is typed: what it says arrives, what it misspells is refused with the near match."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from pgvgen.errors import InputError, UsageError
from pgvgen.training.recipe import dump_recipe, load_recipe
from pgvgen.training.settings import LoopSettings


@dataclass(frozen=True)
class Model:
    channels: tuple[int, ...]
    recurrent: Literal["gru", "lstm", "none"] = "gru"
    noise: int | None = None


@dataclass(frozen=True)
class Example:
    model: Model = Model((64, 128))
    train: LoopSettings = field(default_factory=lambda: LoopSettings(batch_size=128))
    weights: dict[str, float] = field(default_factory=lambda: {"l1": 10.0})
    name: str = "example"


RECIPE = """
[psgan]
name = "a \\"quoted\\" – name"
[psgan.model]
channels = [8, 16, 32]
[psgan.train]
steps = 1_000
minutes = 3
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path / "recipe.toml"


def test_what_it_says_arrives_and_the_rest_is_default(path: Path) -> None:
    recipe = load_recipe(path, "psgan", Example)
    assert recipe.model == Model(channels=(8, 16, 32))
    assert (recipe.train.steps, recipe.train.minutes, recipe.train.seed) == (1000, 3.0, 0)
    assert isinstance(recipe.train.minutes, float)
    assert recipe.name == 'a "quoted" – name'
    assert recipe.train.batch_size == 128
    assert load_recipe(None, "psgan", Example, ["model.noise=1"]).model == Model((64, 128), noise=1)


def test_changes_lie_over_the_file(path: Path) -> None:
    changes = ["train.steps=7", "psgan.model.recurrent=lstm", "model.noise=4", "weights.l1=2.5",
               'name="two words"', "model.channels=[1, 2]"]  # fmt: skip
    recipe = load_recipe(path, "psgan", Example, changes)
    assert (recipe.train.steps, recipe.train.minutes) == (7, 3.0)
    assert recipe.model == Model((1, 2), "lstm", 4)
    assert recipe.weights == {"l1": 2.5}
    assert recipe.name == "two words"


def test_the_dump_reads_back_to_the_same(path: Path, tmp_path: Path) -> None:
    names = 'weights={"my videos" = 2, "a.b" = 1, "ü" = 3}'
    recipe = load_recipe(path, "psgan", Example, ["model.noise=4", names, "weights.d-which=1e-7"])
    (tmp_path / "dump.toml").write_text(dump_recipe("psgan", recipe), encoding="utf-8")
    assert load_recipe(tmp_path / "dump.toml", "psgan", Example) == recipe


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("train.stepz=1", ["[psgan.train]", "stepz", "'steps'"]),
        ("modle.noise=1", ["[psgan]", "modle", "'model'"]),
        ("train.steps=1.5", ["psgan.train.steps", "1.5", "int"]),
        ("train.steps=many", ["psgan.train.steps", "many", "int"]),
        ("train.steps=true", ["psgan.train.steps", "True", "int"]),
        ("train.steps=0", ["steps", "at least 1"]),
        ("train.seed=-1", ["seed", "at least 0"]),
        ("model.recurrent=gruu", ["psgan.model.recurrent", "'gru', 'lstm' or 'none'"]),
        ("model.channels=[1, 'x']", ["psgan.model.channels", "'x'", "int"]),
        ("model=3", ["psgan.model", "table"]),
        ("name.first=x", ["name is no table"]),
        ("train.steps", ["table.key=value"]),
        ("=3", ["table.key=value"]),
    ],
)
def test_what_cannot_be_meant_is_one_line(path: Path, change: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        load_recipe(path, "psgan", Example, [change])
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_files_that_are_no_recipe(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no recipe"):
        load_recipe(tmp_path / "none.toml", "psgan", Example)
    with pytest.raises(UsageError, match="no tables"):
        load_recipe(path, "scgan", Example)
    for text, error, words in (("steps = ", InputError, "cannot be read"),
                               ("[psgna]\n", UsageError, "'psgan'")):  # fmt: skip
        path.write_text(text, encoding="utf-8")
        with pytest.raises(error, match=words):
            load_recipe(path, "psgan", Example)
