"""Fingerprints of texts: by them a message is known again, without its text being kept.

Letters are folded as for the classifier, so that a disguised text has the fingerprint of the plain one.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from zlib import crc32

import msgspec

from domain.antispam import classifier
from domain.antispam.features import BUCKETS, letters_of, read
from domain.antispam.links import kept

LONGEST = 4_096  # characters that are read (https://core.telegram.org/bots/api#sendmessage)
PIECE = 5  # letters
SAMPLE = 48  # pieces that are kept of a text
MOST_ADDRESSES, MOST_STEMS = 32, 64
_STEM, _SHORTEST_STEMMED = 5, 4  # letters: endings change, and short words are everywhere

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*(?:www\.)?|^www\.")
# Addresses to the eye: domains, @names, numbers that can be called or paid to.
_WRITTEN = re.compile(
    r"(?:https?://|tg://)\S+|(?<![\w-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,}(?:/\S*)?"
    r"|(?<!\w)@[a-z]\w{2,31}|\d(?:[\s()./·–—-]{0,2}\d){9,}|\d(?:[\s()–—-]{0,2}\d){6,}",  # dates are short
    re.IGNORECASE,
)
_BETWEEN_DIGITS = re.compile(r"[\s()./·–—-]+")


class Fingerprint(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a text: hashes only.

    `sample` are the smallest of `size` different pieces, `stems` of its longer words; `logit` is what the
    classifier made of it.
    """

    size: int
    sample: tuple[int, ...]
    addresses: tuple[int, ...]
    stems: tuple[int, ...]
    logit: float


class Reading:
    """A text with the addresses behind its words, as it is compared with fingerprints."""

    def __init__(self, text: str, links: Iterable[str] = ()) -> None:
        self._text, self._links = text[:LONGEST], kept(links)
        self._words = read(self._text)
        self.letters = letters_of(self._words)

    @property
    def size(self) -> int:
        """How many letters (not numbers) there are."""
        return sum(map(str.isalpha, self.letters))

    @cached_property
    def wording(self) -> str:
        """Equal for texts with the same folded letters: the first half of `key`."""
        return _digest(self.letters)

    @cached_property
    def key(self) -> str:
        """Equal for texts with the same folded letters and the same addresses."""
        return self.wording + _digest("\n".join(sorted(self._named)))

    @cached_property
    def pieces(self) -> frozenset[int]:
        """Hashes of all pieces of the letters."""
        data = self.letters.encode("utf-16-le", "surrogatepass")
        return frozenset([crc32(data[at : at + 2 * PIECE]) for at in range(0, len(data) - 2 * PIECE + 2, 2)])

    @cached_property
    def addresses(self) -> frozenset[int]:
        """Hashes of all addresses, also those behind words."""
        return frozenset(int(_digest(one)[1:], 16) for one in self._named)

    @cached_property
    def stems(self) -> frozenset[int]:
        """Hashes of the beginnings of the longer words."""
        stems = {word[:_STEM] for word in self._words if len(word) >= _SHORTEST_STEMMED}
        return frozenset([crc32(stem.encode("utf-8", "replace")) % BUCKETS for stem in stems])

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(filter(None, map(_plain, (*self._links, *_WRITTEN.findall(self._text)))))

    def fingerprint(self) -> Fingerprint:
        """What may be kept."""
        return Fingerprint(
            size=len(self.pieces),
            sample=tuple(sorted(self.pieces)[:SAMPLE]),
            addresses=tuple(sorted(self.addresses)[:MOST_ADDRESSES]),
            stems=tuple(sorted(self.stems)[:MOST_STEMS]),
            logit=round(classifier.logit(self._text), 3),
        )


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def wording_of(key: str) -> str:
    """The half of a key that is about the letters."""
    return key[: len(key) // 2]


def _plain(address: str) -> str:
    """An address without what may be left out of it."""
    text = address.lower()
    if text[:1].isdecimal() and not any(map(str.isalpha, text)):
        return _BETWEEN_DIGITS.sub("", text)
    return _SCHEME.sub("", text).rstrip("/.,!?;:)")
