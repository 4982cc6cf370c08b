"""What an owner can set about his figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.errors import Invalid
from domain.rates import BASE, MAX_AGE, REPORT_CURRENCIES, STAR_USD

FEATURE = "revenue"  # the feature's name among a bot's settings
AGES = (7, MAX_AGE, 120)  # days a rate may be old
MORNING = 9  # the hour, UTC, from which owners are told how the day before went
_DEAREST_STAR = Decimal(1)  # USD


@dataclass(frozen=True, slots=True)
class RevenueSettings:
    """`currency` of reports where none is asked for; `star_usd` what a Star is worth in USD; `max_age` days
    a rate may be old; `daily` whether the owner is told each morning."""

    currency: str = BASE
    star_usd: Decimal = STAR_USD
    max_age: int = MAX_AGE
    daily: bool = False


def read(document: Mapping[str, Any]) -> RevenueSettings:
    """The settings of their stored form; the usual value for what is missing or no use."""
    currency, age = document.get("currency"), document.get("max_age")
    try:
        star = star_price(str(document["star_usd"]))
    except (KeyError, Invalid):
        star = STAR_USD
    return RevenueSettings(
        currency=currency if currency in REPORT_CURRENCIES else BASE,
        star_usd=star,
        max_age=age if isinstance(age, int) and age > 0 else MAX_AGE,
        daily=document.get("daily") is True,
    )


def star_price(text: str) -> Decimal:
    """The price of a Star in USD as people write it. Raises `Invalid` (star)."""
    try:
        price = Decimal(text.strip().removeprefix("$").removesuffix("USD").strip().replace(",", "."))
    except InvalidOperation:
        raise Invalid("star", "star_price") from None
    if not price.is_finite() or not 0 < price <= _DEAREST_STAR or len(f"{price:f}") > 8:
        raise Invalid("star", "star_price")
    return price
