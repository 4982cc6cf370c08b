"""Makes the classifier's model: `uv run --with numpy python -m bench.antispam_train train.jsonl`.

The rows are those of `bench/antispam_rows.py`. Writes `domain/antispam/classifier.bin` and `.json`: the
weights, and the card with parameters, provenance and figures. Every figure comes from rows that the weights
it was counted with had not learned from. One run makes all of it, and the same rows make the same weights:
`--check` learns anew and compares them with those that are there.
"""

import argparse
import hashlib
import json
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.antispam_figures import HEAD, Figures, by_source, count
from bench.antispam_learning import Array, Fitted
from bench.antispam_rows import EXAMPLES, Row, examples, read, with_addresses
from bench.antispam_trial import SEED, Outcome, Trial, cross_validate
from domain.antispam.classifier import CARD, MIDDLE, WEIGHTS
from domain.antispam.features import BUCKETS
from domain.antispam.traits import NAMES

WORDINGS = 4  # of each of our examples
MOST_WRONG = 0.0045  # false positives on rows that were not learned: the threshold's aim
MOST_WRONG_OURS = 0.013  # and on our own innocent examples, many of which are made to look like spam
MOST_HINTS = 0.03  # innocent texts that may be called suspicious
SOURCES = {
    "tgspam": "umputun/tg-spam, MIT",
    "monalenka_ru": "monalenka/telegram-spam-classifier-bot, MIT",
    "sms_uci": "UCI SMS Spam Collection, CC BY 4.0",
    "youtube": "UCI YouTube Spam Collection, CC BY 4.0",
    "own": "bench/antispam_examples of this repository, MIT",
}
Tables = dict[str, dict[str, Figures]]


class Limits(NamedTuple):
    """Margins from which on a text is spam, or suspicious; slope and offset make a probability of one."""

    least: float
    hint: float
    slope: float
    offset: float

    def chance(self, margin: float) -> float:
        """The probability that a margin stands for."""
        return float(1 / (1 + np.exp(-(self.slope * margin + self.offset))))


def calibrated(found: Array, spam: Array) -> tuple[float, float]:
    """Slope and offset that make a probability of a margin (Platt), by Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(slope * found + offset)))
        error, weight = chance - spam, chance * (1 - chance) + 1e-9
        gradient = np.array([error @ found, error.sum()])
        bend = np.array([[weight @ found**2, weight @ found], [weight @ found, weight.sum()]])
        step = np.linalg.solve(bend, gradient)
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if np.abs(step).max() < 1e-9:
            break
    return slope, offset


def limit(found: Array, most: float) -> float:
    """The margin that at most this share of innocent texts exceeds."""
    ordered = np.sort(found)[::-1]
    return float(ordered[int(most * len(ordered))]) + 1e-6


def limits(rows: list[Row], found: Array) -> Limits:
    """From margins of rows that were not learned."""
    spam, ours = np.array([row.spam for row in rows]), np.array([row.own for row in rows])
    least = max(limit(found[~spam & ~ours], MOST_WRONG), limit(found[~spam & ours], MOST_WRONG_OURS))
    return Limits(least, min(limit(found[~spam], MOST_HINTS), least), *calibrated(found, spam))


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, help="the rows to learn from")
    parser.add_argument("--without", action="store_true", help="also learn without each source and family")
    parser.add_argument("--check", action="store_true", help="write nothing: are these the weights we have?")
    given = parser.parse_args()
    choice = random.Random(SEED)
    rows = read(given.rows) + with_addresses(examples(WORDINGS, choice), choice)
    trial = Trial(rows)
    print(f"{len(rows)} rows, {sum(map(len, trial.copies))} in disguise", flush=True)
    fitted = trial.learn(lambda _: True)
    if given.check:
        same = _compressed(fitted) == WEIGHTS.read_bytes()
        print(f"{WEIGHTS.name} is {'the same' if same else 'NOT the same'}")
        return 0 if same else 1
    outcome = cross_validate(trial)
    found = limits(rows, outcome.margins)
    tables = _tables(rows, outcome, found.least)
    if given.without:
        tables |= _left_out(trial, found.least)
    for title, table in tables.items():
        print(f"\n{title}\n{HEAD}", *(one.line(name) for name, one in table.items()), sep="\n")
    _write(fitted, found, tables, _provenance(given.rows, rows))
    return 0


def _tables(rows: list[Row], outcome: Outcome, least: float) -> Tables:
    """What cross-validation found: by source, and disguised (rows of the sources, and ours)."""
    truths, verdicts = [row.spam for row in rows], [bool(one >= least) for one in outcome.margins]
    held_out = by_source([row.source for row in rows], truths, verdicts)
    sources = [place for place, row in enumerate(rows) if not row.own]
    held_out["training sources"] = count([truths[at] for at in sources], [verdicts[at] for at in sources])
    disguised = {
        f"{name}{': own' if own else ''}": _recall([one for row, one in found if row.own is own], least)
        for name, found in outcome.disguised.items()
        for own in (False, True)
    }
    return {"held out": held_out, "disguised": disguised}


def _recall(found: list[float], least: float) -> Figures:
    return count([True] * len(found), [one >= least for one in found])


def _left_out(trial: Trial, least: float) -> Tables:
    """Sources, and families of our own spam, that nothing at all was learned from."""
    tables: Tables = {"source unknown": {}, "family unknown": {}}
    for source in sorted({row.source for row in trial.rows if not row.own}):
        tables["source unknown"][source] = _judged(trial, _of_source(source), least)
    for family in sorted({row.family for row in trial.rows if row.own and row.spam}):
        tables["family unknown"][family] = _judged(trial, _of_family(family), least)
    return tables


def _of_source(source: str) -> Callable[[Row], bool]:
    return lambda row: row.source == source


def _of_family(family: str) -> Callable[[Row], bool]:
    return lambda row: row.spam and row.family == family


def _judged(trial: Trial, left_out: Callable[[Row], bool], least: float) -> Figures:
    rows = [row for row in trial.rows if left_out(row)]
    found = count([row.spam for row in rows], [bool(one >= least) for one in trial.without(left_out)])
    print(f"without {rows[0].family or rows[0].source}", flush=True)
    return found


def _provenance(path: Path, rows: list[Row]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        source = counts.setdefault(row.source.split(" ")[0], {"spam": 0, "ham": 0})
        source["spam" if row.spam else "ham"] += 1
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "by": "bench/antispam_train.py",
        "rows": {"sha256": _sha256(path), "examples_sha256": _sha256(*sorted(EXAMPLES.glob("*.jsonl")))},
        "numpy": np.__version__,
        "sources": {name: {"licence": SOURCES.get(name, "?"), **one} for name, one in counts.items()},
    }


def _sha256(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _unit(fitted: Fitted) -> float:
    """What one step of a stored weight stands for."""
    return float(np.abs(fitted.weights[:BUCKETS]).max()) / (MIDDLE - 1)


def _compressed(fitted: Fitted) -> bytes:
    stored = np.rint(fitted.weights[:BUCKETS] / _unit(fitted)) + MIDDLE
    return zlib.compress(stored.astype(np.uint8).tobytes(), 9)


def _write(fitted: Fitted, found: Limits, tables: Tables, provenance: dict[str, Any]) -> None:
    traits = {name: round(float(one), 5) for name, one in zip(NAMES, fitted.weights[BUCKETS:], strict=True)}
    WEIGHTS.write_bytes(_compressed(fitted))
    card = {
        "provenance": provenance | {"weights_sha256": _sha256(WEIGHTS)},
        "figures": {
            title: {name: one.card() for name, one in table.items()} for title, table in tables.items()
        },
        "parameters": {
            "unit": _unit(fitted),
            "bias": fitted.bias,
            "traits": traits,
            "slope": found.slope,
            "offset": found.offset,
            "threshold": found.chance(found.least),
            "hint": found.chance(found.hint),
        },
    }
    CARD.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1024:.0f} KiB, unit {_unit(fitted):.5f}")


if __name__ == "__main__":
    raise SystemExit(_main())
