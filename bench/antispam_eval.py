"""How well the classifier does on rows: `python -m bench.antispam_eval rows.jsonl`.

The rows are lines `{"text", "label": "spam"|"ham", "source", "disguise"}`; `disguise` may be missing. The
threshold is the model's own: nothing is learned here.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from bench.antispam_disguises import all_disguises
from bench.antispam_figures import HEAD, by_source, count
from bench.antispam_rows import Row, read
from domain.antispam import classifier

_SEED = 71  # another one than for training
_FEWEST = 15  # characters of an innocent text to pad with


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.antispam_eval", description=__doc__)
    parser.add_argument("rows", type=Path, help="a file of rows")
    parser.add_argument("--no-disguises", action="store_true", help="do not try our own disguises")
    given = parser.parse_args(arguments)
    evaluate(read(given.rows), disguised=not given.no_disguises)
    return 0


def evaluate(rows: Sequence[Row], *, disguised: bool = True) -> None:
    """Print the figures of rows: of each source, of each disguise they name, and in our own disguises."""
    print(f"\nClassifier, threshold {classifier.threshold():.3f}")
    print(HEAD)
    verdicts = [classifier.judge(row.text).spam for row in rows]
    for name, figures in by_source(
        [row.source for row in rows], [row.spam for row in rows], verdicts
    ).items():
        print(figures.line(name))
    for disguise in sorted({row.disguise for row in rows} - {""}):
        chosen = [place for place, row in enumerate(rows) if row.disguise == disguise]
        found = count([rows[place].spam for place in chosen], [verdicts[place] for place in chosen])
        print(found.line(f"written as {disguise}"))
    if disguised:
        _try_disguises(rows)


def _try_disguises(rows: Sequence[Row]) -> None:
    spam = [row for row in rows if row.spam and not row.disguise]
    innocent = [row.text for row in rows if not row.spam and len(row.text) >= _FEWEST]
    if not spam or not innocent:
        return
    choice = random.Random(_SEED)
    for name, disguise in all_disguises(innocent).items():
        found = [classifier.judge(disguise(row.text, choice)).spam for row in spam]
        print(count([True] * len(found), found).line(f"in our disguise: {name}"))


if __name__ == "__main__":
    raise SystemExit(main())
