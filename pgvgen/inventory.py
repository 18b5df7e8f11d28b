"""Which trained weights there are, and what can be said of them without loading them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pgvgen.errors import WeightsError
from pgvgen.weights import (
    CARD_FILE,
    TENSORS_FILE,
    Stage,
    bundled_names,
    bundled_root,
    read_config,
    stages_in,
)

Where = Literal["folder", "bundled", "cache", "hub", "unpublished"]


@dataclass(frozen=True)
class Entry:
    """The weights of one stage under one name.

    Attributes:
        name: what `--weights` takes.
        stage: `psgan` or `scgan`.
        where: `bundled`, a `folder`, the Hub's `cache`, or not on this machine: on the `hub`, or
            `unpublished`.
        folder: with the `config.json` and `model.safetensors`; None if not on this machine.
    """

    name: str
    stage: Stage
    where: Where
    folder: Path | None = None

    @property
    def config(self) -> dict[str, Any]:
        """What `config.json` says; empty if not on this machine."""
        return read_config(self.folder) if self.folder else {}

    @property
    def megabytes(self) -> float | None:
        """Size of the tensors' file, in 10⁶ bytes."""
        if self.folder is None:
            return None
        return round((self.folder / TENSORS_FILE).stat().st_size / 1e6, 1)

    @property
    def card(self) -> str:
        """The model card without its metadata; empty without one."""
        return _card(self.folder)[1]

    @property
    def metadata(self) -> dict[str, Any]:
        """The model card's metadata; empty without."""
        return _card(self.folder)[0]

    @property
    def licence(self) -> str | None:
        """As the model card's metadata names it, None where it does not."""
        licence = self.metadata.get("license")
        if licence == "other":
            licence = self.metadata.get("license_name", licence)
        return str(licence) if licence else None

    def count_parameters(self) -> int:
        """How many numbers the network learnt, from the tensors' header alone.

        Raises:
            WeightsError: the file is not safetensors, or is cut short.
        """
        from safetensors import SafetensorError, safe_open

        assert self.folder is not None
        file = self.folder / TENSORS_FILE
        try:
            with safe_open(file, framework="numpy") as stored:
                return sum(math.prod(stored.get_slice(key).get_shape()) for key in stored.keys())  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{file} is damaged or cut short: fetch it again") from error


def inventory() -> Iterator[Entry]:
    """All weights that have a name: bundled, in the Hub's cache, and released elsewhere."""
    from pgvgen.manifest import releases

    for name in bundled_names():
        yield from in_folder(bundled_root() / name, name, "bundled")
    yield from _cached()
    for release in releases().values():
        if release.name not in bundled_names():
            where: Where = "hub" if release.hub_id else "unpublished"
            yield from (Entry(release.name, stage, where) for stage in release.stages)


def in_folder(folder: Path, name: str, where: Where = "folder") -> Iterator[Entry]:
    """The weights of each stage in one folder."""
    for stage, place in stages_in(folder).items():
        yield Entry(name, stage, where, place)


def _cached() -> Iterator[Entry]:
    """What of the Hub's cache is pgvgen's, by `org/name@revision`; `@main` goes without saying."""
    from huggingface_hub import CacheNotFound, constants, scan_cache_dir

    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return
    for repository in sorted(repositories, key=lambda repository: repository.repo_id):
        if repository.repo_type != "model":
            continue
        for revision in sorted(repository.revisions, key=lambda revision: revision.commit_hash):
            refs = sorted(revision.refs)
            at = "" if "main" in refs else f"@{refs[0] if refs else revision.commit_hash}"
            try:
                yield from in_folder(revision.snapshot_path, f"{repository.repo_id}{at}", "cache")
            except WeightsError:
                continue  # another program's model with a config.json of its own


def _card(folder: Path | None) -> tuple[dict[str, Any], str]:
    """A model card's metadata and text."""
    if folder is None:
        return {}, ""
    import yaml

    try:
        text = (folder / CARD_FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}, ""
    head, mark, body = text.removeprefix("---\n").partition("\n---\n")
    if not mark or not text.startswith("---\n"):
        return {}, text
    try:
        metadata = yaml.safe_load(head)
    except yaml.YAMLError:
        metadata = None
    return metadata if isinstance(metadata, dict) else {}, body
