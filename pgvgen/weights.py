"""Where trained weights are: a name, a folder or a Hub id becomes a folder on this machine."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pgvgen.errors import WeightsError

if TYPE_CHECKING:
    from pgvgen.hub import HubId
    from pgvgen.manifest import Release

Stage = Literal["psgan", "scgan"]
STAGES: tuple[Stage, ...] = get_args(Stage)

CONFIG_FILE, TENSORS_FILE = "config.json", "model.safetensors"
CARD_FILE, ABOUT_FILE = "README.md", "training.json"  # for people; how long it was trained


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
    """The names that `find` knows without a download, sorted. Quick: nothing heavy is imported."""
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
    Both stages may share a folder or a Hub repository, each in a subfolder named after it. What the
    manifest pins is compared with it, byte for byte, every time; your own folders are yours.

    Args:
        name: bundled name (`action`), folder, or Hub id `org/name`, `org/name@revision`.
        stage: whose weights.
        cache_dir, force_download, local_files_only, token: as `huggingface_hub` has them.

    Raises:
        WeightsError: nowhere, incomplete, not the released ones, or the Hub cannot be reached.
    """
    home, release = _home(name)
    if isinstance(home, Path):
        folder = home
    else:
        folder = _from_hub(home, stage, cache_dir, force_download, local_files_only, token)
    found = stage_folder(folder, stage)
    if found is None:
        raise WeightsError(_lack(folder, str(name), stage))
    if release is not None:
        release.check(folder, stage)
    return found


@dataclass(frozen=True)
class Fetched:
    """What `fetch` brought: the folder of a weight's stages, and where it came from."""

    folder: Path
    where: Literal["folder", "bundled", "cache", "hub"]


def fetch(
    name: str | Path,
    *,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
    token: str | bool | None = None,
) -> Fetched:
    """All stages and cards of a weight, as they are on the Hub now, every file's hash compared.

    Without a connection, and with `local_files_only`, it is the copy in the cache, and `where` says
    so.

    Raises:
        WeightsError: as `find`.
    """
    home, release = _home(name)
    if isinstance(home, Path):
        fetched = Fetched(home, "bundled" if release else "folder")
    else:
        from pgvgen.hub import Unreachable, cached, download

        files = _files(STAGES)
        try:
            if local_files_only:
                raise Unreachable(_absent(home))
            folder = download(home, files, cache_dir=cache_dir, token=token)
            fetched = Fetched(folder, "hub")
        except Unreachable:
            copy = cached(home, files, cache_dir=cache_dir)
            if copy is None:
                raise
            fetched = Fetched(copy, "cache")
    if not stages_in(fetched.folder):
        raise WeightsError(_lack(fetched.folder, str(name)))
    if release is not None:
        for stage in release.stages:
            release.check(fetched.folder, stage)
    return fetched


def stage_folder(folder: Path, stage: Stage) -> Path | None:
    """The folder's subfolder for the stage, or itself, whichever is complete."""
    for candidate in (folder / stage, folder):
        if (candidate / CONFIG_FILE).is_file() and (candidate / TENSORS_FILE).is_file():
            return candidate
    return None


def stages_in(folder: Path) -> dict[Stage, Path]:
    """The folders of the stages that a folder holds weights of, told by their configs.

    Raises:
        WeightsError: a config is damaged.
    """
    found: dict[Stage, Path] = {}
    for stage in STAGES:
        place = stage_folder(folder, stage)
        if place is not None and read_config(place)["stage"] == stage:
            found[stage] = place
    return found


def usage(stages: Collection[Stage], name: str) -> str:
    """The command that uses weights of these stages under their name."""
    if set(stages) == set(STAGES):
        return f"pgvgen animate photo.jpg --action wave --weights {name}"
    if "psgan" in stages:
        return f"pgvgen motion photo.jpg --action wave --weights {name} -o motion.json"
    return f"pgvgen render photo.jpg motion.json --weights {name}"


def read_config(folder: Path, stage: Stage | None = None) -> dict[str, Any]:
    """What `config.json` says: at least which `stage` it is of. Imports nothing heavy.

    Raises:
        WeightsError: not JSON, not pgvgen's, or of another stage than the one that is wanted.
    """
    file = folder / CONFIG_FILE
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        if config["stage"] not in STAGES:
            raise ValueError(config["stage"])
        if not all(isinstance(label, str) for label in config.get("labels", [])):
            raise ValueError(config["labels"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"{file} is damaged or not pgvgen's: fetch it again") from error
    if stage not in (None, config["stage"]):
        raise WeightsError(f"{folder} holds {config['stage']} weights, {stage} weights are wanted")
    return dict(config)


def _home(name: str | Path) -> tuple[Path | HubId, Release | None]:
    """The folder or Hub id that a name stands for, with the release that pins its files, if any."""
    from pgvgen.hub import HubId
    from pgvgen.manifest import releases

    text, folder = str(name), Path(name)
    plain, at, _ = text.partition("@")
    try:
        if folder.is_dir():
            return folder, None
        is_file, without = folder.is_file(), bool(at) and Path(plain).is_dir()
    except (OSError, ValueError) as error:  # too long, a loop of links, a null byte
        raise WeightsError(f"there can be no weights {text[:80]!r}") from error
    if is_file:
        raise WeightsError(
            f"{text} is a file: give the folder that holds {CONFIG_FILE} and {TENSORS_FILE} "
            "(pickles are never loaded)"
        )
    names = bundled_names()
    if at and (without or plain in names):
        raise WeightsError(
            f"{plain} is on this machine, which has no revisions: leave out {text[len(plain) :]}"
        )
    if text in names:
        return bundled_root() / text, releases().get(text)
    for release in releases().values():
        if release.hub_id is not None and text in (release.name, release.hub_id):
            return HubId.of(release.hub_id), release
    if plain.count("/") == 1 and not text.startswith(("/", ".", "~")):
        return HubId.of(text), None
    raise WeightsError(
        f"there are no weights {text!r}: bundled are {', '.join(names) or 'none'}; "
        "or give a folder, or org/name on the Hub"
    )


def _from_hub(
    hub_id: HubId,
    stage: Stage,
    cache_dir: str | Path | None,
    force: bool,
    local_only: bool,
    token: str | bool | None,
) -> Path:
    """The repository's folder in the cache with one stage's files, downloaded if need be."""
    from pgvgen.hub import cached, download

    files = _files([stage])
    if not force:
        folder = cached(hub_id, files, cache_dir=cache_dir)
        if folder is not None and stage_folder(folder, stage) is not None:
            return folder  # or else only the other stage has been fetched so far
    if local_only:
        raise WeightsError(_absent(hub_id))
    return download(hub_id, files, cache_dir=cache_dir, force=force, token=token)


def _absent(hub_id: HubId) -> str:
    return f"the weights {hub_id} are not on this machine: `pgvgen weights fetch {hub_id}`"


def _files(stages: Collection[Stage]) -> list[str]:
    """The files that a repository of these stages may have, with their cards."""
    places = ["", *(f"{stage}/" for stage in stages)]
    names = (CONFIG_FILE, TENSORS_FILE, CARD_FILE, ABOUT_FILE)
    return [f"{at}{file}" for at in places for file in names]


def _lack(folder: Path, name: str, stage: Stage | None = None) -> str:
    """Why a folder's weights cannot be used: half of them, only pickles, or none."""
    from pgvgen.hub import refuse_pickles

    refuse_pickles(name, [file.name for file in folder.iterdir() if file.is_file()])
    for place in (*(folder / s for s in ([stage] if stage else STAGES)), folder):
        here = [file for file in (CONFIG_FILE, TENSORS_FILE) if (place / file).is_file()]
        if len(here) == 1:
            lacking = TENSORS_FILE if here[0] == CONFIG_FILE else CONFIG_FILE
            return f"{place} has a {here[0]} but no {lacking}: fetch or save the weights again"
    wanted = f"in it or in {folder / stage}" if stage else "in it, or in its psgan/ and scgan/"
    return (
        f"{name} holds no {stage or 'pgvgen'} weights: {CONFIG_FILE} and {TENSORS_FILE} are wanted "
        f"{wanted}"
    )
