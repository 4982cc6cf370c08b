"""What is written into BTCPay Server's invoices, and what they say about money. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from delivery.gateways.reading import currency_code, dig, from_decimal, instant, reading, text, to_decimal
from domain.errors import GatewayRefused
from domain.gateways import Coin, Proof, State, Wanted
from domain.money import Money, digits

NAME: Final = "cryptonokyc"  # as the membership API calls it
COINS: Final = (
    Coin("BTC.LN", "Bitcoin (Lightning)"),
    Coin("BTC.BTC", "Bitcoin"),
    Coin("LTC.LTC", "Litecoin"),
    Coin("DOGE.DOGE", "Dogecoin"),
    Coin("DASH.DASH", "Dash"),
    Coin("XMR.XMR", "Monero"),
)
PART: Final = "/part"  # behind the invoice's id: the charge id of money that was not enough
MINUTES = 60  # an invoice fixes the coin's rate, which must not be free to bet on for a day

Body = dict[str, Any]


def order(wanted: Wanted) -> Body:
    """The invoice to ask for. Raises `GatewayRefused` for a coin there is not."""
    checkout: Body = {
        "expirationMinutes": min(wanted.hours * 60, MINUTES),
        "paymentTolerance": 0,  # so that "settled" means all of it
        "redirectURL": wanted.return_url,
        "redirectAutomatically": True,
    }
    if wanted.coin is not None:
        checkout["paymentMethods"] = [_method(wanted.coin)]
    metadata: Body = {"orderId": wanted.key, "itemDesc": wanted.title, "coin": wanted.coin or ""}
    if wanted.email:
        metadata["buyerEmail"] = wanted.email
    return {
        "amount": to_decimal(NAME, wanted.amount),
        "currency": wanted.amount.currency,
        "metadata": metadata,
        "checkout": checkout,
    }


def _method(coin: str) -> str:
    """BTCPay's payment method of a coin on its network: `BTC.LN` → `BTC-LN`, `BTC.BTC` → `BTC-CHAIN`."""
    if coin not in {one.token for one in COINS}:
        raise GatewayRefused(NAME, f"There is no {coin} here.")
    token, _, network = coin.partition(".")
    return f"{token}-CHAIN" if network == token else f"{token}-{network}"


def same_and_open(invoice: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether an invoice of this order can still be paid, and asks for the same."""
    return (
        invoice["status"] == "New"
        and not invoice.get("archived")
        and dig(invoice, "metadata", "orderId") == wanted.key
        and dig(invoice, "metadata", "coin") == (wanted.coin or "")
        and from_decimal(invoice["amount"], invoice["currency"]) == wanted.amount
    )


def money_came(invoice: Mapping[str, Any]) -> bool:
    """Whether an invoice has money to tell of: it was settled, or it ran out and got some nevertheless.

    Before it runs out, the rest of a part may come; before the network has settled it, all may vanish."""
    status = text(invoice["status"])
    return status == "Settled" or (status == "Expired" and text(invoice["additionalStatus"]) != "None")


def news(invoice: Mapping[str, Any], methods: Sequence[Mapping[str, Any]]) -> list[Proof]:
    """What an invoice says; nothing where it is of no order. `methods` are its payment methods, with the
    payments by each, where `money_came`."""
    with reading(NAME):
        ref, status, more = text(invoice["id"]), text(invoice["status"]), text(invoice["additionalStatus"])
        key = dig(invoice, "metadata", "orderId")
        if not isinstance(key, str) or not key:
            return []
        closed = Proof(State.CLOSED if status in ("Expired", "Invalid") else State.OPEN, ref, key)
        if not money_came(invoice):
            return [closed]
        currency = currency_code(invoice["currency"])
        asked = from_decimal(invoice["amount"], currency)
        received, at = _received(methods, currency)
        under_way = any(payment["status"] == "Processing" for payment in _payments(methods))
    if status == "Settled" or (more in ("PaidLate", "PaidOver") and not under_way):
        # Settled is as much as was asked for, whatever rounding makes of the coins (or the owner says so).
        paid = received if received.minor > asked.minor else asked
        return [Proof(State.PAID, ref, key, charge_id=ref, paid=paid, at=at)]
    if under_way or not received.minor:
        return [closed]
    return [closed, Proof(State.PAID, ref, key, charge_id=ref + PART, paid=received, at=at)]


def _payments(methods: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [payment for method in methods for payment in method["payments"]]


def _received(methods: Sequence[Mapping[str, Any]], currency: str) -> tuple[Money, datetime | None]:
    """What the network has settled, at the invoice's rates and rounded down, and when the last of it came."""
    total = Decimal(0)
    for method in methods:
        rate = _number(method["rate"])
        for payment in method["payments"]:
            if payment["status"] == "Settled":
                total += (_number(payment["value"]) - _number(payment.get("fee", 0))) * rate
    moments = [instant(payment["receivedDate"]) for payment in _payments(methods)]
    return _floored(total, currency), max(moments, default=None)


def _floored(amount: Decimal, currency: str) -> Money:
    minor = max(amount, Decimal(0)).scaleb(digits(currency)).to_integral_value(ROUND_FLOOR)
    return Money(int(minor), currency)


def _number(value: object) -> Decimal:
    """Greenfield writes decimals as text; servers of before did not. Raises `ValueError`."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("an amount is no decimal")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("an amount cannot be counted")
    return number


def payout_method(methods: Sequence[Mapping[str, Any]]) -> str:
    """How a refund is paid out: the way most of the money came. Raises `GatewayRefused` when none did."""
    with reading(NAME):
        came = {
            text(method["paymentMethodId"]): _number(method["paymentMethodPaid"]) * _number(method["rate"])
            for method in methods
        }
    method = max(came, key=lambda name: came[name], default=None)
    if method is None or not came[method]:
        raise GatewayRefused(NAME, "No coins came for this invoice, so none can go back.")
    return method.replace("-LNURL", "-LN")


def refund_name(ref: str) -> str:
    """What an invoice's refund is called, by us and by BTCPay's own pages."""
    return f"Refund {ref}"


def gone_back(pulls: Sequence[Mapping[str, Any]], methods: Sequence[Mapping[str, Any]], paid: Money) -> Money:
    """How much of what was paid goes back by these refunds.

    In coins it is all when as many go back as came, else what they were worth then.
    """
    back = Money(0, paid.currency)
    with reading(NAME):
        for pull in pulls:
            back = Money(back.minor + _worth(pull, methods, paid).minor, paid.currency)
    return back if back.minor < paid.minor else paid


def _worth(pull: Mapping[str, Any], methods: Sequence[Mapping[str, Any]], paid: Money) -> Money:
    amount, coin = _number(pull["amount"]), text(pull["currency"])
    if coin == paid.currency:
        return _floored(amount, coin)
    for method in methods:
        if method["currency"] == coin:
            rate = _number(method["rate"])
            missing = _floored((_number(method["totalPaid"]) - amount) * rate, paid.currency)
            return _floored(amount * rate, paid.currency) if missing.minor else paid
    raise ValueError("a refund in coins that did not come")


def whole(
    pulls: Sequence[Mapping[str, Any]], methods: Sequence[Mapping[str, Any]], paid: Money
) -> Mapping[str, Any]:
    """The refund there is, when it is of all that was paid. Raises `GatewayRefused` where people have to
    look: a second one must not be made unseen."""
    standing = [pull for pull in pulls if not pull.get("archived")]
    if not standing:
        raise GatewayRefused(NAME, "BTCPay Server has put this refund away. Please look for it there.")
    if gone_back(standing, methods, paid) != paid:
        raise GatewayRefused(NAME, "A part went back at BTCPay Server. Please give back the rest there.")
    return standing[0]
