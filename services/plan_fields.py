"""The fields of a plan as people type them, read into its columns' values."""

from datetime import datetime
from typing import Any

from domain import durations, money
from domain.durations import Duration
from domain.errors import Invalid
from domain.plans import check_max_customers, check_plan_name, check_trial

NO_TRIAL = "0"
FIELDS = ("name", "duration", "price", "trial", "max_customers")


def read_field(field: str, text: str, now: datetime, currency: str | None = None) -> dict[str, Any]:
    """The values of the columns a field stands for. Raises `Invalid` with a reason of its own.

    `currency` is that of a bare number. A trial of "0" is none.
    """
    match field:
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


def _open(length: Duration, now: datetime) -> Duration:
    if length.fixed_end is not None and length.fixed_end <= now:
        raise Invalid("duration", "duration_past")
    return length


def _trial(text: str) -> Duration:
    try:
        return durations.parse(text)
    except Invalid:
        raise Invalid("trial", "trial") from None
