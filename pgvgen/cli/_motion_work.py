"""What `pgvgen motion` does with every start pose."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgvgen.batch import Do
from pgvgen.cli._actions import check_actions, plain_name, read_driver
from pgvgen.cli._batch import results_of
from pgvgen.talk import log, timed

if TYPE_CHECKING:
    import numpy as np

    from pgvgen.poses.sequence import PoseSequence


@dataclass(frozen=True)
class MotionWork:
    """What is to be done with every start pose."""

    action: str | None
    driver: str | None
    frames: int | None
    fps: float | None
    seed: int
    samples: int
    strength: float | None
    loop: bool
    weights: str
    estimator: str
    person: int
    device: str
    overwrite: bool

    @property
    def name(self) -> str:
        """What is done, as a part of a file's name."""
        return plain_name(self.action, self.driver)

    def check(self) -> None:
        """Fail now if an option is wrong or the network is missing."""
        from pgvgen.weights import find

        if self.action is not None:
            check_actions(self.action, find(self.weights, "psgan"))

    def is_done(self, target: Path) -> bool:
        """Whether every sample is there."""
        return all(path.is_file() for path in results_of(target, self.samples))

    def start(self) -> Do:
        """Load the network."""
        from pgvgen.pictures import read_piped

        make = self.maker()

        def do(target: Path, source: Path) -> dict[str, Any]:
            began = time.perf_counter()
            made, _ = make(str(source), read_piped(source))
            for one, path in zip(made, results_of(target, self.samples), strict=True):
                if self.overwrite or not path.is_file():  # of more samples the first are there
                    one.save(path)
            return details(made, began)

        return do

    def maker(self) -> Callable[[str, bytes | None], tuple[list[PoseSequence], np.ndarray | None]]:
        """The network, loaded, as a function from a source to its motions, and to its photo.

        Of a source that is a pipe it wants what was read from it.
        """
        from pgvgen.devices import find_device
        from pgvgen.motion import PSGAN, drive, generate_motion
        from pgvgen.poses.estimators import load_estimator

        # Pose files do without.
        finder = cache(lambda: load_estimator(self.estimator, self.device))
        psgan: Any = None
        with timed("loading"):
            if self.action is not None:
                place = find_device(self.device)
                psgan = PSGAN.from_pretrained(self.weights, device=place)
                log.info("weights %s on %s", self.weights, place)
            driver = read_driver(self.driver, finder)

        def make(source: str, data: bytes | None) -> tuple[list[PoseSequence], np.ndarray | None]:
            start, picture = _start(source, data, finder, self.person)
            with timed("motion"):
                if driver is not None:
                    moved = drive(start, driver, frames=self.frames, fps=self.fps, loop=self.loop)
                    return [moved], picture
                made = [
                    generate_motion(
                        start, str(self.action), frames=self.frames, fps=self.fps,
                        seed=self.seed + i, strength=self.strength, loop=self.loop, psgan=psgan,
                    )
                    for i in range(self.samples)
                ]  # fmt: skip
            return made, picture

        return make


def details(made: list[PoseSequence], began: float) -> dict[str, Any]:
    """What is to be reported of motions from one start."""
    first = made[0]
    return {
        "action": first.label, "frames": len(first), "fps": first.fps, "seed": first.seed,
        "samples": len(made), "seconds": round(time.perf_counter() - began, 2),
    }  # fmt: skip


def _start(
    source: str, data: bytes | None, finder: Callable[[], Any], person: int
) -> tuple[PoseSequence, np.ndarray | None]:
    """A pose file or OpenPose folder as it is; of a photo the pose is found."""
    from pgvgen.pictures import is_picture, named, read_image

    if is_picture(source, data):
        from pgvgen.poses.estimators import estimate_pose

        picture = read_image(source, data)
        with timed("pose"):
            return estimate_pose(picture, estimator=finder(), person=person), picture
    from pgvgen.poses.files import load, loads

    return load(source) if data is None else loads(data, name=named(source)), None
