"""Automatic replies: rules as values, checked before they are saved, and which of them answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import re2

from domain import link_rows, templates
from domain.errors import Invalid
from domain.link_rows import Rows
from domain.matching import Keyword, Matcher, MatchMode, compile_regex, normalise

MOST_RULES = 1_000  # of a bot
MOST_KEYWORDS, LONGEST_KEYWORD = 50, 200
MOST_VARIANTS = 20
LONGEST_COOLDOWN = 30 * 86_400  # seconds
LONGEST_STAY = 172_800  # seconds: bots delete messages younger than 48 hours
_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—]\s*(\d{1,2})(?::(\d{2}))?(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day, in minutes since midnight of a time zone; over midnight when `end` comes first."""

    begin: int
    end: int
    zone: str = "UTC"

    def include(self, now: datetime) -> bool:
        """Whether a moment is inside."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        if self.begin <= self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end

    def __str__(self) -> str:
        """The form it is stored in and written by people: `09:00-18:30 Europe/Berlin`."""
        spans = [f"{minute // 60:02}:{minute % 60:02}" for minute in (self.begin, self.end)]
        return f"{'-'.join(spans)} {self.zone}"


def parse_hours(text: str) -> Hours:
    """Hours as people write them; the zone is UTC when none is named. Raises `Invalid` (hours, time_zone)."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise Invalid("hours", "hours")
    begin, end = (int(found[h]) * 60 + int(found[m] or 0) for h, m in ((1, 2), (3, 4)))
    if int(found[2] or 0) > 59 or int(found[4] or 0) > 59 or begin >= 1440 or end > 1440 or begin == end:
        raise Invalid("hours", "hours")
    zone = found[5] or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("hours", "time_zone", zone=zone[:40]) from None
    return Hours(begin, end, zone)


@dataclass(frozen=True, slots=True)
class Rule:
    """An automatic reply. `chat_id` 0 is all groups; `private` rules answer in the chat with the bot.

    `keywords` are alternatives; one of the `responses` (Telegram HTML with placeholders) is picked at
    random. Durations are seconds, 0 is none.
    """

    id: int = 0
    chat_id: int = 0
    private: bool = False
    keywords: tuple[str, ...] = ()
    match_mode: MatchMode = MatchMode.CONTAINS
    responses: tuple[str, ...] = ()
    buttons: Rows = ()
    enabled: bool = True
    cooldown_seconds: int = 0
    reply: bool = True
    delete_trigger: bool = False
    delete_after: int = 0
    hours: Hours | None = None

    def answers_at(self, now: datetime) -> bool:
        """Whether the rule is on duty."""
        return self.enabled and (self.hours is None or self.hours.include(now))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule answers a text; if not, why: no_match, disabled, hours, or earlier (another does)."""

    rule: Rule
    reason: str = ""

    @property
    def answers(self) -> bool:
        """True for the one rule that answers."""
        return not self.reason


class RuleBook:
    """The rules of a chat in the order they are asked, compiled."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._matcher = Matcher(
            [
                Keyword(order, keyword, rule.match_mode)
                for order, rule in enumerate(self.rules)
                for keyword in rule.keywords
            ]
        )

    def find(self, text: str) -> list[Rule]:
        """All rules with a keyword in the text, in order."""
        return [self.rules[order] for order in self._matcher.orders(text)]

    def verdicts(self, text: str, now: datetime) -> list[Verdict]:
        """What each rule makes of a text."""
        matching = {rule.id for rule in self.find(text)}
        found: list[Verdict] = []
        answered = False
        for rule in self.rules:
            if rule.id not in matching:
                reason = "no_match"
            elif not rule.enabled:
                reason = "disabled"
            elif not rule.answers_at(now):
                reason = "hours"
            else:
                reason = "earlier" if answered else ""
                answered = True
            found.append(Verdict(rule, reason))
        return found


def verdicts_everywhere(rules: Sequence[Rule], text: str, now: datetime) -> list[Verdict]:
    """What each of a bot's rules makes of a text where it listens: `earlier` is within one scope."""
    scopes: dict[tuple[int, bool], list[Rule]] = {}
    for rule in rules:
        scopes.setdefault((rule.chat_id, rule.private), []).append(rule)
    found = [verdict for scope in scopes.values() for verdict in RuleBook(scope).verdicts(text, now)]
    return sorted(found, key=lambda verdict: verdict.rule.id)


def changed(rule: Rule, fields: Mapping[str, Any]) -> Rule:
    """The rule with other values: fields by their API names, `keyword` and `response` one or several.

    A `keyword` given as one string has an alternative on each line. Raises `Invalid` naming the field.
    """
    if unknown := [name for name in fields if name not in _READERS]:
        raise Invalid(unknown[0], "unknown_field")
    values: dict[str, Any] = {}
    for name, value in fields.items():
        attribute, read = _READERS[name]
        values[attribute] = read(name, value)
    new = replace(rule, **values)
    _check(new)
    return new


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Invalid(name)
    return value


def _number(name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Invalid(name, "reply_number", most=most)
    return value


def _texts(name: str, value: object, most: int) -> tuple[str, ...]:
    given: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    texts = [one.strip() for one in given if isinstance(one, str)]
    if len(texts) < len(given):
        raise Invalid(name)
    found = tuple(dict.fromkeys(filter(None, texts)))
    if not 0 < len(found) <= most:
        raise Invalid(name, "reply_count", most=most)
    return found


def _keywords(name: str, value: object) -> tuple[str, ...]:
    return _texts(name, value.splitlines() if isinstance(value, str) else value, MOST_KEYWORDS)


def _mode(name: str, value: object) -> MatchMode:
    try:
        return MatchMode(str(value))
    except ValueError:
        raise Invalid(name, "match_mode", modes=", ".join(MatchMode)) from None


# Field of the API → attribute of the rule, and what reads it.
_READERS: dict[str, tuple[str, Callable[[str, Any], object]]] = {
    "keyword": ("keywords", _keywords),
    "response": ("responses", lambda name, value: _texts(name, value, MOST_VARIANTS)),
    "match_mode": ("match_mode", _mode),
    "buttons": ("buttons", lambda name, value: link_rows.from_document(value or ())),
    "enabled": ("enabled", _flag),
    "cooldown_seconds": ("cooldown_seconds", lambda name, value: _number(name, value, LONGEST_COOLDOWN)),
    "reply": ("reply", _flag),
    "delete_trigger": ("delete_trigger", _flag),
    "delete_after": ("delete_after", lambda name, value: _number(name, value, LONGEST_STAY)),
    "hours": ("hours", lambda name, value: parse_hours(str(value)) if value else None),
}


def _check(rule: Rule) -> None:
    if not rule.keywords:
        raise Invalid("keyword", "reply_count", most=MOST_KEYWORDS)
    if not rule.responses:
        raise Invalid("response", "reply_count", most=MOST_VARIANTS)
    for keyword in rule.keywords:
        check_keyword(keyword, rule.match_mode)
    for response in rule.responses:
        templates.check(response, "response")


def check_keyword(keyword: str, mode: MatchMode) -> None:
    """Raise `Invalid` unless a keyword can be searched.

    Reasons: `keyword_long`, `keyword_empty`, `regex` (the detail `words` is RE2's complaint), and
    `regex_empty` for a pattern that every message matches.
    """
    if len(keyword) > LONGEST_KEYWORD:
        raise Invalid("keyword", "keyword_long", limit=LONGEST_KEYWORD)
    if mode is not MatchMode.REGEX:
        if not normalise(keyword).strip():
            raise Invalid("keyword", "keyword_empty")
        return
    try:
        pattern = compile_regex(keyword)
    except re2.error as error:
        words = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise Invalid("keyword", "regex", words=words[:100]) from None
    if pattern.search(""):
        raise Invalid("keyword", "regex_empty")


def check_keywords(written: str, mode: MatchMode) -> None:
    """Raise `Invalid` unless each line can be searched for (see `check_keyword`)."""
    for keyword in filter(None, map(str.strip, written.splitlines())):
        check_keyword(keyword, mode)


def to_document(rule: Rule) -> dict[str, Any]:
    """The rule as it is stored, without its id and place."""
    return {
        "keywords": list(rule.keywords),
        "match_mode": rule.match_mode.value,
        "responses": list(rule.responses),
        "buttons": link_rows.to_document(rule.buttons),
        "cooldown_seconds": rule.cooldown_seconds,
        "reply": rule.reply,
        "delete_trigger": rule.delete_trigger,
        "delete_after": rule.delete_after,
        "hours": str(rule.hours) if rule.hours else None,
    }


def from_document(
    document: Mapping[str, Any], *, id: int, chat_id: int, private: bool, enabled: bool
) -> Rule:
    """A stored rule."""
    hours = document["hours"]
    return Rule(
        id=id,
        chat_id=chat_id,
        private=private,
        keywords=tuple(document["keywords"]),
        match_mode=MatchMode(document["match_mode"]),
        responses=tuple(document["responses"]),
        buttons=link_rows.from_document(document["buttons"]),
        enabled=enabled,
        cooldown_seconds=document["cooldown_seconds"],
        reply=document["reply"],
        delete_trigger=document["delete_trigger"],
        delete_after=document["delete_after"],
        hours=parse_hours(hours) if hours else None,
    )
