"""Finding keywords in texts, at a cost that does not grow with their number."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ahocorasick_rs
import re2

_REGEX_MEMORY = 1 << 20  # bytes a compiled pattern may take: what needs more is a bomb or a mistake
_SET_MEMORY = 32 << 20  # of patterns that are asked with one search
_ALWAYS = r"\A"  # a pattern that every text has
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SIGN = re.compile(r"([\x00-/:-@\[-`{-\x7f])")


class MatchMode(StrEnum):
    """How a keyword must stand in a message."""

    CONTAINS = "contains"
    EXACT = "exact"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    WORD = "word"
    REGEX = "regex"


def normalise(text: str) -> str:
    """NFKC-casefolded: "ＰＲＩＣＥ", "Price" and "price" are one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def compile_regex(pattern: str) -> Any:
    """A pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax), any case; raises `re2.error`.

    RE2 needs time linear in the text whatever the pattern is. Letters of the pattern are made alike as the
    text's are: "straße" finds what `normalise` made of it.
    """
    return re2.compile(_comparable(pattern), _options(_REGEX_MEMORY))


def _options(memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = memory
    options.log_errors = False
    return options


def _comparable(pattern: str) -> str:
    """The pattern with its foreign letters normalised; a sign that comes of it ("（") stays a mere sign."""
    return _FOREIGN.sub(lambda run: _SIGN.sub(r"\\\1", normalise(run[0])), pattern)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of the rule number `order`."""

    order: int
    text: str
    mode: MatchMode


class Matcher:
    """Keywords, compiled: one automaton for all literals, one search for all patterns."""

    def __init__(self, keywords: Sequence[Keyword]) -> None:
        self._exact: dict[str, list[int]] = {}
        literals: dict[str, list[tuple[int, MatchMode]]] = {}
        for one in keywords:
            text = normalise(one.text).strip()
            if one.mode is MatchMode.EXACT:
                self._exact.setdefault(text, []).append(one.order)
            elif one.mode is not MatchMode.REGEX and text:
                literals.setdefault(text, []).append((one.order, one.mode))
        self._literals = list(literals.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        patterns = [(one.order, one.text) for one in keywords if one.mode is MatchMode.REGEX]
        self._sets = list(_sets(patterns)) if patterns else []

    def orders(self, text: str) -> list[int]:
        """Numbers of all rules with a keyword in the text, in order."""
        plain = normalise(text).strip()
        found = list(self._exact.get(plain, ())) if self._exact else []
        if self._automaton is not None:
            matches = self._automaton.find_matches_as_indexes(plain, overlapping=True)
            if matches:
                found += self._standing(plain, matches)
        for each in self._sets:
            found += each.orders(plain)
        return sorted(set(found)) if found else found

    def _standing(self, plain: str, matches: Iterable[tuple[int, int, int]]) -> list[int]:
        return [
            order
            for index, start, end in matches
            for order, mode in self._literals[index]
            if _stands(plain, mode, start, end)
        ]


def _stands(text: str, mode: MatchMode, start: int, end: int) -> bool:
    """Whether a keyword found at `start` to `end` stands as its mode demands."""
    match mode:
        case MatchMode.STARTS_WITH:
            return start == 0
        case MatchMode.ENDS_WITH:
            return end == len(text)
        case MatchMode.WORD:
            before, after = text[start - 1 : start], text[end : end + 1]
            return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")
        case _:
            return True


Patterns = Sequence[tuple[int, str]]  # (number of the rule, pattern)


def _sets(patterns: Patterns) -> Iterator["_PatternSet"]:
    """The patterns in as few sets as their memory allows."""
    try:
        yield _PatternSet(patterns)
    except re2.error:
        if len(patterns) == 1:
            raise
        middle = len(patterns) // 2
        yield from _sets(patterns[:middle])
        yield from _sets(patterns[middle:])


class _PatternSet:
    """Patterns that are asked with one search, which tells all that match. Raises `re2.error` when they are
    too large together."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._set = re2.Set.SearchSet(_options(_SET_MEMORY))
        for _, pattern in patterns:
            self._set.Add(_comparable(pattern))
        self._set.Add(_ALWAYS)
        self._set.Compile()

    def orders(self, text: str) -> list[int]:
        found = self._set.Match(text)
        if found is None:  # not even what always matches: RE2 ran out of memory, and says nothing else
            return [order for order, pattern in self._patterns if compile_regex(pattern).search(text)]
        return [self._patterns[at][0] for at in found if at < len(self._patterns)]
