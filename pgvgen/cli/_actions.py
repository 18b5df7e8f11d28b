"""What a person is to do, as it is said on the command line: an action, or a file that shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pgvgen.errors import InputError, UsageError, WeightsError

if TYPE_CHECKING:
    from pgvgen.poses.estimators import Estimator
    from pgvgen.poses.sequence import PoseSequence


def check_one(action: str | None, driver: str | None) -> None:
    """Either an action or a driver that can be read must be said.

    Raises:
        UsageError: it is not so.
        InputError: there is no such file, or it is no motion capture and no poses. A video is read
            when the work starts.
    """
    if action is None and driver is None:
        raise UsageError(
            "what shall the person do? Say --action (`pgvgen motion --list-actions` names them) or "
            "--motion with a file that shows it"
        )
    if action is not None and driver is not None:
        raise UsageError("--motion says all that is done: leave out --action")
    if driver is not None and not Path(driver).exists():
        raise InputError(f"there is no file {driver}")
    if driver is not None:
        _check_driver(Path(driver))


def check_actions(actions: str, weights: Path) -> None:
    """Fail now if there is no action, or one that the weights in a folder do not know.

    Imports nothing heavy.

    Raises:
        UsageError: so it is.
        WeightsError: the config is damaged, or stage two's.
    """
    from pgvgen.data.actions import resolve_action

    labels = labels_of(weights)
    named = [action for action in actions.split(",") if action.strip()]
    if not named:
        raise UsageError(
            f"there is no action {actions!r}: `pgvgen motion --list-actions` names them"
        )
    for action in named:
        resolve_action(action, labels)


def _check_driver(path: Path) -> None:
    from pgvgen.data.bvh import load_bvh
    from pgvgen.poses.files import load
    from pgvgen.video import is_video

    if is_video(path) or path.is_fifo():  # which can be read only once
        return
    if path.suffix.lower() == ".bvh":
        load_bvh(path)
    else:
        load(path)


def labels_of(weights: Path) -> list[str]:
    """The actions that the weights in a folder know.

    Raises:
        WeightsError: the config is damaged, or stage two's.
    """
    from pgvgen.weights import CONFIG_FILE, read_config

    labels = read_config(weights, "psgan").get("labels")
    if not isinstance(labels, list):
        raise WeightsError(f"{weights / CONFIG_FILE} is damaged: fetch it again")
    return [str(label) for label in labels]


def plain_name(action: str | None, driver: str | None) -> str:
    """What is done, as a part of a file's name: `jumping_jack`, `wave-bow`, the driver's name."""
    from pgvgen.data.actions import canonical

    if action is None:
        return Path(driver or "motion").stem
    parts = [part for part in action.split(",") if part.strip()]
    plain = ["_".join(part.lower().split()).replace("/", "_") for part in parts]
    return "-".join(canonical(part) or name for part, name in zip(parts, plain, strict=True))


def read_driver(
    driver: str | None, estimator: Callable[[], Estimator]
) -> PoseSequence | str | None:
    """The poses in a video, found once for all photos; other files are read with each."""
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.video import is_video

    if driver is None or not is_video(driver):
        return driver
    return estimate_pose(driver, estimator=estimator())
