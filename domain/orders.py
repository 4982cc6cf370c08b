"""Orders: one purchase attempt each, PENDING until money is proven. Late money always credits."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from domain.money import Money

LINK_PREFIX, SALE_PREFIX = "order_", "sale_"
STARS, TELEGRAM, CREDIT, TOKEN, GIFT, FREE = (
    "telegram_stars", "telegram", "credit", "access_token", "gift", "coupon",
)  # fmt: skip
# What gives access without money: in the list of orders, but no sale.
NO_SALE = frozenset({TOKEN, GIFT})
BY_TELEGRAM = frozenset({STARS, TELEGRAM})  # Telegram itself tells of the money
HOLD = timedelta(minutes=20)  # an order in the chat holds its place and its coupon that long
CHECKOUT_HOLD = timedelta(hours=24)  # one paid on a provider's page
CLOSING = timedelta(minutes=10)  # between saying yes to Telegram at pre-checkout and the news of the money


class Status(StrEnum):
    """As the membership API names them."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    REFUNDED = "REFUNDED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"
    DISPUTED = "DISPUTED"


class Kind(IntEnum):
    """`order_type` of the membership API."""

    NEW = 1
    RENEWAL = 2  # of a membership that ran
    RECURRING = 3  # a later charge of a subscription
    GIFT = 4  # a gift of the owner, or an access token
    DONATION = 5


class Which(StrEnum):
    """Which orders the owner looks at."""

    ALL = "all"
    PAID = "paid"
    WAITING = "waiting"
    TROUBLE = "trouble"  # he has to decide something


class Settled(StrEnum):
    """What became of a proof."""

    CREDITED = "credited"
    UNCLAIMED = "unclaimed"  # paid for somebody we do not know yet
    REPEATED = "repeated"  # known already: nothing changed
    MISMATCH = "mismatch"  # not what was asked for: the owner decides
    SENT_BACK = "sent_back"  # a second payment that is to be refunded
    REVOKED = "revoked"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # no order of ours
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `price` is what the plan cost then, `discount` what a coupon took off it, `amount` what is
    to be paid: in the gateway's currency.

    It holds its place among `max_customers` and its coupon while it is PENDING and until `expires_at`.
    `member_id` None: made by API for somebody who claims it by its link.
    """

    id: int
    bot_id: int
    key: str
    kind: Kind
    status: Status
    member_id: int | None
    email: str | None
    plan_id: int
    plan_name: str
    project_id: int
    length: str
    gateway: str
    ref: str | None
    checkout_url: str | None
    price: Money
    discount: Money
    amount: Money
    coupon_id: int | None
    subscription_id: int | None
    recurring: bool
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None
    closed_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """True while it keeps a place and its coupon for its buyer."""
        return self.status is Status.PENDING and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came for an order. `accepted` False: it was not what was asked for, and the owner decides.
    `refunded` are minor units that went back."""

    id: int
    bot_id: int
    order_id: int
    gateway: str
    charge_id: str
    member_id: int | None
    paid: Money
    paid_at: datetime
    accepted: bool
    grant_id: int | None
    refunded: int
    refunded_at: datetime | None
    disputed_at: datetime | None

    @property
    def stands(self) -> bool:
        """True while the money is ours."""
        return self.accepted and self.disputed_at is None and self.refunded < self.paid.minor


def new_key(now: datetime) -> str:
    """A new order's key: unique for ever, and not to be guessed, since its link claims what was paid."""
    chance = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    return f"GH-{now:%Y%m%d}-{chance}"


def order_link(bot_username: str, key: str) -> str:
    """The link to an order: shows its payer what became of it, and lets whoever paid without being known
    claim it."""
    return f"https://t.me/{bot_username}?start={LINK_PREFIX}{key}"


def sale_link(bot_username: str, order_id: int) -> str:
    """The link to an order's panel, for the owner of the bot."""
    return f"https://t.me/{bot_username}?start={SALE_PREFIX}{order_id}"


def enough(paid: Money, wanted: Money) -> bool:
    """Whether what came is what was asked for (more does no harm)."""
    return paid.currency == wanted.currency and paid.minor >= wanted.minor
