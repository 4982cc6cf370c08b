"""A list of banned words and phrases, found in any disguise."""

from collections.abc import Sequence
from dataclasses import dataclass

import ahocorasick_rs

from domain.antispam.folding import readings, squeeze

SHORTEST = 2  # letters of a banned word, after folding


@dataclass(frozen=True, slots=True)
class _Entry:
    """A banned word as it was written, and what it looks like in a folded text."""

    written: str
    needle: str


def core(written: str) -> str:
    """What an entry is searched by: folded and squeezed; empty for an entry that cannot be searched."""
    return squeeze(written.strip().strip("*"))


def _entry(written: str) -> _Entry:
    text = written.strip()
    needle = readings(text.strip("*"))[0].strip()
    before, after = ("" if text.startswith("*") else " "), ("" if text.endswith("*") else " ")
    return _Entry(text, before + needle + after)


class WordList:
    """Banned words, compiled. A word is a whole word; `casino*` begins one, `*coin` ends one.

    One automaton runs over the squeezed text, whatever the number of words; only where it sees something
    is the text read word by word.
    """

    def __init__(self, words: Sequence[str]) -> None:
        searchable = [word for word in words if len(core(word)) >= SHORTEST]
        self._entries = [_entry(word) for word in searchable]
        self._automaton = ahocorasick_rs.AhoCorasick([core(word) for word in searchable])

    def find(self, text: str, squeezed: str) -> str | None:
        """The first banned word in the text, as the list writes it. `squeezed` is `squeeze(text)`."""
        matches = self._automaton.find_matches_as_indexes(squeezed, overlapping=True)
        if not matches:
            return None
        loose, strict, joined = readings(text)
        for index in sorted({match[0] for match in matches}):
            entry = self._entries[index]
            spelled = entry.needle.replace(" ", "") in joined
            if spelled or entry.needle in loose or entry.needle in strict:
                return entry.written
        return None
