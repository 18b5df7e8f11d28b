"""OpenPose's body net (Cao et al. 2017, [15] of the paper), as controlnet-aux carries it.

Its weights are for non-commercial use, and are not part of pgvgen.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen.errors import PgvgenError, WeightsError
from pgvgen.poses.estimators.base import Effort, Person, same

CHECKPOINT = "body_pose_model.pth"
HUB = "lllyasviel/Annotators"
SIDE = 512
"""The shorter side that controlnet-aux shows its net, in px."""

FOLLOWED = 0.3
"""How far joints may move between frames, in parts of a person's extent."""


class OpenPose:
    """Estimates BODY_18 poses by part affinity fields; seconds a photo on a CPU."""

    def __init__(self, source: str | None = None, device: str = "auto") -> None:
        """Load the net.

        Args:
            source: folder with `body_pose_model.pth`, or a Hub id that has it.
            device: auto, cpu, cuda or mps.

        Raises:
            WeightsError: the checkpoint is missing, damaged, or cannot be downloaded.
            PgvgenError: controlnet-aux does not run here.
        """
        from pgvgen.devices import find_device

        checkpoint = _checkpoint(source or HUB)
        body = _body_module()
        try:
            self._body: Any = body.Body(str(checkpoint))
        except Exception as error:  # whatever a pickle and a state dict can stumble over
            raise WeightsError(
                f"{checkpoint} is not OpenPose's body net: fetch it again"
            ) from error
        self._body.to(find_device(device))

    def people(self, picture: np.ndarray, effort: Effort = "search") -> list[Person]:
        """People in an H×W×3 uint8 RGB picture, largest first; one effort finds them all."""
        import cv2

        height, width = picture.shape[:2]
        seen = [max(64, round(n * SIDE / min(height, width) / 64) * 64) for n in (width, height)]
        shrinks = min(height, width) > SIDE
        small = cv2.resize(
            picture, seen, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
        )
        candidates, subset = self._body(np.ascontiguousarray(small[:, :, ::-1]))
        scale = np.array([width, height]) / seen
        found = [_person(r, scale) for r in self._body.format_body_result(candidates, subset)]
        return sorted(found, key=lambda person: person.rank, reverse=True)

    def follow(self, picture: np.ndarray, before: Sequence[Person]) -> list[Person | None]:
        """The same people one frame later: whoever now stands nearest to where each stood."""
        free = self.people(picture) if before else []
        after: list[Person | None] = []
        for person in before:
            near = [p for p in free if same(person, p, tolerance=FOLLOWED)]
            nearest = min(near, key=lambda p: _apart(person, p), default=None)
            free = [p for p in free if p is not nearest]
            after.append(nearest)
        return after


def _person(result: Any, scale: np.ndarray) -> Person:
    """One of controlnet-aux's people, in px of the picture; missing joints have confidence 0."""
    keypoints, confidence = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    for i, joint in enumerate(result.keypoints):
        if joint is not None:
            keypoints[i] = (np.array([joint.x, joint.y]) + 0.5) * scale - 0.5
            confidence[i] = np.clip(joint.score, 0, 1)
    seen = keypoints[confidence > 0]
    low, high = (seen.min(0), seen.max(0)) if len(seen) else (np.zeros(2), np.zeros(2))
    return Person(
        keypoints=keypoints,
        confidence=confidence,
        box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        score=float(np.clip(result.total_score / max(result.total_parts, 1), 0, 1)),
    )


def _apart(one: Person, other: Person) -> float:
    """Mean distance in px of the joints that both show."""
    shared = np.minimum(one.confidence, other.confidence)
    apart = np.linalg.norm(one.keypoints - other.keypoints, axis=1)
    return float(np.average(apart, weights=shared))


def _checkpoint(source: str) -> Path:
    """The body net's file: in a folder, or from the Hub or its cache."""
    if Path(source).is_dir():
        path = Path(source) / CHECKPOINT
        if not path.is_file():
            raise WeightsError(f"{source} holds no {CHECKPOINT}, which openpose needs")
        return path
    from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache

    from pgvgen.hub import HubId, explained

    try:
        hub_id = HubId.of(source)
        name, revision = hub_id.repository, hub_id.revision
        known = try_to_load_from_cache(name, CHECKPOINT, revision=revision)
        if isinstance(known, str):
            return Path(known)
        with explained("it is not in the cache"):
            # Without a connection this fails at once; the download would try for half a minute.
            HfApi().model_info(name, revision=revision)
            return Path(hf_hub_download(name, CHECKPOINT, revision=revision))
    except WeightsError as error:
        raise WeightsError(
            f"openpose's {CHECKPOINT} cannot be had from {source} ({error}): put it into a folder "
            "and say --estimator openpose:FOLDER, or use blazepose"
        ) from error


def _body_module() -> Any:
    """controlnet-aux's `open_pose.body`, without the rest of the package.

    `import controlnet_aux` loads a dozen detectors, and with them a torchvision that must fit
    torch to the letter; the body net needs neither.
    """
    package = "_pgvgen_open_pose"
    try:
        if package not in sys.modules:
            found = importlib.util.find_spec("controlnet_aux")
            if found is None or not found.submodule_search_locations:
                raise ImportError("controlnet-aux is not installed")
            shell = types.ModuleType(package)
            shell.__path__ = [str(Path(found.submodule_search_locations[0]) / "open_pose")]
            sys.modules[package] = shell
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports from scipy by an old name
            importlib.import_module(f"{package}.util")  # util and body import each other
            return importlib.import_module(f"{package}.body")
    except (ImportError, RuntimeError) as error:
        raise PgvgenError(_remedy(error)) from error


def _remedy(error: Exception) -> str:
    """What to install when controlnet-aux cannot be imported."""
    if "torchvision" not in str(error):
        return f"openpose needs controlnet-aux ({error}): pip install -U controlnet-aux"
    import torch

    # torchvision 0.15 came with torch 2.0, and so on: both go up together.
    version = torch.__version__.partition("+")[0]
    major, minor, patch = version.split(".")[:3]
    pair = f"torch=={version} torchvision==0.{int(minor) + 15}.{patch}"
    if major != "2":
        pair = "torch torchvision"
    return f"openpose needs a torchvision that fits torch {version}: pip install {pair}, together"
