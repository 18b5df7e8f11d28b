"""The Hugging Face Hub: a repository's weights into the library's cache, and its failures in words.

Endpoint, cache, offline mode, tokens and proxies are `huggingface_hub`'s own affair: `HF_ENDPOINT`,
`HF_HOME`, `HF_HUB_OFFLINE`, `HF_TOKEN`, `HTTPS_PROXY` work as they do everywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pgvgen.errors import WeightsError
from pgvgen.manifest import sha256
from pgvgen.talk import log

PICKLES = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")

_REVISION = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)


class Unreachable(WeightsError):
    """The Hub does not answer, or may not be asked."""


@dataclass(frozen=True)
class HubId:
    """`org/name` or `org/name@revision`: a repository at a branch, a tag or a commit."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}" if self.revision else self.repository

    @classmethod
    def of(cls, text: str) -> HubId:
        """The id that the text is.

        Raises:
            WeightsError: there can be no such repository or revision.
        """
        from huggingface_hub.errors import HFValidationError
        from huggingface_hub.utils import validate_repo_id

        repository, at, revision = text.partition("@")
        try:
            if "/" not in repository:
                raise HFValidationError("without an owner, it is one of the Hub's first models")
            validate_repo_id(repository)
        except HFValidationError as error:
            raise WeightsError(
                f"{text!r} is neither a folder nor an id on the Hub: that is org/name, of letters, "
                "digits and single . _ -"
            ) from error
        if at and (not _REVISION.fullmatch(revision) or ".." in revision):
            raise WeightsError(f"{text!r}: a revision is a branch, a tag or a commit")
        return cls(repository, revision or None)


def cached(hub_id: HubId, files: list[str], *, cache_dir: str | Path | None = None) -> Path | None:
    """The folder in the cache with those of the files that the repository has, None without."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                hub_id.repository, revision=hub_id.revision, allow_patterns=files,
                cache_dir=cache_dir, local_files_only=True,
            )
        )  # fmt: skip
    except LocalEntryNotFoundError:
        return None


def download(
    hub_id: HubId,
    files: list[str],
    *,
    cache_dir: str | Path | None = None,
    force: bool = False,
    token: str | bool | None = None,
) -> Path:
    """Bring the repository's newest state of those files into the cache; its folder there.

    What is there already is kept, a connection that breaks is tried again. Then every file is
    compared with the hash that the Hub has of it: `huggingface_hub` looks at sizes only.

    Args:
        hub_id: what to fetch.
        files: the paths that are wanted; those that the repository lacks are not missed.
        cache_dir, force, token: as `huggingface_hub` has them.

    Raises:
        Unreachable: no answer from the Hub, or offline mode.
        WeightsError: no such repository or revision, no access, only pickles, or a file that is
            not what the Hub says it is, which is removed from the cache.
    """
    from huggingface_hub import HfApi, hf_hub_download

    with explained(f"no folder {hub_id} here, and it cannot be fetched", revision=hub_id.revision):
        info = HfApi(token=token).model_info(
            hub_id.repository, revision=hub_id.revision, files_metadata=True
        )
    there = {file.rfilename: file for file in info.siblings or []}
    refuse_pickles(str(hub_id), list(there))
    wanted = [file for file in files if file in there]
    if not wanted:
        raise WeightsError(f"{hub_id} holds no weights of pgvgen's")
    for again in (force, True):
        # One after another in this thread: snapshot_download's threads would outlive a Ctrl-C.
        try:
            with explained(f"the download of {hub_id} broke off; run it again to go on"):
                paths = {
                    file: Path(
                        hf_hub_download(
                            hub_id.repository, file, revision=hub_id.revision, token=token,
                            cache_dir=cache_dir, force_download=again,
                        )
                    )
                    for file in wanted
                }  # fmt: skip
        except Unreachable as error:
            raise WeightsError(str(error)) from error  # it was reached: no older copy will do
        for file, path in paths.items():
            log.info("%s of %s: %s", file, hub_id, path)
        wrong = [file for file, path in paths.items() if not _is(path, there[file])]
        if not wrong:
            return paths[wanted[0]].parents[wanted[0].count("/")]
    for file in wrong:
        paths[file].resolve().unlink(missing_ok=True)
        paths[file].unlink(missing_ok=True)
    raise WeightsError(
        f"{wrong[0]} of {hub_id} does not come as the Hub says it is (its hash differs): removed; "
        "try again, or tell its owner"
    )


def refuse_pickles(where: str, files: list[str]) -> None:
    """Say so when there are pickles and no safetensors: a pickle runs what its maker wants.

    Raises:
        WeightsError: only pickles.
    """
    pickles = [file for file in files if PurePosixPath(file).suffix.lower() in PICKLES]
    if pickles and not any(file.endswith(".safetensors") for file in files):
        raise WeightsError(
            f"{where} holds only a pickle ({pickles[0]}), which can run anything and is never "
            "loaded: ask for safetensors, or save_pretrained() it"
        )


@contextlib.contextmanager
def explained(doing: str, *, revision: str | None = None) -> Iterator[None]:
    """What the library raises, as one line that begins with what was being done.

    Raises:
        Unreachable: the Hub does not answer, or may not be asked.
        WeightsError: any other failure of the library.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        with _calm():
            yield
    except WeightsError:
        raise
    except OfflineModeIsEnabled as error:
        raise Unreachable(f"{doing}: HF_HUB_OFFLINE is set, and it is not in the cache") from error
    except GatedRepoError as error:
        reason = "its owner wants to be asked first: do so on its page, then `hf auth login`"
        raise WeightsError(f"{doing}: {reason}") from error
    except RepositoryNotFoundError as error:
        reason = "the Hub has no such repository, or a private one: check the name, `hf auth login`"
        raise WeightsError(f"{doing}: {reason}") from error
    except RevisionNotFoundError as error:
        raise WeightsError(f"{doing}: it has no revision {revision or 'main'!r}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status >= 500:
            reason = f"the Hub has trouble of its own ({status}): try again later"
            raise Unreachable(f"{doing}: {reason}") from error
        denied = f"the Hub does not let you ({status}): `hf auth login` as one who may"
        reason = denied if status in (401, 403) else _line(error)
        raise WeightsError(f"{doing}: {reason}") from error
    except (LocalEntryNotFoundError, HTTPError) as error:
        reason = f"{constants.ENDPOINT} cannot be reached: check the connection ({_line(error)})"
        raise Unreachable(f"{doing}: {reason}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{doing}: {_line(error)}") from error


@contextlib.contextmanager
def _calm() -> Iterator[None]:
    """The library's bars on a terminal only, and no warnings of what is said in one line anyway."""
    from huggingface_hub import utils

    shown = not utils.are_progress_bars_disabled() and not sys.stderr.isatty()
    level = utils.logging.get_verbosity()
    if shown:
        utils.disable_progress_bars()
    utils.logging.set_verbosity_error()
    try:
        yield
    finally:
        utils.logging.set_verbosity(level)
        if shown:
            utils.enable_progress_bars()


def _line(error: BaseException) -> str:
    """What the library says, or what caused it, in one line without its advice."""
    while error.__cause__ is not None and isinstance(error, (RuntimeError, FileNotFoundError)):
        error = error.__cause__
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}..."


def _is(file: Path, told: Any) -> bool:
    """Whether a file has the hash that the Hub tells: SHA-256 of a large one, else git's SHA-1."""
    if told.lfs is not None:
        return sha256(file) == told.lfs.sha256
    data = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == told.blob_id
