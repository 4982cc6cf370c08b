"""Macros: `{click}` and its like, which owners write in postbacks, buttons and texts to leads.

A macro nobody knows stays as it is written; one without a value becomes nothing. In URLs values are
percent-encoded, in texts escaped, so no value can become an address or a tag.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from html import escape
from urllib.parse import quote, urlsplit

from domain.campaigns import SUBS, Campaign
from domain.errors import Invalid
from domain.formatting import cut
from domain.leads import Lead, LeadStatus

NAMES = (
    "click", "status", "campaign", "user", "lead", "subscriber", "username", "chat", "time", "title",
    "first_name", "invite", "source", *SUBS, "event_id", "cost",
)  # fmt: skip

# What a macro may take in a text, in UTF-16 units: longer values are cut there (in URLs they are whole).
WIDEST = dict.fromkeys(NAMES, 64) | {"title": 128, "invite": 128, "status": 1, "time": 20}
SAMPLES: Mapping[str, str] = {
    "click": "abc123", "status": "2", "campaign": "12", "user": "123456789", "lead": "345",
    "subscriber": "123456789", "username": "anna", "chat": "-1001234567890", "time": "1717500000",
    "title": "My channel", "first_name": "Anna", "invite": "https://t.me/+AbCdEf", "source": "blog",
    "sub1": "one", "sub2": "two", "sub3": "three", "sub4": "four", "sub5": "five", "event_id": "test",
    "cost": "0.35",
}  # fmt: skip
MACRO = re.compile(r"\{(" + "|".join(NAMES) + r")\}")
MILLION = 1_000_000


def values_of(
    campaign: Campaign,
    lead: Lead,
    *,
    status: LeadStatus,
    at: datetime,
    event_id: str,
    title: str = "",
    username: str | None = None,
    first_name: str = "",
) -> dict[str, str]:
    """What every macro stands for, for one lead that entered `status` at `at`.

    `{user}` and `{subscriber}` both are the person's Telegram id, `{time}` is in unix seconds, `{cost}` in
    the campaign's currency.
    """
    origin = lead.origin
    return {
        "click": origin.click,
        "status": str(int(status)),
        "campaign": str(campaign.id),
        "user": str(lead.user_id),
        "lead": str(lead.id),
        "subscriber": str(lead.user_id),
        "username": username or "",
        "chat": str(campaign.chat_id),
        "time": str(int(at.timestamp())),
        "title": title,
        "first_name": first_name,
        "invite": origin.invite,
        "source": origin.source,
        **{name: origin.subs.get(name, "") for name in SUBS},
        "event_id": event_id,
        "cost": "" if origin.cost_micros is None else from_micros(origin.cost_micros),
    }


def fill_url(template: str, values: Mapping[str, str]) -> str:
    """A URL with its macros filled in, percent-encoded."""
    return _fill(template, lambda name: quote(values.get(name, ""), safe=""))


def fill_html(name: str, values: Mapping[str, str]) -> str:
    """One macro's value for a text in Telegram's HTML."""
    return escape(cut(values.get(name, ""), WIDEST[name]), quote=False)


def check_button_link(template: str, field: str = "link") -> None:
    """Raise `Invalid` for `field` unless the URL can stand behind a button whatever the values are.

    Reasons: `button_link` (not http, https or tg), `macro_in_host`, `url_too_long`.
    """
    if len(template) > 2048:
        raise Invalid(field, "url_too_long", limit=2048)
    if any(char.isspace() for char in template):
        raise Invalid(field, "button_link")
    sample = fill_url(template, SAMPLES)
    try:
        parts, host = urlsplit(sample), urlsplit(sample).hostname
    except ValueError:
        raise Invalid(field, "button_link") from None
    if parts.scheme not in ("http", "https", "tg") or not host:
        raise Invalid(field, "button_link")
    if MACRO.search(template.partition("://")[2].partition("/")[0].partition("?")[0]):
        raise Invalid(field, "macro_in_host")


def from_micros(micros: int) -> str:
    """Millionths as a decimal number without needless digits."""
    return f"{(Decimal(micros) / MILLION).normalize():f}"


def to_micros(text: str, field: str = "cost") -> int:
    """A decimal number as millionths. Raises `Invalid` for `field` (cost) when it is none, negative, or so
    big that nobody means it."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except ArithmeticError:
        raise Invalid(field, "cost") from None
    if not value.is_finite() or not 0 <= value <= 10**9:
        raise Invalid(field, "cost")
    return int((value * MILLION).to_integral_value())


def _fill(template: str, value: Callable[[str], str]) -> str:
    return MACRO.sub(lambda match: value(match[1]), template)
