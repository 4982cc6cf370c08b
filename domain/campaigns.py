"""Campaigns: a chat that is advertised, the links that lead to it, and what is said on the way."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from domain.cleaning import is_visible
from domain.creatives import Creative
from domain.errors import Invalid

CODE_PREFIX = "go"  # of campaign codes, and so of their start links
LONGEST_NAME, LONGEST_SOURCE = 128, 32  # Telegram names invite links with 32 characters at most
LONGEST_WINDOW = 366 * 86_400  # seconds
SUBS = ("sub1", "sub2", "sub3", "sub4", "sub5")
LONGEST_CLICK = 512  # characters

_CODE_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE = re.compile(r"[A-Za-z0-9]{1,16}")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_LONGEST_PAYLOAD = 64  # characters of a start parameter, https://core.telegram.org/bots/features#deep-linking


def check_name(name: str) -> str:
    """A campaign's name. Raises `Invalid` (name, campaign_name)."""
    name = " ".join(name.split())
    if not is_visible(name) or len(name) > LONGEST_NAME:
        raise Invalid("name", "campaign_name", limit=LONGEST_NAME)
    return name


def check_source(source: str) -> str:
    """The name of an invite link. Raises `Invalid` (source)."""
    source = " ".join(source.split())
    if not is_visible(source) or len(source) > LONGEST_SOURCE:
        raise Invalid("source", "source", limit=LONGEST_SOURCE)
    return source


def check_window(seconds: int) -> int:
    """How long after an approve a leave is told, in seconds. Raises `Invalid` (unsub_window, window)."""
    if not 0 <= seconds <= LONGEST_WINDOW:
        raise Invalid("unsub_window", "window", days=LONGEST_WINDOW // 86_400)
    return seconds


class CampaignStatus(IntEnum):
    """The numbers of the wire contract."""

    ACTIVE = 0
    PAUSED = 1  # no new leads, no postbacks
    DELETED = 2  # softly: its leads stay


@dataclass(frozen=True, slots=True)
class Campaign:
    """One bot's campaign for one chat; one live campaign per pair.

    `unsub_window` is in seconds (0 never closes). `cost_micros` is all the money spent on it, in millionths
    of `currency`; None when nobody said.
    """

    id: int
    owner_id: int
    bot_id: int
    chat_id: int
    code: str
    name: str
    status: CampaignStatus
    creative: Creative
    unsub_window: int
    auto_approve: bool
    cost_micros: int | None
    currency: str
    created_at: datetime

    @property
    def active(self) -> bool:
        return self.status is CampaignStatus.ACTIVE

    @property
    def live(self) -> bool:
        return self.status is not CampaignStatus.DELETED


@dataclass(frozen=True, slots=True)
class CampaignLink:
    """A named invite link of a campaign; the one without `source` stands behind its button."""

    id: int
    campaign_id: int
    invite_link: str
    source: str
    asks: bool
    created_at: datetime
    revoked_at: datetime | None


def new_code() -> str:
    """A campaign's code: some 46 random bits, no letters that look alike."""
    return CODE_PREFIX + "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))


def is_code(text: str) -> bool:
    """Whether it can be a campaign's code at all: what people put into an address can be anything."""
    return _CODE.fullmatch(text) is not None


def new_token() -> str:
    """The token of a stored click: some 69 random bits."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(12))


@dataclass(frozen=True, slots=True)
class StartPayload:
    """What a start link of a campaign carries: a click as it is, or the token of a stored one."""

    code: str
    click: str = ""
    token: str = ""


def read_payload(payload: str) -> StartPayload:
    """`<code>`, `<code>-<click>` or `<code>--<token>`."""
    code, dash, rest = payload.partition("-")
    if not dash:
        return StartPayload(code)
    if rest.startswith("-"):
        return StartPayload(code, token=rest[1:])
    return StartPayload(code, click=rest)


def fits_start(code: str, click: str) -> bool:
    """Whether a click can travel in the start link itself; others go through `/go/` and are stored."""
    return not click or (
        _PLAIN.fullmatch(click) is not None and len(code) + 1 + len(click) <= _LONGEST_PAYLOAD
    )


def start_link(username: str, code: str, *, click: str = "", token: str = "") -> str:
    """The address that opens the bot with the campaign's link."""
    tail = f"--{token}" if token else f"-{click}" if click else ""
    return f"https://t.me/{username}?start={code}{tail}"


def redirect_link(public_url: str, code: str) -> str:
    """Our own address that stores a click of any length and leads on; empty without a public URL."""
    return f"{public_url.rstrip('/')}/go/{code}" if public_url else ""
