"""Whom a greeting is for, and making its text fit Telegram's limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain import formatting, templates

SHOWN_TOGETHER = (10, 5, 3, 1)  # how many names a greeting of many shows, tried in this order


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who came or went. `first` and `last` are set where Telegram told them apart."""

    user_id: int
    name: str
    username: str | None = None
    language_code: str | None = None
    first: str = ""
    last: str = ""


def fitted(
    template: str, limit: int, values: Callable[[int], Mapping[str, str]], guests: int, rules: str
) -> str | None:
    """The template filled so that it keeps within `limit` UTF-16 units; None when it cannot be.

    `values(n)` are the values with at most `n` of the guests named. The rules are left out before the
    greeting would be: they have a button of their own.
    """
    for shown in dict.fromkeys(min(n, guests) for n in SHOWN_TOGETHER):
        for rules_shown in dict.fromkeys((rules, "")):
            html = templates.fill(template, {**values(shown), "rules": rules_shown})
            seen = formatting.plain(html)
            if seen.strip() and formatting.length(seen) <= limit:
                return html
    return None
