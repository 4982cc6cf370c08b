"""What can be set about an automatic reply: fields by their API names, checked before a rule is saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import re2

from domain import link_rows, templates
from domain.autoreplies import Rule, parse_hours
from domain.errors import Invalid
from domain.matching import MatchMode, compile_regex, normalise
from domain.welcome import Media, media_document

MOST_KEYWORDS, LONGEST_KEYWORD = 50, 200
MOST_VARIANTS = 20
MOST_PLACES = 100  # groups that a rule of all groups can be kept to
LONGEST_COOLDOWN = 30 * 86_400  # seconds
LONGEST_STAY = 172_800  # seconds: bots delete messages younger than 48 hours


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


def _texts(name: str, value: object, most: int, least: int = 1) -> tuple[str, ...]:
    given: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    texts = [one.strip() for one in given if isinstance(one, str)]
    if len(texts) < len(given):
        raise Invalid(name)
    found = tuple(dict.fromkeys(filter(None, texts)))
    if not least <= len(found) <= most:
        raise Invalid(name, "reply_count", most=most)
    return found


def _media(name: str, value: object) -> Media | None:
    document = media_document(value or {}, name)
    return Media(document["kind"], document["file_id"]) if document else None


def _places(name: str, value: object) -> tuple[int, ...]:
    given: Sequence[object] = value if isinstance(value, list | tuple) else ()
    found = [int(one) for one in given if isinstance(one, int) and not isinstance(one, bool) and one < 0]
    if not isinstance(value, list | tuple) or len(found) < len(given):
        raise Invalid(name)
    if len(found) > MOST_PLACES:
        raise Invalid(name, "reply_count", most=MOST_PLACES)
    return tuple(sorted(set(found)))


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
    "response": ("responses", lambda name, value: _texts(name, value, MOST_VARIANTS, least=0)),
    "media": ("media", _media),
    "match_mode": ("match_mode", _mode),
    "buttons": ("buttons", lambda name, value: link_rows.from_document(value or ())),
    "enabled": ("enabled", _flag),
    "cooldown_seconds": ("cooldown_seconds", lambda name, value: _number(name, value, LONGEST_COOLDOWN)),
    "reply": ("reply", _flag),
    "delete_trigger": ("delete_trigger", _flag),
    "delete_after": ("delete_after", lambda name, value: _number(name, value, LONGEST_STAY)),
    "hours": ("hours", lambda name, value: parse_hours(str(value)) if value else None),
    "group_ids": ("chats", _places),
}


def _check(rule: Rule) -> None:
    if not rule.keywords:
        raise Invalid("keyword", "reply_count", most=MOST_KEYWORDS)
    if not rule.responses and rule.media is None:
        raise Invalid("response", "reply_count", most=MOST_VARIANTS)
    if rule.chats and (rule.chat_id or rule.private):
        raise Invalid("group_ids", "reply_places")
    for keyword in rule.keywords:
        check_keyword(keyword, rule.match_mode)
    for response in rule.responses:
        _check_response(response, below_picture=rule.media is not None)


def _check_response(response: str, *, below_picture: bool) -> None:
    if not below_picture:
        templates.check(response, "response")
        return
    try:
        templates.check(response, "response", limit=templates.CAPTION_LIMIT)
    except Invalid as error:
        if error.reason != "too_long":
            raise
        sizes = {name: error.details[name] for name in ("length", "limit")}
        raise Invalid("response", "caption_too_long", **sizes) from None


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
