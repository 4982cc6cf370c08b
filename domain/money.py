"""Money: integer minor units and a currency. Never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.core import get_global
from babel.numbers import list_currencies

from domain.errors import Invalid

STARS = "XTR"  # Telegram Stars
MOST = 10**15  # minor units; far below what a BIGINT and a JSON number hold exactly

# Minor digits by ISO 4217. Babel's own differ: it gives XTR and BTC two, and some currencies the digits
# that are usual in shops rather than those that payment systems count in.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XTR"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3) | {"BTC": 8}
_NO_MONEY = {"XXX", "XTS", "XBA", "XBB", "XBC", "XBD", "XSU", "XUA"}
_AMOUNT = re.compile(r"\d{1,16}(\.\d{1,18})?")
_PRICE = re.compile(r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>[\d.,]+)(?:\s*(?P<after>[A-Za-z]{3}))?")


def _known() -> frozenset[str]:
    territories = get_global("territory_currencies").values()
    used = {code for entries in territories for code, _, until, tender in entries if tender and until is None}
    return frozenset((used & set(list_currencies())) - _NO_MONEY | {STARS, "BTC"})


CURRENCIES = _known()


def digits(currency: str) -> int:
    """How many digits after the point the currency's amounts have."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents) of `currency` (ISO 4217, or XTR for Stars, or BTC)."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in whole units, with exactly the currency's digits."""
        return Decimal(self.minor).scaleb(-digits(self.currency))

    def __str__(self) -> str:
        """`9.99 USD`."""
        return f"{self.amount:f} {self.currency}"


def currency_of(text: str) -> str:
    """A known currency's code in capitals. Raises `Invalid` (currency)."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise Invalid("currency", "currency")
    return code


def money(amount: str, currency: str) -> Money:
    """An amount as a decimal string with a currency. Raises `Invalid` (price, currency).

    The amount is not negative and has at most the currency's minor digits.
    """
    code = currency_of(currency)
    if not _AMOUNT.fullmatch(amount):
        raise Invalid("price", "price")
    try:
        minor = Decimal(amount).scaleb(digits(code))
    except InvalidOperation:
        raise Invalid("price", "price") from None
    if minor != minor.to_integral_value():
        raise Invalid("price", "price_digits", currency=code, digits=digits(code))
    if minor > MOST:
        raise Invalid("price", "price")
    return Money(int(minor), code)


def parse(text: str, default: str | None = None) -> Money:
    """A price as people write it: `9.99 USD`, `EUR 5`, `100 xtr`; `9,99` is read as 9.99.

    `default` is the currency of a bare number. Raises `Invalid` (price, currency).
    """
    found = _PRICE.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        raise Invalid("price", "price")
    code = found["before"] or found["after"] or default
    if code is None:
        raise Invalid("currency", "currency")
    return money(_decimal(found["amount"]), code)


def _decimal(written: str) -> str:
    """One comma (or point) parts whole and fraction; thousands separators would leave it to guessing."""
    if written.count(",") + written.count(".") > 1:
        raise Invalid("price", "price")
    return written.replace(",", ".")
