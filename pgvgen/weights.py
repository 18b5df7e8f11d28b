"""Where trained weights are: a name, a folder or a Hub id becomes a folder on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pgvgen.errors import UsageError, WeightsError

if TYPE_CHECKING:
    import torch

Stage = Literal["psgan", "scgan"]

CONFIG_FILE, TENSORS_FILE = "config.json", "model.safetensors"


def bundled_root() -> Path:
    """The folder of what ships with pgvgen: `pgvgen/bundled` in a wheel, `weights` in a clone.

    Raises:
        WeightsError: the installation lacks it.
    """
    package = Path(__file__).parent
    for folder in (package / "bundled", package.parent / "weights"):
        if folder.is_dir():
            return folder
    raise WeightsError("this installation has lost its weights: install pgvgen again")


def bundled_names() -> list[str]:
    """The names that `find` knows without a download, sorted."""
    files = bundled_root().glob(f"*/*/{TENSORS_FILE}")
    return sorted({file.parent.parent.name for file in files})


def find(
    name: str | Path,
    stage: Stage,
    *,
    cache_dir: str | Path | None = None,
    force_download: bool = False,
    local_files_only: bool = False,
    token: str | bool | None = None,
) -> Path:
    """The folder with the `config.json` and `model.safetensors` of one stage.

    Looked for in this order: a folder of that name, the bundled weights, the Hub's cache, the Hub.
    Both stages may share a folder or a Hub repository, each in a subfolder named after it.

    Args:
        name: bundled name (`action`), folder, or Hub id `org/name`, `org/name@revision`.
        stage: whose weights.
        cache_dir, force_download, local_files_only, token: as `huggingface_hub` has them.

    Raises:
        WeightsError: nowhere, incomplete, or the Hub cannot be reached.
    """
    folder = Path(name)
    if folder.is_dir():
        found = _stage_folder(folder, stage)
        if found is None:
            raise WeightsError(
                f"{folder} holds no {stage} weights: {CONFIG_FILE} and {TENSORS_FILE} are wanted "
                f"in it or in {folder / stage}"
            )
        return found
    bundled = _stage_folder(bundled_root() / name, stage)
    if bundled is not None:
        return bundled
    if str(name).count("/") == 1:
        found = None
        if not force_download:
            found = _from_hub(str(name), stage, cache_dir, token, cached=True)
        if found is None and not local_files_only:
            found = _from_hub(str(name), stage, cache_dir, token, fresh=force_download)
        if found is not None:
            return found
    having = [n for n in bundled_names() if _stage_folder(bundled_root() / n, stage)]
    raise WeightsError(
        f"there are no {stage} weights {str(name)!r}: bundled are {', '.join(having) or 'none'}; "
        "or give a folder, or org/name on the Hub"
    )


def device(name: str = "auto") -> torch.device:
    """The device of that name; `auto` takes CUDA or Apple's GPU where there is one.

    Raises:
        UsageError: no such device on this machine.
    """
    import torch

    has = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if has[kind]))
    kind, _, index = name.partition(":")
    known = has.get(kind, False) and (not index or index.isdecimal())
    if not known or (kind == "cuda" and index and int(index) >= torch.cuda.device_count()):
        there = ", ".join(kind for kind, here in has.items() if here)
        raise UsageError(f"there is no device {name!r} here: choose from auto, {there}")
    return torch.device(name)


def _stage_folder(folder: Path, stage: Stage) -> Path | None:
    """The folder's subfolder for the stage, or itself, whichever is complete."""
    for candidate in (folder / stage, folder):
        if (candidate / CONFIG_FILE).is_file() and (candidate / TENSORS_FILE).is_file():
            return candidate
    return None


def _from_hub(
    name: str,
    stage: Stage,
    cache_dir: str | Path | None,
    token: str | bool | None,
    *,
    cached: bool = False,
    fresh: bool = False,
) -> Path | None:
    """The stage's folder in the Hub's cache, None if it is not there; `cached`: no download."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    repository, _, revision = name.partition("@")
    wanted = [
        f"{place}{file}" for place in ("", f"{stage}/") for file in (CONFIG_FILE, TENSORS_FILE)
    ]
    try:
        snapshot = snapshot_download(
            repository,
            revision=revision or None,
            allow_patterns=wanted,
            cache_dir=cache_dir,
            token=token,
            local_files_only=cached,
            force_download=fresh,
        )
    except HFValidationError:
        return None
    except RepositoryNotFoundError:
        reason = "the Hub has no such repository, or it is private: check the name, or log in"
    except RevisionNotFoundError:
        reason = f"it has no revision {revision!r}"
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        if cached:
            return None
        reason = "it is not in the cache and the Hub cannot be reached: check the connection"
    except (HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split())
    else:
        return _stage_folder(Path(snapshot), stage)
    raise WeightsError(f"cannot fetch the weights {name}: {reason}")
