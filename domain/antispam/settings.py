"""Settings of the anti-spam of a chat, as they are stored, inherited and spoken by the API."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from domain.antispam.links import allow_entry
from domain.antispam.orders import duration_of
from domain.antispam.sanctions import Action
from domain.antispam.words import SHORTEST, core
from domain.errors import Invalid
from domain.time_words import is_forever

FIRST_DAY = timedelta(days=1)  # how long a new chat is only observed
DAY = 86_400
MOST_WORDS, LONGEST_WORD = 500, 100
MOST_LINKS = 200

Limit = Annotated[int, Meta(ge=2, le=100)]
Seconds = Annotated[int, Meta(ge=5, le=DAY)]
# Telegram takes less than 30 s and more than 366 days for "for ever"
# (https://core.telegram.org/bots/api#restrictchatmember); 0 says so openly.
Sentence = Annotated[int, Meta(ge=0, le=366 * DAY)]
_SENTENCES = ("mute_seconds", "ban_seconds", "warn_seconds")
_SHORTEST_SENTENCE = 30


class Mode(StrEnum):
    """Whether spam is acted on."""

    AUTO = "auto"  # observe during the first day, then act
    OBSERVE = "observe"  # say what would be done
    ON = "on"
    OFF = "off"


class AntiSpamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings with the values a new chat starts with. Durations are seconds, 0 is for ever.

    `log_chat` is where actions are reported; None and 0: in private to the bot's owner.
    """

    mode: Mode = Mode.AUTO
    action: Action = Action.WARN
    mute_seconds: Sentence = DAY
    ban_seconds: Sentence = 0
    warn_limit: Annotated[int, Meta(ge=1, le=20)] = 3
    warn_action: Action = Action.MUTE
    warn_seconds: Sentence = DAY
    notice_seconds: Annotated[int, Meta(ge=0, le=DAY)] = 30  # how long the group sees a notice; 0: none
    log_chat: int | None = None

    block_flood: bool = True
    flood_limit: Limit = 8
    flood_seconds: Seconds = 10
    block_duplicates: bool = True
    duplicate_limit: Limit = 3
    duplicate_seconds: Seconds = 600
    block_newcomers: bool = True
    newcomer_messages: Annotated[int, Meta(ge=1, le=100)] = 3
    newcomer_seconds: Annotated[int, Meta(ge=60, le=30 * DAY)] = 3 * DAY
    block_links: bool = False
    block_invites: bool = True
    block_mentions: bool = False
    block_forwards: bool = False
    block_via_bot: bool = False
    block_words: bool = True
    block_learned: bool = True
    block_mixed: bool = True
    block_stories: bool = True
    block_contacts: bool = False
    block_keyboards: bool = True
    block_channels: bool = False
    block_known: bool = True
    block_profiles: bool = False
    block_judged: bool = False
    banned_words: tuple[str, ...] = ()
    profile_words: tuple[str, ...] = ()
    allowed_links: tuple[str, ...] = ()

    def mode_at(self, now: datetime, since: datetime) -> Mode:
        """The mode in force for a chat that is guarded `since`; never `AUTO`."""
        return mode_at(self.mode, now, since)


def mode_at(mode: Mode, now: datetime, since: datetime) -> Mode:
    """What a mode means for a chat that is guarded `since`; never `AUTO`."""
    if mode is not Mode.AUTO:
        return mode
    return Mode.ON if now - since >= FIRST_DAY else Mode.OBSERVE


FIELDS: tuple[str, ...] = AntiSpamSettings.__struct_fields__
# The checks an admin can switch, with the numbers each has.
CHECKS: dict[str, tuple[str, ...]] = {
    "known": (),
    "flood": ("flood_limit", "flood_seconds"),
    "duplicates": ("duplicate_limit", "duplicate_seconds"),
    "newcomers": ("newcomer_messages", "newcomer_seconds"),
    "words": (),
    "learned": (),
    "judged": (),
    "profiles": (),
    "links": (),
    "invites": (),
    "mentions": (),
    "forwards": (),
    "via_bot": (),
    "mixed": (),
    "stories": (),
    "contacts": (),
    "keyboards": (),
    "channels": (),
}


def from_document(document: Mapping[str, Any]) -> AntiSpamSettings:
    """Settings from a stored document; a field that is missing has its default.

    Raises `Invalid` naming the field.
    """
    known = {name: value for name, value in document.items() if name in FIELDS}
    try:
        return msgspec.convert(known, AntiSpamSettings)
    except msgspec.ValidationError as error:
        raise Invalid(_field_of(str(error)), "antispam_value") from None


def _field_of(words: str) -> str:
    found = re.search(r"`\$\.(\w+)", words)
    return found[1] if found else "settings"


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes in the form they are stored in; None makes a field inherit again.

    Raises `Invalid` naming the field: an unknown one (`unknown_field`), a value out of range
    (`antispam_value`), too many entries (`antispam_many`), `banned_word` or `allowed_link` (the detail
    `entry` tells which).
    """
    if unknown := [name for name in changes if name not in FIELDS]:
        raise Invalid(unknown[0], "unknown_field")
    given = {name: value for name, value in changes.items() if value is not None}
    settings = from_document(given)
    if settings.warn_action is Action.WARN:
        raise Invalid("warn_action", "antispam_value")
    for name in _SENTENCES:
        if 0 < getattr(settings, name) < _SHORTEST_SENTENCE:
            raise Invalid(name, "antispam_value")
    stored: dict[str, Any] = {name: msgspec.to_builtins(getattr(settings, name)) for name in given}
    for name in ("banned_words", "profile_words"):
        if name in given:
            stored[name] = words_of(name, getattr(settings, name))
    if "allowed_links" in given:
        stored["allowed_links"] = allowed_links(settings.allowed_links)
    return {name: stored.get(name) for name in changes}


def words_of(field: str, written: tuple[str, ...]) -> list[str]:
    """A list of words to look for, without doubles, in the order they were written."""
    words = list(dict.fromkeys(filter(None, (" ".join(word.split()) for word in written))))
    if len(words) > MOST_WORDS:
        raise Invalid(field, "antispam_many", limit=MOST_WORDS)
    for word in words:
        if len(word) > LONGEST_WORD or len(core(word)) < SHORTEST:
            raise Invalid(field, "banned_word", entry=word[:LONGEST_WORD])
    return words


def allowed_links(written: tuple[str, ...]) -> list[str]:
    """An allow-list in its stored form, without doubles."""
    entries: dict[str, None] = {}
    for one in filter(str.strip, written):
        entry = allow_entry(one)
        if entry is None:
            raise Invalid("allowed_links", "allowed_link", entry=one[:80])
        entries[entry] = None
    if len(entries) > MOST_LINKS:
        raise Invalid("allowed_links", "antispam_many", limit=MOST_LINKS)
    return list(entries)


NUMBERS = (
    "mute_seconds", "ban_seconds", "warn_limit", "warn_seconds", "notice_seconds",
    *(name for names in CHECKS.values() for name in names),
)  # fmt: skip
LISTS = ("banned_words", "profile_words", "allowed_links")


def read(field: str, text: str) -> Any:
    """A value as people write it: a number, a duration (`30s 10m 2h`, `2 часа`) or a list, one entry a line.

    A dash empties a list. Raises `Invalid` for a number that is none.
    """
    if field in LISTS:
        return (
            () if text.strip() in ("-", "–", "—") else tuple(filter(None, map(str.strip, text.splitlines())))
        )
    if field in _SENTENCES and is_forever(text):
        return 0
    if field.endswith("_seconds") and (seconds := duration_of(text)) is not None:
        return seconds
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 10):
        raise Invalid(field, "antispam_value")
    return int(text)
