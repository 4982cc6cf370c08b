"""What some payment providers can do and others cannot: a stand-in is made of those its provider has."""

from abc import abstractmethod

from tests.gateways.fakes.base import Fake


class RefundsByHand(Fake):
    """Owners give money back on the provider's own pages, and it can be seen."""

    by_hand = True
    partial_refunds = True

    @abstractmethod
    def refund(self, charge_id: str, amount: str | None = None) -> None:
        """The owner gives money back: all, or `amount` in whole units."""


class Disputing(Fake):
    """The payer's bank may take a charge back."""

    disputes = True

    @abstractmethod
    def dispute(self, charge_id: str) -> None:
        """The payer's bank wants the money back."""

    @abstractmethod
    def settle(self, charge_id: str, *, won: bool) -> None:
        """The dispute ends: `won` by the owner, or lost."""


class Recurring(Fake):
    """Subscriptions charge by themselves."""

    recurring = True

    @abstractmethod
    def charge_again(self, subscription: str) -> str:
        """The next charge of a subscription; returns its id."""

    @abstractmethod
    def cancel(self, subscription: str, *, failed: bool = False) -> None:
        """The subscription ends: its payer ended it, or (`failed`) it could not be charged any more."""

    @abstractmethod
    def active(self, subscription: str) -> bool:
        """Whether a subscription will charge again."""
