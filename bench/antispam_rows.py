"""Rows to learn from and to measure with: files of rows, our own examples, texts that are never learned."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

EXAMPLES = Path(__file__).with_name("antispam_examples")  # files by language
UNSEEN = Path(__file__).with_name("antispam_unseen.jsonl")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_ADDRESSED = 0.12  # of our innocent wordings
_SYLLABLES = (
    "ba", "ko", "li", "mu", "ne", "po", "ra", "si", "ta", "ve", "za", "dro", "gri", "kle", "sto", "tra",
)  # fmt: skip
_ENDINGS = (
    "com", "net", "org", "info", "site", "online", "top", "xyz", "shop", "club", "app", "ru", "ua", "com.ua",
    "io",
)  # fmt: skip


class Row(NamedTuple):
    """One text and whether it is spam. Rows of one `group` resemble each other: they stay together."""

    text: str
    spam: bool
    source: str
    group: str
    disguise: str = ""
    family: str = ""  # of our examples: what the spam is after, "chat", "hard" or "links"
    half: str = ""  # of unseen texts: "tuning" for choosing settings, "judge" for the last word

    @property
    def own(self) -> bool:
        """True for our own examples."""
        return self.source.startswith("own ")


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
                        half=row.get("half") or "",
                    )
                )
    return found


def examples(each: int, choice: random.Random) -> list[Row]:
    """Our own examples, `each` a number of wordings: `{this|that}` in them is a choice."""
    found: list[Row] = []
    for path in sorted(EXAMPLES.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = json.loads(line)
                spam = row["label"] == "spam"
                source = f"own {row['label']}: {path.stem}"
                group = f"own {path.stem} {number}"
                wordings = dict.fromkeys(_wordings(row["text"], each, choice))
                found += [Row(text, spam, source, group, family=row["family"]) for text in wordings]
    return found


def _wordings(text: str, each: int, choice: random.Random) -> Iterator[str]:
    for _ in range(each):
        yield _CHOICE.sub(lambda found: choice.choice(found[1].split("|")), text)


def with_addresses(rows: Sequence[Row], choice: random.Random) -> list[Row]:
    """The same rows, some innocent ones of ours with an invented address or name: neither betrays spam."""
    return [
        row._replace(text=f"{row.text}{choice.choice((' ', ' ', chr(10)))}{_address(choice)}")
        if row.own and not row.spam and choice.random() < _ADDRESSED
        else row
        for row in rows
    ]


def _address(choice: random.Random) -> str:
    name = "".join(choice.choices(_SYLLABLES, k=choice.randint(2, 4)))
    match choice.randrange(6):
        case 0:
            return f"@{name}"
        case 1:
            return f"t.me/{name}"
        case _:
            path = choice.choice(("", f"/{choice.choice(_SYLLABLES)}{choice.randrange(1000)}"))
            return f"{choice.choice(('https://', 'https://www.', ''))}{name}.{choice.choice(_ENDINGS)}{path}"
