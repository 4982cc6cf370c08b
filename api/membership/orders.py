"""Orders: listed, looked at, made."""

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from api.errors import BadRequest
from api.membership.reports import NO_RATE, Rates
from api.membership.rows import Id, OfBot, Turned, WhichMember, WhichPlan, WhichProject, bot_of, row
from domain.actor import Actor
from domain.errors import NotFound
from domain.gateways import Traits
from domain.house_style import formatted
from domain.orders import CREDIT, Order, Status
from domain.rates import REPORT_CURRENCIES, written
from services.house import House

LONGEST_URL = 2048  # characters
_KEY = re.compile(r"[A-Za-z0-9_-]{1,48}")


class WhichOrders(Turned, kw_only=True):
    """Which orders."""

    member_id: WhichMember = None
    plan_id: WhichPlan = None
    project_id: WhichProject = None
    order_status: Annotated[
        str | None,
        msgspec.Meta(
            description="Only orders of this status, in letters of any case.",
            extra_json_schema={"enum": [*(one.value for one in Status), None]},
        ),
    ] = None
    currency: Annotated[
        str | None,
        msgspec.Meta(
            description="Convert the amounts into this currency, in letters of any case. Without it they are "
            "what was asked for.",
            extra_json_schema={"enum": [*(one.lower() for one in REPORT_CURRENCIES), None]},
            examples=["usd"],
        ),
    ] = None
    rates: Rates = "payment"


class WhichOrder(OfBot, kw_only=True):
    """One order."""

    order_key: Annotated[str, msgspec.Meta(description="The order's key.", examples=["ABCD123"])]


class OrderToMake(OfBot, kw_only=True):
    """An order to be made."""

    plan_id: Annotated[Id, msgspec.Meta(description="Id of the plan.", examples=[14])]
    payment_gateway: Annotated[
        str,
        msgspec.Meta(
            description="The `name` of an installed way to pay, in letters of any case, or `credit`.",
            examples=["PayPal"],
        ),
    ]
    member_id: Annotated[
        Id | None,
        msgspec.Meta(
            description="Telegram id of the buyer: somebody who has used the bot and not blocked it. Without "
            "it the order is for whoever pays, and is claimed by its link.",
            examples=[1111111111],
        ),
    ] = None
    email: Annotated[
        str | None,
        msgspec.Meta(
            description="The payer's address, where the way to pay needs one.", examples=["a@b.com"]
        ),
    ] = None
    token: Annotated[
        str | None,
        msgspec.Meta(description="The coin, where the way to pay takes coins.", examples=["BTC.LN"]),
    ] = None
    return_url: Annotated[
        str | None,
        msgspec.Meta(description="Where the payer goes after paying; the bot, where there is none."),
    ] = None
    cancel_url: Annotated[
        str | None,
        msgspec.Meta(description="Where the payer goes after giving up; the bot, where there is none."),
    ] = None


class OrderRow(msgspec.Struct):
    """An order. `order_type`: 1 new · 2 renewal · 3 recurring charge · 4 gift or access token ·
    5 donation. `member_id` 0: nobody has claimed it yet."""

    order_key: str
    order_type: int
    order_date: int
    order_status: str
    member_id: int
    member_name: str
    plan_id: int
    plan_name: str
    project_id: int
    payment_gateway: str
    amount: str
    currency: str
    formatted: str


class OneOrder(msgspec.Struct):
    """An order; `payment_gateway` is the name of the way to pay."""

    order_key: str
    member_id: int
    member_name: str
    member_email: str
    payment_gateway: str
    order_status: str
    order_date: int
    plan_id: int
    project_id: int


class OrderMade(msgspec.Struct):
    """An order, and where to pay for it. What costs nothing leads to the bot."""

    order_key: str
    amount: str
    currency: str
    checkout_url: str


async def list_orders(house: House, actor: Actor, given: WhichOrders) -> list[OrderRow]:
    """The orders of the bot."""
    bot = await bot_of(house, actor, given)
    found = await house.orders.listing(
        actor, bot.id, given.offset, given.limit,
        member_id=given.member_id, plan_id=given.plan_id, project_id=given.project_id,
        status=_status(given.order_status),
    )  # fmt: skip
    orders = [order for order, _ in found]
    money = await _money(house, actor, bot.id, orders, given)
    return [
        OrderRow(
            order_key=order.key,
            order_type=order.kind.value,
            order_date=int(order.created_at.timestamp()),
            order_status=order.status.value,
            member_id=order.member_id or 0,
            member_name=name or "",
            plan_id=order.plan_id,
            plan_name=order.plan_name,
            project_id=order.project_id,
            payment_gateway=house.payment_methods.called(order.gateway),
            amount=amount,
            currency=currency,
            formatted=pretty,
        )
        for (order, name), (amount, currency, pretty) in zip(found, money, strict=True)
    ]


async def _money(
    house: House, actor: Actor, bot_id: int, orders: Sequence[Order], given: WhichOrders
) -> list[tuple[str, str, str]]:
    """What was asked for with each order: amount, currency, and both in house style."""
    if given.currency is None:
        amounts = [one.amount for one in orders]
        return [(written(one.amount), one.currency, formatted(one.amount, one.currency)) for one in amounts]
    figures = await house.reports.worth(
        actor, bot_id, [(one.amount, one.created_at) for one in orders], given.currency,
        latest=given.rates == "latest",
    )  # fmt: skip
    return [(one.amount, one.currency, one.formatted) for one in figures]


def _status(text: str | None) -> Status | None:
    try:
        return None if text is None else Status(text.upper())
    except ValueError:
        raise BadRequest("order_status", f"must be one of {', '.join(Status)}") from None


async def get_order(house: House, actor: Actor, given: WhichOrder) -> OneOrder:
    """One order."""
    bot = await bot_of(house, actor, given)
    if not _KEY.fullmatch(given.order_key):
        raise NotFound("order")
    order, name = await house.orders.by_key(actor, bot.id, given.order_key)
    return OneOrder(
        order_key=order.key,
        member_id=order.member_id or 0,
        member_name=name or "",
        member_email=order.email or "",
        payment_gateway=order.gateway,
        order_status=order.status.value,
        order_date=int(order.created_at.timestamp()),
        plan_id=order.plan_id,
        project_id=order.project_id,
    )


async def make_order(house: House, actor: Actor, given: OrderToMake) -> OrderMade:
    """A new order."""
    bot = await bot_of(house, actor, given)
    gateway = given.payment_gateway.strip().lower()
    if gateway != CREDIT:
        installed = {one.name: one for one in await house.payment_methods.installed(actor, bot.id)}
        if gateway not in installed:
            raise BadRequest("payment_gateway", f"must be an installed one: {', '.join(installed)}")
    order = await house.orders.make(
        actor, bot.id, given.plan_id, gateway,
        member_id=given.member_id,
        email=given.email,
        coin=None if gateway == CREDIT else _coin(installed[gateway], given.token),
        return_url=_page("return_url", given.return_url),
        cancel_url=_page("cancel_url", given.cancel_url),
    )  # fmt: skip
    return OrderMade(
        order_key=order.key,
        amount=written(order.amount.amount),
        currency=order.amount.currency,
        checkout_url=order.checkout_url or await house.orders.link(actor, bot.id, order),
    )


def _coin(gateway: Traits, token: str | None) -> str | None:
    """The coin to be paid in, where the gateway takes coins; with none the payer chooses."""
    if token is None or not gateway.coins:
        return None
    known = {one.token for one in gateway.coins}
    if (coin := token.strip().upper()) not in known:
        raise BadRequest("token", f"must be one of {', '.join(one.token for one in gateway.coins)}")
    return coin


def _page(name: str, url: str | None) -> str:
    """A page to come back to: the payer's browser opens it, this server never does."""
    if url is None:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("https", "http") and bool(parts.hostname) and len(url) <= LONGEST_URL
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise BadRequest(name, "must be an address that begins with https://")
    return url


ORDERS = (
    row(
        "GET", "/orders", list_orders, "List orders",
        input=WhichOrders, result=list[OrderRow], section="Orders",
        details="The bot's orders, the newest first. `payment_gateway` is what the way to pay is called.",
        example=[
            OrderRow(
                "66804997RC5418150", 1, 1721285697, "PENDING", 1111111111, "John Doe", 20, "EUR Demo Plan", 0,
                "PayPal", "1.344882", "USD", "$1.34",
            )
        ],
        errors={"409": NO_RATE},
    ),
    row(
        "GET", "/orders/{order_key}", get_order, "Get an order",
        input=WhichOrder, result=OneOrder, section="Orders",
        details="One order by its key.",
        example=OneOrder(
            "ABCD123", 0, "John Doe", "john@doe.com", "stripe", "PENDING", 1721159920, 11, 1
        ),
        errors={"404": "There is no order with this key."},
    ),
    row(
        "POST", "/orders", make_order, "Make an order",
        input=OrderToMake, result=OrderMade, section="Orders",
        details="Makes an order and opens its checkout, under the same rules as in the chat. It holds its "
        "place in the plan until it expires.",
        example=OrderMade("TGM-1234567890-20240716-abcd1234", "3", "EUR", "https://example.com"),
        errors={
            "404": "There is no such plan, or no such member.",
            "409": "A rule of the plan or its coupon says no, or the payment provider does.",
            "502": "The payment provider does not answer.",
        },
    ),
)  # fmt: skip
