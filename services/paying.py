"""Ways to pay: which gateways a bot has, what a plan costs by each, and how to reach them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.durations import Duration, Unit
from domain.errors import NotFound
from domain.gateways import Credentials, Gateway, Traits
from domain.money import STARS, Money
from domain.orders import CREDIT, FREE
from domain.orders import STARS as STARS_GATEWAY
from domain.plans import STARS_PERIOD, Plan
from services import coupons, credit
from services.rates import stars_for
from services.vault import Vault
from storage import gateway_accounts
from storage.database import Tx
from storage.gateway_accounts import GatewayAccount

PURPOSE = "gateway"  # what sealed credentials are bound to
MOST_STARS, MOST_STARS_A_MONTH = 100_000, 10_000


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay for a plan. `amount` is what is asked for, in the gateway's currency and after the
    coupon; `recurring`: it is charged again by itself."""

    gateway: str
    display_name: str
    amount: Money
    recurring: bool = False
    coupon_id: int | None = None
    coupon: str | None = None
    discount: int = 0  # what the coupon takes off, in minor units of the plan's currency
    requires_email: bool = False


@dataclass(frozen=True, slots=True)
class Installed:
    """A gateway of a bot, ready to be asked."""

    gateway: Gateway
    credentials: Credentials
    hook_id: str | None

    @property
    def traits(self) -> Traits:
        """What there is to know about it."""
        return self.gateway.traits


class Paying:
    """Knows the gateways there are, and those a bot has installed. Telegram Stars need no installing."""

    def __init__(self, gateways: Mapping[str, Gateway], vault: Vault, public_url: str) -> None:
        self.gateways, self._vault, self._public_url = gateways, vault, public_url

    def named(self, name: str) -> Gateway:
        """A gateway by its name, in any case of letters. Raises `NotFound` (gateway)."""
        if (found := self.gateways.get(name.lower())) is None:
            raise NotFound("gateway")
        return found

    def seal(self, credentials: Credentials) -> bytes:
        """Credentials as they are stored."""
        return self._vault.seal(msgspec.json.encode(dict(credentials)), PURPOSE)

    def opened(self, account: GatewayAccount) -> Installed | None:
        """An installed gateway with its credentials; None for one this version does not know."""
        if (gateway := self.gateways.get(account.gateway)) is None:
            return None
        credentials = msgspec.json.decode(self._vault.open(account.credentials, PURPOSE), type=dict[str, str])
        return Installed(gateway, credentials | {"bot": str(account.bot_id)}, account.hook_id)

    async def installed(self, tx: Tx, bot_id: int, *, only_enabled: bool = True) -> list[Installed]:
        """The gateways of a bot, Telegram Stars first unless the owner has switched them off."""
        accounts = await gateway_accounts.of_bot(tx, bot_id)
        stars_off = any(one.gateway == STARS_GATEWAY and not one.enabled for one in accounts)
        found = [] if stars_off and only_enabled else [self._stars(bot_id)]
        for one in accounts:
            if one.gateway == STARS_GATEWAY or (only_enabled and not one.enabled):
                continue
            if (ready := self.opened(one)) is not None:
                found.append(ready)
        return found

    async def of_bot(self, tx: Tx, bot_id: int, name: str) -> Installed:
        """One gateway of a bot, switched off or not: what was paid by it goes on. Raises `NotFound`."""
        if name == STARS_GATEWAY:
            return self._stars(bot_id)
        account = await gateway_accounts.get(tx, bot_id, name)
        ready = None if account is None else self.opened(account)
        if ready is None:
            raise NotFound("gateway")
        return ready

    def notify_url(self, installed: Installed) -> str:
        """Where the provider's notifications come in."""
        return f"{self._public_url}/pay/{installed.hook_id}"

    @property
    def reachable(self) -> bool:
        """Whether providers can send us anything; without an address we ask them."""
        return bool(self._public_url)

    def _stars(self, bot_id: int) -> Installed:
        return Installed(self.gateways[STARS_GATEWAY], {"bot": str(bot_id)}, None)

    async def methods(
        self, tx: Tx, bot_id: int, plan: Plan, member_id: int | None, now: datetime, *, strict: bool = False
    ) -> list[Method]:
        """How somebody could pay for a plan, coupons counted; one method `FREE` when nothing is left to
        pay. With `strict` a coupon he holds that does not fit raises `Refused`."""
        found: list[Method] = []
        if plan.options.token_only:
            return found
        if not plan.options.credit_only:
            for one in await self.installed(tx, bot_id):
                method = await self.method(tx, bot_id, plan, member_id, one.traits, now, strict=strict)
                found += [method] if method else []
        if member_id is not None:
            by_credit = await self._by_credit(tx, bot_id, plan, member_id, now)
            found += [by_credit] if by_credit else []
        free = next((one for one in found if one.gateway == FREE), None)
        return [free] if free else found

    async def method(
        self,
        tx: Tx,
        bot_id: int,
        plan: Plan,
        member_id: int | None,
        traits: Traits,
        now: datetime,
        *,
        lock: bool = False,
        strict: bool = False,
    ) -> Method | None:
        """What a plan costs by one gateway; None when it cannot be paid by it."""
        applied = await coupons.apply(tx, bot_id, plan, member_id, traits.name, now, lock=lock, strict=strict)
        left = plan.price if applied is None else applied.amount
        coupon_id, coupon = (applied.coupon_id, applied.name) if applied else (None, None)
        off = plan.price.minor - left.minor
        if left.minor == 0:
            return Method(FREE, "", left, coupon_id=coupon_id, coupon=coupon, discount=off)
        recurring = plan.options.recurring and traits.recurring and _repeats(plan.duration, traits)
        amount = await _charged(tx, bot_id, left, traits, now)
        if amount is None or not _payable(amount, recurring):
            return None
        return Method(
            traits.name,
            traits.display_name,
            amount,
            recurring,
            coupon_id=coupon_id,
            coupon=coupon,
            discount=off,
            requires_email=traits.requires_email,
        )

    async def _by_credit(
        self, tx: Tx, bot_id: int, plan: Plan, member_id: int, now: datetime, *, lock: bool = False
    ) -> Method | None:
        """Paying with one's credit, where there is enough of it."""
        method = await self.method(tx, bot_id, plan, member_id, CREDIT_TRAITS, now, lock=lock)
        if method is None or method.gateway == FREE:
            return method
        held = await credit.balance(tx, bot_id, member_id)
        enough = any(
            one.currency == method.amount.currency and one.minor >= method.amount.minor for one in held
        )
        return method if enough else None


CREDIT_TRAITS = Traits(CREDIT, "Credit", digital_opt_in=False)


def _repeats(length: Duration, traits: Traits) -> bool:
    """Whether the gateway can charge again after so long."""
    if traits.name == STARS_GATEWAY:
        return length == STARS_PERIOD
    return length.unit is not None


def _payable(amount: Money, recurring: bool) -> bool:
    """Telegram limits what one invoice in Stars may ask for."""
    return amount.currency != STARS or amount.minor <= (MOST_STARS_A_MONTH if recurring else MOST_STARS)


async def _charged(tx: Tx, bot_id: int, price: Money, traits: Traits, now: datetime) -> Money | None:
    """The price in a currency the gateway takes; None when it takes none we can count in."""
    if traits.name == STARS_GATEWAY:
        return price if price.currency == STARS else await stars_for(tx, bot_id, price, now)
    if price.currency == STARS and traits.name != CREDIT:
        return None
    if traits.currencies is not None and price.currency not in traits.currencies:
        return None
    return price


def events(gateway: Gateway) -> tuple[str, ...]:
    """What the provider calls the notifications we want; empty where there is nothing to choose."""
    return tuple(getattr(gateway, "events", ()))


def every(length: Duration) -> dict[str, int]:
    """`every_days` or `every_months` of a `Wanted` for a plan that is charged again by itself."""
    match length.unit:
        case Unit.MONTH:
            return {"every_months": length.count}
        case Unit.YEAR:
            return {"every_months": 12 * length.count}
        case Unit.WEEK:
            return {"every_days": 7 * length.count}
        case _:
            return {"every_days": length.count}
