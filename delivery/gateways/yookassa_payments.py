"""Payments as YooKassa writes them: what is asked for, and what one says about money. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from delivery.gateways.reading import dig, from_decimal, instant, reading, text, to_decimal
from domain.errors import GatewayRefused
from domain.gateways import Credentials, News, Proof, State, Wanted
from domain.money import Money

NAME: Final = "yookassa"
CURRENCIES: Final = frozenset({"RUB", "USD", "EUR", "BYN", "CNY", "KZT", "UAH"})
NO_RECEIPTS: Final = "none"
_DESCRIPTION = 128  # characters of a description, and of a receipt's line

Body = dict[str, Any]


def order(credentials: Credentials, wanted: Wanted) -> Body:
    """The payment to ask for. Raises `GatewayRefused` for a currency YooKassa does not take, and where a
    receipt has to be sent and nobody said to whom."""
    if wanted.amount.currency not in CURRENCIES:
        raise GatewayRefused(NAME, f"YooKassa takes no {wanted.amount.currency}.")
    amount = written(wanted.amount)
    body: Body = {
        "amount": amount,
        "capture": True,
        "description": wanted.title[:_DESCRIPTION],
        "metadata": {"order": wanted.key},
        "confirmation": {
            "type": "redirect",
            "return_url": wanted.return_url,
            "locale": "ru_RU" if wanted.locale.startswith("ru") else "en_US",
        },
    }
    vat = vat_code(credentials)
    if vat is None:
        return body
    if not wanted.email:
        raise GatewayRefused(NAME, "A receipt (54-FZ) needs the buyer's email address.")
    line = {
        "description": wanted.title[:_DESCRIPTION],
        "quantity": "1.00",
        "amount": amount,
        "vat_code": vat,
        "payment_mode": "full_payment",
        "payment_subject": "service",
    }
    return body | {"receipt": {"customer": {"email": wanted.email}, "items": [line]}}


def news(payment: Body) -> list[News]:
    """What a payment says; nothing where it is not one of ours. `waiting_for_capture` cannot be: all are
    captured at once."""
    with reading(NAME):
        ref, status, key = text(payment["id"]), payment["status"], dig(payment, "metadata", "order")
        if not isinstance(key, str) or not key:
            return []
        match status:
            case "pending" | "waiting_for_capture":
                return [Proof(State.OPEN, ref, key)]
            case "canceled":
                return [Proof(State.CLOSED, ref, key)]
            case "succeeded":
                at = instant(payment.get("captured_at") or payment["created_at"])
                paid, back = amount_of(payment["amount"]), given_back(payment)
            case _:
                raise ValueError("an unknown status")
    came = Proof(State.PAID, ref, key, charge_id=ref, paid=paid, at=at)
    return [came, replace(came, state=State.REFUNDED, paid=back)] if back.minor else [came]


def vat_code(credentials: Credentials) -> int | None:
    """The VAT rate of receipts; None where YooKassa sends none for us."""
    code = credentials.get("vat", NO_RECEIPTS)
    return None if code == NO_RECEIPTS else int(code)


def written(amount: Money) -> dict[str, str]:
    """Money in the API's form."""
    return {"value": to_decimal(NAME, amount, 2), "currency": amount.currency}


def amount_of(value: Mapping[str, object]) -> Money:
    """Money from the API's form."""
    return from_decimal(value["value"], value["currency"])


def given_back(payment: Body) -> Money:
    """How much of a payment went back."""
    amount = payment.get("refunded_amount")
    return Money(0, amount_of(payment["amount"]).currency) if amount is None else amount_of(amount)
