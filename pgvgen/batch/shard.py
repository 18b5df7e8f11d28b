"""Splitting a batch between machines that do not talk to each other."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from pgvgen.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count`, counted from 1."""

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From `2/8`.

        Raises:
            UsageError: not such a thing.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise UsageError(f"--shard is {text!r}: say 1/4, 2/4, 3/4, 4/4 on four machines")
        return cls(int(match[1]), int(match[2]))

    def has(self, name: str) -> bool:
        """Whether the input of that name belongs to this part: by a hash of the name alone.

        Files that come or go do not move the others to another part, and every machine computes
        the same, also where the file system spells é as two characters.
        """
        plain = unicodedata.normalize("NFC", name).encode("utf-8", "surrogateescape")
        return (
            int.from_bytes(hashlib.sha256(plain).digest()[:8], "big") % self.count == self.index - 1
        )

    @property
    def report(self) -> str:
        """The name of this part's report: machines do not write into one file."""
        return "report.jsonl" if self.count == 1 else f"report-{self.index}-of-{self.count}.jsonl"
