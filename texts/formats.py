"""Money, times and durations in the reader's language."""

from copy import copy
from datetime import UTC, date, datetime

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_percent

from domain.actor import Translator
from domain.durations import Duration, Unit
from domain.money import STARS, Money, digits


def _locale(t: Translator) -> Locale:
    try:
        return Locale.parse(t.locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def price(t: Translator, money: Money) -> str:
    """An amount of money; "free" for nothing."""
    return t("free") if money.minor == 0 else amount(t, money)


def amount(t: Translator, money: Money) -> str:
    """An amount of money; nothing is `€0.00`."""
    if money.currency == STARS:
        return f"⭐ {money.minor}"
    locale = _locale(t)
    pattern = copy(locale.currency_formats["standard"])
    most = digits(money.currency)  # Babel's own digits are wrong for BTC and others
    pattern.frac_prec = (most if most < 8 else 0, most)
    return str(pattern.apply(money.amount, locale, currency=money.currency, currency_digits=False))


def moment(t: Translator, at: datetime) -> str:
    """A moment with its date, in UTC."""
    return f"{format_datetime(at.astimezone(UTC), 'd MMM y, HH:mm', locale=_locale(t))} UTC"


def day(t: Translator, at: date) -> str:
    """A date."""
    return format_date(at, "d MMM y", locale=_locale(t))


def as_written(t: Translator, length: Duration) -> str:
    """How long a plan lasts, in a form that can be sent back (`domain.durations.parse`)."""
    return str(length) if length.until is not None else duration(t, length)


def duration(t: Translator, length: Duration) -> str:
    """How long a plan lasts."""
    if length.until is not None:
        return t("until {day}", day=day(t, length.until))
    match length.unit:
        case Unit.DAY:
            return t.plural("{n} day", "{n} days", length.count)
        case Unit.WEEK:
            return t.plural("{n} week", "{n} weeks", length.count)
        case Unit.MONTH:
            return t.plural("{n} month", "{n} months", length.count)
        case Unit.YEAR:
            return t.plural("{n} year", "{n} years", length.count)
        case _:
            return t("for life")


def percent(t: Translator, part: float) -> str:
    """A part of a whole (0 to 1), with at most one decimal."""
    locale = _locale(t)
    pattern = copy(locale.percent_formats[None])
    pattern.frac_prec = (0, 1)
    return str(format_percent(part, format=pattern, locale=locale))
