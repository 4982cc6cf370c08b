"""A payment provider and a Telegram without any wire, for tests that move money many times a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from domain.errors import TelegramRefused
from domain.gateways import Charge, Checkout, Credentials, News, Notification, Proof, State, Traits, Wanted
from domain.money import Money

TILL = "till"


@dataclass(frozen=True)
class Paid:
    """A charge at the provider: what came, what went back, and whether a bank disputes it."""

    id: str
    ref: str
    key: str
    came: Money
    back: int = 0
    disputed: bool = False

    def news(self) -> list[News]:
        """What the provider says of it when asked: what came, and what became of it since."""
        came = Proof(State.PAID, self.ref, order_key=self.key, charge_id=self.id, paid=self.came)
        if self.disputed:
            return [came, replace(came, state=State.DISPUTED)]
        if self.back:
            return [came, replace(came, state=State.REFUNDED, paid=Money(self.back, self.came.currency))]
        return [came]


class Till:
    """The provider. It remembers everything, and tells the truth when asked."""

    traits = Traits(TILL, "The till", digital_opt_in=True)

    def __init__(self) -> None:
        self.charges: dict[str, Paid] = {}
        self.refunds: dict[str, int] = {}  # how often money went back, by charge
        self.asked: list[str] = []  # the checkouts somebody wanted to know of
        self._numbers = count(1)

    def pay(self, ref: str, key: str, amount: Money) -> Paid:
        """Somebody pays on the provider's page."""
        one = Paid(f"ch_{next(self._numbers)}", ref, key, amount)
        self.charges[one.id] = one
        return one

    def change(self, charge_id: str, **values: Any) -> Paid:
        """Something happens to a charge."""
        self.charges[charge_id] = replace(self.charges[charge_id], **values)
        return self.charges[charge_id]

    async def verify(self, credentials: Credentials) -> str:
        return "till"

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        return Checkout(f"ref {wanted.key}", f"https://pay.example/{wanted.key}")

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        return self.charges[notification.body.decode()].news()

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        self.asked.append(ref)
        return [news for one in self.charges.values() if one.ref == ref for news in one.news()]

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        return ()

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        known = self.charges[charge.id]
        if known.back < known.came.minor:
            self.refunds[charge.id] = self.refunds.get(charge.id, 0) + 1
            self.change(charge.id, back=known.came.minor)

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        return None


class Stars:
    """A Telegram that makes links, takes answers to pre-checkout queries, and gives Stars back once."""

    def __init__(self) -> None:
        self.answers: dict[str, bool] = {}
        self.refused: dict[str, str] = {}
        self.methods: list[str] = []
        self.refunds: dict[str, int] = {}
        self._numbers = count(1)

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        self.methods.append(method)
        match method:
            case "answerPreCheckoutQuery":
                self.answers[params["pre_checkout_query_id"]] = params["ok"]
                self.refused[params["pre_checkout_query_id"]] = params.get("error_message", "")
                return True
            case "refundStarPayment":
                charge = params["telegram_payment_charge_id"]
                if charge in self.refunds:
                    raise TelegramRefused(400, "Bad Request: CHARGE_ALREADY_REFUNDED")
                self.refunds[charge] = 1
                return True
            case "createInvoiceLink":
                return f"https://t.me/$invoice{next(self._numbers)}"
        return {"invite_link": f"https://t.me/+{next(self._numbers)}"}

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        raise AssertionError("nothing here asks for it")

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        raise AssertionError("nothing here asks for it")
