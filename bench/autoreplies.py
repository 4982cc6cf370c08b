"""Automatic replies measured: what a message costs beside a thousand rules, and beside ten."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import cycle

from bench.updates import SENTENCES
from domain.autoreplies import Rule, RuleBook
from domain.matching import MatchMode

FEW, MANY = 10, 1_000
AIM = 2.0
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LITERALS = (MatchMode.CONTAINS, MatchMode.EXACT, MatchMode.STARTS_WITH, MatchMode.ENDS_WITH)
KINDS: dict[str, Sequence[MatchMode]] = {
    "literals": _LITERALS,
    "words": (MatchMode.WORD,),
    "regular expressions": (MatchMode.REGEX,),
    "all of them": tuple(MatchMode),
}
_SHAPES: tuple[Callable[[str], str], ...] = (
    lambda word: rf"\b{word}\s+(is|costs?)\b",
    lambda word: f"(buy|sell) {word}s?",
    lambda word: f"{word}.*{word[::-1]}",
    lambda word: rf"^{word}\d{{2,4}}$",
)


def rules(number: int, modes: Sequence[MatchMode]) -> list[Rule]:
    """Rules with two keywords each that nobody says."""
    chance, mode = random.Random(7), cycle(modes)
    return [_rule(at, next(mode), [_word(chance), _word(chance)]) for at in range(number)]


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(chance.randint(5, 9)))


def _rule(at: int, mode: MatchMode, words: list[str]) -> Rule:
    if mode is MatchMode.REGEX:
        words = [_SHAPES[at % len(_SHAPES)](word) for word in words]
    return Rule(id=at, keywords=tuple(words), match_mode=mode, responses=("x",))


def cost(book: RuleBook, texts: Sequence[str]) -> float:
    """Microseconds of CPU a message."""
    before = time.thread_time()
    for text in texts:
        book.find(text)
    return (time.thread_time() - before) / len(texts) * 1e6


def report(quick: bool) -> None:
    """The table. Both sets take turns, so that the machine's moods cancel out."""
    texts, rounds = SENTENCES * (20 if quick else 200), 7
    print(f"\nAutomatic replies: what a message costs that none of them answers (aim: {MANY} rules at most")
    print(f"{AIM:.0f} × as much as {FEW})")
    print(f"{'':24} {FEW:>6} rules {MANY:>6} rules {'ratio':>7} {'compiled in':>12}")
    for name, modes in KINDS.items():
        few = RuleBook(rules(FEW, modes))
        began = time.thread_time()
        many = RuleBook(rules(MANY, modes))
        compiled = time.thread_time() - began
        cost(few, texts), cost(many, texts)  # warms up what is compiled at the first search
        pairs = [(cost(few, texts), cost(many, texts)) for _ in range(rounds)]
        of_few, of_many = (statistics.median(one) for one in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{name:24} {of_few:9.2f} µs {of_many:9.2f} µs {ratio:7.2f} {1000 * compiled:9.0f} ms")
