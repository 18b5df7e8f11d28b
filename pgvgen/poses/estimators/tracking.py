"""The same people from frame to frame of a video."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from pgvgen.poses.estimators.base import Effort, Estimator, Person, same

NEAR = 0.4
"""How far somebody may be from where they were lost, in extents of their box."""

_KEPT = 100_000_000  # bytes of frames in which who is found can be followed back


@dataclass
class Track:
    """One person over the frames in which they were seen.

    Attributes:
        length: frames of the video so far.
        seen: the person by frame number, in the order of the frames.
    """

    length: int = 0
    seen: dict[int, Person] = field(default_factory=dict)

    @property
    def keypoints(self) -> np.ndarray:
        """T×18×2 float32 in px, 0 where the person is not seen."""
        keypoints = np.zeros((self.length, 18, 2), np.float32)
        for frame, person in self.seen.items():
            keypoints[frame] = person.keypoints
        return keypoints

    @property
    def confidence(self) -> np.ndarray:
        """T×18 float32, 0 where the person is not seen."""
        confidence = np.zeros((self.length, 18), np.float32)
        for frame, person in self.seen.items():
            confidence[frame] = person.confidence
        return confidence

    @property
    def last(self) -> Person:
        """As the person was seen last."""
        return next(reversed(self.seen.values()))

    @property
    def rank(self) -> float:
        """Area × score summed over the frames: who comes first."""
        return sum(person.rank for person in self.seen.values())


def track(
    frames: Iterable[np.ndarray],
    estimator: Estimator,
    fps: float,
    effort: Effort = "search",
    *,
    back: bool = False,
) -> tuple[list[Track], tuple[int, int]]:
    """Everybody in the frames, largest and longest seen first, and the frames' (width, height).

    Who is seen for less than a quarter of a second is left out, unless the video is as short.

    People are followed from frame to frame. Who is new or was lost is looked for with the effort
    asked for in the first frame and then once a second; and with a glance when somebody gets lost
    and while nobody is followed. With `back`, who is found is followed backwards, too, for a second
    at most and as far as frames are kept (100 MB): small people are often found late.
    """
    tracks: list[Track] = []
    recent: deque[np.ndarray] = deque()
    size, count, due = (1, 1), 0, 0
    for count, frame in enumerate(frames, start=1):
        now = count - 1
        size = (frame.shape[1], frame.shape[0])
        followed = [t for t in tracks if now - 1 in t.seen]
        for one, person in zip(
            followed, estimator.follow(frame, [t.last for t in followed]), strict=True
        ):
            if person is not None and not _taken(person, tracks, now):
                one.seen[now] = person
        lost = any(now not in t.seen for t in followed)
        if now >= due or lost or not followed:
            thorough = now >= due
            due = now + max(1, round(fps)) if thorough else due
            for person in estimator.people(frame, effort if thorough else "glance"):
                if not _taken(person, tracks, now):
                    one = _assign(person, tracks, now)
                    one.seen[now] = person
                    _follow_back(one, recent, estimator, tracks)
        if back:
            recent.append(frame)
            if len(recent) > min(round(fps), _KEPT // frame.nbytes):
                recent.popleft()
    for one in tracks:
        one.length = count
    enough = min(count, round(fps / 4))
    real = [t for t in tracks if len(t.seen) >= enough]
    return sorted(real, key=lambda t: t.rank, reverse=True), size


def _follow_back(
    one: Track, recent: Sequence[np.ndarray], estimator: Estimator, tracks: list[Track]
) -> None:
    """Add to a track the frames just before its last, as long as the person is seen in them."""
    now, person = next(reversed(one.seen)), one.last
    for before, frame in zip(range(now - 1, -1, -1), reversed(recent), strict=False):
        if before in one.seen:
            break
        (found,) = estimator.follow(frame, [person])
        if found is None or _taken(found, tracks, before):
            break
        one.seen[before] = person = found
    one.seen = dict(sorted(one.seen.items()))


def _taken(person: Person, tracks: list[Track], now: int) -> bool:
    """Whether a track already has this person in this frame."""
    return any(now in t.seen and same(person, t.seen[now]) for t in tracks)


def _assign(person: Person, tracks: list[Track], now: int) -> Track:
    """The lost track that this person continues, or a new one."""
    free = [t for t in tracks if now not in t.seen]
    near = [(np.abs(np.subtract(person.box, t.last.box)).mean(), t) for t in free]
    near = [(d, t) for d, t in near if d < NEAR * person.extent]
    if near:
        return min(near, key=lambda pair: pair[0])[1]
    tracks.append(Track())
    return tracks[-1]
