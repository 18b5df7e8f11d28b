"""One level of a hole's filling: for every pixel the place whose surroundings resemble its own.

PatchMatch (Barnes et al. 2009) between a hole and what is outside it, and the votes of Wexler et
al. (2007). Everything is a vectorised operation over the pixels of the hole.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from pgvgen.rendering.lines import continued
from pgvgen.rendering.matting import push_pull

PATCH = 2
"""Patches are (2·2 + 1) px wide."""

UPRIGHT = (45.0, 20.0)
"""Grey levels that a patch from as far as the hole is high counts as worse: down (or up), across.

Walls stay above floors, rails, windows and horizons go on, and what is near is more like it: light
falls off along a wall."""

INWARDS = 1.3
"""A patch that lies one px deeper in the hole has so many times less to say: what is known outside
decides, and goes on inwards (Wexler et al. 2007)."""

MEMBRANE, PLAIN = 0.1, 30.0
"""So much of how far a source's colour is from what the rim suggests counts, and half as much
where the rim's own colours differ by so many grey levels.

On plain walls a piece in another shade looks wrong; of a crowd the mean colour is mud."""

BESIDE = 15.0
"""Grey levels that a patch counts as worse for every px beside the line that it is to continue;
along it, none."""

UNSURE = (0.0, 0.3, 0.3)
"""A hole is begun so many times, the costs of patches disturbed so much (the standard deviation of
their logarithm): what one odd pixel of the rim leads to, a piece of another wall, is rarely led to
again, and the best is gone on with."""

TRIED = 2
"""For so many rounds each is refined before that is judged."""

MANY = 20_000
"""Places that a beginning looks at, at most, and then there is only one: every pixel of the rim is
compared with all of them, and around a thin hole in a large photo there are a million."""

_COMPONENTS = 20
_NEIGHBOURS = [(s * dy, s * dx) for s in (6, 1) for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0))]


class Search:
    """One level: for every pixel of the hole the place it is copied from.

    Attributes:
        sources: h×w×2 int, (row, column) that a pixel is copied from.
        possible: whether there is any patch outside the hole.

    Args:
        picture: h×w×3 float32, 0…255; what it has in the hole is painted over.
        hole: h×w bool, what is to be filled.
        foreign: h×w bool, what is not copied, the hole too.
        rng: of the random search.
    """

    def __init__(
        self,
        picture: np.ndarray,
        hole: np.ndarray,
        foreign: np.ndarray,
        rng: np.random.Generator,
    ) -> None:
        import cv2

        self._picture, self._hole, self._rng = picture, hole, rng
        window = np.ones((2 * PATCH + 1,) * 2, np.uint8)
        self._looking = cv2.dilate(hole.astype(np.uint8), window) > 0
        self._valid = cv2.dilate(foreign.astype(np.uint8), window) == 0
        depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 5)
        self._say = np.float32(INWARDS) ** -np.minimum(depth[1:-1, 1:-1], 50)
        border = np.ones_like(hole)
        border[PATCH:-PATCH, PATCH:-PATCH] = False
        self._valid[border] = False
        # Pixels beside the hole look for a source too: the rim ties the fill to the photo.
        self._targets = np.argwhere(self._looking)
        self._places = np.argwhere(self._valid)
        self.possible = len(self._places) >= 32 and bool(hole.any())
        self.sources = np.indices(hole.shape).transpose(1, 2, 0).copy()
        if self.possible:
            extent = np.ptp(np.argwhere(hole), axis=0).max() + 1
            # What a way y, x from a pixel costs, of y², x² and x·y.
            self._penalty = np.zeros((*hole.shape, 3), np.float32)
            self._penalty[..., :2] = np.square(np.array(UPRIGHT) / extent)
            self._suggest()
            self._learn_components()

    def begun(self) -> Search:
        """The hole filled from nothing: the best of several ways."""
        ways = UNSURE if len(self._places) <= MANY else UNSURE[:1]
        return min((self.tried(unsure) for unsure in ways), key=Search.unlike)

    def tried(self, unsure: float) -> Search:
        """One way to fill the hole from nothing (`peel`), a little refined."""
        one = copy(self)
        one._picture, one.sources = self._picture.copy(), self.sources.copy()
        one.peel(unsure)
        one.refine(TRIED)
        return one

    def refine(self, rounds: int) -> None:
        """Look for better sources and repaint, by turns."""
        for _ in range(rounds):
            self.improve()
            self.vote()

    def unlike(self) -> float:
        """How little the fill resembles what it is copied from."""
        at = tuple(self._targets.T)
        wanted = (self._patches(self._targets) - self._mean) @ self._basis
        return float(self._cost(wanted, self._targets, self.sources[at]).mean())

    def peel(self, unsure: float) -> None:
        """Fill from the rim inwards: each pixel by the patch that fits what is known around it,
        as far as costs that are disturbed so much say."""
        import cv2

        known, places = ~self._hole, self._places
        if len(places) > MANY:
            places = places[self._rng.choice(len(places), MANY, replace=False)]
        patches = self._patches(places)
        squares = np.square(patches)
        ring = np.ones((3, 3), np.uint8)
        while not known.all():
            rim = np.argwhere(~known & (cv2.dilate(known.astype(np.uint8), ring) > 0))
            around = _windows(known.astype(np.float32), rim)
            surest = around.mean(1) >= np.median(around.mean(1))
            rim, mask = rim[surest], np.tile(around[surest], 3)
            wanted = self._patches(rim) * mask
            cost = mask @ squares.T - 2 * wanted @ patches.T + np.square(wanted).sum(1)[:, None]
            cost /= np.maximum(mask.sum(1), 1)[:, None]
            cost += self._distance(rim[:, None], places[None]) + self._off(rim, places)
            cost *= np.exp(unsure * self._rng.standard_normal(cost.shape, np.float32))
            best = places[cost.argmin(1)]
            self.sources[tuple(rim.T)] = best
            self._picture[tuple(rim.T)] = self._picture[tuple(best.T)]
            known[tuple(rim.T)] = True
        self._settle()

    def begin(self, coarse: np.ndarray, lines: np.ndarray) -> None:
        """Start from the sources of the level before (h'×w'×2 int, half as large); but lines
        (N×4×2, `lines_behind`, in this level's px) go on, and from now on as lines only."""
        import cv2

        scale = np.array(self._hole.shape) / coarse.shape[:2]
        before = np.minimum((self._targets / scale).astype(int), np.array(coarse.shape[:2]) - 1)
        shift = coarse[tuple(before.T)] - before
        sources = self._targets + np.rint(shift * scale).astype(int)
        lined = np.zeros(self._hole.shape, np.uint8)
        for line in lines:
            on, there, (y, x) = continued(line, self._targets, self._places)
            sources[on] = self._places[there]
            beside = BESIDE**2 * np.array([x * x, y * y, -2 * x * y])
            at = tuple(self._targets[on].T)
            self._penalty[at], lined[at] = beside, 1
        # A rail has another colour than the wall, as wide as it is.
        self._trust[cv2.dilate(lined, np.ones((4 * PATCH + 1,) * 2, np.uint8)) > 0] = 0
        self.sources[tuple(self._targets.T)] = sources
        self._settle()

    def _settle(self) -> None:
        """Give every target a valid source, and paint the hole from them."""
        at = tuple(self._targets.T)
        anywhere = self._rng.integers(0, len(self._places), len(self._targets))
        good = self._is_valid(self.sources[at])
        self.sources[at] = np.where(good[:, None], self.sources[at], self._places[anywhere])
        self.vote()

    def improve(self) -> None:
        """Try the neighbours' shifts and places near the present one; keep what resembles more."""
        at = tuple(self._targets.T)
        wanted = (self._patches(self._targets) - self._mean) @ self._basis
        best = self.sources[at]
        cost = self._cost(wanted, self._targets, best)
        limit = np.array(self._hole.shape) - 1
        for _ in range(2):
            radius = max(self._hole.shape) // 2
            while radius >= 2:
                candidate = best + self._rng.integers(-radius, radius + 1, best.shape)
                best, cost = self._better(wanted, best, cost, candidate)
                radius //= 3
            for step in _NEIGHBOURS:
                self.sources[at] = best
                neighbour = np.clip(self._targets + step, 0, limit)
                candidate = self.sources[tuple(neighbour.T)] - step
                best, cost = self._better(wanted, best, cost, candidate)
        self.sources[at] = best

    def vote(self) -> None:
        """Repaint the hole: every pixel is the mean of what the patches over it say (`INWARDS`)."""
        inside = np.argwhere(self._hole)
        total = np.zeros((len(inside), 3), np.float32)
        count = np.zeros((len(inside), 1), np.float32)
        limit = np.array(self._hole.shape) - 1
        for dy in range(-PATCH, PATCH + 1):
            for dx in range(-PATCH, PATCH + 1):
                patch = tuple(np.clip(inside + np.array([dy, dx]), 0, limit).T)
                source = tuple(np.clip(self.sources[patch] - np.array([dy, dx]), 0, limit).T)
                weight = np.float32(np.exp(-(dy * dy + dx * dx) / 4)) * ~self._hole[source]
                weight *= self._say[patch]
                total += weight[:, None] * self._picture[source]
                count += weight[:, None]
        good = count[:, 0] > 0
        self._picture[tuple(inside[good].T)] = total[good] / count[good]

    def _is_valid(self, places: np.ndarray) -> np.ndarray:
        limit = np.array(self._hole.shape) - 1
        within = ((places >= 0) & (places <= limit)).all(-1)
        return within & self._valid[tuple(np.clip(places, 0, limit).T)]

    def _better(
        self, wanted: np.ndarray, best: np.ndarray, cost: np.ndarray, candidate: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        good = np.flatnonzero(self._is_valid(candidate))
        new = np.full(len(cost), np.inf, np.float32)
        new[good] = self._cost(wanted[good], self._targets[good], candidate[good])
        wins = new < cost
        return np.where(wins[:, None], candidate, best), np.where(wins, new, cost)

    def _cost(self, wanted: np.ndarray, targets: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Mean squared difference a channel and pixel, how far the place is, and its colour from
        the one suggested."""
        at, there = tuple(targets.T), tuple(places.T)
        unlike = np.square(wanted - self._known[there]).sum(-1) / self._basis.shape[0]
        off = np.square(self._suggested[at] - self._picture[there]).mean(-1)
        return unlike + self._distance(targets, places) + self._trust[at] * off

    def _distance(self, targets: np.ndarray, places: np.ndarray) -> np.ndarray:
        y, x = np.moveaxis((targets - places).astype(np.float32), -1, 0)
        down, across, both = np.moveaxis(self._penalty[targets[..., 0], targets[..., 1]], -1, 0)
        return down * y * y + across * x * x + both * x * y

    def _off(self, targets: np.ndarray, places: np.ndarray) -> np.ndarray:
        """N×M: what the colours of M places cost N targets, as in `_cost`; by a product, for there
        are millions of such pairs."""
        wanted, there = self._suggested[tuple(targets.T)], self._picture[tuple(places.T)]
        off = np.square(wanted).sum(1)[:, None] - 2 * wanted @ there.T + np.square(there).sum(1)
        return self._trust[tuple(targets.T)][:, None] * off / 3

    def _suggest(self) -> None:
        """What colour the rim suggests for every pixel, as a membrane does, and how surely."""
        known = (~self._hole).astype(np.float32)
        self._suggested = push_pull(self._picture, known)
        squares = push_pull(np.square(self._picture), known)
        spread = (squares - np.square(self._suggested)).mean(-1).clip(0)
        self._trust = MEMBRANE / (1 + spread / PLAIN**2)

    def _learn_components(self) -> None:
        """Principal components of the photo's patches: they make comparing four times cheaper."""
        sample = self._places[self._rng.integers(0, len(self._places), 3000)]
        patches = self._patches(sample)
        self._mean = patches.mean(0)
        moment = (patches - self._mean).T @ (patches - self._mean)
        self._basis = np.linalg.eigh(moment)[1][:, ::-1][:, :_COMPONENTS].astype(np.float32)
        self._known = np.zeros((*self._hole.shape, _COMPONENTS), np.float32)
        known = (self._patches(self._places) - self._mean) @ self._basis
        self._known[tuple(self._places.T)] = known

    def _patches(self, places: np.ndarray) -> np.ndarray:
        """N×75 float32: the patches around the places, the border repeated."""
        return _windows(self._picture, places)


def _windows(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """N×(C·25): what lies around the places, the border repeated; the channel comes first."""
    rim = [(PATCH, PATCH), (PATCH, PATCH), (0, 0)][: image.ndim]
    padded = np.pad(image, rim, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (2 * PATCH + 1, 2 * PATCH + 1), axis=(0, 1)
    )
    return windows[places[:, 0], places[:, 1]].reshape(len(places), -1)
