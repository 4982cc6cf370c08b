"""Outgoing webhooks: what is told to whom, signed how, and tried how often.

Signatures follow Standard Webhooks (https://www.standardwebhooks.com): the receiver gets `webhook-id`,
`webhook-timestamp` and `webhook-signature`, and checks them with any of its libraries.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import msgspec

from domain.urls import Answer

PREFIX = "whsec_"
TEST = "test"
MOST_WEBHOOKS = 10  # of one bot
OVERLAP = timedelta(days=1)  # an old secret signs beside the new one for so long
TIMEOUT = 15.0  # seconds
KEPT_ANSWER = 4096  # bytes
SLOW = timedelta(seconds=3)  # an answer that takes longer

# After the first failure, the second …; after one more the delivery is dead: ten attempts in three days.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2  # of a delay, more or less
LONGEST_WAIT = timedelta(hours=24)  # whatever Retry-After says
GIVE_UP = timedelta(hours=120)  # of nothing but failures
_PAUSE_FROM = 3  # failures in a row, with which the circuit breaker opens
_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=5)
_GONE, _TOO_MANY, _UNAVAILABLE = 410, 429, 503

# What receivers are told of, by the names of events in our log.
PUBLIC: Mapping[str, str] = {
    "order.created": "order_created",
    "order.completed": "order_completed",
    "order.refunded": "order_refunded",
    "order.disputed": "order_disputed",
    "order.expired": "order_expired",
    "order.canceled": "order_canceled",
    "membership.started": "membership_started",
    "membership.extended": "membership_extended",
    "membership.cancelled": "membership_cancelled",
    "membership.ended": "membership_terminated",
    "membership.expiring": "membership_expiring",
    "chat.join": "member_joined",
    "chat.leave": "member_left",
    "chat.kick": "member_left",
    "chat.ban": "member_left",
    "affiliate.registered": "affiliate_registered",
    "affiliate.joined": "affiliate_joined",
    "affiliate.earned": "affiliate_earned",
    "affiliate.reversed": "affiliate_reversed",
    "affiliate.paid": "affiliate_paid",
    "token.redeemed": "token_redeemed",
    "coupon.used": "coupon_used",
}
_HOW = {"chat.leave": "left", "chat.kick": "removed", "chat.ban": "banned"}
# Fields by the names the membership API has for them.
_FIELDS = {
    "member": "member_id",
    "user": "member_id",
    "project": "project_id",
    "plan": "plan_id",
    "chat": "chat_id",
    "token": "token_id",
    "order": "order_key",
    "type": "order_type",
    "gateway": "payment_gateway",
    "payment": "payment_id",
    "payout": "payout_id",
    "affiliate": "affiliate_member_id",
}
_encode = msgspec.json.Encoder().encode


class State(StrEnum):
    """Of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Why(StrEnum):
    """Why a webhook was switched off."""

    GONE = "gone"  # it said so: 410
    FAILING = "failing"  # nothing arrived for `GIVE_UP`


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a bot's events are sent. `old_until`: until then two secrets sign."""

    id: int
    bot_id: int
    url: str
    enabled: bool
    why_disabled: Why | None
    failing_since: datetime | None
    old_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. `status` and `error` are those of its last attempt."""

    id: int
    webhook_id: int
    event_id: str
    kind: str
    state: State
    attempts: int
    due_at: datetime
    created_at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery. `answer` are the first bytes of what came back; `error` says why nothing did."""

    number: int
    at: datetime
    status: int | None
    answer: bytes | None
    error: str | None
    took_ms: int


def public_event(kind: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """An event of the log as receivers know it: its name and data; None for what concerns us alone."""
    name = PUBLIC.get(kind)
    if name is None or data.get("is_bot") or data.get("was_inside") is False:
        return None
    told = {_FIELDS.get(field, field): value for field, value in data.items()}
    if (how := _HOW.get(kind)) is not None:
        told["how"] = how
        told.pop("source", None)
    return name, told


def make_body(name: str, data: Mapping[str, Any], event_id: str, at: datetime) -> bytes:
    """The body of an event, made once: these bytes are signed and sent at every attempt."""
    return _encode(
        {
            "event": name,
            "debug_id": secrets.token_hex(8),
            "data": data,
            "event_id": event_id,
            "created": int(at.timestamp()),
        }
    )


def new_secret() -> str:
    """A secret to sign with: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """`v1,` and the signature of one message sent at `at`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def request_headers(
    sign_with: Sequence[str], message_id: str, at: datetime, body: bytes, attempt: int
) -> dict[str, str]:
    """The headers of one attempt; while a secret is rotated, the new and the old one sign."""
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(one, message_id, at, body) for one in sign_with),
        "Gatehouse-Attempt": str(attempt),
    }


@dataclass(frozen=True, slots=True)
class Fate:
    """What follows from an attempt: the delivery's state, and when it is `due_at` again while it waits.

    `pause_until`: nothing is sent to this webhook before. `disable`: it is switched off.
    """

    state: State
    due_at: datetime
    pause_until: datetime
    disable: Why | None = None


def arrived(answer: Answer | None) -> bool:
    """Whether the receiver took it: 2xx. A redirect is a failure, it is never followed."""
    return answer is not None and 200 <= answer.status < 300


def fate(
    answer: Answer | None,
    attempts: int,
    failures: int,
    failing_since: datetime | None,
    now: datetime,
    chance: float,
) -> Fate:
    """What follows from an attempt that ended `now`.

    `attempts` and `failures` (in a row, of the webhook) count this one, too. `chance` from 0 to 1 is the
    jitter's.
    """
    if arrived(answer):
        return Fate(State.DELIVERED, now, now)
    if answer is not None and answer.status == _GONE:
        return Fate(State.DEAD, now, now, Why.GONE)
    if failing_since is not None and now - failing_since >= GIVE_UP:
        return Fate(State.DEAD, now, now, Why.FAILING)
    asked = _asked_to_wait(answer, now)
    pause = now + _pause(failures)
    if answer is not None and answer.status in (_TOO_MANY, _UNAVAILABLE):  # it means all of us
        pause = max(pause, now + asked)
    if attempts > len(DELAYS):
        return Fate(State.DEAD, now, pause)
    delay = DELAYS[attempts - 1] * (1 + JITTER * (2 * chance - 1))
    return Fate(State.WAITING, now + max(delay, asked), pause)


def _pause(failures: int) -> timedelta:
    """How long the circuit breaker stays open; no time at all for the first failures in a row."""
    if failures < _PAUSE_FROM:
        return timedelta(0)
    doubled = min(failures - _PAUSE_FROM, 10)
    return min(_PAUSE * (1 << doubled), _LONGEST_PAUSE)


def _asked_to_wait(answer: Answer | None, now: datetime) -> timedelta:
    """What `Retry-After` asks for, in seconds or as a date; what cannot be read asks for nothing."""
    text = answer.headers.get("retry-after", "").strip() if answer is not None else ""
    wanted = timedelta(0)
    if text.isascii() and text.isdigit():
        wanted = timedelta(seconds=int(text[:9]))
    elif text:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return wanted
        wanted = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wanted, timedelta(0)), LONGEST_WAIT)
