"""Putting what people wrote into Telegram's HTML."""

import html

from domain.cleaning import plain

__all__ = ["bold", "code", "esc", "link", "mention", "plain", "shorten", "strike"]


def esc(text: object) -> str:
    """The text for use inside Telegram HTML: cleaned (`plain`) and escaped."""
    return html.escape(plain(text), quote=True)


def bold(text: object) -> str:
    """Escaped, in bold."""
    return f"<b>{esc(text)}</b>"


def code(text: object) -> str:
    """Escaped, in monospace: one tap copies it."""
    return f"<code>{esc(text)}</code>"


def mention(user_id: int, name: object) -> str:
    """A name that opens the person's profile."""
    return f'<a href="tg://user?id={user_id}">{esc(name) or user_id}</a>'


def link(url: str, label: object) -> str:
    """A link with a label."""
    return f'<a href="{html.escape(url, quote=True)}">{esc(label)}</a>'


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut. For text before escaping."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def strike(text: object) -> str:
    """Escaped, struck out."""
    return f"<s>{esc(text)}</s>"
