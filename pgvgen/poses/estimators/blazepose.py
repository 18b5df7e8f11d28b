"""BlazePose: MediaPipe's detector and landmark net (Bazarevsky et al. 2020), the default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pgvgen import cores
from pgvgen.poses.bones import NOSE
from pgvgen.poses.estimators.base import Effort, Person, distinct
from pgvgen.poses.estimators.detector import Detection, detect
from pgvgen.poses.estimators.landmarks import VIEWS, Landmarks, find_again, find_landmarks
from pgvgen.poses.estimators.region import Region
from pgvgen.poses.segmentation import one_body, person_mask
from pgvgen.poses.sequence import SEEN

PRESENT = 0.5
"""Presence below which the landmark net's answer is no person."""

FACELESS = 0.1
"""Who is said to show a nose, where less of the picture is theirs, is made up of the two people
beside: in 146 photos it was 0.33 at least."""

TILES = (1, 2, 3)
"""Small people are looked for in squares of the picture's short side over these numbers."""

LONGEST = 12
"""Times its short side that a picture may be long; in longer ones no tiles are looked at."""

SMALLEST_TILE = 48
"""px; in a smaller one nobody could be told from noise."""

SURE_IN_TILE, PRESENT_IN_TILE = 0.75, 0.9
"""What a tile shows must be clearer: of 80 pictures without people, none passes, while people a
tenth of the picture high do."""

# BODY_18 from MediaPipe's 33: nose, (neck), right arm, left arm, right leg, left leg, eyes, ears.
_BODY_18 = [0, 0, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7]
_NECK, _SHOULDERS, _HIPS = 1, [11, 12], [23, 24]


class BlazePose:
    """Estimates BODY_18 poses with the bundled nets; no download, 0.15 s a photo."""

    def __init__(self, threads: int | None = None) -> None:
        """`threads`: of the nets, by default as many as the machine has, four at most."""
        self.threads = threads or cores.threads(4)

    def people(self, picture: np.ndarray, effort: Effort = "search") -> list[Person]:
        """People in an H×W×3 uint8 RGB picture, largest (box × score) first.

        A glance at the whole picture, as MediaPipe does, finds whoever takes up much of it; a look
        takes the largest tiles, too. Small people are searched for in smaller ones, until somebody
        is found or for everybody. Then joints are where several looks have them.
        """
        views = 0 if effort in ("glance", "look") else len(VIEWS)
        detections = detect(picture, threads=self.threads)
        found = distinct(
            [person for d in detections for person in self._from_near(picture, d, views)]
        )
        if len(found) > 1:
            found = [person for person in found if not _faceless(picture, person)] or found
        # Who is as large as others shows in the largest tiles, if not at a glance.
        parts = {"glance": (), "look": TILES[:1]}.get(effort, TILES)
        short, long = sorted(picture.shape[:2])
        for part in parts:
            if effort == "search" and found:
                break
            if short < part * SMALLEST_TILE or long > LONGEST * short:
                break
            found += self._small_people(picture, part, found)
        return sorted(found, key=lambda person: person.rank, reverse=True)

    def follow(self, picture: np.ndarray, before: Sequence[Person]) -> list[Person | None]:
        """The same people one frame later, from where the last frame says they go."""
        return [self._look(picture, person.following, views=1) for person in before]

    def _from_near(self, picture: np.ndarray, far: Detection, views: int) -> list[Person]:
        """Who is in a detection: two who overlap may look like one from afar."""
        near = detect(picture, threads=self.threads, area=far.region)
        if len(near) > 1:
            looks = [self._look(picture, d.region, views, PRESENT_IN_TILE) for d in near]
            people = distinct([person for person in looks if person])
            poses = [(person.keypoints, person.confidence) for person in people]
            if len(people) > 1 and not one_body(picture, poses):
                return people
        person = self._look(picture, far.region, views)
        return [person] if person else []

    def _small_people(
        self, picture: np.ndarray, part: int, known: Sequence[Person]
    ) -> list[Person]:
        """Who is seen in tiles of one part of the picture's short side, and is not known yet."""
        detections = [
            detection
            for tile in tiles(picture.shape[1], picture.shape[0], part)
            for detection in detect(picture, threads=self.threads, minimum=SURE_IN_TILE, area=tile)
        ]
        found: list[Person] = []
        for detection in sorted(detections, key=lambda d: d.score, reverse=True):
            person = self._look(picture, detection.region, present=PRESENT_IN_TILE)
            # A real person is still there when looked at again from where the first look says.
            if person and not any(person.covers(other) for other in (*known, *found)):
                person = self._look(picture, person.following, len(VIEWS), PRESENT_IN_TILE)
                found += [person] if person else []
        return found

    def _look(
        self,
        picture: np.ndarray,
        region: Region | None,
        views: int = 0,
        present: float = PRESENT,
    ) -> Person | None:
        """Who is in a square, the joints from one look, or from `views` more (`find_again`)."""
        if region is None:
            return None
        landmarks = find_landmarks(picture, region, threads=self.threads)
        if landmarks.presence < present:
            return None
        if views:
            # Whose hips are out of view is best looked at from where the detector says.
            where = landmarks.next_region if landmarks.visibility[_HIPS].min() >= SEEN else region
            landmarks = find_again(picture, where, landmarks, views, threads=self.threads)
        return to_person(landmarks, (picture.shape[1], picture.shape[0]))


def tiles(width: int, height: int, part: int) -> list[Region]:
    """Squares that cover a picture and overlap by half, of its short side over `part`."""
    side = min(width, height) / part
    columns, rows = (
        np.linspace(side / 2, n - side / 2, 1 + int(np.ceil((n - side) / (side / 2))))
        for n in (width, height)
    )
    return [Region((float(x), float(y)), side) for y in rows for x in columns]


def to_person(landmarks: Landmarks, size: tuple[int, int]) -> Person:
    """MediaPipe's 33 landmarks as BODY_18, in a picture of size (width, height).

    The neck is the middle of the shoulders, as sure as the less sure of them.
    """
    keypoints = landmarks.points[_BODY_18]
    confidence = landmarks.visibility[_BODY_18]
    keypoints[_NECK] = landmarks.points[_SHOULDERS].mean(0)
    confidence[_NECK] = landmarks.visibility[_SHOULDERS].min()
    return Person(
        keypoints=keypoints.astype(np.float32),
        confidence=confidence.astype(np.float32),
        box=_box(landmarks, size),
        score=landmarks.presence,
        following=landmarks.next_region,
    )


def _faceless(picture: np.ndarray, person: Person) -> bool:
    """Whether the nose is said to be seen where nobody is."""
    (x, y), (height, width) = np.rint(person.keypoints[NOSE]).astype(int), picture.shape[:2]
    if person.confidence[NOSE] < SEEN or not (0 <= x < width and 0 <= y < height):
        return False
    return bool(person_mask(picture, person.keypoints, person.confidence)[y, x] < FACELESS)


def _box(landmarks: Landmarks, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Around the visible landmarks, inside the picture."""
    visible = landmarks.visibility[:33] >= 0.5
    points = landmarks.points[:33][visible] if visible.any() else landmarks.points[:33]
    low = np.clip(points.min(0), 0, np.subtract(size, 1))
    high = np.clip(points.max(0), 0, np.subtract(size, 1))
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
