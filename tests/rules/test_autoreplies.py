"""Which rule answers: modes, order, hours; and that bombs and crowds of rules cost nothing."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.autoreplies import Rule, RuleBook, changed, check_keyword, from_document, parse_hours, to_document
from domain.errors import Invalid
from domain.matching import Keyword, Matcher, MatchMode, normalise

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "keyword", "hits", "misses"),
    [
        (MatchMode.CONTAINS, "price", ["the PRICE?", "priceless", "ｐｒｉｃｅ"], ["pri ce", ""]),
        (MatchMode.WORD, "цена", ["Цена?", "а цена-то", "цена"], ["расценка", "цена_1", "ценам"]),
        (MatchMode.EXACT, "hi there", [" Hi there ", "HI THERE"], ["hi there!", "hi"]),
        (MatchMode.STARTS_WITH, "!help", ["!help me"], ["please !help"]),
        (MatchMode.ENDS_WITH, "please", ["come, PLEASE"], ["please come"]),
        (MatchMode.REGEX, r"^pri(ce|se)\d+$", ["Price12", "PRISE3"], ["price", "a price1"]),
        (MatchMode.WORD, "c++", ["I like C++ a lot"], ["c++11"]),
        (MatchMode.CONTAINS, "STRASSE", ["Hauptstraße"], []),
    ],
)
def test_modes(mode: MatchMode, keyword: str, hits: list[str], misses: list[str]) -> None:
    matcher = Matcher([Keyword(0, keyword, mode)])
    assert [text for text in hits if not matcher.orders(text)] == []
    assert [text for text in misses if matcher.orders(text)] == []


def book(*keywords: str, mode: MatchMode = MatchMode.CONTAINS) -> RuleBook:
    return RuleBook(
        [Rule(id=n, keywords=(word,), match_mode=mode, responses=("x",)) for n, word in enumerate(keywords)]
    )


def test_overlapping_keywords_are_all_found_in_order() -> None:
    assert [rule.id for rule in book("b", "abc", "bc", "zzz", "abc").find("xabcx")] == [0, 1, 2, 4]


def test_patterns_that_cannot_share_an_expression_still_work() -> None:
    rules = book("(?P<a>x1)", "(?P<a>x2)", "(?i:X3)", mode=MatchMode.REGEX)
    assert [rule.id for rule in rules.find("x3 x2")] == [1, 2]


def test_verdicts_say_why() -> None:
    rules = RuleBook(
        [
            Rule(id=1, keywords=("price",), responses=("x",), enabled=False),
            Rule(id=2, keywords=("price",), responses=("x",), hours=parse_hours("22:00-06:00")),
            Rule(id=3, keywords=("price",), responses=("x",)),
            Rule(id=4, keywords=("price",), responses=("x",)),
            Rule(id=5, keywords=("other",), responses=("x",)),
        ]
    )
    verdicts = rules.verdicts("the price", NOON)
    assert [verdict.reason for verdict in verdicts] == ["disabled", "hours", "", "earlier", "no_match"]


@pytest.mark.parametrize(
    ("hours", "inside"),
    [
        ("09:00-18:00", True), ("12:00-13:00", True), ("11:00-12:00", False), ("22-6", False),
        ("18-13", True),
        ("0-24", True), ("14:30-15 Europe/Berlin", False), ("14-15 Europe/Berlin", True),
    ],
)  # fmt: skip
def test_hours(hours: str, inside: bool) -> None:
    parsed = parse_hours(hours)
    assert parsed.include(NOON) is inside
    assert parse_hours(str(parsed)) == parsed


@pytest.mark.parametrize(
    "hours", ["", "9", "25-26", "9:70-10", "9-9", "09:00-18:00 Nowhere/Land", "9-18 ../etc"]
)
def test_bad_hours(hours: str) -> None:
    with pytest.raises(Invalid):
        parse_hours(hours)


def test_a_rule_survives_storage() -> None:
    rule = changed(
        Rule(id=5, chat_id=-1),
        {
            "keyword": "price\ncost", "response": ["<b>Free</b>", "Nothing"], "match_mode": "word",
            "cooldown_seconds": 60, "hours": "9-18 Europe/Berlin", "delete_after": 30, "reply": False,
            "buttons": [[{"text": "Shop", "url": "https://shop.example"}]],
        },
    )  # fmt: skip
    assert rule.keywords == ("price", "cost")
    assert from_document(to_document(rule), id=5, chat_id=-1, private=False, enabled=True) == rule


@pytest.mark.parametrize("bomb", ["(a+)+$", "(a|a)*b", ".*.*.*=.*", "(x{30}){30}"])
def test_regex_bombs_take_no_time(bomb: str) -> None:
    try:
        check_keyword(bomb, MatchMode.REGEX)
    except Invalid:
        return
    matcher = Matcher([Keyword(0, bomb, MatchMode.REGEX), Keyword(1, "never", MatchMode.REGEX)])
    began = time.process_time()
    matcher.orders("a" * 4_000 + "!")
    assert time.process_time() - began < 5, "of computing; a matcher that goes back takes years"


@given(st.text(max_size=100), st.text(min_size=1, max_size=20))
def test_what_is_in_the_text_is_found(text: str, keyword: str) -> None:
    word = normalise(keyword).strip()
    if word:
        found = Matcher([Keyword(0, keyword, MatchMode.CONTAINS)]).orders(text)
        assert bool(found) == (word in normalise(text).strip())


@given(st.text(max_size=100))
def test_normalising_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=40))
def test_any_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        check_keyword(pattern, MatchMode.REGEX)
    except Invalid:
        return
    Matcher([Keyword(0, pattern, MatchMode.REGEX)]).orders("some text")
