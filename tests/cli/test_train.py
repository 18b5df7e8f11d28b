"""`pgvgen train psgan|scgan`: a run that is whole, goes on where it was, and fails in one line."""

from __future__ import annotations

import io
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from pgvgen.cli import _run
from pgvgen.motion import PSGAN
from pgvgen.rendering.scgan import SCGAN
from tests.training.tiny import tiny_store

SMALL = """
[psgan.model]
generator = "flow"
width = 16
frames = 16
[psgan.train]
batch_size = 2
steps = 3
log_every = 1
sheet_every = 2
validate_every = 2
[scgan.model]
generator = "transported"
width = 4
blocks = 1
[scgan.losses]
adversarial = 0
[scgan.train]
batch_size = 2
steps = 3
log_every = 1
sheet_every = 2
validate_every = 2
"""

Pgvgen = Callable[[str], int]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def pgvgen(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Pgvgen:
    """Runs a command line in a folder with the recipe `small.toml` and the store `store`."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL)
    Path("store").symlink_to(store)

    def run(line: str) -> int:
        monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
        return _run()

    return run


@pytest.mark.parametrize(("stage", "network"), [("psgan", PSGAN), ("scgan", SCGAN)])
def test_a_run_is_whole(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str], stage: str, network: type[PSGAN | SCGAN]
) -> None:
    assert pgvgen(f"train {stage} --data store --recipe small.toml -o run") == 0
    out, err = capfd.readouterr()
    assert (out, err) == ("", "trained: step 3 of 3, run/release\n")
    run = Path("run")
    assert sorted(path.name for path in (run / "sheets").iterdir()) == ["000002.png", "000003.png"]
    assert len((run / "log.csv").read_text().splitlines()) == 4
    assert network.from_pretrained("run/release").config.generator in SMALL
    assert 'generator = "' in (run / "recipe.toml").read_text()


def test_a_terminal_sees_a_bar_and_a_log_file_lines(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pgvgen.cli import train

    monkeypatch.setattr(train, "PLAIN_SECONDS", 0)
    assert pgvgen("train psgan --data store --recipe small.toml -o lines") == 0
    lines = capfd.readouterr().err.splitlines()
    assert [line.split("  ")[0] for line in lines[:3]] == ["psgan 1/3", "psgan 2/3", "psgan 3/3"]
    assert "flow " in lines[0]
    assert "\x1b" not in "".join(lines)

    drawn = io.StringIO()
    terminal = Console(file=drawn, force_terminal=True, width=160)
    monkeypatch.setattr(train, "console", terminal)
    assert pgvgen("train psgan --data store --recipe small.toml -o bar --steps 2") == 0
    assert pgvgen("train psgan --data store -o bar --steps 3 --resume") == 0
    last = drawn.getvalue().rsplit("\r", 1)[-1] or drawn.getvalue()
    assert "3/3" in last
    assert "flow " in last


def test_the_same_seed_gives_the_same_bytes(pgvgen: Pgvgen) -> None:
    for run, seed in (("one", 1), ("same", 1), ("other", 2)):
        line = f"train psgan --data store --recipe small.toml -o {run} --seed {seed} --steps 2 -q"
        assert pgvgen(line) == 0
    one, same, other = (
        Path(run, "release/model.safetensors").read_bytes() for run in ("one", "same", "other")
    )
    assert one == same
    assert one != other


def test_what_store_or_network_have_nothing_of_is_told_at_the_start(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str]
) -> None:
    views = ["data.views.squats=[0,30]", "data.views.wave=[0,30]"]
    guided = ["model.guidance_of.squat=2", "model.guidance_of.sqat=2"]
    for stage, settings, told in (
        ("psgan", ['data.leave_out=["tiny/squat","jhmbd"]'], "data.leave_out: store has no jhmbd"),
        ("psgan", views, "data.views: store has no squats"),
        ("psgan", ['data.facing=["bow","wave","bend"]'], "data.facing: store has no bow, bend"),
        ("psgan", guided, "model.guidance_of: the network has no sqat"),
        ("psgan", ["model.strength_of.bow=1"], "model.strength_of: the network has no bow"),
        ("scgan", ["data.shares.tiny=1", "data.shares.tinny=2"], "data.shares: store has no tinny"),
    ):
        changes = " ".join(f"--set {change}" for change in settings)
        run = told.split(":")[0]
        line = f"train {stage} --data store --recipe small.toml {changes} --steps 1 -o {run}"
        assert pgvgen(line) == 0
        assert capfd.readouterr().err.splitlines()[:-1] == [told]
    assert pgvgen(f"{line} --resume -q") == 0
    assert capfd.readouterr().err == ""


def test_figures_of_training_clips_are_told_to_be_such(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str], store: Path
) -> None:
    shutil.copytree(store, "unheld")
    index = Path("unheld/index.jsonl")
    index.write_text(index.read_text().replace('"split": "val"', '"split": "train"'))
    for stage in ("psgan", "scgan"):
        line = f"train {stage} --data unheld --recipe small.toml --steps 1 -o {stage}"
        assert pgvgen(line) == 0
        assert capfd.readouterr().err.splitlines()[:-1] == [
            "unheld has no validation clips: val/… figures and sheets are of training clips"
        ]


def test_a_run_goes_on_with_its_own_recipe(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str]
) -> None:
    assert pgvgen("train psgan --data store --recipe small.toml -o run --minutes 0.01 -q") == 0
    recipe = Path("run/recipe.toml").read_text()
    assert pgvgen("train psgan --data store -o run") == 1
    assert "--resume" in capfd.readouterr().err
    assert Path("run/recipe.toml").read_text() == recipe
    assert (
        pgvgen("train psgan --data store -o run --resume --steps 5 --set train.save_every=1") == 0
    )
    assert "step 5 of 5" in capfd.readouterr().err
    again = Path("run/recipe.toml").read_text()
    assert again == recipe.replace("steps = 3", "steps = 5").replace(
        "save_every = 500", "save_every = 1"
    )
    assert pgvgen("train psgan --data store -o run --resume --steps 6 --set model.width=32") == 1
    assert "resume with the recipe it began with" in capfd.readouterr().err
    assert Path("run/recipe.toml").read_text() == again


def test_a_full_disk_leaves_the_recipe_to_go_on_with(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str]
) -> None:
    assert pgvgen("train psgan --data store --recipe small.toml -o run --steps 1 -q") == 0
    recipe = Path("run/recipe.toml").read_text()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        assert pgvgen("train psgan --data store -o run --resume") == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "recipe.toml" in capfd.readouterr().err
    assert Path("run/recipe.toml").read_text() == recipe


def test_ctrl_c_keeps_what_was_learnt(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pgvgen.training.psgan_stages import FlowStage

    learn = FlowStage.learn

    def interrupted(self: FlowStage, windows: object, step: int) -> object:
        if step == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return learn(self, windows, step)  # type: ignore[arg-type]

    monkeypatch.setattr(FlowStage, "learn", interrupted)
    assert pgvgen("train psgan --data store --recipe small.toml -o run") == 130
    assert capfd.readouterr().err == "stopped: step 2 of 3, run/release; --resume goes on\n"
    assert PSGAN.from_pretrained("run/release")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("train psgan --data store --recipe none.toml", 1, "no recipe none.toml"),
        ("train psgan --data store --recipe small.toml --set train.stepz=3", 2, "'steps'"),
        ("train psgan --data store --recipe small.toml --set model.width=wide", 2, "int"),
        ("train psgan --data store --recipe small.toml --set model.generator=gan", 2, "heatmap"),
        ("train psgan --data store --recipe small.toml --steps 0", 2, "steps"),
        ("train psgan --data store --recipe small.toml --seed -1", 2, "seed"),
        ("train psgan --data store --recipe small.toml --set model.frames=30", 2, "frames"),
        ("train psgan --data store --recipe small.toml --set model.skeleton=face_68", 2, "body_18"),
        ("train psgan --data store --recipe small.toml --device tpu", 2, "tpu"),
        ("train psgan --data nowhere --recipe small.toml", 1, "nowhere"),
        ("train psgan --recipe small.toml", 2, "--data"),
        ("train scgan --data store --recipe small.toml --set losses.d=1", 2, "[scgan.losses]"),
        ("train psgan --data store --recipe small.toml --set losses.beta1=1", 2, "below 1"),
        ("train psgan --data store --recipe small.toml --set losses.nearest_of=0", 2, "at least 1"),
        ("train scgan --data store --recipe small.toml --set losses.decay=-1", 2, "decay is -1"),
        ("train scgan --data store --recipe small.toml --set model.size=100", 2, "multiple of 16"),
        ("train scgan --data store --recipe small.toml --set model.heatmap=32", 2, "(18, 64)"),
        ("train psgan --data store -o none --resume", 2, "begin one without --resume"),
        ("train psgan --data store --recipe small.toml -o small.toml", 1, "not a folder"),
        ("train psgan --data store --recipe small.toml -o small.toml/run", 1, "not a folder"),
        ("train predict --data nowhere --seed -1", 2, "--seed"),
        ("train motion --data store", 2, "motion"),
    ],
)
def test_what_cannot_be_is_one_line(
    pgvgen: Pgvgen, capfd: pytest.CaptureFixture[str], line: str, code: int, words: str
) -> None:
    assert pgvgen(line) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("pgvgen")
    assert err.count("\n") == 1
    assert words in err
    assert not Path("runs").exists()
