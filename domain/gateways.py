"""What the house asks of a payment provider: one small interface, the same for all of them.

A gateway never says "paid" on the strength of a notification alone: it checks the signature and then asks
the provider again. What it says is a `Proof`; `services.payments` alone turns proofs into access.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from domain.money import Money

Credentials = Mapping[str, str]  # by the names of the gateway's `Field`s; sealed at rest


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to know about the owner's account with a provider. `texts.gateways` words what it is and
    where to find it. `choices` are the only values it takes, where it has any. `hook`: needed for nothing
    but checking notifications, so it may be left out where none can reach us, and a `HookMaker` gets it by
    itself."""

    name: str
    secret: bool = True
    choices: tuple[str, ...] = ()
    hook: bool = False


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin on a network that a crypto gateway takes, as `BTC.LN`."""

    token: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What there is to know about a gateway before anything is paid by it.

    `name` is its name in the API and the database. `currencies` None: any. `recurring`: it charges again
    by itself. `digital_opt_in`: Telegram wants digital goods sold for Stars, so the owner has to agree.
    """

    name: str
    display_name: str
    fields: tuple[Field, ...] = ()
    recurring: bool = False
    requires_email: bool = False
    currencies: frozenset[str] | None = None
    coins: tuple[Coin, ...] = ()
    digital_opt_in: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as a gateway needs to know it.

    `key` is ours and unique for ever: providers get it as the idempotency key and as metadata. `every_days`
    or `every_months` is set for a plan that charges again by itself (exactly one of them), on a gateway
    that can. `hours` is how long the checkout should stay open.
    """

    key: str
    amount: Money
    title: str
    description: str
    return_url: str
    cancel_url: str
    notify_url: str
    member_id: int | None = None
    email: str | None = None
    coin: str | None = None
    every_days: int | None = None
    every_months: int | None = None
    locale: str = "en"
    hours: int = 24


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where to pay. `ref` is the provider's id of this checkout (unique at the provider), by which
    `Gateway.look` finds it again."""

    ref: str
    url: str


class State(StrEnum):
    """What became of a checkout or a charge, as the provider says."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"  # expired, canceled or failed before money came; it may still come late
    REFUNDED = "refunded"
    DISPUTED = "disputed"  # charged back, or about to be


@dataclass(frozen=True, slots=True)
class Proof:
    """What a provider says about one charge, asked by ourselves.

    `ref` is the checkout's id, `order_key` ours where the provider carries it. `charge_id` is the
    provider's own id of the charge: the key that makes a payment count once. `paid` is what came (for
    REFUNDED: what went back), never what was asked for. For charges of a subscription, `subscription` is
    the provider's id of it and `recurring` tells later charges from the first. `payer` is who paid at
    Telegram, where the gateway knows. `collect` is, for REFUNDED, the page where the payer has to collect
    what went back; whoever has its address gets the money.
    """

    state: State
    ref: str
    order_key: str | None = None
    charge_id: str | None = None
    paid: Money | None = None
    at: datetime | None = None
    subscription: str | None = None
    recurring: bool = False
    payer: int | None = None
    collect: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionNews:
    """A subscription at the provider goes on no longer (or again). `active` False: no further charges."""

    subscription: str
    active: bool
    failed: bool = False  # the provider gave up charging; else the person or the owner ended it


@dataclass(frozen=True, slots=True)
class Notification:
    """An HTTP request of a provider. Header names are in small letters; `peer` is the caller's address."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge to be given back. `key` is ours and the same at every try; `member_id` the payer at
    Telegram, where he is known."""

    id: str
    amount: Money
    key: str
    member_id: int | None = None


News = Proof | SubscriptionNews


class Gateway(Protocol):
    """A payment provider. Stateless: one object serves all bots, credentials come with every call.

    Raises `GatewayUnreachable` when nobody knows (try again), `GatewayRefused` when the provider says no
    (its words for the owner), `BadSignature` for a notification that is not the provider's.
    """

    @property
    def traits(self) -> Traits: ...

    async def verify(self, credentials: Credentials) -> str:
        """Ask the provider whether the credentials are good; returns the account's name for the owner."""
        ...

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        """Open a checkout. Repeating it with the same `wanted.key` never makes a second one, where the
        provider can promise that."""
        ...

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        """Check a notification's signature, ask the provider again about what it names, and say what is
        true now. Empty for news that are none of ours."""
        ...

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        """Everything the provider knows now about a checkout: every charge of it, refunds included."""
        ...

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        """Everything about a subscription: its charges, and whether it goes on. Empty where there are
        none."""
        ...

    async def refund(self, credentials: Credentials, charge: Charge) -> str | None:
        """Give a charge back as a whole. Given back before counts as done.

        Returns the page where the payer has to collect it (`Proof.collect`, the same at every try), for
        coins that cannot be sent back unasked; None where nothing is left for him to do.
        """
        ...

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """No further charges; what is paid stays. Ended before counts as done."""
        ...


@runtime_checkable
class HookMaker(Protocol):
    """A gateway that can tell its provider by itself where notifications are to go."""

    async def make_hook(self, credentials: Credentials, notify_url: str) -> Credentials:
        """Make the provider send its notifications to `notify_url`; returns the credentials with the
        fields that are marked `hook`. May be repeated. Raises as `Gateway` does; after `GatewayRefused`
        the owner sets it up by hand."""
        ...
