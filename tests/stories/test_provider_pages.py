"""Paying on a provider's page: through the whole application, against the stand-in of every provider."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from domain.gateways import Notification
from sandbox import Sandbox
from services.paying import PURPOSE
from services.vault import Vault
from storage import gateway_accounts, memberships, orders, payments
from tests.clock import TestClock
from tests.conftest import Start
from tests.gateways.fakes import FAKES, Fake
from tests.stories.membership import Club, open_club

HOOK = "0123456789abcdef0123456789abcdef"


@dataclass
class Shop:
    """A club that sells by one provider, and somebody who wants to buy."""

    tg: Sandbox
    club: Club
    fake: Fake
    ann: Any

    async def checkout(self) -> str:
        """Ann goes from /plans to the provider's page; returns its reference there."""
        await self.ann.start(self.club.bot)
        await self.ann.send(self.club.bot, "/plans")
        await self.ann.click("Gold")
        shown = self.tg.last(self.ann, bot=self.club.bot)
        await self.ann.click(next(words for (words, *_) in shown.buttons if words.startswith("💳")))
        if "e-mail" in self.tg.last(self.ann, bot=self.club.bot).text:
            await self.ann.send(self.club.bot, "ann@example.org")
        async with self.club.app.db.read() as tx:
            ((order, *_), *_) = await orders.listing(tx, self.club.bot_id, 0, 1)
        page = self.tg.last(self.ann, bot=self.club.bot).inline_keyboard[0][0]["url"]
        assert page == order.checkout_url
        assert order.ref in self.fake.checkouts()
        return str(order.ref)

    async def tell(self, event: int | Notification | None = None) -> int:
        """The provider posts what it has to say (None: all that is new); returns the answer's status."""
        status = await self.fake.notify(f"{self.club.app.settings.public_url}/pay/{HOOK}", event)
        await self.tg.settle()
        return status

    async def held(self) -> Any:
        """Ann's membership."""
        async with self.club.app.db.read() as tx:
            return await memberships.get(tx, self.club.bot_id, self.ann.id, self.club.project_id)

    async def money(self) -> list[Any]:
        """The payments for Ann's orders."""
        async with self.club.app.db.read() as tx:
            listed = await orders.listing(tx, self.club.bot_id, 0, 100)
            return [
                one for order, _ in listed for one in await payments.of_order(tx, self.club.bot_id, order.id)
            ]

    @property
    def told(self) -> str:
        """What Ann was told last."""
        return str(self.tg.last(self.ann, bot=self.club.bot).text)


@pytest.fixture(params=FAKES, ids=lambda kind: kind.name)
async def shop(
    request: Any, tg: Sandbox, start_app: Start, clock: TestClock, olga: Any, service: Any
) -> AsyncIterator[Shop]:
    async with request.param(clock) as fake:
        settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "allow_private_urls": True}
        async with start_app(providers={fake.name: fake.url}, **settings) as app:
            club = await open_club(tg, app, olga, service)
            await club.change_plan(price=fake.price.minor, currency=fake.price.currency)
            sealed = Vault(app.settings.key()).seal(msgspec.json.encode(dict(fake.credentials)), PURPOSE)
            async with app.db.write() as tx:
                await gateway_accounts.put(
                    tx, club.bot_id, fake.name, sealed, "Olga's", HOOK, app.clock.now()
                )
            yield Shop(tg, club, fake, tg.user("Ann"))


async def test_news_of_money_open_the_chat_once(shop: Shop) -> None:
    shop.fake.pay(await shop.checkout())
    assert await shop.tell() == 200
    assert "🎉 Paid, thank you!" in shop.told
    first = await shop.held()
    for event in reversed(range(len(shop.fake.events))):
        assert await shop.tell(event) == 200
    assert await shop.held() == first, "told again, in any order, it gives nothing more"
    (payment,) = await shop.money()
    assert (payment.paid, payment.accepted) == (shop.fake.price, True)


async def test_money_comes_without_news(shop: Shop, clock: TestClock) -> None:
    shop.fake.pay(await shop.checkout())
    clock.advance(minutes=11)
    house = shop.club.app.house
    await house.taking.reconcile(house.actor)
    assert (await shop.held()) is not None
    assert await shop.tell() == 200, "the news come after all"
    assert len(await shop.money()) == 1


async def test_lies_open_nothing(shop: Shop) -> None:
    ref = await shop.checkout()
    assert await shop.tell(shop.fake.sign(shop.fake.lie(ref), shop.fake.credentials)) == 200
    assert await shop.held() is None
    shop.fake.pay(ref)
    true = shop.fake.notification()
    elsewhere = replace(true, headers={"x-forwarded-for": "203.0.113.9"})
    forged = shop.fake.forgeries(true) if shop.fake.signed else {"sent from elsewhere": elsewhere}
    for what, letter in forged.items():
        assert await shop.tell(letter) == 400, what
    assert await shop.held() is None


async def test_news_wait_for_a_provider_that_cannot_be_asked(shop: Shop) -> None:
    shop.fake.pay(await shop.checkout())
    shop.fake.trouble("error")
    assert await shop.tell(-1) == 503, "so that it is sent again"
    assert await shop.held() is None
    assert await shop.tell(-1) == 200
    assert (await shop.held()) is not None


async def test_what_goes_back_takes_along_what_it_gave(shop: Shop) -> None:
    shop.fake.pay(await shop.checkout())
    await shop.tell()
    (payment,) = await shop.money()
    app = shop.club.app
    async with app.db.write() as tx:
        await payments.owe_refund(
            tx, shop.club.bot_id, payment.id, "owner", shop.club.olga.id, app.clock.now()
        )
    shop.fake.trouble("cut", path=shop.fake.refunding, method="POST", done=True)
    await app.house.refunds.run(app.house.actor)
    app.clock.advance(minutes=5)
    await app.house.refunds.run(app.house.actor)
    await shop.tg.settle()
    assert shop.fake.paid_back(payment.charge_id) == shop.fake.price, "once, though its answer was lost"
    assert "went back, and so did what it gave" in shop.told
    assert [one.refunded for one in await shop.money()] == [shop.fake.price.minor]
    if (pulls := getattr(shop.fake, "pulls", None)) is not None:
        assert pulls[0]["viewLink"] in shop.told, "coins are collected by their payer"
