"""People whose parts the transported network moves, at the photo's own size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, repeat

import numpy as np
import torch

from pgvgen.cores import threads
from pgvgen.rendering.compositor import Compositor
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.group import Act, Group, Member
from pgvgen.rendering.layers import Layers, cut_layers
from pgvgen.rendering.order import painters_order
from pgvgen.rendering.pieces import Placement
from pgvgen.rendering.plate import fill, hole_of
from pgvgen.rendering.scgan import SCGAN
from pgvgen.rendering.side_by_side import share_cores, side_by_side, threads_of
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import Scene
from pgvgen.rendering.view import View

PAINTED_WITHIN = 1.5
"""What the network paints is shown where its square is drawn at most so much larger: beyond that it
would be a smudge."""

_COMPOSING = 2
"""So many frames are composed at the same time: more would want more memory."""


def transported(
    photo: np.ndarray, shown: Frame, views: Sequence[View], scgan: SCGAN, transparent: bool
) -> Iterator[np.ndarray]:
    """Frames at full size: the network's masks move the photo's own pixels.

    The network sees only the small scenes, so the photo is cut at its full size meanwhile (in the
    thread that Ctrl-C ends), and frames are composed while it answers for the next ones.

    Args:
        photo: H×W×3 uint8.
        shown: what of it is painted, around what all the views show.
        views: one a person, as long as one another; who lies behind comes first.
        scgan: of the kind `transported`.
        transparent: cut the people out.

    Yields:
        h×w×3 uint8, or h×w×4 if transparent, of what is shown.
    """
    people = [Actor(view, scgan) if view.acts else Figure(view) for view in views]
    composing = threads(_COMPOSING)
    with threads_of(1) as network, threads_of(composing) as composers:
        share_cores(network, composing)
        acts = zip(*(person.acts(network) for person in people), strict=True)
        compose = _composer(photo, shown, people, transparent)
        yield from side_by_side(composers, compose, acts, composing + 1)


def _composer(
    photo: np.ndarray, shown: Frame, people: Sequence[Figure], transparent: bool
) -> Callable[..., np.ndarray]:
    """What makes a frame of what everybody does.

    What is behind the people is filled in what is shown of the photo: beyond its borders, where
    people go on, is nothing to copy.
    """
    layers = [person.cut() for person in people]
    holes = [shown.cut(person.hole(cut)) for person, cut in zip(people, layers, strict=True)]
    photo = shown.cut(photo)
    plate = fill(photo, holes)
    members = []
    for person, cut, hole in zip(people, layers, holes, strict=True):
        view = person.view
        frame, seen = view.frame.relative_to(shown), view.shown.relative_to(shown)
        own = np.where(hole[..., None] > 0, plate, shown.cut(view.picture))
        cut = replace(cut, plate=frame.cut(own))
        members.append(Member(cut, frame, seen, person.compositor(cut)))
    if len(members) == 1:
        alone = members[0].compositor
        assert alone, "one alone acts"
        compose = alone.cutout if transparent else alone.frame
        return lambda act: compose(*act)
    group = Group(photo, plate, members)
    return group.cutout if transparent else group.frame


class Figure:
    """One person of a photo, who stays as it shows them."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._pose = view.frame.shift(view.poses[0]), view.confidence[0]

    def acts(self, network: ThreadPoolExecutor) -> Iterator[Act | None]:
        """What the person does in every frame: nothing."""
        return repeat(None, len(self.view.poses))

    def cut(self) -> Layers:
        """What the view's frame is made of, at full size, its plate not filled yet."""
        view = self.view
        return cut_layers(*view.cut(view.frame), *self._pose, filled=False, divided=view.acts)

    def hole(self, layers: Layers) -> np.ndarray:
        """What must go with the person, of the whole photo: H×W float32 in [0, 1] (`hole_of`)."""
        view = self.view
        hole = hole_of(layers.matte, view.frame.cut(view.mask), *self._pose)
        out = np.zeros(view.mask.shape, np.float32)
        out[view.shown.box] = hole[self._shown.box]
        return out

    def compositor(self, layers: Layers) -> Compositor | None:
        """Of the person alone; None who stays needs none."""
        return None

    @property
    def _shown(self) -> Frame:
        return self.view.shown.relative_to(self.view.frame)


class Actor(Figure):
    """One who moves: what the network says of them, and where the parts go."""

    def __init__(self, view: View, scgan: SCGAN) -> None:
        super().__init__(view)
        self._scgan = scgan
        self._device = next(scgan.parameters()).device
        seen = view.confidence
        self._picture, self._mask, self._poses = view.small(scgan.config.size)
        self._small, self._usable = part_transforms(self._poses[0], seen[0], self._poses, seen)
        self._order = painters_order(self._poses[0], seen[0])
        self._large = view.frame.shift(view.poses)
        self._transforms, _ = part_transforms(self._large[0], seen[0], self._large, seen)

    def acts(self, network: ThreadPoolExecutor) -> Iterator[Act]:
        """What is composed for every frame; the network begins to look at once, in its thread."""
        looked = network.submit(self._look)
        jobs = ((looked, batch) for batch in self.view.batches())
        asked = side_by_side(network, self._answer, jobs, 1)

        def acts() -> Iterator[Act]:
            for t, answer in enumerate(chain.from_iterable(asked)):
                pose = self._large[t], self.view.confidence[t]
                yield Placement(*pose, self._transforms[t], self._usable[t]), *answer

        return acts()

    def _look(self) -> tuple[Scene, torch.Tensor]:
        layers = cut_layers(self._picture, self._mask, self._poses[0], self.view.confidence[0])
        scene = Scene.of(layers, self._order).to(self._device)
        with torch.inference_mode():
            return scene, self._scgan.encode_photo(scene.photo)

    def _answer(
        self, looked: Future[tuple[Scene, torch.Tensor]], batch: slice
    ) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Corrections and painted pixels of a batch's frames, as in `Compositor.frame`."""
        scene, features = looked.result()
        small = self.view.square.width <= PAINTED_WITHIN * self._scgan.config.size
        with torch.inference_mode():
            answer = self._scgan.transport(
                features,
                scene,
                torch.from_numpy(self._small[batch]).to(self._device),
                torch.from_numpy(self._usable[batch]).to(self._device),
                self.view.heatmaps(self._scgan.config.heatmap, batch).to(self._device),
            )
            answer = answer if small else answer.unpainted()
            corrections = answer.relative.float().cpu().numpy()
            if not small:
                return [(one, None) for one in corrections]
            painted = (answer.painted.float().cpu().numpy().transpose(0, 2, 3, 1) + 1) * 127.5
        return list(zip(corrections, painted, strict=True))

    def compositor(self, layers: Layers) -> Compositor:
        square = self.view.square.relative_to(self.view.frame)
        return Compositor(layers, square, self._shown.box, self._order)
