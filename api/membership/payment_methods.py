"""Ways to pay: those a bot has installed, and what was earned by each."""

from typing import Annotated

import msgspec

from api.membership.reports import NO_RATE, Report
from api.membership.rows import OfBot, bot_of, row
from domain.actor import Actor
from services.house import House


class CoinRow(msgspec.Struct):
    """A coin on a network."""

    token: str
    display_name: str


class MethodRow(msgspec.Struct):
    """A way to pay. `tokens` are there for those that take coins."""

    name: str
    display_name: str
    supports_recurring: Annotated[bool, msgspec.Meta(description="It can charge again by itself.")]
    requires_email: Annotated[bool, msgspec.Meta(description="Orders need the payer's `email`.")]
    tokens: list[CoinRow] | msgspec.UnsetType = msgspec.UNSET


class MethodSales(msgspec.Struct):
    """What was earned by a way to pay."""

    name: str
    display_name: str
    revenue: str
    currency: str
    formatted: str
    sales: int


async def list_methods(house: House, actor: Actor, given: OfBot) -> list[MethodRow]:
    """The installed ways to pay."""
    bot = await bot_of(house, actor, given)
    return [
        MethodRow(
            name=one.name,
            display_name=one.display_name,
            supports_recurring=one.recurring,
            requires_email=one.requires_email,
            tokens=[CoinRow(coin.token, coin.display_name) for coin in one.coins] or msgspec.UNSET,
        )
        for one in await house.payment_methods.installed(actor, bot.id)
    ]


async def by_method(house: House, actor: Actor, given: Report) -> list[MethodSales]:
    """What was earned by each way to pay."""
    bot = await bot_of(house, actor, given)
    found = await house.reports.by_gateway(actor, bot.id, given.currency, latest=given.rates == "latest")
    return [
        MethodSales(
            name=one.gateway,
            display_name=house.payment_methods.called(one.gateway),
            revenue=one.figure.amount,
            currency=one.figure.currency,
            formatted=one.figure.formatted,
            sales=one.figure.sales,
        )
        for one in found
    ]


PAYMENT_METHODS = (
    row(
        "GET", "/payment_methods", list_methods, "List payment methods", "/paymentMethods",
        input=OfBot, result=list[MethodRow], section="Payment methods",
        details="The ways to pay that are installed in the bot and switched on.",
        example=[
            MethodRow(
                "cryptonokyc", "Crypto (No KYC)", False, False,
                [CoinRow("BTC.LN", "Bitcoin (Lightning)"), CoinRow("BTC.BTC", "Bitcoin")],
            ),
            MethodRow("paypal", "PayPal", True, False),
            MethodRow("yookassa", "YooKassa", False, True),
        ],
    ),
    row(
        "GET", "/payment_methods/report", by_method, "Revenue by payment method", "/paymentMethods/report",
        input=Report, result=list[MethodSales], section="Payment methods",
        details="All sales by the way they were paid, the largest revenue first.",
        example=[
            MethodSales("cryptocom", "Crypto (Crypto.Com)", "2412.0767644", "EUR", "2 412,08€", 69),
            MethodSales(
                "stripe", "Credit / Debit card (Stripe)", "2165.20800147", "EUR", "2 165,21€", 85
            ),
        ],
        errors={"409": NO_RATE},
    ),
)  # fmt: skip
