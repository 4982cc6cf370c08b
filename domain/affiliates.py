"""Affiliate ids: what stands in `t.me/<bot>?start=r_<id>`."""

import re
import secrets
from dataclasses import dataclass

from domain.errors import Invalid

LINK_PREFIX = "r_"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{2,11}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # without those that look like digits
_SYMBOLS = _LETTERS + "23456789"


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of an affiliate's link: clicks, the different people behind them, those who are his
    invitees, and those of them who became members."""

    clicks: int
    visitors: int
    invited: int
    members: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """An affiliate in the owner's list."""

    member_id: int
    affiliate_id: str
    name: str
    username: str | None
    counts: Counts


def check_affiliate_id(text: str) -> str:
    """An id: a letter first, 3 to 12 letters and digits. Raises `Invalid` (affiliate_id)."""
    text = text.strip()
    if not _ID.fullmatch(text):
        raise Invalid("affiliate_id", "affiliate_id")
    return text


def new_affiliate_id() -> str:
    """A random id of 8 characters."""
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_SYMBOLS) for _ in range(7))


def affiliate_link(bot_username: str, affiliate_id: str) -> str:
    """The link that leads somebody to the bot in the affiliate's name."""
    return f"https://t.me/{bot_username}?start={LINK_PREFIX}{affiliate_id}"
