"""Coupons: what they take off a price, and for whom, when and where they count."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from domain.errors import Invalid
from domain.money import Money, digits

LINK_PREFIX = "coupon_"
MOST_USES = 1_000_000
OPTIONS = ("newcomers", "singleuse", "invitee_only", "auto_apply")  # switches, by the API's names
_NAME = re.compile(r"[A-Za-z0-9_-]{3,32}")
_SYMBOLS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without those that look alike
_HUNDRED = Decimal(100)


class Direction(StrEnum):
    """As the membership API names it."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Revenue:
    """For members who have paid more (or less) than `amount` of `currency` so far, all in all."""

    direction: Direction
    amount: Decimal
    currency: str

    def holds(self, spent: Decimal | None) -> bool:
        """Whether it is true of somebody who has `spent` so much (None: nobody can say, so no)."""
        if spent is None:
            return False
        return spent > self.amount if self.direction is Direction.ABOVE else spent < self.amount


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon. `percent` and `amount` are taken off; `amount`, `min_amount` and `max_amount` are in whole
    units of whatever currency the plan has. 0 is no limit for `max_amount` and `uses`; empty `plans` and
    `gateways` are all of them. `expires_at` is the first moment it counts no more.
    """

    id: int
    name: str
    percent: Decimal
    amount: Decimal
    min_amount: Decimal
    max_amount: Decimal
    uses: int
    plans: frozenset[int]
    gateways: frozenset[str]
    revenue: Revenue | None
    newcomers: bool
    singleuse: bool
    invitee_only: bool
    auto_apply: bool
    enabled: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """Orders that use a coupon, or hold it while they are open: of everybody, and of the buyer."""

    all: int = 0
    his: int = 0


@dataclass(frozen=True, slots=True)
class Buyer:
    """What coupons look at in a person. `spent` is what he has paid so far, by the currency it is counted
    in; a currency that is missing nobody can say."""

    newcomer: bool
    invited: bool
    spent: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """A coupon on an order: `amount` is what is left to pay."""

    coupon_id: int
    name: str
    amount: Money


def to_pay(coupon: Coupon, price: Money) -> Money:
    """What is left of a price, rounded half up to the currency's digits; never below zero nor above the
    price."""
    left = price.amount * (_HUNDRED - coupon.percent) / _HUNDRED - coupon.amount
    minor = int(left.scaleb(digits(price.currency)).quantize(Decimal(1), ROUND_HALF_UP))
    return Money(min(max(minor, 0), price.minor), price.currency)


def closed(coupon: Coupon, taken: Taken, now: datetime) -> str | None:
    """Why a coupon counts for nobody now, as a stable word."""
    if not coupon.enabled:
        return "coupon_disabled"
    if coupon.expires_at is not None and coupon.expires_at <= now:
        return "coupon_expired"
    return "coupon_used_up" if 0 < coupon.uses <= taken.all else None


def unfit(coupon: Coupon, buyer: Buyer | None, taken: Taken) -> str | None:
    """Why a coupon is not for this person (None: nobody knows yet who buys), as a stable word."""
    if coupon.singleuse and (buyer is None or taken.his):
        return "coupon_once"
    if coupon.newcomers and (buyer is None or not buyer.newcomer):
        return "coupon_newcomers"
    if coupon.invitee_only and (buyer is None or not buyer.invited):
        return "coupon_invited"
    if (revenue := coupon.revenue) is not None:
        spent = buyer.spent.get(revenue.currency) if buyer is not None else None
        return None if revenue.holds(spent) else "coupon_revenue"
    return None


def misplaced(coupon: Coupon, plan_id: int, price: Money, gateway: str | None) -> str | None:
    """Why a coupon is not for this plan and way of paying (None: not chosen yet), as a stable word."""
    if coupon.plans and plan_id not in coupon.plans:
        return "coupon_plan"
    if gateway is not None and coupon.gateways and gateway not in coupon.gateways:
        return "coupon_gateway"
    if price.amount < coupon.min_amount:
        return "coupon_min"
    if 0 < coupon.max_amount < price.amount:
        return "coupon_max"
    return "coupon_nothing" if to_pay(coupon, price).minor == price.minor else None


def check_coupon_name(text: str) -> str:
    """A coupon's name: 3 to 32 of A–Z, a–z, 0–9, _ and -. Raises `Invalid` (coupon_name)."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise Invalid("coupon_name", "coupon_name")
    return name


def new_coupon_name() -> str:
    """A random name of 8 characters."""
    return "".join(secrets.choice(_SYMBOLS) for _ in range(8))


def read_coupon_name(text: str) -> str | None:
    """The coupon in what somebody sent: its name or its link; None when there is none."""
    word = text.strip()
    if "start=" in word:
        word = word.rpartition(LINK_PREFIX)[2]
    return word if _NAME.fullmatch(word) else None


def coupon_link(bot_username: str, name: str) -> str:
    """The link that puts a coupon into somebody's hand with one tap."""
    return f"https://t.me/{bot_username}?start={LINK_PREFIX}{name}"


def plain_decimal(value: Decimal) -> str:
    """A decimal as the API writes it: no exponent, no trailing zeros."""
    return f"{value.normalize():f}" if value else "0"
