"""Rows to learn from and to measure with: files of rows, and our own examples."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

EXAMPLES = Path(__file__).with_name("antispam_examples.jsonl")
_CHOICE = re.compile(r"\{([^{}]*)\}")


class Row(NamedTuple):
    """One text and whether it is spam. Rows of one `group` resemble each other: they stay together."""

    text: str
    spam: bool
    source: str
    group: str
    disguise: str = ""


def read(path: Path) -> list[Row]:
    """Rows of a file of lines `{"text", "label": "spam"|"ham", "source"}`."""
    found: list[Row] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if line.strip():
                row = json.loads(line)
                found.append(
                    Row(
                        row["text"],
                        row["label"] == "spam",
                        row.get("source", "?"),
                        group=str(number),
                        disguise=row.get("disguise") or "",
                    )
                )
    return found


def examples(each: int, choice: random.Random) -> list[Row]:
    """Our own examples, `each` a number of wordings: `{this|that}` in them is a choice."""
    found: list[Row] = []
    with EXAMPLES.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            spam = row["label"] == "spam"
            source = f"own {row['label']}: {row['lang'] if row['lang'] in ('ru', 'uk', 'en') else 'others'}"
            wordings = sorted(set(_wordings(row["text"], each, choice)))
            found += [Row(text, spam, source, f"own{number}") for text in wordings]
    return found


def _wordings(text: str, each: int, choice: random.Random) -> Iterator[str]:
    for _ in range(each):
        yield _CHOICE.sub(lambda found: choice.choice(found[1].split("|")), text)
