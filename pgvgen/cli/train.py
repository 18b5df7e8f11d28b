"""`pgvgen train`: prepare data, train either stage, go on with a run that was stopped."""

from __future__ import annotations

import importlib
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgvgen._files import atomic_path
from pgvgen.cli._console import console, say
from pgvgen.cli._options import Quiet, Seed, Verbose, Weights
from pgvgen.cli.train_prepare import prepare
from pgvgen.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

app = typer.Typer(
    help="Prepare data and train both stages.\n\n"
    "Example: pgvgen train prepare Penn_Action/ --kind penn -o stores/motion\n\n"
    "Example: pgvgen train psgan --data stores/motion --recipe train/action.toml",
    no_args_is_help=True,
)
app.command()(prepare)

PLAIN_SECONDS = 30
"""Without a terminal, say how it goes this seldom."""

Recipe = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings (.toml); with --resume those of the run."),
]
Data = Annotated[Path, typer.Option(metavar="STORE", help="What `pgvgen train prepare` made.")]
Run = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="RUN", help="Folder of the run.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run was stopped.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Steps in all.")]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Stop after this long.")]
RecipeSeed = Annotated[int | None, typer.Option(help="The same seed gives the same weights.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Lay over the recipe; repeatable."),
]


def _command(stage: str, about: str) -> None:
    """Add the command that trains one stage; both have the same options."""

    @app.command(stage, help=about)
    def command(
        data: Data,
        recipe: Recipe = None,
        output: Run = None,
        resume: Resume = False,
        steps: Steps = None,
        minutes: Minutes = None,
        seed: RecipeSeed = None,
        device: Device = None,
        changes: Changes = None,
        quiet: Quiet = False,
        verbose: Verbose = False,
    ) -> None:
        options = {"steps": steps, "minutes": minutes, "seed": seed, "device": device}
        told = [f"train.{name}={value}" for name, value in options.items() if value is not None]
        _train(stage, data, recipe, output, resume, [*(changes or []), *told], quiet)


@app.command()
def predict(
    data: Data,
    weights: Weights = "action",
    samples: Annotated[int, typer.Option(min=1, help="Keep the nearest of so many.")] = 8,
    seed: Seed = 0,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Have stage one predict the poses of a store's clips, which stage two then learns from (P̂).

    Example: pgvgen train predict --data stores/frames

    Example: pgvgen train predict --data stores/frames --weights runs/psgan/release --samples 1
    """
    from pgvgen.data.store import ClipStore, write_predicted
    from pgvgen.motion import PSGAN
    from pgvgen.training.predictions import predict_clip

    store, psgan = ClipStore.open(data), PSGAN.from_pretrained(weights)
    clips = store.clips(frames=True)
    made = {c.id: predict_clip(c, psgan, samples=samples, seed=seed) for c in clips}
    predicted = {name: poses for name, poses in made.items() if poses is not None}
    if not predicted:
        raise UsageError(f"{weights} knows none of the actions in {data}: nothing to predict")
    write_predicted(data, predicted)
    say(f"{data}: predicted {len(predicted)} of {len(clips)} clips", quiet=quiet)


_command(
    "psgan",
    "Train stage one: a start pose and an action's name become a pose sequence.\n\n"
    "Example: pgvgen train psgan --data stores/motion --recipe train/action.toml -o runs/psgan\n\n"
    "Example: pgvgen train psgan --data stores/motion -o runs/psgan --resume",
)
_command(
    "scgan",
    "Train stage two: a photo and a pose become a frame.\n\n"
    "Example: pgvgen train scgan --data stores/frames --recipe train/action.toml -o runs/scgan\n\n"
    "Example: pgvgen train scgan --data stores/frames --minutes 30 --set model.width=16",
)


def _train(
    stage: str,
    data: Path,
    recipe_file: Path | None,
    run: Path | None,
    resume: bool,
    changes: list[str],
    quiet: bool,
) -> None:
    import torch

    from pgvgen.data.store import ClipStore
    from pgvgen.talk import listen
    from pgvgen.training.loop import check_run, fit
    from pgvgen.training.recipe import dump_recipe, load_recipe

    if quiet:
        listen(logging.ERROR)
    trainer = importlib.import_module(f"pgvgen.training.{stage}")
    kind = getattr(trainer, f"{stage.upper()}Recipe")
    run = run or Path("runs") / stage
    if resume and recipe_file is None:
        recipe_file = run / "recipe.toml"
        if not recipe_file.exists():  # or else the paper's whole training would begin
            raise UsageError(f"{run} holds no training to go on with: begin one without --resume")
    recipe = load_recipe(recipe_file, stage, kind, changes)
    check_run(run, recipe.train, resume=resume)
    torch.manual_seed(recipe.train.seed)
    trained, batches = trainer.build(recipe, ClipStore.open(data))

    def keep_recipe() -> None:
        # How long to sit there is no part of it: a resumed run would stop again at once.
        lasting = replace(recipe, train=replace(recipe.train, minutes=None))
        with atomic_path(run / "recipe.toml") as file:
            file.write_text(dump_recipe(stage, lasting), encoding="utf-8")

    with _Watch(stage, recipe.train.steps, quiet) as watch:
        finish = fit(
            trained, batches, run, recipe.train, resume=resume, begun=keep_recipe, watch=watch
        )
    how = {"done": "trained", "time": "time is up", "stopped": "stopped"}[finish.reason]
    more = "" if finish.reason == "done" else "; --resume goes on"
    say(f"{how}: step {finish.step} of {recipe.train.steps}, {run}/release{more}", quiet=quiet)
    if finish.reason == "stopped":
        raise typer.Exit(130)


class _Watch:
    """How the training goes, on stderr: a bar with the time left, or now and then a line."""

    def __init__(self, stage: str, steps: int, quiet: bool) -> None:
        self.stage, self.steps, self.quiet = stage, steps, quiet
        self.figures = ""
        self.said = time.monotonic()
        self.bar = _bar() if console.is_terminal and not quiet else None

    def __enter__(self) -> _Watch:
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, step: int, figures: dict[str, float]) -> None:
        if figures:
            self.figures = "  ".join(f"{name} {value:.3g}" for name, value in figures.items())
        if self.bar is not None:
            if not self.bar.tasks:  # a resumed run begins where it was, or the time left is wrong
                self.bar.add_task(self.stage, total=self.steps, completed=step - 1, figures="")
            self.bar.update(self.bar.task_ids[0], completed=step, figures=self.figures)
        elif figures and time.monotonic() - self.said > PLAIN_SECONDS:
            self.said = time.monotonic()
            say(f"{self.stage} {step}/{self.steps}  {self.figures}", quiet=self.quiet)


def _bar() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
        console=console,
    )
