"""Subscriptions: a provider charges again by itself until somebody ends it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money


class Standing(StrEnum):
    """How a subscription stands."""

    ACTIVE = "active"
    ENDING = "ending"  # canceled: nothing is charged any more, and what is paid stays
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. `ref` is the provider's id; for Telegram Stars the id of its first charge.

    `paid_until` is when the next charge is due.
    """

    id: int
    bot_id: int
    gateway: str
    ref: str
    order_id: int
    member_id: int
    plan_id: int
    project_id: int
    amount: Money
    state: Standing
    paid_until: datetime | None
    created_at: datetime
    ended_at: datetime | None
