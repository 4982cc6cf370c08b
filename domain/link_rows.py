"""Rows of link buttons as owners write them: `Label - https://…`, a line per row, `|` between neighbours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from domain.errors import Invalid

MOST_ROWS, MOST_IN_ROW = 10, 4
LABEL_LIMIT, URL_LIMIT = 64, 512  # characters

_WRITTEN = re.compile(r"(.+?)\s*[-–—:]\s*(\S+)", re.S)
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_BARE = re.compile(r"(?:www\.)?(?:[\w-]+\.)+[A-Za-z]{2,}(?:/\S*)?")


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button that opens `url`."""

    text: str
    url: str


Rows = tuple[tuple[LinkButton, ...], ...]


def parse(written: str, field: str = "buttons") -> Rows:
    """Rows from what an owner wrote.

    Raises `Invalid` for `field`: `button_line` (the detail `line` is what could not be read), or what
    `checked` raises.
    """
    rows: list[list[LinkButton]] = []
    for line in filter(None, map(str.strip, written.splitlines())):
        row: list[LinkButton] = []
        for part in line.split("|"):
            match = _WRITTEN.fullmatch(part.strip())
            if match is None:
                raise Invalid(field, "button_line", line=part.strip()[:80])
            row.append(LinkButton(match[1].strip(), match[2]))
        rows.append(row)
    return checked(rows, field)


def written(rows: Rows) -> str:
    """Rows the way `parse` reads them."""
    return "\n".join(" | ".join(f"{one.text} - {one.url}" for one in row) for row in rows)


def from_document(rows: object, field: str = "buttons") -> Rows:
    """Rows from a document or an API: lists of `{"text": …, "url": …}`, or one string as owners write it.

    Raises `Invalid` for `field`.
    """
    if isinstance(rows, str):
        return parse(rows, field)
    if not isinstance(rows, list | tuple):
        raise Invalid(field)
    found = [
        [_button(one, field) for one in (row if isinstance(row, list | tuple) else [row])] for row in rows
    ]
    return checked(found, field)


def to_document(rows: Rows) -> list[list[dict[str, str]]]:
    """Rows for a document."""
    return [[{"text": one.text, "url": one.url} for one in row] for row in rows]


def checked(rows: Sequence[Sequence[LinkButton]], field: str = "buttons") -> Rows:
    """The rows with their addresses normalised.

    Raises `Invalid` for `field`: `button_count`, `button_label`, or `button_url` (the detail `url` tells).
    """
    if len(rows) > MOST_ROWS or any(not 0 < len(row) <= MOST_IN_ROW for row in rows):
        raise Invalid(field, "button_count", rows=MOST_ROWS, columns=MOST_IN_ROW)
    for row in rows:
        for one in row:
            if not 0 < len(one.text.strip()) <= LABEL_LIMIT:
                raise Invalid(field, "button_label", limit=LABEL_LIMIT)
    return tuple(tuple(LinkButton(one.text.strip(), address(one.url, field)) for one in row) for row in rows)


def address(url: str, field: str = "buttons") -> str:
    """A safe address for a button: https only, since members press it trusting the group.

    `t.me/name` and the like get their scheme. Raises `Invalid` with the reason `button_url`.
    """
    whole = url if "://" in url or not _BARE.fullmatch(url) else f"https://{url}"
    try:
        parts = urlsplit(whole)
        port_ok = parts.port is None or 0 < parts.port < 65_536
    except ValueError:
        raise Invalid(field, "button_url", url=url[:80]) from None
    good = (
        len(whole) <= URL_LIMIT
        and whole.isprintable()
        and not re.search(r"\s", whole)
        and parts.scheme.lower() == "https"
        and "@" not in parts.netloc  # https://bank.com@evil.com shows another address than it opens
        and port_ok
        and _HOST.fullmatch(parts.hostname or "") is not None
    )
    if not good:
        raise Invalid(field, "button_url", url=url[:80])
    return whole


def _button(one: object, field: str) -> LinkButton:
    if not isinstance(one, Mapping):
        raise Invalid(field)
    values: Mapping[Any, Any] = one
    text, url = values.get("text"), values.get("url")
    if not isinstance(text, str) or not isinstance(url, str):
        raise Invalid(field)
    return LinkButton(text, url)
