"""Which clips train, which validate, which test: by group, never by frame or camera."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def split_groups(labels: Mapping[str, str]) -> dict[str, str]:
    """train, val or test (80/10/10 within each label) for groups that must stay on one side.

    The order is that of a hash of the group's name: the same on every machine and unrelated to how
    takes were numbered. A label with fewer than five groups is all for training.

    Args:
        labels: group → label.
    """
    splits = {}
    for label in sorted(set(labels.values())):
        groups = sorted((g for g in labels if labels[g] == label), key=_hash)
        held_out = 0 if len(groups) < 5 else max(1, round(len(groups) * 0.1))
        for i, group in enumerate(groups):
            splits[group] = "test" if i < held_out else "val" if i < 2 * held_out else "train"
    return splits


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
