"""Recipes: one TOML file says how a released weight is made.

A file has the tables `[psgan.…]` and `[scgan.…]`, and the tables of a stage are the fields of a
frozen dataclass, so a recipe is as typed as code and a misspelt key is never passed over:

    [psgan.train]
    steps = 20_000        # → recipe.train.steps
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pgvgen.errors import InputError, UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Recipe = TypeVar("Recipe")
STAGES = ("psgan", "scgan")


def load_recipe(
    path: Path | None, stage: str, kind: type[Recipe], changes: Sequence[str] = ()
) -> Recipe:
    """Read one stage's part of a recipe.

    Args:
        path: the TOML file; None for the dataclass's own defaults.
        stage: psgan or scgan, which of its tables.
        kind: the dataclass that they fill; what the file leaves out is as in `kind()`.
        changes: `table.key=value` each, laid over the file (`train.steps=100`); the value is
            written as in TOML, a bare word is text.

    Raises:
        InputError: the file cannot be read or is not TOML.
        UsageError: a key that does not exist (with the nearest that does) or a value that does
            not fit it.
    """
    tables = _read(path) if path else {stage: {}}
    _known(tables, STAGES, "the recipe")
    if stage not in tables:
        raise UsageError(f"{path} has no tables [{stage}.…]: choose another recipe")
    for change in changes:
        _change(tables[stage], change.removeprefix(f"{stage}."))
    return _lay(tables[stage], kind(), stage)


def dump_recipe(stage: str, recipe: Any) -> str:
    """A stage's recipe as TOML that `load_recipe` reads back to the same; None is left out."""
    lines: list[str] = []
    _dump(recipe, stage, lines)
    return "\n".join(lines).strip() + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"there is no recipe {path}") from None
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"the recipe {path} cannot be read: {error}") from None


def _change(tables: dict[str, Any], change: str) -> None:
    """Lay one `table.key=value` over a stage's tables."""
    name, sign, text = change.partition("=")
    *path, key = name.strip().split(".")
    if not sign or not key:
        raise UsageError(f"--set wants table.key=value, not {change!r}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    for table in path:
        tables = tables.setdefault(table, {})
        if not isinstance(tables, dict):
            raise UsageError(f"--set {change}: {table} is no table")
    tables[key] = value


def _lay(table: Any, base: Any, where: str) -> Any:
    """A table over the dataclass that holds what it leaves out."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{where} is {table!r}, it must be a table")
    hints = get_type_hints(type(base))
    _known(table, [field.name for field in dataclasses.fields(base) if field.init], f"[{where}]")
    values = {}
    for key, value in table.items():
        default, name = getattr(base, key), f"{where}.{key}"
        nested = dataclasses.is_dataclass(default)
        values[key] = _lay(value, default, name) if nested else _fit(hints[key], value, name)
    try:
        return dataclasses.replace(base, **values)
    except (ValueError, TypeError) as error:
        raise UsageError(f"[{where}]: {error}") from None


def _fit(kind: Any, value: Any, where: str) -> Any:
    """A TOML value as the type of its field.

    Raises:
        UsageError: it is of another type, or none of the words that are allowed.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):  # only `X | None`; TOML has no None
        return _fit(next(arg for arg in inner if arg is not type(None)), value, where)
    if origin is Literal:
        if isinstance(value, bool):  # `--set losses.streams=true`: the word, not TOML's true
            value = str(value).lower()
        if value in inner:
            return value
        raise UsageError(f"{where} is {value!r}, it must be {_or(map(repr, inner))}")
    if origin is tuple and isinstance(value, list):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(kinds) == len(value):
            return tuple(_fit(k, v, where) for k, v in zip(kinds, value, strict=True))
    if origin in (dict, Mapping) and isinstance(value, dict):
        return {key: _fit(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if kind is float and type(value) is int and abs(value) < 2**63:
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    name = kind.__name__ if origin is None else str(kind).replace("typing.", "")
    raise UsageError(f"{where} is {value!r}, it must be {name}")


def _known(given: Iterable[str], known: Sequence[str], where: str) -> None:
    """Refuse a key that is none of the known ones, and say which was probably meant."""
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
            raise UsageError(f"{where} has no key {key!r}: {hint}")


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _dump(table: Any, name: str, lines: list[str]) -> None:
    """Append a dataclass's TOML table, then its sub-tables."""
    values = {field.name: getattr(table, field.name) for field in dataclasses.fields(table)}
    plain = {k: v for k, v in values.items() if v is not None and not dataclasses.is_dataclass(v)}
    if plain:
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in plain.items())]
    for key, value in values.items():
        if dataclasses.is_dataclass(value):
            _dump(value, f"{name}.{key}", lines)


def _toml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        items = (f"{_toml(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {', '.join(items)} }}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
