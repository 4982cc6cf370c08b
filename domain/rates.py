"""Exchange rates: money of one currency said in another. Every rate is so much of a currency for one EUR,
as the European Central Bank quotes them. All of it is `Decimal`.

A rate between two currencies is rounded to 8 decimals before anything is multiplied by it, as the
membership API's samples are: 100.74 BRL on 2024-07-16 are 100.74 × 0.16884191 = 17.00913401 EUR. What
comes from EUR is multiplied by the published rate itself: 1.23 EUR × 1.0934 = 1.344882 USD. Either way
a rate is one finite decimal number, so that the sum of converted parts is the converted sum.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, localcontext
from typing import Protocol

from domain.errors import GatehouseError, Invalid, Refused
from domain.money import CURRENCIES, STARS, Money, digits

BASE = "EUR"
MAX_AGE = 45  # days a rate may be old, unless the owner sets another number
LOOK_BACK = 7  # days in which the rate that was known at a payment is looked for
STAR_USD = Decimal("0.013")  # what Telegram pays out for one Star, unless the owner sets another price
REPORT_CURRENCIES = (
    "USD", "EUR", "GBP", "CAD", "AUD", "NZD", "JPY", "CNY", "RUB", "BRL", "INR", "TRY", "BTC",
)  # fmt: skip
_PLACES = 8  # decimals of rates between two currencies, and of converted amounts
_SIGNIFICANT = 7  # but never fewer digits than these: one JPY is 0.00000006 BTC
_PRECISION = 60  # digits; no sum of what the database can hold comes near
_LONGEST = 40  # characters the database has for a rate


class NoRate(Refused):
    """The last known rate of `currency` is too old, or there is none: `day` is that rate's day or None."""

    def __init__(self, currency: str, day: date | None) -> None:
        super().__init__("no_rate", currency=currency, day=day)
        self.currency, self.day = currency, day


class RatesUnavailable(GatehouseError):
    """A source of rates gave none. `reason` is for the log."""

    code = "rates_unavailable"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source=source, reason=reason)
        self.source, self.reason = source, reason


@dataclass(frozen=True, slots=True)
class Rate:
    """So much of `quote` was one EUR on `day`, says `source`."""

    quote: str
    day: date
    rate: Decimal
    source: str


class RateSource(Protocol):
    """Somebody who publishes rates. `quote` is the currency that tells how far his are known."""

    @property
    def name(self) -> str: ...

    @property
    def quote(self) -> str: ...

    async def fetch(self, since: date | None, today: date) -> Sequence[Rate]:
        """What was published after `since` (None: whatever there is). Raises `RatesUnavailable`."""
        ...


class History(Protocol):
    """Rates that are known without asking anybody."""

    def at_or_before(self, quote: str, day: date) -> tuple[date, Decimal] | None:
        """The last rate of that day or before, with its own day."""
        ...


def report_currency(text: str) -> str:
    """A currency reports can be made in, in capitals. Raises `Invalid` (currency)."""
    code = text.strip().upper()
    if code not in REPORT_CURRENCIES:
        raise Invalid("currency", "report_currency", choices=REPORT_CURRENCIES)
    return code


def sound(rate: Rate, today: date) -> bool:
    """Whether a published rate can be one. Central banks set tomorrow's rate today, none a later one."""
    return (
        rate.quote in CURRENCIES
        and rate.quote != BASE
        and rate.rate.is_finite()
        and rate.rate > 0
        and len(f"{rate.rate:f}") <= _LONGEST
        and rate.day <= today + timedelta(days=1)
    )


def cross(source: Decimal, target: Decimal) -> Decimal:
    """What one unit of a currency is worth in another, of both currencies' rates for one EUR."""
    if source == target:
        return Decimal(1)
    if source == 1:
        return target
    with localcontext() as context:
        context.prec, context.rounding = _PRECISION, ROUND_HALF_UP
        rate = target / source
        places = max(_PLACES, _SIGNIFICANT - 1 - rate.adjusted())
        return rate.quantize(Decimal(1).scaleb(-places))


def inverse(price: Decimal) -> Decimal:
    """How much of a thing one EUR buys that costs `price` EUR, to 20 significant digits."""
    with localcontext() as context:
        context.prec, context.rounding = 20, ROUND_HALF_UP
        return Decimal(1) / price


def times(amount: Decimal, rate: Decimal) -> Decimal:
    """The exact product."""
    with localcontext() as context:
        context.prec = _PRECISION
        return amount * rate


def total(amounts: Sequence[Decimal]) -> Decimal:
    """The exact sum."""
    with localcontext() as context:
        context.prec = _PRECISION
        return sum(amounts, Decimal(0))


def settled(amount: Decimal) -> Decimal:
    """An amount with at most 8 decimals, rounded half up; no zeros at its end."""
    with localcontext() as context:
        context.prec, context.rounding = _PRECISION, ROUND_HALF_UP
        if -amount.as_tuple().exponent > _PLACES:  # type: ignore[operator]  # finite: exponents are numbers
            amount = amount.quantize(Decimal(1).scaleb(-_PLACES))
        return amount.normalize() + 0


def written(amount: Decimal) -> str:
    """A settled amount as the API writes it: `1.344882`, `17`, `0`."""
    return f"{settled(amount):f}"


def rounded(amount: Decimal, currency: str) -> Money:
    """The amount in the currency's own minor units, rounded half up."""
    with localcontext() as context:
        context.prec, context.rounding = _PRECISION, ROUND_HALF_UP
        return Money(int(amount.scaleb(digits(currency)).to_integral_value()), currency)


def stars(usd: Decimal, star_usd: Decimal) -> Money:
    """How many Stars bring so many USD at least."""
    with localcontext() as context:
        context.prec, context.rounding = _PRECISION, ROUND_CEILING
        return Money(int((usd / star_usd).to_integral_value()), STARS)


class RateBook:
    """Rates at hand: those kept in the database over the packaged history, with an owner's own settings.

    `kept` holds for each currency its rates by day, in order. Of a kept and a packaged rate the later one
    counts. `star_usd` is what a Star is worth in USD. A rate older than `max_age` days is none.
    """

    def __init__(
        self,
        history: History,
        kept: Mapping[str, Sequence[tuple[date, Decimal]]],
        *,
        star_usd: Decimal = STAR_USD,
        max_age: int = MAX_AGE,
    ) -> None:
        self._history, self._kept = history, kept
        self._star_usd, self._max_age = star_usd, timedelta(days=max_age)
        self._found: dict[tuple[str, str, date, Decimal | None], Decimal] = {}

    def per_eur(self, currency: str, day: date) -> Decimal:
        """So much of the currency was one EUR on that day. Raises `NoRate`."""
        if currency == BASE:
            return Decimal(1)
        if currency == STARS:
            with localcontext() as context:
                context.prec, context.rounding = 20, ROUND_HALF_UP
                return self.per_eur("USD", day) / self._star_usd
        found = self._last(currency, day)
        if found is None or day - found[0] > self._max_age:
            raise NoRate(currency, None if found is None else found[0])
        return found[1]

    def rate(self, source: str, target: str, day: date, known: Decimal | None = None) -> Decimal:
        """What one unit of `source` was worth in `target` on that day. Raises `NoRate`.

        `known` is the rate of `source` for one EUR as it was written down at the time. The day's own rate
        may have been published later, so that both currencies are then taken from the day it was of.
        """
        if source == target:
            return Decimal(1)
        key = (source, target, day, known)
        if key not in self._found:
            at = day if known is None else self._day_of(source, day, known)
            self._found[key] = cross(known or self.per_eur(source, day), self.per_eur(target, at))
        return self._found[key]

    def _day_of(self, currency: str, day: date, known: Decimal) -> date:
        """The day, that one or shortly before, whose rate was known; `day` itself where none is like it."""
        for days in range(LOOK_BACK + 1):
            earlier = day - timedelta(days=days)
            try:
                if self.per_eur(currency, earlier) == known:
                    return earlier
            except NoRate:
                break
        return day

    def convert(self, money: Money, target: str, day: date, known: Decimal | None = None) -> Decimal:
        """Money in another currency at that day's rate, exact: sums are `settled` at their end.

        Raises `NoRate`.
        """
        return times(money.amount, self.rate(money.currency, target, day, known))

    def _last(self, currency: str, day: date) -> tuple[date, Decimal] | None:
        kept = self._kept.get(currency, ())
        place = bisect_right(kept, day, key=lambda one: one[0])
        mine = kept[place - 1] if place else None
        packaged = self._history.at_or_before(currency, day)
        if mine is None or (packaged is not None and packaged[0] > mine[0]):
            return packaged
        return mine
