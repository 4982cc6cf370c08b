"""How PayPal writes moments and money."""

from datetime import timedelta
from typing import overload

from domain.clock import Clock
from domain.money import Money, money


def moment(clock: Clock, add: int = 0) -> str:
    """Now (and so many seconds), as PayPal writes it."""
    return (clock.now() + timedelta(seconds=add)).strftime("%Y-%m-%dT%H:%M:%SZ")


@overload
def amount_of(value: Money) -> dict[str, str]: ...
@overload
def amount_of(value: dict[str, str]) -> Money: ...
def amount_of(value: Money | dict[str, str]) -> dict[str, str] | Money:
    """Money as PayPal writes it, and back."""
    if isinstance(value, Money):
        return {"currency_code": value.currency, "value": f"{value.amount:f}"}
    return money(value["value"], value["currency_code"])
