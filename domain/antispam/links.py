"""Addresses in messages: where they lead, and whether that is allowed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

_TELEGRAM = ("t.me", "telegram.me", "telegram.dog")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):/*", re.IGNORECASE)
_INVITES = ("joinchat", "addlist")
_NOT_NAMES = ("c", "s", "share", "addstickers", "addemoji", "addtheme", "setlanguage", "proxy", "socks", "iv")
_NAME = re.compile(r"[a-z][a-z0-9_]{2,31}")
MOST_KEPT, LONGEST_KEPT = 32, 200  # addresses, characters of each
_DOMAIN = re.compile(r"(?:[^\s/.@:]{1,63}\.)+[^\s/.@:]{2,63}")


@dataclass(frozen=True, slots=True)
class Link:
    """An address. `name` is the t.me name it opens, `chat` the chat of a private t.me/c/… message link."""

    host: str
    name: str | None = None
    invite: bool = False
    chat: int | None = None


@lru_cache(maxsize=4096)
def parse_link(url: str) -> Link:
    """Where an address leads (https://core.telegram.org/api/links for Telegram's own)."""
    text = url.strip().lower()
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text.lstrip("/")
    if scheme and scheme[1] == "tg":
        return _deep_link(rest)
    authority, _, path = re.split(r"[?#]", rest)[0].partition("/")
    host = authority.rpartition("@")[2].split(":")[0].strip(".").removeprefix("www.")
    if host in _TELEGRAM:
        return _telegram(host, path)
    for telegram in _TELEGRAM:  # name.t.me
        if host.endswith(f".{telegram}"):
            return Link(telegram, name=host.removesuffix(f".{telegram}"))
    return Link(host)


def _telegram(host: str, path: str) -> Link:
    first, _, rest = path.strip("/").partition("/")
    if first.startswith(("+", "%2b")) or first in _INVITES:
        return Link(host, invite=True)
    if first == "c" and (number := rest.split("/")[0]).isdecimal():
        return Link(host, chat=int(f"-100{number[:18]}"))
    if first == "s":
        first = rest.split("/")[0]
    name = first if _NAME.fullmatch(first) and first not in _NOT_NAMES else None
    return Link(host, name=name)


def _deep_link(rest: str) -> Link:
    verb, _, query = rest.partition("?")
    values = dict(part.partition("=")[::2] for part in query.split("&"))
    if verb.strip("/") in ("join", "addlist"):
        return Link("t.me", invite=True)
    return Link("t.me", name=values.get("domain"))


def is_allowed(link: Link, allowed: frozenset[str], chat_id: int) -> bool:
    """Whether an allow-list (`allow_entry`) or the chat itself vouches for an address."""
    if link.chat is not None:
        return link.chat == chat_id
    if link.name is not None and f"@{link.name}" in allowed:
        return True
    if link.invite:
        return False
    labels = link.host.split(".")
    return any(".".join(labels[start:]) in allowed for start in range(len(labels) - 1))


def allow_entry(written: str) -> str | None:
    """An entry of an allow-list in its stored form: `example.com` or `@name`; None when it is neither."""
    text = written.strip().lower()
    if text.startswith("@"):
        return text if _NAME.fullmatch(text[1:]) else None
    link = parse_link(text)
    if link.name is not None:
        return f"@{link.name}"
    if link.invite or link.chat is not None:
        return None
    return link.host if _DOMAIN.fullmatch(link.host) else None


def kept(urls: Iterable[str]) -> tuple[str, ...]:
    """Addresses of a message, as far as they are kept: a hostile one may hold a hundred long ones, or one
    so often that no other is looked at."""
    return tuple(islice(dict.fromkeys(url[:LONGEST_KEPT] for url in urls), MOST_KEPT))
