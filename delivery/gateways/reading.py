"""Reading what providers write: exact numbers, moments, and money in their units and ours.

What cannot be read raises `ValueError`, `LookupError` or `TypeError`; `reading` turns these into
`GatewayUnreachable`, since an answer nobody understands says nothing about the money.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NoReturn

from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.money import CURRENCIES, MOST, Money, digits

_DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)


@contextmanager
def reading(gateway: str) -> Iterator[None]:
    """Inside, an answer without what belongs in it raises `GatewayUnreachable`."""
    try:
        yield
    except _UNREADABLE as error:
        raise GatewayUnreachable(gateway, "the answer makes no sense") from error


def parse(raw: bytes | str) -> Any:
    """JSON whose numbers with a point are `Decimal`, never a float. Raises `ValueError`, `RecursionError`."""
    return json.loads(raw, parse_float=Decimal, parse_constant=_no_number)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def posted(gateway: str, body: bytes) -> dict[str, Any]:
    """The JSON object a provider posted. Raises `BadSignature` for anything else."""
    try:
        event = parse(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise BadSignature(gateway, "the body is no JSON object")
    return event


def dig(value: Any, *path: str) -> Any:
    """What lies at a path of names in nested objects; None where the path breaks off."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: object) -> str:
    """A text that is there. Raises `ValueError`."""
    if not isinstance(value, str) or not value:
        raise ValueError("a text is missing")
    return value


def instant(value: object) -> datetime:
    """A moment from Unix seconds (an integer) or ISO 8601 (no zone: UTC). Raises `ValueError`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(text(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def currency_code(value: object) -> str:
    """A currency we know, in capitals. Raises `ValueError`."""
    code = text(value).upper()
    if code not in CURRENCIES:
        raise ValueError("an unknown currency")
    return code


def from_units(value: object, currency: object, places: int | None = None) -> Money:
    """Money from a provider's whole units of 10^-`places` (None: as we count). Raises `ValueError` for
    anything but an integer, and for a fraction of our smallest unit."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("an amount is no integer")
    code = currency_code(currency)
    return _money(Decimal(value).scaleb(-(digits(code) if places is None else places)), code)


def from_decimal(value: object, currency: object) -> Money:
    """Money from a provider's decimal (`"9.99"`, or a JSON number read by `parse`). Raises `ValueError`
    for a float, and for a fraction of our smallest unit."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("an amount is no decimal")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):  # `Decimal` reads more than people write
        raise ValueError("an amount is no decimal")
    return _money(Decimal(value), currency_code(currency))


def _money(amount: Decimal, code: str) -> Money:
    minor = amount.scaleb(digits(code))
    if not minor.is_finite() or not 0 <= minor <= MOST or minor != minor.to_integral_value():
        raise ValueError("an amount cannot be counted")
    return Money(int(minor), code)


def to_units(gateway: str, money: Money, places: int) -> int:
    """The amount in a provider's whole units of 10^-`places`. Raises `GatewayRefused` where it has none
    that small."""
    units = money.amount.scaleb(places)
    if units != units.to_integral_value():
        raise GatewayRefused(gateway, f"{money} is too exact: {money.currency} has {places} digits here")
    return int(units)


def to_decimal(gateway: str, money: Money, places: int | None = None) -> str:
    """The amount as a plain decimal with exactly `places` digits (None: as we count). Raises
    `GatewayRefused` where that would round."""
    places = digits(money.currency) if places is None else places
    units = to_units(gateway, money, places)
    return f"{Decimal(units).scaleb(-places).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"
