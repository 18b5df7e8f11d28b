"""The whole path in one process: a photo and the name of an action become a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pgvgen.errors import InputError, UsageError
from pgvgen.poses import PoseSequence
from pgvgen.poses.estimators import PHOTO_FPS
from pgvgen.talk import log, timed

if TYPE_CHECKING:
    from pgvgen.motion import PSGAN
    from pgvgen.poses.estimators import Estimator
    from pgvgen.rendering.scgan import SCGAN


@dataclass(frozen=True, eq=False)
class _Photo:
    """A picture that has been read, under the name that errors tell."""

    picture: np.ndarray
    path: str | Path
    fps: float = PHOTO_FPS

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.picture


@dataclass(frozen=True, eq=False)
class Animation:
    """A video that is painted while it is read: every iteration paints it anew, with equal frames.

    Attributes:
        motions: everybody's poses, in the photo's pixels; the largest person's first.
        transparent: whether the people are cut out.
    """

    motions: tuple[PoseSequence, ...]
    _paint: Callable[[], Iterator[np.ndarray]]
    transparent: bool = False

    @property
    def motion(self) -> PoseSequence:
        """The first person's; `motion.label` is the action, `motion.fps` the frame rate."""
        return self.motions[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        """The frames, H×W×3 uint8 RGB, or H×W×4 RGBA if they are transparent."""
        return self._paint()

    def __len__(self) -> int:
        return max(map(len, self.motions))

    def save(self, path: str | Path) -> None:
        """Write the video: .mp4, .webm, .gif, .webp, .apng, or `NAME/`, a folder of PNGs.

        Raises:
            UsageError: another ending, or .mp4 of transparent frames.
            OutputError: the place cannot be written.
        """
        from pgvgen.video import check_video_name, write_video

        check_video_name(path, transparent=self.transparent)
        write_video(path, self, self.motion.fps)


def animate(
    photo: str | Path | np.ndarray,
    action: str | None = None,
    *,
    motion: PoseSequence | str | Path | None = None,
    frames: int | None = None,
    fps: float | None = None,
    seed: int = 0,
    strength: float | None = None,
    loop: bool = False,
    person: int | None = 0,
    estimator: str | Estimator = "blazepose",
    size: int | None = None,
    crop: bool = False,
    transparent: bool = False,
    psgan: PSGAN | str | Path = "action",
    scgan: SCGAN | str | Path = "action",
    device: str = "auto",
) -> Animation:
    """The person in the photo performs the action: pose, motion and render, one after the other.

    Or everybody does of whom the photo shows enough, each a little differently: person i, counted
    from the largest, gets seed + i.

    Args:
        photo: file, `-` for stdin, or H×W×3 uint8 RGB.
        action: its label, or a name for it (`wave`, `jumping jacks`); several with commas between.
        motion: in place of an action what somebody else did: poses, or a file of them, a .bvh or
            a video.
        frames: how many; 32 an action, or the whole `motion`, by default.
        fps: frames a second; what the motion was learned at by default.
        seed: the same seed gives the same video, another one another motion.
        strength: 0 to 1, how energetic; by default as the action is done best.
        loop: end where it begins, so that the video can be repeated.
        person: which person, counted from the largest; None is everybody.
        estimator: of the pose, by its name or loaded.
        size: the longer side of the frames in px; the photo's own by default.
        crop: give the square around the motion (around everybody: a rectangle), not the whole
            photo.
        transparent: cut the person out of the photo; frames are RGBA.
        psgan, scgan: weights of either stage by name, folder or Hub id, or the network itself.
        device: auto, cpu, cuda or mps.

    Raises:
        InputError: the photo cannot be read, or shows too little of the person.
        NoPersonError: nobody in it, or fewer people than `person` asks for.
        UsageError: the weights do not know the action, or there is none, or a motion besides, a
            strength of a motion, or an fps or person that cannot be.
        WeightsError: the weights are missing or of another kind.
    """
    from pgvgen.devices import find_device
    from pgvgen.motion import PSGAN, drive, generate_motion
    from pgvgen.pictures import read_image
    from pgvgen.poses.estimators import estimate_people, estimate_pose, load_estimator
    from pgvgen.rendering.renderer import render
    from pgvgen.rendering.scgan import SCGAN
    from pgvgen.video import is_video

    if (action is None) == (motion is None):
        raise UsageError("what shall be done? Say an action or a motion, one of them")
    if motion is not None and strength is not None:
        raise UsageError("a motion is as energetic as it is: leave out the strength")
    if person is not None and person < 0:
        raise UsageError(f"--person is {person}: they count from 0")
    picture = photo if isinstance(photo, np.ndarray) else read_image(photo)
    network = scgan if isinstance(scgan, SCGAN) else SCGAN.from_pretrained(scgan)
    with timed("pose"):
        if isinstance(estimator, str):
            estimator = load_estimator(estimator, device)
        # What has been read: a pipe can be read only once, and an animation's first frame counts.
        shown = picture if isinstance(photo, np.ndarray) else _Photo(picture, photo)
        if person is None:
            starts = estimate_people(shown, estimator=estimator)
        else:
            starts = [estimate_pose(shown, person=person, estimator=estimator)]
    with timed("motion"):
        if motion is not None and not isinstance(motion, PoseSequence) and is_video(motion):
            motion = estimate_pose(motion, estimator=estimator)  # once for everybody
        if motion is None and not isinstance(psgan, PSGAN):
            psgan = PSGAN.from_pretrained(psgan, device=find_device(device))

        def act(start: PoseSequence, i: int) -> PoseSequence:
            if motion is not None:
                return drive(start, motion, frames=frames, fps=fps, loop=loop, estimator=estimator)
            return generate_motion(
                start, str(action), frames=frames, fps=fps, seed=_seed(seed, i),
                strength=strength, loop=loop, psgan=psgan, device=device,
            )  # fmt: skip

        motions = _whoever_can(starts, act)

    def paint() -> Iterator[np.ndarray]:
        return render(
            picture, motions, scgan=network, size=size, crop=crop, transparent=transparent,
            device=device,
        )  # fmt: skip

    return Animation(motions, paint, transparent)


def _whoever_can(
    starts: Sequence[PoseSequence], act: Callable[[PoseSequence, int], PoseSequence]
) -> tuple[PoseSequence, ...]:
    """What everybody does of whom the photo shows enough; the others stay as they are.

    Raises:
        InputError: it shows enough of nobody.
    """
    motions, failures = [], []
    for i, start in enumerate(starts):
        try:
            motions.append(act(start, i))
        except InputError as error:
            log.info("person %d stays: %s", i, error)
            failures.append(error)
    if not motions:
        raise failures[0]
    return tuple(motions)


def _seed(seed: int, person: int) -> int:
    """The person's own; the first one's is the seed itself, and after the largest comes 0."""
    return (seed + person) % 2**63 if person else seed
