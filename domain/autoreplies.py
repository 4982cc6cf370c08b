"""Automatic replies: rules as values, and which of them answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain import link_rows
from domain.errors import Invalid
from domain.link_rows import Rows
from domain.matching import Keyword, Matcher, MatchMode
from domain.welcome import Media

MOST_RULES = 1_000  # of a bot
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
    """An automatic reply. `chat_id` 0 is all groups, or only those in `chats`; `private` rules answer in the
    chat with the bot.

    `keywords` are alternatives; one of the `responses` (Telegram HTML with placeholders) is picked at
    random; there may be none below a picture. Durations are seconds, 0 is none.
    """

    id: int = 0
    chat_id: int = 0
    private: bool = False
    keywords: tuple[str, ...] = ()
    match_mode: MatchMode = MatchMode.CONTAINS
    responses: tuple[str, ...] = ()
    media: Media | None = None
    buttons: Rows = ()
    enabled: bool = True
    cooldown_seconds: int = 0
    reply: bool = True
    delete_trigger: bool = False
    delete_after: int = 0
    hours: Hours | None = None
    chats: tuple[int, ...] = ()

    def listens_in(self, chat_id: int) -> bool:
        """Whether a rule of all groups listens in this one; 0 stands for any."""
        return not self.chats or not chat_id or chat_id in self.chats

    def answers_at(self, now: datetime) -> bool:
        """Whether the rule is on duty."""
        return self.enabled and (self.hours is None or self.hours.include(now))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule answers a text; if not, why: no_match, elsewhere (it listens in other groups), disabled,
    hours, or earlier (another does)."""

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

    def verdicts(self, text: str, now: datetime, chat_id: int = 0) -> list[Verdict]:
        """What each rule makes of a text that is written in this group (0: in any)."""
        matching = {rule.id for rule in self.find(text)}
        found: list[Verdict] = []
        answered = False
        for rule in self.rules:
            if rule.id not in matching:
                reason = "no_match"
            elif not rule.listens_in(chat_id):
                reason = "elsewhere"
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
    scopes: dict[tuple[int, bool, tuple[int, ...]], list[Rule]] = {}
    for rule in rules:
        scopes.setdefault((rule.chat_id, rule.private, rule.chats), []).append(rule)
    found = [verdict for scope in scopes.values() for verdict in RuleBook(scope).verdicts(text, now)]
    return sorted(found, key=lambda verdict: verdict.rule.id)


def to_document(rule: Rule) -> dict[str, Any]:
    """The rule as it is stored, without its id and place."""
    return {
        "keywords": list(rule.keywords),
        "match_mode": rule.match_mode.value,
        "responses": list(rule.responses),
        "media": {"kind": rule.media.kind, "file_id": rule.media.file_id} if rule.media else None,
        "buttons": link_rows.to_document(rule.buttons),
        "cooldown_seconds": rule.cooldown_seconds,
        "reply": rule.reply,
        "delete_trigger": rule.delete_trigger,
        "delete_after": rule.delete_after,
        "hours": str(rule.hours) if rule.hours else None,
        "chats": list(rule.chats),
    }


def from_document(
    document: Mapping[str, Any], *, id: int, chat_id: int, private: bool, enabled: bool
) -> Rule:
    """A stored rule; those of before know neither pictures nor chosen groups."""
    hours, media = document["hours"], document.get("media")
    return Rule(
        id=id,
        chat_id=chat_id,
        private=private,
        keywords=tuple(document["keywords"]),
        match_mode=MatchMode(document["match_mode"]),
        responses=tuple(document["responses"]),
        media=Media(media["kind"], media["file_id"]) if media else None,
        buttons=link_rows.from_document(document["buttons"]),
        enabled=enabled,
        cooldown_seconds=document["cooldown_seconds"],
        reply=document["reply"],
        delete_trigger=document["delete_trigger"],
        delete_after=document["delete_after"],
        hours=parse_hours(hours) if hours else None,
        chats=tuple(document.get("chats", ())),
    )
