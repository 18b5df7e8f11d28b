"""Publish weights: a folder that loads, with its card, becomes a commit in a Hub repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgvgen.errors import WeightsError
from pgvgen.hub import HubId, explained, refuse_pickles
from pgvgen.inventory import Entry, in_folder
from pgvgen.talk import log
from pgvgen.weights import ABOUT_FILE, CARD_FILE, CONFIG_FILE, TENSORS_FILE, usage

_LEGAL = ("LICENSE", "NOTICE")

_CARD = """---
library_name: pgvgen
license: {licence}
tags: [human-video-generation]
---
# {name}

Weights of pgvgen: `{usage}`.

{stages}
"""


@dataclass(frozen=True)
class Published:
    """What `publish` made: the page to look at, the commit to pin, the files in it."""

    url: str
    commit: str
    files: tuple[str, ...]


def publish(
    folder: Path,
    repository: str,
    *,
    private: bool | None = None,
    branch: str | None = None,
    token: str | bool | None = None,
) -> Published:
    """Push a folder of weights; the repository and the branch are made if they are not there.

    All that can be wrong with the folder is found before anything is uploaded. Only what belongs to
    weights goes: configs, safetensors, cards, licences. A folder of two stages whose cards lie with
    the stages gets one for its first page, which leads to them.

    Args:
        folder: with `config.json`, `model.safetensors` and `README.md`, or with a subfolder of that
            kind for each stage.
        repository: `org/name`.
        private: make a new repository so; None is the organisation's own default.
        branch: instead of `main`.
        token: as `huggingface_hub` has it; the one you are logged in with by default.

    Raises:
        WeightsError: the folder's weights do not load or lack a card, or the Hub refuses.
    """
    hub_id = HubId.of(f"{repository}@{branch}" if branch else repository)
    files = contents(folder, repository)
    from huggingface_hub import CommitOperationAdd, HfApi

    for path in files:
        log.info("%s: to %s", path, hub_id)
    with explained(f"cannot push to {hub_id}", revision=branch):
        api = HfApi(token=token)
        api.create_repo(repository, private=private, exist_ok=True)
        if branch is not None:
            api.create_branch(repository, branch=branch, exist_ok=True)
        commit = api.create_commit(
            repository,
            [CommitOperationAdd(path_in_repo=path, path_or_fileobj=f) for path, f in files.items()],
            commit_message="Upload weights with pgvgen",
            revision=branch,
        )
        page = f"{api.endpoint}/{repository}" + (f"/tree/{branch}" if branch else "")
    return Published(page, commit.oid, tuple(files))


def contents(folder: Path, repository: str) -> dict[str, Path | bytes]:
    """What of a folder is to be uploaded: path in the repository → file, or text made for it.

    Raises:
        WeightsError: no weights, weights that do not load, or no card.
    """
    if not folder.is_dir():
        raise WeightsError(f"{folder} is not a folder: give the one with the weights")
    refuse_pickles(str(folder), [file.name for file in folder.iterdir()])
    entries = list(in_folder(folder, folder.name))
    if not entries:
        raise WeightsError(
            f"{folder} holds no weights: {CONFIG_FILE} and {TENSORS_FILE} are wanted in it, or in "
            "its psgan/ and scgan/"
        )
    files: dict[str, Path | bytes] = {}
    for entry in entries:
        _check(entry)
        assert entry.folder is not None
        for name in (CONFIG_FILE, TENSORS_FILE, CARD_FILE, ABOUT_FILE, *_LEGAL):
            if (entry.folder / name).is_file():
                files[(entry.folder / name).relative_to(folder).as_posix()] = entry.folder / name
    for name in (CARD_FILE, *_LEGAL):
        if (folder / name).is_file():
            files[name] = folder / name
    if CARD_FILE not in files:
        files[CARD_FILE] = _first_page(entries, repository).encode()
    return files


def _check(entry: Entry) -> None:
    """That the weights load and are described."""
    from pgvgen.motion import PSGAN
    from pgvgen.rendering.scgan import SCGAN

    assert entry.folder is not None
    network = PSGAN if entry.stage == "psgan" else SCGAN
    network.from_pretrained(entry.folder)
    if not entry.card.strip() or entry.licence is None:
        raise WeightsError(
            f"{entry.folder / CARD_FILE} is to say what the weights learnt from, and under which "
            "terms they may be used: write it, with a `license:` between two lines of --- on top"
        )


def _first_page(entries: list[Entry], repository: str) -> str:
    """The card of a repository whose stages have their own."""
    known = {entry.metadata.get("license") for entry in entries}
    one = len(known) == 1 and known != {"other"}
    licence = known.pop() if one else "other\nlicense_name: see-each-stage"
    stages = "\n".join(
        f"- [{entry.stage}]({entry.stage}/{CARD_FILE}): {entry.licence}" for entry in entries
    )
    name = repository.partition("/")[2]
    use = usage([entry.stage for entry in entries], repository)
    return _CARD.format(licence=licence, name=name, usage=use, stages=stages)
