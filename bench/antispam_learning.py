"""Learning the classifier's weights: logistic regression with an L2 penalty, fitted by L-BFGS.

Needs numpy, which Gatehouse itself does not: `uv run --with numpy python -m bench.antispam_train`.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from domain.antispam.features import (
    BUCKETS,
    FEWEST_PIECES,
    FEWEST_WORDS,
    PIECES_COUNT,
    WORDS_COUNT,
    extract,
)
from domain.antispam.traits import NAMES

Array = Any  # numpy is not there when types are checked
Vector = tuple[Array, Array]  # places and values

PENALTY = 0.2
ROUNDS = 45
_REMEMBERED = 8  # steps L-BFGS looks back at
_PLACES = BUCKETS + len(NAMES)
_TRAITS = {name: BUCKETS + place for place, name in enumerate(NAMES)}


class Lesson(NamedTuple):
    """Texts to learn from: what is seen of them, whether they are spam, how much each counts."""

    vectors: list[Vector]
    spam: list[bool]
    weights: list[float]

    def add(self, seen: Vector, spam: bool, weight: float) -> None:
        """One text more."""
        self.vectors.append(seen)
        self.spam.append(spam)
        self.weights.append(weight)


class Fitted(NamedTuple):
    """Weights by place, and the bias."""

    weights: Array
    bias: float


def vector(text: str) -> Vector:
    """What is seen of a text, as places and values."""
    seen = extract(text)
    pieces = [bucket for sized in seen.pieces for bucket in sized]
    places = pieces + seen.words + [_TRAITS[name] for name in seen.traits]
    values = np.ones(len(places), np.float32)
    values[: len(pieces)] = PIECES_COUNT / math.sqrt(max(len(pieces), FEWEST_PIECES))
    values[len(pieces) : len(pieces) + len(seen.words)] = WORDS_COUNT / math.sqrt(
        max(len(seen.words), FEWEST_WORDS)
    )
    return np.array(places, np.int32), values


class _Matrix:
    """Vectors as one sparse matrix, row by row; `only` lays it out column by column as well."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        self.lengths = np.array([len(one[0]) for one in vectors])
        self.places = np.concatenate([one[0] for one in vectors])
        self.values = np.concatenate([one[1] for one in vectors])

    def only(self, kept: Array) -> Array:
        """Keep some places, numbered anew; returns their old numbers."""
        chosen = kept[self.places]
        rows = np.repeat(np.arange(len(self.lengths), dtype=np.int32), self.lengths)[chosen]
        self.lengths = np.bincount(rows, minlength=len(self.lengths))
        number = np.cumsum(kept, dtype=np.int32) - 1
        self.places, self.values = number[self.places[chosen]], self.values[chosen]
        order = np.argsort(self.places, kind="stable")
        self._rows, self._sorted = rows[order], self.values[order]
        self._heights = np.bincount(self.places, minlength=int(kept.sum()))
        return np.flatnonzero(kept)

    def times(self, weights: Array) -> Array:
        return _sums(self.values * weights.astype(np.float32)[self.places], self.lengths)

    def transposed_times(self, errors: Array) -> Array:
        return _sums(self._sorted * errors.astype(np.float32)[self._rows], self._heights)


def _sums(values: Array, lengths: Array) -> Array:
    """The sums of runs of these lengths."""
    found, some = np.zeros(len(lengths)), lengths > 0
    starts = np.cumsum(lengths) - lengths
    if len(values):
        found[some] = np.add.reduceat(values, starts[some])
    return found


def margins(fitted: Fitted, vectors: Sequence[Vector]) -> Array:
    """What the classifier would make of vectors, not calibrated."""
    return _Matrix(vectors).times(fitted.weights) + fitted.bias


def fit(lesson: Lesson) -> Fitted:
    """The weights that explain a lesson best. What occurs in one text only is left out."""
    matrix = _Matrix(lesson.vectors)
    kept = matrix.only(np.bincount(matrix.places, minlength=_PLACES) >= 2)
    spam, counts = np.array(lesson.spam, float), np.array(lesson.weights, float)

    def loss(point: Array) -> tuple[float, Array]:
        weights, bias = point[:-1], point[-1]
        margin = matrix.times(weights) + bias
        error = counts * (1 / (1 + np.exp(-margin)) - spam)
        lost = counts @ (np.logaddexp(0, margin) - spam * margin) + PENALTY / 2 * (weights @ weights)
        slope = matrix.transposed_times(error) + PENALTY * weights
        return lost, np.append(slope, error.sum())

    found = _lowest(loss, np.zeros(len(kept) + 1))
    weights = np.zeros(_PLACES)
    weights[kept] = found[:-1]
    return Fitted(weights, float(found[-1]))


def _lowest(loss: Callable[[Array], tuple[float, Array]], point: Array) -> Array:
    """The lowest point of a convex function, by L-BFGS with a halving line search."""
    lost, slope = loss(point)
    steps: list[tuple[Array, Array]] = []
    for _ in range(ROUNDS):
        way = _direction(slope, steps)
        length = 1.0
        while True:
            there = point - length * way
            lost_there, slope_there = loss(there)
            if lost_there <= lost - 1e-4 * length * (way @ slope) or length < 1e-6:
                break
            length /= 2
        if (there - point) @ (slope_there - slope) > 1e-12:
            steps = [*steps[1 - _REMEMBERED :], (there - point, slope_there - slope)]
        still = abs(lost - lost_there) < 3e-5 * abs(lost)
        point, lost, slope = there, lost_there, slope_there
        if still:
            break
    return point


def _direction(slope: Array, steps: list[tuple[Array, Array]]) -> Array:
    way = slope.copy()
    shares: list[float] = []
    for moved, changed in reversed(steps):
        shares.append((moved @ way) / (changed @ moved))
        way -= shares[-1] * changed
    if steps:
        moved, changed = steps[-1]
        way *= (moved @ changed) / (changed @ changed)
    else:
        way /= max(1.0, float(np.linalg.norm(slope)))
    for (moved, changed), share in zip(steps, reversed(shares), strict=True):
        way += moved * (share - (changed @ way) / (changed @ moved))
    return way
