"""The fields of a plan as people type them, read into its columns' values."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain import durations, money
from domain.durations import Duration
from domain.errors import Invalid
from domain.plans import (
    EVERY_CHAT,
    PlanOptions,
    check_max_customers,
    check_plan_name,
    check_recurring,
    check_trial,
)

NO_TRIAL = "0"
FIELDS = ("name", "duration", "price", "trial", "max_customers")


def read_field(name: str, text: str, now: datetime, currency: str | None = None) -> dict[str, Any]:
    """The values of the columns a field stands for. Raises `Invalid` with a reason of its own.

    `currency` is that of a bare number. A trial of "0" is none.
    """
    match name:
        case "name":
            return {"name": check_plan_name(text)}
        case "duration":
            return {"duration": str(_open(durations.parse(text), now))}
        case "price":
            amount = money.parse(text, currency)
            return {"price": amount.minor, "currency": amount.currency}
        case "trial":
            if text.strip() == NO_TRIAL:
                return {"trial": None}
            return {"trial": str(check_trial(_trial(text)))}
        case "max_customers":
            return {"max_customers": check_max_customers(text)}
        case _:
            raise Invalid("field")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A plan as a program writes it: the price as a decimal string, durations as people write them."""

    name: str
    duration: str
    price: str
    currency: str
    trial: str | None = None
    project_id: int = EVERY_CHAT
    options: PlanOptions = field(default_factory=PlanOptions)

    def values(self, now: datetime) -> dict[str, Any]:
        """The values of the plan's columns. Raises `Invalid` that names the field."""
        price = money.money(self.price.strip(), self.currency)
        values: dict[str, Any] = {"price": price.minor, "currency": price.currency}
        values["project_id"] = self.project_id
        values |= read_field("name", self.name, now) | read_field("duration", self.duration, now)
        values |= read_field("trial", self.trial or NO_TRIAL, now) | asdict(self.options)
        if self.options.recurring:
            check_recurring(durations.parse(values["duration"]), price)
        return values


def _open(length: Duration, now: datetime) -> Duration:
    if length.fixed_end is not None and length.fixed_end <= now:
        raise Invalid("duration", "duration_past")
    return length


def _trial(text: str) -> Duration:
    try:
        return durations.parse(text)
    except Invalid:
        raise Invalid("trial", "trial") from None
