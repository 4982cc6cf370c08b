"""What the classifier sees of a text: pieces of its letters, its words and signs, and traits of its look.

Letters are folded further than for banned words: whatever may be written for another letter becomes one
with it. Pieces are taken from the letters alone, without spaces, so that letters written apart, and scripts
that know no spaces, give the same pieces.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from domain.antispam.folding import alike
from domain.antispam.traits import traits

BUCKETS = 1 << 20  # of pieces and words
LONGEST, _HEAD = 1_200, 900  # characters that are looked at: the beginning and the end of a longer text
PIECES = (3, 4)  # letters
_MASK = BUCKETS - 1
_REMEMBERED = 20_000  # characters; a hostile text must not grow the table without end
_STEMMED = 5  # letters: the endings of words change
_WORD, _STEM, _PAIR = 0x51, 0x53, 0x54  # keep words, stems and pairs of stems apart from pieces
_APART = 3  # letters written apart make a word
# How much each kind counts beside the traits, and what a very short text counts as.
PIECES_COUNT, WORDS_COUNT = 4.0, 5.0
FEWEST_PIECES, FEWEST_WORDS = 30, 4
_AROUND = " .,;:!?()[]«»“”„\"'—–-"

# Letters that are written for one another, beyond those that fold alike everywhere.
_CLOSER = dict(zip("ипгшщэью", "unrwwebu", strict=True)) | {"l": "i", "j": "i"}
_LEET = str.maketrans(dict(zip("0123456789@$!|", "oizeasbtbgasii", strict=True)))
_JOINERS = frozenset(".-*_'’`´~^•·‐‑+=#\"")  # disguise a word more often than they part two
_EDGES = "@$!|"


class Features(NamedTuple):
    """Buckets of pieces in the order of the letters, size by size; of words and stems; names of traits."""

    pieces: tuple[list[int], ...]
    words: list[int]
    traits: list[str]


def _near(char: str) -> str:
    """A character as the classifier reads it; a space for what parts words."""
    if char in _EDGES:
        return char
    if char in _JOINERS:
        return ""
    if unicodedata.category(char) == "Sc":
        return "$"
    found = "".join(_CLOSER.get(c, c) for c in alike(char))
    read = "".join(c for c in found if c.isalnum())
    invisible = not found or unicodedata.category(char) in ("Cf", "Mn", "Me")
    return read if read or invisible else " "


class _Table(dict[int, str]):
    """What `str.translate` looks characters up in; it fills itself."""

    def __missing__(self, code: int) -> str:
        near = _near(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = near
        return near


_TABLE = _Table()
_LEADING, _TRAILING = re.compile(r"^\d{2,}(?=[^\d])"), re.compile(r"(?<=[^\d])\d{3,}$")
_STRETCHED = re.compile(r"([^\d])\1{2,}")


def _mixed(token: str) -> list[str]:
    """A token of letters, digits and signs: numbers stay numbers, the others are letters in disguise."""
    core = token.strip(_EDGES)
    money = "$" if "$" in token[:1] + token[-1:] else ""
    if not core:
        return [money] if money else []
    if core.isdecimal():
        return ["0" * min(len(core), 9) + money]
    if money and not (core[0].isdecimal() or core[-1].isdecimal()):  # "bonu$": a letter
        core, money = token.strip("@!|"), ""
    before, after = _LEADING.search(core), _TRAILING.search(core)
    start, end = before.end() if before else 0, after.start() if after else len(core)
    middle = core[start:end].translate(_LEET)
    numbers = [("0" * min(len(part), 9)) for part in (core[:start], core[end:])]
    return [part for part in (numbers[0], middle, numbers[1] + money) if part]


def words_of(text: str) -> list[str]:
    """The words of a text, folded; numbers as noughts; letters written apart are put together."""
    found: list[str] = []
    run: list[str] = []
    for token in (*text.translate(_TABLE).split(" "), ""):
        if len(token) == 1:
            run.append(token)
            continue
        if run:
            if len(run) >= _APART:
                found += _mixed("".join(run))
            else:
                for one in run:
                    found += [one] if one.isalpha() else _mixed(one)
            run = []
        if token.isalpha():
            found.append(token)
        elif token:
            found += _mixed(token)
    return found


@lru_cache(maxsize=4)
def read(text: str) -> tuple[str, ...]:
    """The words of a text that is read several times over: by the classifier, and as lessons know it."""
    return tuple(words_of(text))


class Chunk(NamedTuple):
    """A word as it was written, with what it was folded to."""

    written: str
    words: list[str]

    @property
    def letters(self) -> str:
        return "".join(self.words)


def chunks(text: str) -> list[Chunk]:
    """A text word by word; letters written apart are one."""
    found: list[Chunk] = []
    run: list[str] = []
    for written in (*shortened(text).split(), ""):
        words = words_of(written)
        if len("".join(words)) == 1:
            run.append(written)
            continue
        if run:
            whole = " ".join(run)
            found += (
                [Chunk(whole, words_of(whole))]
                if len(run) >= _APART
                else [Chunk(w, words_of(w)) for w in run]
            )
            run = []
        if words:
            found.append(Chunk(written.strip(_AROUND), words))
    return found


def shortened(text: str) -> str:
    """The part of a text that is looked at."""
    return text if len(text) <= LONGEST else f"{text[:_HEAD]} {text[_HEAD - LONGEST :]}"


def pieces_of(letters: str) -> tuple[list[int], ...]:
    """Buckets of the pieces of letters, size by size."""
    data = letters.encode("utf-16-le", "surrogatepass")
    last = len(data) + 2
    return tuple([crc32(data[at : at + 2 * n]) & _MASK for at in range(0, last - 2 * n, 2)] for n in PIECES)


def words_in(words: Sequence[str]) -> list[int]:
    """Buckets of words, of their stems, and of pairs of stems: three of each word but the first."""
    found: list[int] = []
    before = b""
    for word in words:
        stem = word[:_STEMMED].encode("utf-8", "replace")
        found.append(crc32(word.encode("utf-8", "replace"), _WORD) & _MASK)
        found.append(crc32(stem, _STEM) & _MASK)
        if before:
            found.append(crc32(b"%b %b" % (before, stem), _PAIR) & _MASK)
        before = stem
    return found


def letters_of(words: Sequence[str]) -> str:
    """The letters of folded words in a row; what was stretched ("sooo") is not."""
    return _STRETCHED.sub(r"\1\1", "".join(words))


def extract(text: str) -> Features:
    """All that is seen of a text."""
    text = shortened(text)
    words = read(text)
    return Features(pieces_of(letters_of(words)), words_in(words), traits(text))
