"""How much a text looks like spam: a logistic regression over what `features` sees, learned beforehand.

The model lies beside this file: weights in `classifier.bin`, everything else in `classifier.json` with where
it comes from. It is loaded when the first text is judged. `bench/antispam_train.py` makes it.
"""

import json
import math
import zlib
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from domain.antispam.features import (
    BUCKETS,
    FEWEST_PIECES,
    FEWEST_WORDS,
    PIECES,
    PIECES_COUNT,
    WORDS_COUNT,
    Features,
    chunks,
    extract,
    pieces_of,
    words_in,
)
from domain.antispam.traits import STYLE, traits

WEIGHTS = Path(__file__).with_suffix(".bin")
CARD = Path(__file__).with_suffix(".json")
MIDDLE = 128  # weights are bytes: this one is zero
MOST_REASONS = 3
_LONGEST_SHOWN = 24  # characters of a word


class Sign(NamedTuple):
    """What spoke for a verdict: a word as it was written, or a trait (its kind, as in `traits.NAMES`)."""

    kind: str  # "word" or "trait"
    value: str


class Verdict(NamedTuple):
    """`score` is a probability; `spam` whether it reaches the threshold, `hint` whether it comes near."""

    score: float
    spam: bool
    hint: bool


class _Model(NamedTuple):
    """A margin is `bias` and what pieces, words and traits add; `slope` and `offset` calibrate it."""

    weights: bytes
    unit: float
    traits: dict[str, float]
    bias: float
    slope: float
    offset: float
    threshold: float
    hint: float


@cache
def _model() -> _Model:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    weights = zlib.decompress(WEIGHTS.read_bytes())
    if len(weights) != BUCKETS:
        raise ValueError("classifier.bin does not belong to this program")
    return _Model(weights=weights, **card["parameters"])


def score(text: str) -> float:
    """How likely a text is spam, from 0 to 1 (calibrated on texts the model had not learned from)."""
    return judge(text).score


def judge(text: str, lean: float = 0.0) -> Verdict:
    """The score of a text, and whether it is enough; without its style it must be suspicious still.

    `lean` is what people who know such texts better add to the logit; it makes no text spam, nor a hint of
    it, that is not suspicious without it.
    """
    model = _model()
    seen = extract(text)
    found = margin(model, seen)
    style = sum(model.traits[name] for name in seen.traits if name.partition("_")[0] in STYLE)
    chance, bare = _chance(model, found, lean), _chance(model, found - max(style, 0.0), lean)
    hint = min(chance, _chance(model, found)) >= model.hint
    return Verdict(chance, chance >= model.threshold and hint and bare >= model.hint, hint)


def logit(text: str) -> float:
    """The logarithm of a text's odds to be spam."""
    model = _model()
    return model.slope * margin(model, extract(text)) + model.offset


def _chance(model: _Model, found: float, lean: float = 0.0) -> float:
    odds = model.slope * found + model.offset + lean
    return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def threshold() -> float:
    """The score from which on a text counts as spam."""
    return _model().threshold


def margin(model: _Model, seen: Features) -> float:
    """The sum that is not calibrated yet."""
    look_up = model.weights.__getitem__
    words = sum(map(look_up, seen.words)) - MIDDLE * len(seen.words)
    pieces = count = 0
    for sized in seen.pieces:
        pieces += sum(map(look_up, sized))
        count += len(sized)
    pieces -= MIDDLE * count
    learned = PIECES_COUNT * pieces / math.sqrt(max(count, FEWEST_PIECES))
    learned += WORDS_COUNT * words / math.sqrt(max(len(seen.words), FEWEST_WORDS))
    return model.bias + model.unit * learned + sum(map(model.traits.__getitem__, seen.traits))


def reasons(text: str) -> list[str]:
    """What weighed most for the verdict, the weightiest first: words in quotes, and traits by their names."""
    found = signs(text)
    return [f"“{one.value}”" if one.kind == "word" else one.value for one in found]


def signs(text: str, spam: bool | None = None) -> list[Sign]:
    """What weighed most: against a text that is spam, else in its favour. `spam`: as `judge` found."""
    model = _model()
    if spam is None:
        spam = judge(text).spam
    kinds: dict[str, float] = {}
    for name in traits(text):  # "emoji_one" and "emoji_some" are one kind
        kind = name.partition("_")[0]
        kinds[kind] = kinds.get(kind, 0.0) + model.traits[name]
    weighed = _words(model, text) + [(weight, Sign("trait", kind)) for kind, weight in kinds.items()]
    weighed.sort(key=itemgetter(0), reverse=spam)
    found: dict[Sign, None] = {}
    for weight, sign in weighed:
        if (weight > 0) is spam and weight:
            found[sign] = None
    return list(found)[:MOST_REASONS]


def _words(model: _Model, text: str) -> list[tuple[float, Sign]]:
    """Each word as it was written, and what it and the pieces of its letters weigh."""
    parts = chunks(text)
    letters = "".join(part.letters for part in parts)
    sized = pieces_of(letters)
    weights = [0] * (len(letters) + max(PIECES))  # more pieces than letters, where some are outside the BMP
    look_up = model.weights.__getitem__
    for size, buckets in zip(PIECES, sized, strict=True):
        for at, weight in enumerate(map(look_up, buckets[: len(letters)]), size // 2):
            weights[at] += weight - MIDDLE  # a piece counts for its middle letter
    scale = model.unit * PIECES_COUNT / math.sqrt(max(sum(map(len, sized)), FEWEST_PIECES))
    folded = sum(len(part.words) for part in parts)
    words_scale = model.unit * WORDS_COUNT / math.sqrt(max(3 * folded - 1, FEWEST_WORDS))
    found: list[tuple[float, Sign]] = []
    at = 0
    for part in parts:
        size = len(part.letters)
        buckets = words_in(part.words)
        words = sum(map(look_up, buckets)) - MIDDLE * len(buckets)
        weighs = scale * sum(weights[at : at + size]) + words_scale * words
        at += size
        if size:
            found.append((weighs, Sign("word", part.written[:_LONGEST_SHOWN])))
    return found
