"""What affiliates earn by the payments of those they brought, and what of it is theirs to have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.coupons import plain_decimal
from domain.errors import Invalid
from domain.money import Money

SETTINGS = "affiliates"  # the feature's name among a bot's settings
MOST_LEVELS = 5
HOLD_DAYS = 14  # a usual refund window
LONGEST_HOLD = 365  # days
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Level:
    """Percent of a payer's first order, and of every later one."""

    first: Decimal
    renewal: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """A bot's commissions. Level 1 brought the payer himself, level 2 brought level 1, and so on; without
    levels nobody earns anything, which is how a bot begins. `minimum` are minor units by currency."""

    levels: Sequence[Level] = ()
    hold_days: int = HOLD_DAYS
    minimum: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Terms":
        """The terms as they are stored; what is missing keeps its default."""
        return cls(
            levels=tuple(Level(Decimal(one), Decimal(two)) for one, two in document.get("levels", ())),
            hold_days=document.get("hold_days", HOLD_DAYS),
            minimum=document.get("minimum", {}),
        )

    @property
    def hold(self) -> timedelta:
        """How long a commission waits, so that a refund can still take it back."""
        return timedelta(days=self.hold_days)

    def percent(self, level: int, *, first: bool) -> Decimal:
        """What a level gets of a payment."""
        if not 1 <= level <= len(self.levels):
            return _NOTHING
        found = self.levels[level - 1]
        return found.first if first else found.renewal


def stored_levels(levels: Sequence[Level]) -> list[list[str]]:
    """Levels as `Terms.read` reads them. Raises `Invalid` (commission) when all together get more than is
    paid, or there are too many."""
    for shares in ([one.first for one in levels], [one.renewal for one in levels]):
        if sum(shares, _NOTHING) > 100 or len(shares) > MOST_LEVELS:
            raise Invalid("commission", "commission")
    return [[plain_decimal(one.first), plain_decimal(one.renewal)] for one in levels]


def read_level(text: str) -> Level:
    """`20 10`: percent of first orders and of renewals; one number is for both.

    Raises `Invalid` (commission).
    """
    words = text.replace("%", " ").replace(",", ".").replace("/", " ").split()
    if not 1 <= len(words) <= 2 or not all(_PERCENT.fullmatch(word) for word in words):
        raise Invalid("commission", "commission")
    first, renewal = Decimal(words[0]), Decimal(words[-1])
    if max(first, renewal) > 100:
        raise Invalid("commission", "commission")
    return Level(first, renewal)


def share(paid: Money, percent: Decimal) -> Money:
    """So much percent of a payment, rounded down to the currency's minor unit."""
    return Money(int(paid.minor * percent // 100), paid.currency)


class State(StrEnum):
    """What became of a payout."""

    REQUESTED = "requested"
    PAID = "paid"
    DECLINED = "declined"


class How(StrEnum):
    """How a payout is made."""

    OWNER = "owner"  # he sends the money and says so
    CREDIT = "credit"  # to be spent on plans


@dataclass(frozen=True, slots=True)
class Account:
    """An affiliate's money in one currency, in minor units.

    `earned` is all that was not taken back; `held` of it still waits for the end of the refund window.
    """

    currency: str
    earned: int
    held: int
    requested: int
    paid: int

    @property
    def due(self) -> int:
        """What he may ask for now. Below zero when more was paid out than refunds left him: what he earns
        next makes up for it."""
        return self.earned - self.held - self.requested - self.paid

    def covered(self, amount: int) -> int:
        """How much of an open request of `amount` is still his, after refunds since."""
        return max(amount + min(self.due, 0), 0)


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout, or the request for one."""

    id: int
    member_id: int
    name: str
    username: str | None
    amount: Money
    state: State
    how: How
    note: str | None
    at: datetime
    settled_at: datetime | None
