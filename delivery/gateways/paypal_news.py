"""What PayPal knows: orders, captures, subscriptions and disputes turned into proofs.

Everything here asks PayPal. What is not ours has no `OURS` in its custom id and gives no news; nothing is
taken for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from delivery.gateways.http import Refusal, path
from delivery.gateways.paypal_wire import NAME, PayPalWire, issue
from delivery.gateways.reading import dig, from_decimal, instant, reading, text
from domain.errors import GatewayUnreachable
from domain.gateways import Credentials, News, Proof, State, SubscriptionNews
from domain.money import Money

OURS = "gatehouse:"  # how the custom id of what is ours begins; our order's key follows
_WHOLE = frozenset({"HUF", "JPY", "TWD"})  # PayPal takes no fractions of these ("Currency codes")
_CAME = frozenset({"COMPLETED", "REFUNDED", "PARTIALLY_REFUNDED"})
_LOST = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})
# The payer can still choose another way to pay.
_NOT_YET = frozenset({"INSTRUMENT_DECLINED", "ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED"})
_PAGES = 50  # of a subscription's transactions


def places(currency: str) -> int | None:
    """How many digits after the point PayPal wants; None: as many as we count."""
    return 0 if currency in _WHOLE else None


class PayPalNews:
    """Asks with one owner's credentials. `now` is the time."""

    def __init__(self, wire: PayPalWire, credentials: Credentials, now: datetime) -> None:
        self._wire, self._credentials, self._now = wire, credentials, now

    async def of_order(self, ref: str, disputed: bool | None = None) -> list[News]:
        """An order; an approved one is paid by asking. `disputed` where that is known already."""
        found = await self._found("v2", "checkout", "orders", ref)
        with reading(NAME):
            key = None if found is None else _key(found["purchase_units"][0])
            if found is None or key is None or found["id"] != ref:
                return []
            if found["status"] == "APPROVED":
                found = await self._take(ref, found)
            status, unit = found["status"], found["purchase_units"][0]
            blank = Proof(State.CLOSED if status == "VOIDED" else State.OPEN, ref, key)
            captures = dig(unit, "payments", "captures") or []
            news: list[News] = []
            for one in captures:
                back = _sum_of(dig(unit, "payments", "refunds") or (), one)
                news += await self._charge(blank, one, one["amount"], one["create_time"], back, disputed)
        return news or [blank]

    async def _take(self, ref: str, approved: dict[str, Any]) -> dict[str, Any]:
        """Take the money of an approved order."""
        where = path("v2", "checkout", "orders", ref)
        try:
            taken: dict[str, Any] = await self._ask("POST", where + "/capture", json={})
        except Refusal as no:
            if issue(no) in _NOT_YET:
                return approved
            if issue(no) != "ORDER_ALREADY_CAPTURED":
                raise
            taken = await self._ask("GET", where)
        return taken

    async def of_charge(
        self, ref: str, refund: str | None = None, disputed: bool | None = None
    ) -> list[News]:
        """A capture of an order or a transaction of a subscription; `refund` is the id of one of it."""
        capture = await self._found("v2", "payments", "captures", ref)
        order = dig(capture, "supplementary_data", "related_ids", "order_id")
        if order is not None:
            with reading(NAME):
                return await self.of_order(text(order), disputed)
        sale = await self._found("v1", "payments", "sale", ref)
        agreement = dig(sale, "billing_agreement_id")
        if not isinstance(agreement, str):
            return []
        back = None if refund is None else await self._found("v2", "payments", "refunds", refund)
        total = dig(back, "seller_payable_breakdown", "total_refunded_amount")
        with reading(NAME):
            returned = None if total is None else _money(total)
            return await self.of_transaction(agreement, ref, returned, disputed)

    async def of_transaction(
        self, agreement: str, ref: str, back: Money | None = None, disputed: bool | None = None
    ) -> list[News]:
        """One transaction of a subscription. Raises `GatewayUnreachable` while it is not in the list, which
        may lag behind what is told."""
        found = await self._found("v1", "billing", "subscriptions", agreement)
        if found is None or (key := _key(found)) is None:
            return []
        blank = Proof(State.OPEN, agreement, key, subscription=agreement)
        with reading(NAME):
            listed = await self._transactions(found)
            for place, one in enumerate(listed):
                if one["id"] == ref:
                    return await self._later(replace(blank, recurring=place > 0), one, back, disputed)
        raise GatewayUnreachable(NAME, "the transaction is not listed yet")

    async def of_subscription(self, ref: str) -> list[News]:
        """A subscription, with all its charges."""
        found = await self._found("v1", "billing", "subscriptions", ref)
        if found is None or (key := _key(found)) is None:
            return []
        blank = Proof(State.OPEN, ref, key, subscription=ref)
        with reading(NAME):
            news: list[News] = []
            for place, one in enumerate(await self._transactions(found)):
                news += await self._later(replace(blank, recurring=place > 0), one, None, None)
            over = found["status"] in ("CANCELLED", "EXPIRED")
            nothing = Proof(State.CLOSED if over else State.OPEN, ref, key)
            return [*(news or [nothing]), *_standing(found)]

    async def of_standing(self, ref: str) -> list[News]:
        """Whether a subscription goes on."""
        found = await self._found("v1", "billing", "subscriptions", ref)
        with reading(NAME):
            return _standing(found) if found is not None and _key(found) else []

    async def of_dispute(self, ref: str) -> list[News]:
        """What a dispute says of the charges it is about."""
        found = await self._found("v1", "customer", "disputes", ref)
        news: list[News] = []
        with reading(NAME):
            for one in () if found is None else found["disputed_transactions"]:
                news += await self.of_charge(text(one["seller_transaction_id"]), disputed=_holds(found))
        return news

    async def _later(
        self, blank: Proof, one: Mapping[str, Any], back: Money | None, disputed: bool | None
    ) -> list[News]:
        """A transaction. How much of a partly refunded one went back is not in the list: only a refund's
        own notification says it."""
        gross = one["amount_with_breakdown"]["gross_amount"]
        return await self._charge(blank, one, gross, one["time"], back, disputed)

    async def _charge(
        self,
        blank: Proof,
        one: Mapping[str, Any],
        gross: Mapping[str, Any],
        at: str,
        back: Money | None,
        disputed: bool | None,
    ) -> list[News]:
        """The news of a charge; nothing of a subscription's while no money has come."""
        status = text(one["status"])
        if status not in _CAME:
            closed = status in ("DECLINED", "FAILED")
            return [] if blank.subscription else [replace(blank, state=State.CLOSED) if closed else blank]
        came = replace(blank, state=State.PAID, charge_id=text(one["id"]), paid=_money(gross), at=instant(at))
        if disputed is None:
            disputed = await self._disputed(text(one["id"]))
        if disputed:
            return [came, replace(came, state=State.DISPUTED)]
        if status == "REFUNDED":
            return [came, replace(came, state=State.REFUNDED)]
        return [came, replace(came, state=State.REFUNDED, paid=back)] if back is not None else [came]

    async def _disputed(self, ref: str) -> bool:
        """Whether a dispute holds the money of a charge. An app without the permission for disputes learns
        of one by the money that goes back."""
        query = {"disputed_transaction_id": ref}
        try:
            found = await self._ask("GET", "/v1/customer/disputes", query=query)
        except Refusal:
            return False
        for one in found.get("items") or ():
            if _holds(one):
                return True
            if one["status"] == "RESOLVED" and not dig(one, "dispute_outcome"):  # the list may leave it out
                whole = await self._found("v1", "customer", "disputes", text(one["dispute_id"]))
                if whole is not None and _holds(whole):
                    return True
        return False

    async def _transactions(self, found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All transactions of a subscription that brought money, the oldest first."""
        where = path("v1", "billing", "subscriptions", text(found["id"]), "transactions")
        begun, day = instant(found["create_time"]), timedelta(days=1)
        query = {"start_time": _written(begun - day), "end_time": _written(self._now + day)}
        listed: list[Mapping[str, Any]] = []
        for _ in range(_PAGES):
            answer = await self._ask("GET", where, query=query)
            listed += answer.get("transactions") or ()
            following = next((one["href"] for one in answer.get("links") or () if one["rel"] == "next"), None)
            if following is None:
                break
            query = dict(parse_qsl(urlsplit(text(following)).query))
        came = {text(one["id"]): one for one in listed if one["status"] in _CAME}
        return sorted(came.values(), key=lambda one: (instant(one["time"]), one["id"]))

    async def _found(self, *names: str) -> dict[str, Any] | None:
        """An object, None where PayPal knows none of that id."""
        try:
            found = await self._ask("GET", path(*names))
        except Refusal as no:
            if no.status == 404 or issue(no) in ("INVALID_RESOURCE_ID", "RESOURCE_NOT_FOUND"):
                return None
            raise
        if not isinstance(found, dict):
            raise GatewayUnreachable(NAME, "the answer is no object")
        return found

    async def _ask(self, method: str, where: str, **more: Any) -> Any:
        return await self._wire.ask(self._credentials, method, where, **more)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _key(thing: object) -> str | None:
    """Our order's key, where it is one of ours."""
    custom = dig(thing, "custom_id")
    return custom.removeprefix(OURS) if isinstance(custom, str) and custom.startswith(OURS) else None


def _money(amount: Mapping[str, Any]) -> Money:
    return from_decimal(amount["value"], amount["currency_code"])


def _sum_of(refunds: Any, capture: Mapping[str, Any]) -> Money | None:
    """What went back of an order's only capture, or is on its way."""
    back = [_money(one["amount"]) for one in refunds if one["status"] in ("COMPLETED", "PENDING")]
    return Money(sum(one.minor for one in back), _money(capture["amount"]).currency) if back else None


def _holds(dispute: Mapping[str, Any] | None) -> bool:
    """Whether a dispute holds the money, or took it. An inquiry is talk between payer and seller."""
    if dispute is None:
        return False
    if dispute["status"] == "RESOLVED":
        return dig(dispute, "dispute_outcome", "outcome_code") in _LOST
    return bool(dispute.get("dispute_life_cycle_stage") != "INQUIRY")


def _standing(found: Mapping[str, Any]) -> list[News]:
    """PayPal suspends what it could not charge; so may its owner or its payer."""
    ref, status = text(found["id"]), found["status"]
    if status in ("APPROVAL_PENDING", "APPROVED"):
        return []
    failed = status == "SUSPENDED" and bool(dig(found, "billing_info", "failed_payments_count"))
    return [SubscriptionNews(ref, active=status == "ACTIVE", failed=failed)]
