"""Which rule answers: modes, order, hours; and that bombs and crowds of rules cost nothing."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from domain import matching
from domain.autoreplies import Rule, RuleBook, from_document, parse_hours, to_document
from domain.autoreply_fields import changed, check_keyword
from domain.errors import Invalid
from domain.matching import Keyword, Matcher, MatchMode, normalise
from domain.welcome import Media

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
        (MatchMode.REGEX, "straße$", ["Hauptstraße", "STRASSE"], ["Straße 5"]),
        (MatchMode.REGEX, "^（ё）+$", ["(Ё)", "(е\u0308))"], ["ё"]),
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


def test_patterns_too_large_for_one_search_are_asked_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_SET_MEMORY", 1 << 18)
    rules = book(*(f"(x{n}|y{n}){{1,50}}z" for n in range(40)), mode=MatchMode.REGEX)
    assert [rule.id for rule in rules.find("x3z and y39y39z, x40z")] == [3, 39]


def test_a_search_that_gives_up_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2 tells nobody that the memory for a search was too little: it finds nothing then."""
    rules = book("x3", "^x", "y", mode=MatchMode.REGEX)
    monkeypatch.setattr(re2.Set, "Match", lambda *_: None)
    assert [rule.id for rule in rules.find("x3")] == [0, 1]


def test_verdicts_say_why() -> None:
    rules = RuleBook(
        [
            Rule(id=0, keywords=("price",), responses=("x",), chats=(-1,)),
            Rule(id=1, keywords=("price",), responses=("x",), enabled=False),
            Rule(id=2, keywords=("price",), responses=("x",), hours=parse_hours("22:00-06:00")),
            Rule(id=3, keywords=("price",), responses=("x",)),
            Rule(id=4, keywords=("price",), responses=("x",)),
            Rule(id=5, keywords=("other",), responses=("x",)),
        ]
    )
    verdicts = rules.verdicts("the price", NOON, -2)
    reasons = ["elsewhere", "disabled", "hours", "", "earlier", "no_match"]
    assert [verdict.reason for verdict in verdicts] == reasons


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
        Rule(id=5),
        {
            "keyword": "price\ncost", "response": ["<b>Free</b>", "Nothing"], "match_mode": "word",
            "cooldown_seconds": 60, "hours": "9-18 Europe/Berlin", "delete_after": 30, "reply": False,
            "buttons": [[{"text": "Shop", "url": "https://shop.example"}]],
            "media": {"kind": "photo", "file_id": "AgAC"}, "group_ids": [-7, -5, -7],
        },
    )  # fmt: skip
    assert (rule.keywords, rule.chats) == (("price", "cost"), (-7, -5))
    assert from_document(to_document(rule), id=5, chat_id=0, private=False, enabled=True) == rule
    before = {name: value for name, value in to_document(rule).items() if name not in ("media", "chats")}
    known = from_document(before, id=5, chat_id=0, private=False, enabled=True)
    assert known == replace(rule, media=None, chats=())


PHOTO = {"kind": "photo", "file_id": "AgAC"}


@pytest.mark.parametrize(
    ("rule", "fields", "reason"),
    [
        (Rule(), {"response": ""}, "reply_count"),
        (Rule(), {"response": "x" * 1025, "media": PHOTO}, "caption_too_long"),
        (Rule(responses=("x" * 1025,)), {"media": PHOTO}, "caption_too_long"),
        (Rule(media=Media("photo", "x")), {"media": None}, "reply_count"),
        (Rule(), {"response": "x", "media": {"kind": "sticker", "file_id": "x"}}, "malformed"),
        (Rule(chat_id=-1, responses=("x",)), {"group_ids": [-5]}, "reply_places"),
        (Rule(private=True, responses=("x",)), {"group_ids": [-5]}, "reply_places"),
        (Rule(responses=("x",)), {"group_ids": [5]}, "malformed"),
        (Rule(responses=("x",)), {"group_ids": "-5"}, "malformed"),
        (Rule(responses=("x",)), {"group_ids": list(range(-101, 0))}, "reply_count"),
    ],
)
def test_pictures_and_places_that_cannot_be(rule: Rule, fields: dict[str, object], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed(replace(rule, keywords=("price",)), fields)
    assert refused.value.reason == reason


def test_a_picture_answers_without_words() -> None:
    assert changed(Rule(keywords=("price",)), {"response": "", "media": PHOTO}).responses == ()


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
