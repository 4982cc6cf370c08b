"""Amounts as the membership API's `formatted` writes them: one way for each currency, in any language.

`$1.34`, `2 412,08€` and `1 000,00€` are the contract's own; the others follow what is usual where the
currency is. In the chat, `texts.formats` writes amounts in the reader's language instead.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.money import digits
from domain.rates import rounded


@dataclass(frozen=True, slots=True)
class _Style:
    before: str = ""
    after: str = ""
    thousands: str = ","
    point: str = "."


_STYLES = {
    "USD": _Style("$"),
    "EUR": _Style(after="€", thousands=" ", point=","),
    "GBP": _Style("£"),
    "CAD": _Style("CA$"),
    "AUD": _Style("A$"),
    "NZD": _Style("NZ$"),
    "JPY": _Style("¥"),
    "CNY": _Style("CN¥"),
    "RUB": _Style(after="₽", thousands=" ", point=","),
    "BRL": _Style("R$", thousands=".", point=","),
    "INR": _Style("₹"),
    "TRY": _Style("₺", thousands=".", point=","),
    "UAH": _Style(after="₴", thousands=" ", point=","),
    "BTC": _Style("₿"),
    "XTR": _Style("⭐ ", thousands=" "),
}


def formatted(amount: Decimal, currency: str) -> str:
    """The amount with exactly the currency's digits, rounded half up."""
    style = _STYLES.get(currency, _Style(after=f" {currency}"))
    exact = rounded(amount, currency)
    number = f"{abs(exact.amount):,.{digits(currency)}f}"
    number = number.translate({ord(","): style.thousands, ord("."): style.point})
    sign = "-" if exact.minor < 0 else ""
    return f"{sign}{style.before}{number}{style.after}"
