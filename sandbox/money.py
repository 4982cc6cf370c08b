"""Money in the sandbox's Telegram: invoices, payments, subscriptions, and the Stars ledger of a bot.

Amounts are whole minor units of their currency; of Stars (``XTR``) there are no parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model import Bot, Message, User

STARS = "XTR"


@dataclass(eq=False, slots=True)
class Invoice:
    """What a Pay button or an invoice link asks for. It can be paid any number of times."""

    bot: Bot
    title: str
    description: str
    payload: str
    currency: str
    amount: int
    slug: str
    subscription_period: int = 0
    """Seconds between charges; 0: charged once."""


@dataclass(eq=False, slots=True)
class Payment:
    """One completed charge."""

    charge_id: str
    provider_charge_id: str
    user: User
    invoice: Invoice
    date: int
    subscription: Subscription | None = None
    expires: int = 0
    """End of the period it pays for, unix; 0 without a subscription."""
    refunded: bool = False
    refund_date: int = 0
    shown_in: list[Message] = field(default_factory=list)
    """The invoice's message, if it was paid through one, and the service message; both know the payment."""

    @property
    def bot(self) -> Bot:
        return self.invoice.bot

    @property
    def currency(self) -> str:
        return self.invoice.currency

    @property
    def amount(self) -> int:
        return self.invoice.amount

    @property
    def payload(self) -> str:
        return self.invoice.payload

    @property
    def subscription_period(self) -> int:
        """Seconds the charge pays for, 0 without a subscription."""
        return self.invoice.subscription_period

    @property
    def canceled(self) -> bool:
        """Whether no further charge follows, by the wish of the person or the bot."""
        return self.subscription is not None and self.subscription.canceled


@dataclass(eq=False, slots=True)
class Subscription:
    """A person's Stars subscription at a bot. The first charge's id names it, as in the Bot API."""

    id: str
    user: User
    invoice: Invoice
    expires: int
    """End of the period paid for, unix: then Telegram charges again."""
    payments: list[Payment] = field(default_factory=list)
    canceled: bool = False
    canceled_by_bot: bool = False
    """Then the person cannot bring it back, until the bot allows it."""
    failed: bool = False
    """The last charge found too few Stars: it is over."""

    @property
    def renews(self) -> bool:
        """Whether Telegram will charge again."""
        return not self.canceled and not self.failed

    def state(self, now: float) -> str:
        """``active``, ``canceled`` (still paid for), ``failed`` or ``ended``."""
        if self.failed:
            return "failed"
        if self.renews:
            return "active"
        return "canceled" if self.expires > now else "ended"


@dataclass(frozen=True, eq=False, slots=True)
class Transaction:
    """Money that came to a bot or went back. A refund is a row of its own, under the id of its payment."""

    payment: Payment
    date: int
    incoming: bool

    @property
    def bot(self) -> Bot:
        return self.payment.bot

    @property
    def in_stars(self) -> bool:
        return self.payment.currency == STARS
