"""Learning again and again without some of the rows, to judge those: what a figure is worth depends on it.

Every row has its disguises from the beginning, so that each fit learns from the same texts. The innocent
texts a row is padded with are of its own fold: what is judged was not learned as padding either.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bench.antispam_disguises import all_disguises
from bench.antispam_learning import Array, Fitted, Lesson, Vector, fit, margins, vector
from bench.antispam_rows import Row

FOLDS = 4
SEED = 5
OWN_WEIGHT = 0.5  # of one wording of our examples, beside a row that somebody really wrote
DISGUISED_WEIGHT = 0.5  # of disguised spam beside the row itself
DISGUISED_HAM_WEIGHT = 0.5
# Look-alikes and letters apart are folded away: few are needed to learn how they look.
_FOLDED_AWAY = ("look-alikes", "spaced")
_TWICE = ("typos",)  # nothing folds these away
_FEW, _MOST, _OF_HAM = 0.3, 0.9, (0.3, 0.15)  # shares that are learned; of innocent rows: others' and ours
_OURS = 2  # wordings of an example that are disguised
_CUT = 600  # characters of a text that is disguised
_FEWEST = 15  # characters of an innocent text to pad with


class Copy(NamedTuple):
    """A row in a disguise, and whether it is learned as well (it is always judged)."""

    disguise: str
    seen: Vector
    learned: bool


class Trial:
    """Rows, what is seen of them and of their disguises, and the folds they belong to."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self._choice = random.Random(SEED)
        groups = sorted({row.group for row in rows})
        self._choice.shuffle(groups)
        fold = {group: number % FOLDS for number, group in enumerate(groups)}
        self.folds = [fold[row.group] for row in rows]
        self.vectors = [vector(row.text) for row in rows]
        self.copies = self._disguised()

    def _disguised(self) -> list[list[Copy]]:
        innocent: list[list[str]] = [[] for _ in range(FOLDS)]
        for row, fold in zip(self.rows, self.folds, strict=True):
            if not row.spam and len(row.text) > _FEWEST:
                innocent[fold].append(row.text)
        disguises = [all_disguises(texts) for texts in innocent]
        found: list[list[Copy]] = []
        wordings: dict[str, int] = {}
        for row, fold in zip(self.rows, self.folds, strict=True):
            number = wordings[row.group] = wordings.get(row.group, 0) + 1
            names: list[str] = []
            if row.spam:
                names = [*disguises[fold], *_TWICE] if number <= _OURS or not row.own else []
            elif self._choice.random() < _OF_HAM[row.own]:
                names = [self._choice.choice(list(disguises[fold]))]
            found.append([self._copy(row, name, disguises[fold][name]) for name in names])
        return found

    def _copy(self, row: Row, name: str, disguise: Callable[[str, random.Random], str]) -> Copy:
        share = 1.0 if not row.spam else _FEW if name in _FOLDED_AWAY else _MOST
        seen = vector(disguise(row.text[:_CUT], self._choice))
        return Copy(name, seen, self._choice.random() < share)

    def learn(self, chosen: Callable[[int], bool]) -> Fitted:
        """Weights from the rows at the chosen places, and from some of their disguises."""
        lesson = Lesson([], [], [])
        for place, row in enumerate(self.rows):
            if not chosen(place):
                continue
            weight = OWN_WEIGHT if row.own else 1.0
            lesson.add(self.vectors[place], row.spam, weight)
            disguised = weight * (DISGUISED_WEIGHT if row.spam else DISGUISED_HAM_WEIGHT)
            for copy in self.copies[place]:
                if copy.learned:
                    lesson.add(copy.seen, row.spam, disguised)
        return fit(lesson)

    def judge(self, fitted: Fitted, places: list[int]) -> Array:
        """Margins of the rows at these places, not calibrated."""
        return margins(fitted, [self.vectors[place] for place in places])

    def without(self, left_out: Callable[[Row], bool]) -> Array:
        """Margins of the rows that are left out, by weights that know nothing of them."""
        fitted = self.learn(lambda place: not left_out(self.rows[place]))
        return self.judge(fitted, [place for place, row in enumerate(self.rows) if left_out(row)])


class Outcome(NamedTuple):
    """Margins of all rows, and of all spam in each disguise, by weights that were learned without them."""

    margins: Array
    disguised: dict[str, list[tuple[Row, float]]]


def _outside(trial: Trial, fold: int) -> Callable[[int], bool]:
    return lambda place: trial.folds[place] != fold


def cross_validate(trial: Trial) -> Outcome:
    """Each row judged by weights that were learned without its fold."""
    found = Outcome(np.zeros(len(trial.rows)), {})
    for number in range(FOLDS):
        fitted = trial.learn(_outside(trial, number))
        places = [place for place, fold in enumerate(trial.folds) if fold == number]
        found.margins[places] = trial.judge(fitted, places)
        copies = [
            (trial.rows[place], copy)
            for place in places
            if trial.rows[place].spam
            for copy in trial.copies[place]
        ]
        judged = margins(fitted, [copy.seen for _, copy in copies])
        for (row, copy), margin in zip(copies, judged, strict=True):
            found.disguised.setdefault(copy.disguise, []).append((row, float(margin)))
        print(f"fold {number + 1} of {FOLDS}", flush=True)
    return found
