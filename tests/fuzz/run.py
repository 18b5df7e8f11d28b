"""The long run: thousands of bad inputs, and every promise that one of them breaks.

    python tests/fuzz/run.py --cases 10000 --seed 0

A case is decided by the seed and its number: `--only 4711` runs that one again. Exit 1 if a promise
was broken.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.fuzz.cases import KINDS, Case, Material
from tests.fuzz.promise import SECONDS, broken, quicken


def case_of(number: int, seed: int, kinds: list[str], material: Material) -> Case:
    """The case of a number."""
    rng = Random(f"{seed} {number}")
    kind = rng.choices(kinds, [KINDS[kind][1] for kind in kinds])[0]
    return KINDS[kind][0](material, rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--only", type=int, help="the number of one case, to see it again")
    parser.add_argument("--memory", type=float, default=6, help="GB that it may take")
    asked = parser.parse_args()
    limit = int(asked.memory * 2**30)
    count, findings = collections.Counter[str](), 0
    numbers = range(asked.cases) if asked.only is None else [asked.only]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pgvgen-fuzz-") as root:
        material = Material(Path(root))
        quicken()
        for number in numbers:
            faulthandler.dump_traceback_later(3 * SECONDS, exit=True)
            case = case_of(number, asked.seed, asked.kinds, material)
            with tempfile.TemporaryDirectory(dir=root) as folder:
                found = broken(case, material, Path(folder))
            count[case.kind] += 1
            for what in found:
                findings += 1
                print(f"#{number} {case.kind} {' '.join(case.line)!r}\n  {what}", flush=True)
            if number % 500 == 499:
                print(f"{number + 1} cases, {time.monotonic() - began:.0f} s", file=sys.stderr)
        faulthandler.cancel_dump_traceback_later()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if peak > limit:
        findings += 1
        print(f"it took {peak / 2**30:.1f} GB of memory")
    kinds = ", ".join(f"{n} {kind}" for kind, n in count.most_common())
    spent = f"{time.monotonic() - began:.0f} s, at most {peak / 2**30:.1f} GB"
    print(f"{count.total()} cases ({kinds}), {findings} findings, {spent}")
    sys.exit(findings > 0)


if __name__ == "__main__":
    main()
