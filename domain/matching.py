"""Finding keywords in texts, at a cost that does not grow with their number."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ahocorasick_rs
import re2

_REGEX_MEMORY = 1 << 20  # bytes a compiled pattern may take: what needs more is a bomb or a mistake
_UNION = 1000  # patterns asked with one search
_UNION_MEMORY = 64 << 20


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


def compile_regex(pattern: str, memory: int = _REGEX_MEMORY) -> Any:
    """A pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax), any case; raises `re2.error`.

    RE2 needs time linear in the text whatever the pattern is.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = memory
    options.log_errors = False
    return re2.compile(pattern, options)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of the rule number `order`."""

    order: int
    text: str
    mode: MatchMode


class Matcher:
    """Keywords, compiled: one automaton for all literals, one search for fifty patterns."""

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
        self._unions = [_Union(patterns[at : at + _UNION]) for at in range(0, len(patterns), _UNION)]

    def orders(self, text: str) -> list[int]:
        """Numbers of all rules with a keyword in the text, in order."""
        plain = normalise(text).strip()
        found = list(self._exact.get(plain, ())) if self._exact else []
        if self._automaton is not None:
            matches = self._automaton.find_matches_as_indexes(plain, overlapping=True)
            if matches:
                found += self._standing(plain, matches)
        for union in self._unions:
            found += union.orders(plain)
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


class _Union:
    """Patterns asked together first, and one by one only when some of them match."""

    def __init__(self, patterns: Sequence[tuple[int, str]]) -> None:
        self._each = [(order, compile_regex(pattern)) for order, pattern in patterns]
        try:
            joined = "|".join(f"(?:{pattern})" for _, pattern in patterns)
            self._any = compile_regex(joined, _UNION_MEMORY) if len(patterns) > 1 else None
        except re2.error:  # they cannot share one expression: two groups of the same name
            self._any = None

    def orders(self, text: str) -> list[int]:
        if self._any is not None and self._any.search(text) is None:
            return []
        return [order for order, pattern in self._each if pattern.search(text) is not None]
