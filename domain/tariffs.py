"""Tariffs: what an owner may do here. They keep a shared installation fair; alone, nobody needs any."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import Refused

EVERYBODY = 0  # instead of an owner's id: whoever has no tariff of his own
LONGEST_NAME = 64
MOST = 1_000_000_000  # campaigns, or messages a day


@dataclass(frozen=True, slots=True)
class Tariff:
    """`campaigns` are live ones at most and `daily_cap` manual messages a UTC day, 0 for no limit.
    `paid_until` None: for ever."""

    name: str = ""
    campaigns: int = 0
    broadcasts: bool = True
    daily_cap: int = 0
    paid_until: datetime | None = None

    def paid(self, now: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.paid_until is None or now < self.paid_until

    def writes(self, now: datetime) -> bool:
        """Whether messages to leads go out at that moment."""
        return self.broadcasts and self.paid(now)

    def check_paid(self, now: datetime) -> None:
        """Raise `Refused` (unpaid) when the subscription is over."""
        if not self.paid(now):
            raise Refused("unpaid")

    def check_broadcasts(self, now: datetime) -> None:
        """Raise `Refused` (unpaid, broadcasts) when messages to leads may not go out."""
        self.check_paid(now)
        if not self.broadcasts:
            raise Refused("broadcasts")

    def check_campaigns(self, live: int, now: datetime) -> None:
        """Raise `Refused` (unpaid, tariff_campaigns) unless there is room for one more than `live`."""
        self.check_paid(now)
        if self.campaigns and live >= self.campaigns:
            raise Refused("tariff_campaigns", limit=self.campaigns)


UNLIMITED = Tariff()
