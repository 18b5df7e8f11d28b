"""Which guidance each action wants: `python train/guidance.py STORE FLOW RECIPE`.

Guidance sets how far and how fast a motion of the flow goes, and one action is learnt more faintly
than another. For each action the least is printed, as lines for the recipe, at which motions from
held-out start poses are as fast, within 5 %, as real training motions done by the same people; the
nearest where none is. The validation split's start poses are taken; those of the training split for
actions of which none is held out. Their guidance is not raised: takes that were learnt by heart are
only distorted by it. The test split is not looked at. A quarter of an hour.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import torch

from pgvgen.data.store import ClipStore
from pgvgen.evaluation.bench import Bench, make_bench
from pgvgen.evaluation.judge import Figures
from pgvgen.evaluation.motion_weights import Contestant, load_contestants
from pgvgen.training.psgan import PSGANRecipe
from pgvgen.training.recipe import load_recipe

TRIED = [1 + i / 4 for i in range(9)]
NEAR = 0.05


@torch.no_grad()
def speeds(bench: Bench, contestant: Contestant) -> dict[str, dict[float, Figures]]:
    """Per action and guidance: speed and jerk against real training motions, and recognised."""
    real = bench.judge.by_class(bench.at_random())
    table: dict[str, dict[float, Figures]] = {bench.labels[i]: {} for i in real}
    for guidance in TRIED:
        contestant.psgan.guidance.fill_(guidance)
        for i, (of, _) in bench.judge.by_class(bench.generated(contestant)).items():
            ratios = {name: of[name] / real[i][0][name] for name in ("speed", "jerk")}
            table[bench.labels[i]][guidance] = ratios | {"recognised": of["recognised"]}
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("weight")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    store = ClipStore.open(args.store)
    data = load_recipe(args.recipe, "psgan", PSGANRecipe).data
    contestants = load_contestants([args.weight], torch.device("cpu"))
    if contestants[0].psgan.config.generator != "flow":
        parser.error(f"{args.weight} is no flow: only a flow is guided")
    train, held = (
        speeds(make_bench(store, contestants, split, args.seed, data), contestants[0])
        for split in ("train", "val")
    )
    most = contestants[0].psgan.config.guidance
    table = {
        label: {g: of for g, of in tried.items() if g <= most} for label, tried in train.items()
    } | held
    print("[psgan.model.guidance_of]")
    for label, tried in table.items():
        best = min(tried, key=lambda guidance: max(NEAR, abs(math.log(tried[guidance]["speed"]))))
        figures = (f"{name} {value:.2f}" for name, value in tried[best].items())
        print(f"{label} = {best}  # {', '.join(figures)}")
        row = " ".join(f"{guidance}: {of['speed']:.2f}" for guidance, of in tried.items())
        print(f"{label}: {row}", file=sys.stderr)


if __name__ == "__main__":
    main()
