"""Paying inside Telegram: Stars, and the payment providers that BotFather connects.

Their money is proven by `successful_payment`, which Telegram sends until we took it, and by the list of a
bot's Star transactions; there is nothing to ask about a single checkout.
"""

from collections.abc import Mapping, Sequence

from domain.errors import (
    GatewayRefused,
    GatewayUnreachable,
    TelegramFlood,
    TelegramRefused,
    TelegramUnreachable,
)
from domain.gateways import Charge, Checkout, Credentials, Field, News, Notification, Traits, Wanted
from domain.money import STARS
from domain.orders import STARS as STARS_GATEWAY
from domain.orders import TELEGRAM
from domain.telegram import Telegram

PERIOD = 2_592_000  # seconds; https://core.telegram.org/bots/api#createinvoicelink knows no other
_DONE = "CHARGE_ALREADY_REFUNDED"


class _InTelegram:
    """What both have in common."""

    traits: Traits

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def _ask(self, credentials: Credentials, method: str, **params: object) -> object:
        try:
            return await self._telegram.ask(int(credentials["bot"]), method, **params)
        except TelegramRefused as error:
            raise GatewayRefused(self.traits.name, error.description) from None
        except (TelegramFlood, TelegramUnreachable) as error:
            raise GatewayUnreachable(self.traits.name, str(error.details)) from None

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        """An invoice link; its payload is the order's key."""
        params: dict[str, object] = {
            "title": wanted.title,
            "description": wanted.description,
            "payload": wanted.key,
            "currency": wanted.amount.currency,
            "prices": [{"label": wanted.title, "amount": wanted.amount.minor}],
            "provider_token": credentials.get("token", ""),
        }
        if wanted.every_days is not None or wanted.every_months is not None:
            params["subscription_period"] = PERIOD
        return Checkout(wanted.key, str(await self._ask(credentials, "createInvoiceLink", **params)))

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        """Nothing comes by HTTP."""
        return ()

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        """Telegram cannot be asked about one invoice."""
        return ()

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        """Nor about one subscription."""
        return ()


class StarsGateway(_InTelegram):
    """Telegram Stars. Every bot takes them: no account is needed."""

    traits = Traits(
        STARS_GATEWAY, "Telegram Stars", recurring=True, currencies=frozenset({STARS}), digital_opt_in=False
    )

    async def verify(self, credentials: Credentials) -> str:
        """The bot's balance can be asked for whenever it takes Stars."""
        await self._ask(credentials, "getMyStarBalance")
        return self.traits.display_name

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        """`refundStarPayment`."""
        try:
            await self._ask(
                credentials, "refundStarPayment",
                user_id=charge.member_id, telegram_payment_charge_id=charge.id,
            )  # fmt: skip
        except GatewayRefused as error:
            if _DONE not in error.words:
                raise

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """`editUserStarSubscription`, by the id of the first charge."""
        await self._ask(
            credentials, "editUserStarSubscription",
            user_id=member_id, telegram_payment_charge_id=subscription, is_canceled=True,
        )  # fmt: skip


class ProviderGateway(_InTelegram):
    """A payment provider connected at BotFather, which gives a token for it. Money goes back at the
    provider's own site only: the Bot API has no call for it."""

    traits = Traits(TELEGRAM, "Telegram Pay", fields=(Field("token"),))

    async def verify(self, credentials: Credentials) -> str:
        """An invoice over a small amount is drawn up, and never sent. Raises `GatewayRefused` when
        Telegram does not know the token."""
        token = credentials.get("token", "")
        await self._ask(
            credentials, "createInvoiceLink", title="Test", description="Test", payload="test",
            provider_token=token, currency="USD", prices=[{"label": "Test", "amount": 500}],
        )  # fmt: skip
        return "TEST" if ":TEST:" in token else "LIVE"

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        """Not possible here."""
        raise GatewayRefused(self.traits.name, "refund it at the provider's own site")

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """There are none."""


def telegram_gateways(telegram: Telegram) -> Mapping[str, StarsGateway | ProviderGateway]:
    """Both, by name."""
    return {STARS_GATEWAY: StarsGateway(telegram), TELEGRAM: ProviderGateway(telegram)}
