"""What administrators taught by calling messages spam or not spam: how such messages are known again.

One owner's lessons are a book. What it says follows from the lessons alone, not from the way they came in:
a lesson that is turned over or dropped leaves no trace. What a check costs does not depend on their number.
"""

import math
from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec

from domain.antispam import classifier
from domain.antispam.fingerprints import Fingerprint, Reading, wording_of

FEWEST_LETTERS = 8  # a shorter text teaches nothing: "thanks!" may mean anything
MOST_LESSONS = 5_000  # of one owner
_NEWEST = 16  # lessons that are looked at for one piece
_FEWEST_PIECES = 20  # a text with fewer is known again only when it is the same
_FEWEST_SHARED = 10  # pieces: half of the fewest
# Measured with 3 200 lessons of spam and 7 600 innocent texts: one of these was taken for spam.
_ALIKE, _LESS_ALIKE = 0.5, 0.4  # of a lesson's pieces in a message
_SHORT, _COVERED = 56, 0.2  # pieces of a short text; what part of a message the text makes up
_VERY_ALIKE = 0.8  # both ways
_REPLAYED, _STEPS, _RATE = 500, 3, 1.5  # lessons, and how far each moves the weights
MOST_LEAN = 1.5  # of the logit: chosen so that false positives hardly rise
_FEWEST_STEMS = 4


class Lesson(msgspec.Struct, frozen=True):
    """A decision about one text, which is known by its `key` (see `fingerprints.Reading`)."""

    key: str
    spam: bool
    at: datetime
    mark: Fingerprint


class Learned(NamedTuple):
    """How many texts an owner's administrators called spam, and how many not."""

    spam: int = 0
    ham: int = 0


class Match(NamedTuple):
    """A lesson about such a text; `same`: about this very text."""

    lesson: Lesson
    same: bool


def is_common(match: Match, seen: Reading) -> bool:
    """Whether such a message leads nowhere, though what was called spam did or is very short: "good morning"
    is what spammers write, too, and around their addresses they quote what others have written."""
    mark = match.lesson.mark
    return not seen.addresses and (mark.size < _FEWEST_PIECES or bool(mark.addresses))


def lesson_of(text: str, links: Iterable[str], spam: bool, at: datetime) -> Lesson | None:
    """What a decision about a text teaches; None when the text is too short to teach anything."""
    seen = Reading(text, links)
    return Lesson(seen.key, spam, at, seen.fingerprint()) if seen.size >= FEWEST_LETTERS else None


class Lessons:
    """The book of one owner."""

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        self._by_key: dict[str, Lesson] = {}
        self._index: dict[bool, dict[int, list[str]]] = {True: {}, False: {}}
        self._count = Counter[bool]()
        self._wordings = Counter[str]()
        self._weights: dict[int, float] | None = None
        for lesson in lessons:
            self.put(lesson)

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def learned(self) -> Learned:
        """How many of either kind there are."""
        return Learned(self._count[True], self._count[False])

    def put(self, lesson: Lesson) -> None:
        """Learn, in place of an earlier decision about the same text."""
        self.drop(lesson.key)
        self._by_key[lesson.key] = lesson
        self._count[lesson.spam] += 1
        self._wordings[wording_of(lesson.key)] += 1
        if lesson.mark.size >= _FEWEST_PIECES:
            index = self._index[lesson.spam]
            for piece in lesson.mark.sample:
                insort(index.setdefault(piece, []), lesson.key, key=self._order)
        self._weights = None

    def drop(self, key: str) -> None:
        """Forget a lesson, if there is one about this text."""
        if (lesson := self._by_key.get(key)) is None:
            return
        if lesson.mark.size >= _FEWEST_PIECES:
            index = self._index[lesson.spam]
            for piece in lesson.mark.sample:
                index[piece].remove(key)
                if not index[piece]:
                    del index[piece]
        self._count[lesson.spam] -= 1
        self._wordings[wording_of(key)] -= 1
        del self._by_key[key]
        self._weights = None

    def spam(self, seen: Reading) -> Match | None:
        """A text that was called spam and that this message is, or holds."""
        if not self._count[True]:
            return None
        if (same := self._same(seen)) is not None:
            return Match(same, same=True) if same.spam else None
        whole = len(seen.pieces)
        alike = [
            (share, lesson.at, lesson.key)
            for lesson, share in self._like(seen, spam=True)
            if _holds(share, lesson.mark.size, whole)
        ]
        return Match(self._by_key[max(alike)[2]], same=False) if alike else None

    def ham(self, seen: Reading, spam: Match | None = None) -> Match | None:
        """A text that was called innocent and that this message is, or resembles all in all.

        One that leads elsewhere does not resemble it, nor one that holds other words, which were called
        `spam`.
        """
        if not self._count[False]:
            return None
        if (same := self._same(seen)) is not None:
            return None if same.spam else Match(same, same=True)
        whole = len(seen.pieces)
        for lesson, share in self._like(seen, spam=False):
            back = share * lesson.mark.size / whole
            alike = min(share, back) >= _VERY_ALIKE and seen.addresses <= set(lesson.mark.addresses)
            if alike and (spam is None or _has_part(lesson.mark, spam.lesson.mark, seen)):
                return Match(lesson, same=False)
        return None

    def lean(self, seen: Reading) -> float:
        """What the lessons add to the classifier's logit for a message, within ± `MOST_LEAN`."""
        if self._weights is None:
            self._weights = self._replay()
        return _lean(self._weights, seen.stems) if self._weights else 0.0

    def _same(self, seen: Reading) -> Lesson | None:
        return self._by_key.get(seen.key) if self._wordings[seen.wording] else None

    def _order(self, key: str) -> tuple[datetime, str]:
        return self._by_key[key].at, key

    def _like(self, seen: Reading, *, spam: bool) -> Iterator[tuple[Lesson, float]]:
        """Lessons with pieces in a message, and the share of their pieces that is in it."""
        get = self._index[spam].get
        found = [keys for piece in seen.pieces if (keys := get(piece)) is not None]
        if len(found) < _FEWEST_SHARED:
            return
        newest = [keys if len(keys) <= _NEWEST else keys[-_NEWEST:] for keys in found]
        counts = Counter(chain.from_iterable(newest))
        for key in [key for key, count in counts.items() if count >= _FEWEST_SHARED]:
            lesson = self._by_key[key]
            yield lesson, counts[key] / len(lesson.mark.sample)

    def _replay(self) -> dict[int, float]:
        """Weights of stems: a few steps of logistic regression on top of the classifier for each lesson.

        Where the classifier was right already, they hardly move.
        """
        limit = classifier.threshold()
        middle = math.log(limit / (1 - limit))
        weights: dict[int, float] = {}
        newest = sorted(self._by_key.values(), key=lambda one: (one.at, one.key))[-_REPLAYED:]
        for lesson in newest:
            mark = lesson.mark
            for _ in range(_STEPS if mark.stems else 0):
                odds = mark.logit - middle + _lean(weights, mark.stems)
                error = lesson.spam - 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
                step = _RATE * error * _scale(mark.stems)
                for stem in mark.stems:
                    weights[stem] = weights.get(stem, 0.0) + step
        return weights


def _has_part(whole: Fingerprint, part: Fingerprint, seen: Reading) -> bool:
    """Whether what a message has of one text stands in another, too, as far as their samples can tell."""
    last = whole.sample[-1]  # the sample has all pieces up to this one
    shared = [piece for piece in part.sample if piece in seen.pieces and piece <= last]
    return 2 * len(set(shared) & set(whole.sample)) > len(shared)


def _holds(share: float, size: int, whole: int) -> bool:
    """Whether a message of `whole` pieces holds a text of `size` when it has a `share` of its pieces."""
    covered = share * size >= _COVERED * whole
    if size < _SHORT:
        return covered and share >= _ALIKE
    return share >= (_LESS_ALIKE if covered else _ALIKE)


def _scale(stems: Collection[int]) -> float:
    return 1 / math.sqrt(max(len(stems), _FEWEST_STEMS))


def _lean(weights: dict[int, float], stems: Collection[int]) -> float:
    found = math.fsum(weights.get(stem, 0.0) for stem in stems) * _scale(stems)
    return max(min(found, MOST_LEAN), -MOST_LEAN)
