"""The fields of a coupon as people type them, read into its values."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain import durations
from domain.coupons import MOST_USES, Direction, Revenue, check_coupon_name
from domain.durations import Term, extend
from domain.errors import Invalid
from domain.money import parse

FIELDS = ("discount", "uses", "expires", "min_amount", "max_amount", "revenue")
NONE = "0"  # how "no limit", "no end" and the like are typed
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,8})?")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)\s*%")
_REVENUE = re.compile(r"(>|<|above|over|below|under|больше|выше|меньше|ниже)\s*(.+)", re.IGNORECASE)
_ABOVE = frozenset({">", "above", "over", "больше", "выше"})


def read_field(field: str, text: str, now: datetime) -> dict[str, Any]:
    """The values (of `domain.coupons.Coupon`) a field stands for. Raises `Invalid` with a reason of its
    own."""
    text = " ".join(text.split())
    match field:
        case "name":
            return {"name": check_coupon_name(text)}
        case "discount":
            return _discount(text)
        case "uses":
            return {"uses": _uses(text)}
        case "expires":
            return {"expires_at": _expiry(text, now)}
        case "min_amount" | "max_amount":
            return {field: _amount(text)}
        case "revenue":
            return {"revenue": _revenue(text)}
        case _:
            raise Invalid("field")


def _discount(text: str) -> dict[str, Any]:
    """`10%`, or a bare amount."""
    nothing = Decimal(0)
    written = text.replace(",", ".")
    if found := _PERCENT.fullmatch(written):
        percent = Decimal(found[1])
        if 0 < percent <= 100:
            return {"percent": percent, "amount": nothing}
    elif _AMOUNT.fullmatch(written) and Decimal(written) > 0:
        return {"percent": nothing, "amount": Decimal(written)}
    raise Invalid("discount", "coupon_discount")


def _uses(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST_USES):
        raise Invalid("uses", "coupon_uses")
    return int(text)


def _amount(text: str) -> Decimal:
    written = text.replace(",", ".")
    if not _AMOUNT.fullmatch(written):
        raise Invalid("amount", "coupon_amount")
    return Decimal(written)


def _expiry(text: str, now: datetime) -> datetime | None:
    """The first moment it counts no more: after so long, or after the end of a day."""
    if text == NONE:
        return None
    length = durations.parse(text)
    end = extend(Term(now), length, now).end
    if end is not None and length.fixed_end is not None and length.fixed_end <= now:
        raise Invalid("duration", "duration_past")
    return end


def _revenue(text: str) -> Revenue | None:
    """`above 100 USD`, `< 50 EUR`."""
    if text == NONE:
        return None
    found = _REVENUE.fullmatch(text)
    if found is None:
        raise Invalid("revenue", "coupon_revenue_form")
    limit = parse(found[2])
    direction = Direction.ABOVE if found[1].lower() in _ABOVE else Direction.BELOW
    return Revenue(direction, limit.amount, limit.currency)
