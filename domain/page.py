"""What a person is shown: a text in Telegram's HTML with rows of buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.cleaning import is_visible, plain

CALLBACK_LIMIT = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton
NO_LABEL = "…"  # for a name that shows nothing: Telegram refuses a keyboard with an empty label


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: exactly one of `action` (callback data), `url` and `copy` (text to copy) is set.

    `action` is `feature:verb:arguments` and at most 64 bytes; it names what to do and to which id,
    never a permission. The label may be what people wrote: it is cleaned here, and never empty.
    """

    text: str
    action: str | None = None
    url: str | None = None
    copy: str | None = None

    def __post_init__(self) -> None:
        label = plain(self.text)
        object.__setattr__(self, "text", label if is_visible(label) else NO_LABEL)
        if sum(value is not None for value in (self.action, self.url, self.copy)) != 1:
            raise ValueError(f"the button {self.text!r} needs exactly one of action, url and copy")
        if self.action is not None and not 0 < len(self.action.encode()) <= CALLBACK_LIMIT:
            raise ValueError(f"the callback data of {self.text!r} must have 1 to {CALLBACK_LIMIT} bytes")

    def to_api(self) -> dict[str, Any]:
        """The button as Bot API `InlineKeyboardButton`."""
        if self.action is not None:
            return {"text": self.text, "callback_data": self.action}
        if self.url is not None:
            return {"text": self.text, "url": self.url}
        return {"text": self.text, "copy_text": {"text": self.copy}}


@dataclass(frozen=True, slots=True)
class Page:
    """One message to a person. `text` is Telegram HTML; `rows` are inline buttons.

    `keyboard` is a Bot API reply keyboard for the few things inline buttons cannot do (sharing a chat or
    creating a managed bot); it excludes `rows`.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    keyboard: dict[str, Any] | None = None

    def markup(self) -> dict[str, Any] | None:
        """The keyboard as Bot API `reply_markup`."""
        if self.rows:
            return {"inline_keyboard": [[button.to_api() for button in row] for row in self.rows]}
        return self.keyboard


def page(text: str, *rows: Sequence[Button]) -> Page:
    """A page with its rows of buttons; empty rows are dropped."""
    return Page(text, tuple(tuple(row) for row in rows if row))
