"""Invoices of a BTCPay Server, and what its `InvoiceWatcher.cs` makes of the payments they get."""

from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any

from domain.money import Money, money
from tests.gateways.fakes.base import Account

RATE = Decimal("64392.23")  # of one BTC in whatever money
COIN_DIGITS = Decimal("1e-8")


@dataclass
class Paid:
    """A payment to an invoice, in coins."""

    value: Decimal
    method: str
    at: int
    status: str = "Settled"


@dataclass
class Invoice:
    """An invoice; `more` is its additional status."""

    id: str
    account: Account
    asked: dict[str, Any]
    created: int
    status: str = "New"
    more: str = "None"
    payments: list[Paid] = field(default_factory=list)

    @property
    def wanted(self) -> Money:
        """What it asks for."""
        return money(self.asked["amount"], self.asked["currency"])

    @property
    def due(self) -> Decimal:
        """What it asks for, in coins."""
        return (self.wanted.amount / RATE).quantize(COIN_DIGITS, ROUND_UP)

    def came(self, *statuses: str) -> Decimal:
        """What came, in coins."""
        return sum((one.value for one in self.payments if one.status in statuses), Decimal(0))

    def watch(self) -> list[tuple[str, dict[str, Any]]]:
        """Move on as `UpdateInvoice` does; returns the kinds of its events and what they say."""
        events: list[tuple[str, dict[str, Any]]] = []
        all_, settled = self.came("Settled", "Processing"), self.came("Settled")
        if self.status in ("New", "Expired") and all_ < self.due:
            self.more = "PaidPartial"
        elif self.status == "New":
            self.status, self.more = "Processing", "PaidOver" if all_ > self.due else "None"
            events.append(("InvoiceProcessing", {"overPaid": all_ > self.due}))
        elif self.status == "Expired":
            self.more = "PaidLate"
        if self.status == "Processing" and settled >= self.due:
            self.status = "Settled"
            over = self.more == "PaidOver"
            events.append(("InvoiceSettled", {"manuallyMarked": False, "overPaid": over}))
        return events

    @property
    def shown(self) -> dict[str, Any]:
        """As the API shows it, but for the link."""
        asked = self.asked["checkout"]
        until = self.created + asked["expirationMinutes"] * 60
        return {
            "id": self.id,
            "storeId": self.account["store"],
            "amount": self.asked["amount"],
            "paidAmount": f"{self.came('Settled', 'Processing') * RATE:.2f}",
            "currency": self.asked["currency"],
            "type": "Standard",
            "createdTime": self.created,
            "expirationTime": until,
            "monitoringExpiration": until + 86_400,
            "status": self.status,
            "additionalStatus": self.more,
            "availableStatusesForManualMarking": [],
            "archived": False,
            "metadata": self.asked["metadata"],
            "checkout": asked,
        }

    def method(self, name: str) -> dict[str, Any]:
        """One of its payment methods with the payments by it, as the API shows them."""
        paid = [one for one in self.payments if one.method == name]
        return {
            "paymentMethodId": name,
            "currency": "BTC",
            "rate": f"{RATE}",
            "paymentMethodPaid": f"{sum((one.value for one in paid), Decimal(0)):f}",
            "totalPaid": f"{self.came('Settled', 'Processing'):f}",
            "due": f"{self.due - self.came('Settled', 'Processing'):f}",
            "amount": f"{self.due:f}",
            "paymentMethodFee": "0.0",
            "payments": [
                {
                    "id": f"{self.id}-{place}",
                    "receivedDate": one.at,
                    "value": f"{one.value:f}",
                    "fee": "0.0",
                    "status": one.status,
                    "destination": "bc1q…",
                }
                for place, one in enumerate(paid)
            ],
            "activated": True,
        }


def mistakes(asked: dict[str, Any], enabled: frozenset[str]) -> list[str]:
    """What is wrong with an invoice that is asked for."""
    wrong = []
    if Decimal(asked["amount"]) < 0:
        wrong.append("amount")
    checkout = asked.get("checkout", {})
    if not set(checkout.get("paymentMethods") or []) <= enabled:
        wrong.append("checkout.paymentMethods[0]")
    if not 0 <= checkout.get("paymentTolerance", 0) <= 100 or checkout.get("expirationMinutes", 15) < 1:
        wrong.append("checkout")
    return wrong
