"""Welcome and goodbye of a chat: what can be set, under the names the automation API knows.

A document holds only what was set; a missing field inherits from `_default`, and from here where that
lacks it, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain import link_rows, templates
from domain.errors import Invalid
from domain.link_rows import Rows

MOST_VARIANTS = 10
LONGEST_DELAY = 7 * 86_400  # seconds
RULES_PLACEHOLDERS = ("chat", "count")
RULES_LIMIT = 3_500  # UTF-16 units: with its heading it still fits one message
EPHEMERAL_RIGHT = "can_send_welcome_messages"  # what a bot needs to write to a newcomer alone


class Side(StrEnum):
    """Which of the two messages."""

    WELCOME = "welcome"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or film by Telegram's `file_id`, which is good for one bot. `kind` names the parameter."""

    kind: str  # photo | video | animation
    file_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """What an administrator sent to be used: Telegram HTML, with the picture it came with."""

    html: str
    media: Media | None = None


class Part(StrEnum):
    """What can be written in chat."""

    TEXT = "text"  # instead of all variants
    VARIANT = "variant"  # one more
    BUTTONS = "buttons"
    BACK = "back"
    RULES = "rules"
    MEDIA = "media"  # only to be removed: it comes with a text


@dataclass(frozen=True, slots=True)
class Greeting:
    """One of the two messages. `delete_after` is in seconds, 0 for never; `thread_id` 0 is the main topic."""

    enabled: bool = False
    texts: tuple[str, ...] = ()
    media: Media | None = None
    buttons: Rows = ()
    delete_previous: bool = False
    delete_after: int = 0
    silent: bool = False
    thread_id: int = 0


@dataclass(frozen=True, slots=True)
class WelcomeSettings:
    """All about coming and going in a chat."""

    welcome: Greeting = Greeting()
    goodbye: Greeting = Greeting()
    back_text: str = ""
    only_newcomer: bool = False
    clean_service: bool = False
    rules_text: str = ""
    rules_button: bool = True

    def of(self, side: Side) -> Greeting:
        """The message of that side."""
        return self.welcome if side is Side.WELCOME else self.goodbye


MEDIA_KINDS = ("photo", "video", "animation")
_OF_SIDE = ("enabled", "texts", "media", "buttons", "delete_previous", "delete_after", "silent", "thread_id")
_OF_WELCOME = ("welcome_back_text", "welcome_only_newcomer", "clean_service", "rules_text", "rules_button")


def fields_of(side: Side) -> tuple[str, ...]:
    """Names of all fields that belong to one side; what both share counts as the welcome's."""
    own = tuple(f"{side}_{name}" for name in _OF_SIDE)
    return own + _OF_WELCOME if side is Side.WELCOME else own


def from_document(document: Mapping[str, Any]) -> WelcomeSettings:
    """Settings from a document that `checked` has let pass."""
    return WelcomeSettings(
        welcome=_greeting(document, Side.WELCOME),
        goodbye=_greeting(document, Side.GOODBYE),
        back_text=document.get("welcome_back_text", ""),
        only_newcomer=document.get("welcome_only_newcomer", False),
        clean_service=document.get("clean_service", False),
        rules_text=document.get("rules_text", ""),
        rules_button=document.get("rules_button", True),
    )


def _greeting(document: Mapping[str, Any], side: Side) -> Greeting:
    def field(name: str, default: Any) -> Any:
        return document.get(f"{side}_{name}", default)

    media = field("media", {})
    return Greeting(
        enabled=field("enabled", False),
        texts=tuple(field("texts", ())),
        media=Media(media["kind"], media["file_id"]) if media else None,
        buttons=link_rows.from_document(field("buttons", ())),
        delete_previous=field("delete_previous", False),
        delete_after=field("delete_after", 0),
        silent=field("silent", False),
        thread_id=field("thread_id", 0),
    )


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as they go into a document; None stays None and makes the field inherit.

    `welcome_text` and `goodbye_text` stand for a list of one variant. Raises `Invalid` for the field that
    is unknown or unusable.
    """
    result: dict[str, Any] = {}
    for given, value in changes.items():
        name = given
        if given in ("welcome_text", "goodbye_text"):
            name, value = f"{given}s", [value] if isinstance(value, str) and value else value or None
        check = _CHECKS.get(name)
        if check is None:
            raise Invalid(given, "unknown_field")
        result[name] = None if value is None else check(value, given)
    return result


def check_fits(settings: WelcomeSettings) -> None:
    """Raise `Invalid` (`caption_too_long`) when a text does not fit below the picture it would go with."""
    for side in Side:
        greeting = settings.of(side)
        texts = (*greeting.texts, settings.back_text) if side is Side.WELCOME else greeting.texts
        if greeting.media is None:
            continue
        for text in filter(None, texts):
            try:
                templates.check(text, f"{side}_texts", limit=templates.CAPTION_LIMIT)
            except Invalid as error:
                raise Invalid(f"{side}_texts", "caption_too_long", **_sizes(error)) from None


def _sizes(error: Invalid) -> dict[str, object]:
    return {name: error.details[name] for name in ("length", "limit") if name in error.details}


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(field)
    return value


def _number(most: int) -> Callable[[Any, str], int]:
    def check(value: Any, field: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise Invalid(field, "number", most=most)
        return value

    return check


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid(field)
    if value:
        templates.check(value, field)
    return value


def _texts(value: Any, field: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Invalid(field)
    if len(value) > MOST_VARIANTS:
        raise Invalid(field, "variants", most=MOST_VARIANTS)
    for one in value:
        templates.check(one, field)
    return list(dict.fromkeys(value))


def _rules(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid(field)
    if value:
        templates.check(value, field, allowed=RULES_PLACEHOLDERS, limit=RULES_LIMIT)
    return value


def media_document(value: Any, field: str) -> dict[str, str]:
    """A picture or film in the form it is stored in; empty for none. Raises `Invalid` for the field."""
    if value in ({}, "", False):
        return {}
    if not isinstance(value, Mapping):
        raise Invalid(field)
    kind, file_id = value.get("kind"), value.get("file_id")
    if kind not in MEDIA_KINDS or not isinstance(file_id, str) or not 0 < len(file_id) <= 256:
        raise Invalid(field)
    return {"kind": kind, "file_id": file_id}


def _buttons(value: Any, field: str) -> list[list[dict[str, str]]]:
    return link_rows.to_document(link_rows.from_document(value, field))


_BY_NAME: dict[str, Callable[[Any, str], Any]] = {
    "enabled": _flag,
    "texts": _texts,
    "media": media_document,
    "buttons": _buttons,
    "delete_previous": _flag,
    "delete_after": _number(LONGEST_DELAY),
    "silent": _flag,
    "thread_id": _number(2**53),
}
_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    **{f"{side}_{name}": check for side in Side for name, check in _BY_NAME.items()},
    "welcome_back_text": _text,
    "welcome_only_newcomer": _flag,
    "clean_service": _flag,
    "rules_text": _rules,
    "rules_button": _flag,
}
