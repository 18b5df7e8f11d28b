"""Ways to damage a file: any bytes, and what a JSON or TOML document says.

All chance comes from the `random.Random` that is given, so that a seed (or Hypothesis) decides.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

WEIRD: tuple[Any, ...] = (
    None, True, False, "", "wave", "../../x", "a\nb", "\0", "\ud800", "x" * 5000, -1, 0, 1, 2, 3.5,
    65536, 2**31, 2**63, 2**64, 10**30, 10**400, -(10**400), 1e-320, 1e30, 1e308, -1e308,
    float("nan"), float("inf"), float("-inf"), [], {}, [None], [[]], {"": []}, [1e39] * 54,
    [0] * 54, [float("nan")] * 54, ["1"] * 54, [-5.5] * 75,
)  # fmt: skip
"""Values that a careless reader trips over."""

INTERESTING = (
    b"\0",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\n",
    b"{",
    b'"',
)


def bytes_of(data: bytes, rng: Random) -> bytes:
    """Cut short, flipped, overwritten, cut out of the middle, doubled, or emptied."""
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data) + 1)
        # Most of what decides how a file is read stands at its beginning.
        at = rng.choice((at, at % 64, at % 512))
        far = min(len(data), at + rng.choice((1, 4, 64, 4096)))
        how = rng.randrange(7)
        if how == 0:
            data = data[:at]
        elif how == 1 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif how == 2:
            block = rng.choice(INTERESTING)
            data = data[:at] + block + data[at + len(block) :]
        elif how == 3:
            data = data[:at] + data[far:]
        elif how == 4:
            data = data[:far] + data[at:]
        elif how == 5:
            data = data[:at] + rng.choice(INTERESTING) * rng.choice((1, 100)) + data[at:]
        elif rng.random() < 0.05:
            return b""
    return data


def json_of(document: Any, rng: Random) -> bytes:
    """What a document says changed in a few places, or the text of it damaged."""
    document = json.loads(json.dumps(document))
    for _ in range(rng.choice((1, 1, 2, 4))):
        document = _changed(document, rng)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    how = rng.randrange(12)
    if how == 0:
        deep = rng.choice((100, 100_000))
        text = re.sub(r"\d+", lambda m: "[" * deep + m[0] + "]" * deep, text, count=1)
    elif how == 1:  # the same key twice
        text = re.sub(r'("\w+": )', r"\1null, \1", text, count=1)
    elif how == 2:
        text = "\ufeff" + text
    data = text.encode("utf-8", "surrogatepass")
    return bytes_of(data, rng) if how in (3, 4) else data


def toml_of(text: str, rng: Random) -> bytes:
    """A recipe with values, keys or tables that make no sense."""
    for _ in range(rng.choice((1, 1, 3))):
        lines = text.splitlines()
        at = rng.randrange(len(lines))
        key, sign, _ = lines[at].partition("=")
        how = rng.randrange(7)
        if how <= 2 and sign:
            weird = (
                "inf", "nan", "-1", "0", "1e400", "9" * 400, '"x"', "[]", "{}", "true", '"""',
                "1979-05-27", "[" * 5000 + "]" * 5000, "[1, 'a']", "{a = {b = 1}}",
            )  # fmt: skip
            lines[at] = f"{key}= {rng.choice(weird)}"
        elif how == 3:
            lines.insert(
                at, rng.choice(("[psgan]", "[psgan.train]", "[x.y]", "steps = 3", "[[a]]", "é = 1"))
            )
        elif how == 4:
            del lines[at]
        elif how == 5:
            lines[at] = ".".join("a" * rng.choice((1, 3000))) + " = 1"
        else:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        text = "\n".join(lines) or "\n"
    data = text.encode()
    return bytes_of(data, rng) if rng.random() < 0.2 else data


def _changed(value: Any, rng: Random) -> Any:
    """A document with one value in it replaced, removed, doubled or added."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(sorted(value))
        how = rng.randrange(6)
        if how == 0:
            return {k: v for k, v in value.items() if k != key}
        if how == 1:
            return value | {rng.choice(("people", "frames", "x", "", key + " ")): rng.choice(WEIRD)}
        return value | {key: _changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        how = rng.randrange(6)
        if how == 0:
            return value[:at]
        if how == 1:
            return value[:at] + value[at : at + 1] * rng.choice((2, 50)) + value[at + 1 :]
        if how == 2:
            return [*value[:at], rng.choice(WEIRD), *value[at:]]
        return [*value[:at], _changed(value[at], rng), *value[at + 1 :]]
    return rng.choice(WEIRD)
