"""Which clips train, which validate, which test: by group, never by frame or camera."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path

from pgvgen.data.clip import clip_id


def names_below(folder: Path, named: Mapping[Path, str]) -> dict[Path, str]:
    """A name of its own for every file: the one that is given, or, where two would have one id, the
    way to it from the folder on, with a number where two have one id even so."""
    alike = Counter(map(clip_id, named.values()))
    names: dict[Path, str] = {}
    taken = set()
    for path, given in named.items():
        name = given if alike[clip_id(given)] == 1 else path.relative_to(folder).as_posix()
        numbered = chain([name], (f"{name}-{number}" for number in count(2)))
        names[path] = next(name for name in numbered if clip_id(name) not in taken)
        taken.add(clip_id(names[path]))
    return names


def split_groups(
    labels: Mapping[str, str], energy: Mapping[str, float] | None = None
) -> dict[str, str]:
    """train, val or test (80/10/10 within each label) for groups that must stay on one side.

    The order is that of a hash of the group's name: the same on every machine and unrelated to how
    takes were numbered. A label with fewer than five groups is all for training.

    Args:
        labels: group → label.
        energy: group → how strong it is. If given, the held-out groups are drawn from faint to
            strong alike (stratified): four takes by chance may all be faint ones.
    """
    splits = {}
    for label in sorted(set(labels.values())):
        groups = sorted((g for g in labels if labels[g] == label), key=_hash)
        held = 0 if len(groups) < 5 else max(1, round(len(groups) * 0.1))
        if energy is None:
            test, val = groups[:held], groups[held : 2 * held]
        else:
            groups.sort(key=lambda group: energy[group])
            strata = [
                sorted(groups[i * len(groups) // held : (i + 1) * len(groups) // held], key=_hash)
                for i in range(held)
            ]
            test, val = [stratum[0] for stratum in strata], [stratum[1] for stratum in strata]
        splits.update(dict.fromkeys(groups, "train"))
        splits.update(dict.fromkeys(test, "test") | dict.fromkeys(val, "val"))
    return splits


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
