"""The released weights: where each is published, and what every byte of it must be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pgvgen.errors import WeightsError
from pgvgen.weights import STAGES, TENSORS_FILE, Stage

MANIFEST = Path(__file__).with_name("manifest.json")
VERSION = 1


@dataclass(frozen=True)
class Release:
    """One released weight, as `manifest.json` has it.

    Attributes:
        name: what `--weights` calls it.
        repository, revision: the Hub repository and the commit that it is published at, both None
            as long as it is not: then it is had from the bundled folder only.
        files: the files that rebuild the networks, `<stage>/<file>` → SHA-256 in hexadecimal.
    """

    name: str
    repository: str | None
    revision: str | None
    files: Mapping[str, str]

    @property
    def hub_id(self) -> str | None:
        """`org/name@commit`, None while unpublished."""
        if self.repository is None or self.revision is None:
            return None
        return f"{self.repository}@{self.revision}"

    @property
    def stages(self) -> list[Stage]:
        """The stages that it has weights of."""
        return [stage for stage in STAGES if f"{stage}/{TENSORS_FILE}" in self.files]

    def check(self, folder: Path, stage: Stage) -> None:
        """Refuse the stage's files in `folder/<stage>` if one is not the released one.

        Costs about 1 ms a megabyte; loading costs more.

        Raises:
            WeightsError: a file lacks, or has another SHA-256.
        """
        for name, expected in self.files.items():
            if Path(name).parent.name != stage:
                continue
            file = folder / name
            try:
                found = sha256(file)
            except OSError as error:
                raise WeightsError(f"{file} cannot be read: {error.strerror}") from error
            if found != expected:
                raise WeightsError(
                    f"{file} is not the released {self.name}: its SHA-256 begins {found[:12]}, not "
                    f"{expected[:12]}; install pgvgen or fetch the weights again, or give weights "
                    "of your own as a folder"
                )


@lru_cache(maxsize=1)
def releases() -> dict[str, Release]:
    """What has been released, by name.

    Raises:
        WeightsError: this installation's manifest is missing or damaged.
    """
    try:
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        if manifest["version"] != VERSION:
            raise ValueError(manifest["version"])
        return {
            name: Release(name, entry["repository"], entry["revision"], entry["files"])
            for name, entry in manifest["releases"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{MANIFEST} is missing or damaged: install pgvgen again") from error


def sha256(file: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
