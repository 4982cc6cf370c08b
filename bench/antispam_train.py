"""Makes the classifier's model: `uv run --with numpy python -m bench.antispam_train train.jsonl`.

The rows are those of `bench/antispam_rows.py`. Writes `domain/antispam/classifier.bin` and `.json`: the
weights, and the card with parameters, provenance and figures. Every figure comes from rows that the weights
it was counted with had not learned from.
"""

import argparse
import hashlib
import json
import random
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.antispam_disguises import all_disguises
from bench.antispam_figures import HEAD, Figures, by_source, count
from bench.antispam_learning import Array, Fitted, fit, lesson_of, margins, vector
from bench.antispam_rows import EXAMPLES, Row, examples, read
from domain.antispam.classifier import CARD, MIDDLE, WEIGHTS
from domain.antispam.features import BUCKETS
from domain.antispam.traits import NAMES

FOLDS = 3
WORDINGS = 4  # of each of our examples
MOST_WRONG = 0.0045  # false positives on rows that were not learned: the threshold's aim
MOST_WRONG_OURS = 0.03  # and on our own innocent examples, many of which are made to look like spam
MOST_HINTS = 0.03  # innocent texts that may be called suspicious
SOURCES = {
    "tgspam": "umputun/tg-spam, MIT",
    "monalenka_ru": "monalenka/telegram-spam-classifier-bot, MIT",
    "sms_uci": "UCI SMS Spam Collection, CC BY 4.0",
    "youtube": "UCI YouTube Spam Collection, CC BY 4.0",
    "own": "bench/antispam_examples.jsonl of this repository, MIT",
}
SEED = 5


class Trial:
    """Cross-validation: each row judged by weights that were learned without its group."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.vectors = [vector(row.text) for row in rows]
        self.margins = np.zeros(len(rows))
        self.disguised: dict[str, list[tuple[Row, float]]] = {}
        self._choice = random.Random(SEED)
        groups = sorted({row.group for row in rows})
        self._choice.shuffle(groups)
        self._fold = {group: number % FOLDS for number, group in enumerate(groups)}

    def run(self) -> None:
        """All folds."""
        for number in range(FOLDS):
            kept_out = [self._fold[row.group] == number for row in self.rows]
            fitted = self.learn([not out for out in kept_out])
            self._judge(fitted, [place for place, out in enumerate(kept_out) if out])
            print(f"fold {number + 1} of {FOLDS}", flush=True)

    def learn(self, chosen: list[bool]) -> Fitted:
        """Weights from the chosen rows."""
        places = [place for place, yes in enumerate(chosen) if yes]
        rows, vectors = [self.rows[place] for place in places], [self.vectors[place] for place in places]
        return fit(lesson_of(rows, vectors, self._choice))

    def _judge(self, fitted: Fitted, places: list[int]) -> None:
        self.margins[places] = margins(fitted, [self.vectors[place] for place in places])
        rows = [self.rows[place] for place in places]
        spam = [row for row in rows if row.spam]
        disguises = all_disguises([row.text for row in rows if not row.spam and len(row.text) > 15])
        for name, disguise in disguises.items():
            found = margins(fitted, [vector(disguise(row.text, self._choice)) for row in spam])
            self.disguised.setdefault(name, []).extend(zip(spam, map(float, found), strict=True))

    def without(self, source: str) -> Array:
        """Margins of a source's rows by weights that know nothing of that source."""
        fitted = self.learn([row.source != source for row in self.rows])
        chosen = [seen for row, seen in zip(self.rows, self.vectors, strict=True) if row.source == source]
        return margins(fitted, chosen)


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


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, help="the rows to learn from")
    parser.add_argument("--without", action="store_true", help="also learn without each source in turn")
    given = parser.parse_args()
    rows = read(given.rows) + examples(WORDINGS, random.Random(SEED))
    trial = Trial(rows)
    trial.run()
    spam = np.array([row.spam for row in rows])
    ours = np.array([row.source.startswith("own") for row in rows])
    slope, offset = calibrated(trial.margins, spam)
    least = max(
        limit(trial.margins[~spam & ~ours], MOST_WRONG), limit(trial.margins[~spam & ours], MOST_WRONG_OURS)
    )
    hint = min(limit(trial.margins[~spam], MOST_HINTS), least)
    figures = _figures(trial, least, given.without)
    fitted = trial.learn([True] * len(rows))
    chance = {"threshold": least, "hint": hint}
    chances = {name: float(1 / (1 + np.exp(-(slope * at + offset)))) for name, at in chance.items()}
    parameters = {"slope": slope, "offset": offset, **chances}
    _write(fitted, parameters, figures, _provenance(given.rows, rows))


def _figures(trial: Trial, least: float, without: bool) -> dict[str, dict[str, Figures]]:
    truths = [row.spam for row in trial.rows]
    verdicts = [bool(found >= least) for found in trial.margins]
    training = [place for place, row in enumerate(trial.rows) if not row.source.startswith("own")]
    figures = {
        "held out": by_source([row.source for row in trial.rows], truths, verdicts),
        "disguised": {
            f"{name}{': own' if own else ''}": count(
                [True for row, _ in found if row.source.startswith("own") is own],
                [margin >= least for row, margin in found if row.source.startswith("own") is own],
            )
            for name, found in trial.disguised.items()
            for own in (False, True)
        },
    }
    figures["held out"]["training sources"] = count(
        [truths[place] for place in training], [verdicts[place] for place in training]
    )
    if without:
        sources = sorted({trial.rows[place].source for place in training})
        figures["source unknown"] = {}
        for source in sources:
            found = [bool(one >= least) for one in trial.without(source)]
            figures["source unknown"][source] = count(
                [row.spam for row in trial.rows if row.source == source], found
            )
            print(f"without {source}", flush=True)
    for title, table in figures.items():
        print(f"\n{title}\n{HEAD}", *(one.line(name) for name, one in table.items()), sep="\n")
    return figures


def _provenance(path: Path, rows: list[Row]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        source = counts.setdefault(row.source.split(" ")[0], {"spam": 0, "ham": 0})
        source["spam" if row.spam else "ham"] += 1
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "by": "bench/antispam_train.py",
        "rows": {"sha256": _sha256(path), "examples_sha256": _sha256(EXAMPLES)},
        "sources": {name: {"licence": SOURCES.get(name, "?"), **one} for name, one in counts.items()},
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(
    fitted: Fitted,
    parameters: dict[str, float],
    figures: dict[str, dict[str, Figures]],
    provenance: dict[str, Any],
) -> None:
    weights = fitted.weights[:BUCKETS]
    unit = float(np.abs(weights).max()) / (MIDDLE - 1)
    stored = (np.rint(weights / unit) + MIDDLE).astype(np.uint8).tobytes()
    traits = {name: round(float(one), 5) for name, one in zip(NAMES, fitted.weights[BUCKETS:], strict=True)}
    card = {
        "provenance": provenance,
        "figures": {
            title: {name: one.card() for name, one in table.items()} for title, table in figures.items()
        },
        "parameters": {"unit": unit, "bias": fitted.bias, "traits": traits, **parameters},
    }
    WEIGHTS.write_bytes(zlib.compress(stored, 9))
    CARD.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1024:.0f} KiB, unit {unit:.5f}")


if __name__ == "__main__":
    _main()
