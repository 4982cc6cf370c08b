"""Keyboards as Telegram checks them."""

from __future__ import annotations

import re
from typing import Any

from sandbox.errors import bad_request
from sandbox.limits import BUTTONS, CALLBACK_DATA_BYTES
from sandbox.model import Chat, Json

_WEB_LINK = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?(?:[/?#]\S*)?"
    # Loopback addresses are allowed here, and only here: local applications link to themselves.
    r"|https?://(?:localhost|\[::1\]|127\.0\.0\.1)(?::\d+)?(?:[/?#]\S*)?"
    r"|(?:tg|ton)://\S+",
    re.IGNORECASE,
)
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)


def keyboards(markup: Json | None, chat: Chat) -> tuple[Json | None, Json | None]:
    """Split ``reply_markup`` into the inline keyboard and what concerns the reply keyboard."""
    if markup is None or not markup:
        return None, None
    if "inline_keyboard" in markup:
        return inline_keyboard(markup), None
    if chat.is_channel:
        raise bad_request("reply keyboards can't be sent to channel chats")
    if "keyboard" in markup:
        return None, {**markup, "keyboard": _reply_rows(markup["keyboard"], chat)}
    return None, markup


def inline_keyboard(markup: Json | None) -> Json | None:
    """A checked inline keyboard; an empty one is none.

    Raises:
        TelegramError: in Telegram's words.
    """
    if markup is None or not markup:
        return None
    rows = markup.get("inline_keyboard")
    if rows is None:
        raise bad_request("inline keyboard expected")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array')
    checked = [[_inline_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": checked} if checked else None


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    actions = [name for name in _ACTIONS if button.get(name) is not None]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not _WEB_LINK.fullmatch(str(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    web_app = button.get("web_app")
    if web_app is not None and not str(web_app.get("url", "")).startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{web_app.get('url')}' is invalid: "
            "Only HTTPS links are allowed"
        )
    copied = button.get("copy_text")
    if copied is not None and not 1 <= len(str(copied.get("text", ""))) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button


def _reply_rows(rows: Any, chat: Chat) -> list[list[Json]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse reply keyboard: Field "keyboard" must be an Array of Arrays')
    checked = [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]
    for button in (button for row in checked for button in row):
        if not str(button.get("text", "")).strip():
            raise bad_request('can\'t parse keyboard button: Field "text" must be non-empty')
        if not chat.is_private and any(name.startswith("request_") for name in button):
            raise bad_request("request buttons can be used in private chats only")
    return checked
