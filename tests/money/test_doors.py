"""No rule of a plan is got round by another door: every rule, tried at every door there is.

Who is turned away at one must be turned away at all of them, and who fits must be let in, or the test could
not fail. A token overrides that a plan is for tokens only; money that has come overrides everything.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotFound, Refused
from domain.money import Money
from domain.orders import CREDIT, FREE, STARS, Order
from storage import affiliates, coupons, credit
from storage.credit import Reason
from storage.database import Database
from tests.money.shop import START, House, Shop, star_proof

ANN, DAN, SETH = 501, 502, 503
PRICE: dict[str, Any] = {"price": 500, "currency": "XTR", "trial": "3 days"}
Door = Callable[[Shop, int], Awaitable[Any]]


async def stranger(shop: Shop, who: int) -> None:
    """Somebody new."""


async def holder(shop: Shop, who: int) -> None:
    """Somebody who has the plan."""
    secret = await shop.house.tokens.create(shop.owner, shop.bot_id, shop.plan_id)
    assert await shop.house.tokens.redeem(shop.actor(who), shop.bot_id, secret)


async def former(shop: Shop, who: int) -> None:
    """Somebody who had it once."""
    await holder(shop, who)
    await shop.house.subscribers.end(shop.owner, shop.bot_id, who, shop.project_id)


async def invited(shop: Shop, who: int) -> None:
    """Somebody whom an affiliate brought."""
    async with shop.db.write() as tx:
        await affiliates.attribute(tx, shop.bot_id, who, SETH, shop.clock.now(), first_wins=False)


async def full(shop: Shop, who: int) -> None:
    """Another one has the last place."""
    await holder(shop, DAN)


@dataclass(frozen=True)
class Rule:
    """What makes the rule, who it turns away, who may pass (None: nobody)."""

    plan: dict[str, Any]
    unfit: Door
    fit: Door | None
    by: frozenset[str] = frozenset()  # the doors it does not close


RULES = {
    "newcomers": Rule({"newcomers": 1}, former, stranger),
    "returning": Rule({"newcomers": 2}, stranger, former),
    "once": Rule({"singleuse": 1}, holder, stranger),
    "once, long ago": Rule({"singleuse": 1}, former, stranger),
    "holders": Rule({"singleuse": 2}, former, holder),
    "holders, not new ones": Rule({"singleuse": 2}, stranger, holder),
    "former": Rule({"singleuse": 3}, holder, former),
    "former, not new ones": Rule({"singleuse": 3}, stranger, former),
    "invited": Rule({"invitee_only": 1}, stranger, invited),
    "not invited": Rule({"invitee_only": 2}, invited, stranger),
    "sold out": Rule({"max_customers": 1}, full, holder),
    "tokens only": Rule({"token_only": True}, stranger, None, frozenset({"token"})),
    "credit only": Rule({"credit_only": True}, stranger, None, frozenset({"credit"})),
    "switched off": Rule({"enabled": False}, stranger, None),
    "over": Rule({"duration": f"{START:%d.%m.%Y}"}, stranger, None),
}  # fmt: skip


async def button(shop: Shop, who: int) -> None:
    """A Pay button, of a list that is old by now."""
    await shop.order(who, STARS)


async def api(shop: Shop, who: int) -> None:
    """`POST orders` for him."""
    await shop.make(STARS, who)


async def invoice_link(shop: Shop, who: int) -> None:
    """`POST orders` for nobody, whose invoice he pays."""
    await asked(shop, await shop.make(STARS), who)


async def asked(shop: Shop, order: Order, who: int) -> None:
    """Telegram's question before the money moves."""
    if not await shop.may_pay(order, who):
        raise Refused("pre_checkout")


async def by_credit(shop: Shop, who: int) -> None:
    """With the credit he has."""
    async with shop.db.write() as tx:
        await credit.add(tx, shop.bot_id, who, Money(9_000, "XTR"), Reason.GIFT, None, shop.clock.now())
    await shop.order(who, CREDIT)


async def free(shop: Shop, who: int) -> None:
    """With a coupon that leaves nothing to pay."""
    async with shop.db.write() as tx:
        made = await coupons.create(tx, shop.bot_id, "Gift", {"percent": Decimal(100)}, shop.clock.now())
        await coupons.take(tx, shop.bot_id, who, made or 0, shop.clock.now())
    await shop.order(who, FREE)
    assert await shop.inside(who)


async def token(shop: Shop, who: int) -> None:
    """An access token, made before the rule was."""
    if await shop.house.tokens.redeem(shop.actor(who), shop.bot_id, shop.secret) is None:
        raise Refused("token")


async def trial(shop: Shop, who: int) -> None:
    """The free trial."""
    await shop.house.memberships.start_trial(shop.actor(who), shop.bot_id, shop.plan_id)


DOORS: dict[str, Door] = {
    "button": button, "api": api, "invoice link": invoice_link, "credit": by_credit, "coupon": free,
    "token": token, "trial": trial,
}  # fmt: skip
# Nobody is known yet when an order for nobody is made: then he counts as new.
UNKNOWN = {"returning", "holders", "former", "invited", "sold out"}


@pytest.fixture
async def open_house(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The house; which engine it stands on makes no difference to rules."""
    shutil.copy(migrated_sqlite, tmp_path / "doors.db")
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'doors.db'}") as db:
        yield House(db)


async def prepared(house: House, rule: Rule, person: Door) -> Shop:
    """A shop whose plan got its rule after the person came to what he is."""
    shop = await house.shop([ANN, DAN, SETH], **PRICE)
    await person(shop, ANN)
    shop.secret = await shop.house.tokens.create(shop.owner, shop.bot_id, shop.plan_id)
    await shop.change_plan(**rule.plan)
    house.clock.advance(days=1)
    return shop


async def passes(door: Door, shop: Shop) -> bool:
    """Whether the door opens."""
    before = await shop.held(ANN)
    try:
        await door(shop, ANN)
    except (Refused, NotFound):
        assert await shop.held(ANN) == before, "refused, and yet something was given"
        return False
    return True


@pytest.mark.parametrize("name", RULES)
async def test_who_does_not_fit_comes_in_by_no_door(open_house: House, name: str) -> None:
    rule = RULES[name]
    opened = {
        door for door, way in DOORS.items() if await passes(way, await prepared(open_house, rule, rule.unfit))
    }
    assert opened == rule.by


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.fit])
async def test_who_fits_finds_the_doors_open(open_house: House, name: str) -> None:
    """The control: what was closed above was closed by the rule."""
    rule = RULES[name]
    assert rule.fit is not None
    closed = {
        door
        for door, way in DOORS.items()
        if not await passes(way, await prepared(open_house, rule, rule.fit))
    }
    expected = {"trial"} if rule.fit in (holder, former) else set()
    if name.partition(",")[0] in UNKNOWN:
        expected.add("invoice link")
    assert closed == expected


@pytest.mark.parametrize("name", RULES)
async def test_an_invoice_from_before_is_no_way_round(open_house: House, name: str) -> None:
    rule = RULES[name]
    shop = await open_house.shop([ANN, DAN, SETH], **PRICE)
    invoice, another = await shop.order(ANN, STARS), await shop.make(STARS)
    open_house.clock.advance(minutes=21)
    await rule.unfit(shop, ANN)
    assert await shop.may_pay(invoice, ANN), "it is the rule that closes it"
    open_house.clock.advance(minutes=21)
    await shop.change_plan(**rule.plan)
    open_house.clock.advance(days=1)
    assert not await shop.may_pay(invoice, ANN)
    assert not await shop.may_pay(another, ANN)


@pytest.mark.parametrize("name", RULES)
async def test_paid_is_paid(open_house: House, name: str) -> None:
    """The one door no rule closes: money has come, and whoever paid it opens the order's link."""
    rule = RULES[name]
    shop = await open_house.shop([ANN, DAN, SETH], **PRICE)
    order = await shop.make(STARS)
    await shop.told(star_proof(order, f"paid {shop.bot_id}", 0))
    await rule.unfit(shop, ANN)
    before = await shop.held(ANN)
    await shop.change_plan(**rule.plan)
    await shop.house.orders.open(shop.actor(ANN), shop.bot_id, order.key)
    assert await shop.inside(ANN)
    assert await shop.held(ANN) != before
    await shop.house.orders.open(shop.actor(ANN), shop.bot_id, order.key)
    with pytest.raises(Refused):
        await shop.house.orders.open(shop.actor(DAN), shop.bot_id, order.key)
