"""`/payments`: installing a way to pay, and looking after it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from domain.orders import Kind, Status
from sandbox import Sandbox
from storage import events, gateway_accounts, orders, settings, subscriptions
from storage.tables.core import dialog, outbox
from tests.gateways.fakes import BTCPayFake, PaystackFake, StripeFake, YooKassaFake
from tests.stories.membership import Club, open_club

KEY = StripeFake.credentials["secret_key"]


@pytest.fixture
async def stripe() -> AsyncIterator[StripeFake]:
    """Stripe."""
    async with StripeFake() as fake:
        yield fake


@pytest.fixture
async def club(tg: Sandbox, start_app: Any, olga: Any, service: Any, stripe: StripeFake) -> Any:
    """A club whose application knows where the stand-ins are."""
    async with (
        PaystackFake() as paystack,
        YooKassaFake() as yookassa,
        start_app(
            bot_token=service.token, owner_ids=frozenset({olga.id}), allow_private_urls=True,
            providers={"stripe": stripe.url, "paystack": paystack.url, "yookassa": yookassa.url},
        ) as app,
    ):  # fmt: skip
        yield await open_club(tg, app, olga, service)


async def account(club: Club, gateway: str = "stripe") -> gateway_accounts.GatewayAccount | None:
    async with club.app.db.read() as tx:
        return await gateway_accounts.get(tx, club.bot_id, gateway)


async def stored(club: Club, column: Any) -> list[Any]:
    """Everything in a column, as it lies in the database."""
    async with club.app.db.read() as tx:
        return list((await tx.execute(select(column))).scalars())


async def install(club: Club, key: str = KEY) -> None:
    """Olga installs Stripe."""
    await club.olga.send(club.bot, "/payments")
    await club.olga.click("➕ Add")
    await club.olga.click("Stripe")
    await club.olga.click("I have understood, go on")
    await club.olga.send(club.bot, key)


async def test_a_gateway_is_installed_and_used(tg: Sandbox, club: Club, stripe: StripeFake) -> None:
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/payments")
    shown = tg.last(olga, bot=bot)
    assert "✅ Stars" in shown.text
    await olga.click("➕ Add")
    await olga.click("Stripe")
    assert "wants digital goods" in tg.last(olga, bot=bot).text, "the owner is told why Stars are the default"
    assert await account(club) is None
    await olga.click("I have understood, go on")
    asked = tg.last(olga, bot=bot)
    assert "Secret key" in asked.text
    typed = await olga.send(bot, KEY)
    assert typed.deleted, "a message with a key does not stay in the chat"
    assert "Stripe is installed" in tg.last(olga, bot=bot).text
    kept = await account(club)
    assert kept is not None
    assert kept.enabled
    assert KEY.encode() not in kept.credentials
    assert next(iter(stripe.endpoints.values()))["url"] == f"{club.app.url}/pay/{kept.hook_id}"
    ann = tg.user("Ann")
    await ann.start(bot)
    await ann.send(bot, "/plans")
    await ann.click("Gold")
    await ann.click("💳 Stripe · $9.99")
    stripe.pay(stripe.checkouts()[-1])
    assert await stripe.notify(f"{club.app.url}/pay/{kept.hook_id}") == 200, "by the secret Stripe gave us"
    await tg.settle()
    assert "🎉 Paid, thank you! You have Gold" in tg.last(ann, bot=bot).text
    async with club.app.db.read() as tx:
        seen = [data for _, data in await events.of_owner(tx, olga.id, "gateway.installed")]
    assert seen == [{"gateway": "stripe"}], "once, however often Telegram delivers"


async def test_keys_are_never_written_down_in_plain(tg: Sandbox, club: Club, stripe: StripeFake) -> None:
    stripe.trouble("error", path="/v1/account", times=9)
    await install(club)
    assert "does not answer" in tg.last(club.olga, bot=club.bot).text
    everything = [*await stored(club, dialog.c.data), *await stored(club, outbox.c.payload)]
    assert not any(KEY in str(one) for one in everything)
    assert await account(club) is None
    stripe.calm()
    await club.olga.send(club.bot, KEY)
    assert "Stripe is installed" in tg.last(club.olga, bot=club.bot).text


async def test_wrong_keys_are_not_kept(tg: Sandbox, club: Club) -> None:
    await install(club, "sk_test_wrong")
    refused = tg.last(club.olga, bot=club.bot).text
    assert "Stripe does not take them" in refused
    assert "sk_test_wrong" not in refused
    assert await account(club) is None
    await club.olga.send(club.bot, KEY)
    assert await account(club) is not None, "the last one is simply sent again"


@pytest.mark.parametrize("typed", ["two\nlines", "x" * 1_001])
async def test_nonsense_is_asked_for_again(tg: Sandbox, club: Club, typed: str) -> None:
    await install(club, typed)
    assert "does not look right" in tg.last(club.olga, bot=club.bot).text
    assert await account(club) is None


async def test_it_can_be_cancelled_at_any_step(tg: Sandbox, club: Club) -> None:
    steps = ["➕ Add", "Stripe", "I have understood, go on"]
    for stop in (2, 3):
        await club.olga.send(club.bot, "/payments")
        for step in steps[:stop]:
            await club.olga.click(step)
        old = tg.last(club.olga, bot=club.bot)
        await club.olga.click("Cancel")
        await club.olga.send(club.bot, KEY)
        assert "I did not understand" in tg.last(club.olga, bot=club.bot).text
        assert await account(club) is None
        assert old is not None
        steps = ["➕ Add", "Stripe"] if stop == 3 else steps


async def test_the_owner_agrees_once(tg: Sandbox, club: Club) -> None:
    await install(club)
    await club.olga.send(club.bot, "/payments")
    await club.olga.click("➕ Add")
    await club.olga.click("Paystack")
    assert "Send me: Secret key" in tg.last(club.olga, bot=club.bot).text
    async with club.app.db.read() as tx:
        agreed = await settings.get(tx, club.bot_id, settings.DEFAULT_CHAT, "payments")
    assert agreed["agreed_at"] <= club.app.clock.now().timestamp()


async def test_notifications_can_be_set_up_by_hand(tg: Sandbox, club: Club) -> None:
    """BTCPay Server does not let itself be told by us, and wants a secret for it."""
    olga, bot = club.olga, club.bot
    async with BTCPayFake() as shop:
        keys = dict(shop.credentials) | {"url": shop.url}
        await olga.send(bot, "/payments")
        await olga.click("➕ Add")
        await olga.click("Crypto (No KYC)")
        await olga.click("I have understood, go on")
        for name in ("url", "store", "key"):
            typed = await olga.send(bot, keys[name])
            assert typed.deleted == (name == "key")
        assert f"{club.app.url}/pay/" in tg.last(olga, bot=bot).text
        assert await account(club, "cryptonokyc") is None
        await olga.send(bot, keys["secret"])
        kept = await account(club, "cryptonokyc")
        assert kept is not None
        shown = await club.app.house.gateways.panel(club.app.house.actor, club.bot_id, "cryptonokyc")
        assert shown.hears
        await olga.click("All ways to pay")
        await olga.click("✅ Crypto (No KYC)")
        await olga.click("🔑 Other keys")
        for name in ("url", "store", "key"):
            await olga.send(bot, keys[name])
        await olga.click("Without: ask every few minutes")
        shown = await club.app.house.gateways.panel(club.app.house.actor, club.bot_id, "cryptonokyc")
        assert not shown.hears
        assert shown.address is not None
        assert "its notifications are not set up" in tg.last(olga, bot=bot).text
        assert (await shop.notify(shown.address, shop.sign(b"{}", {**keys, "secret": ""}))) == 400


async def test_some_things_are_chosen(tg: Sandbox, club: Club) -> None:
    """YooKassa wants to know the VAT rate: one of a few."""
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/payments")
    await olga.click("➕ Add")
    await olga.click("YooKassa")
    await olga.click("I have understood, go on")
    for name in ("shop", "key"):
        await olga.send(bot, YooKassaFake.credentials[name])
    asked = tg.last(olga, bot=bot)
    assert "VAT rate" in asked.text
    typed = await olga.send(bot, "none")
    assert not typed.deleted, "what is chosen is no secret"
    assert "tap one of the buttons" in tg.last(olga, bot=bot).text
    for wrong in ("99", "-1", "x", "٣"):
        answer = await olga.press_callback(asked, {"callback_data": f"newgateway:choose:{wrong}"})
        assert answer.text
    assert await account(club, "yookassa") is None
    await olga.click(asked, "YooKassa sends no receipts for me")
    assert "its VAT rate is needed" in tg.last(olga, bot=bot).text, "the provider knows better"
    assert await account(club, "yookassa") is None
    await olga.click(asked, "Without VAT")
    kept = await account(club, "yookassa")
    assert kept is not None
    opened = club.app.house.gateways._paying.opened(kept)
    assert opened is not None
    assert opened.credentials["vat"] == "1"
    assert kept.hook_id in tg.last(olga, bot=bot).text, "the address to paste at the provider"


async def test_the_panel_switches_checks_replaces_and_removes(
    tg: Sandbox, club: Club, stripe: StripeFake
) -> None:
    olga, bot = club.olga, club.bot
    await install(club)
    first = await account(club)
    assert first is not None
    await olga.click("All ways to pay")
    await olga.click("✅ Stripe")
    await olga.click("⏸ Switch off")
    assert "Switched off" in tg.last(olga, bot=bot).text
    off = await account(club)
    assert off is not None
    assert not off.enabled
    await olga.click("▶️ Switch on")
    answer = await olga.click("🔄 Check it")
    assert "It works" in (answer.text or "")
    stripe.trouble("error", path="/v1/account")
    answer = await olga.click("🔄 Check it")
    assert "does not answer" in (answer.text or "")
    await olga.click("🔑 Other keys")
    await olga.send(bot, StripeFake.other["secret_key"])
    replaced = await account(club)
    assert replaced is not None
    assert replaced.credentials != first.credentials
    assert replaced.hook_id == first.hook_id, "the address at the provider stays good"
    await olga.click("All ways to pay")
    await olga.click("✅ Stripe")
    await olga.click("🗑 Remove")
    assert await account(club) is not None, "it asks first"
    await olga.click("Yes, remove")
    assert await account(club) is None


async def test_a_gateway_that_charges_somebody_is_not_removed(tg: Sandbox, club: Club) -> None:
    await install(club)
    async with club.app.db.write() as tx:
        now = club.app.clock.now()
        order = await orders.create(
            tx, club.bot_id, "GH-1", kind=Kind.NEW, status=Status.PENDING, member_id=club.olga.id,
            plan_id=club.plan_id, plan_name="Gold", project_id=club.project_id, length="1 month",
            gateway="stripe", price=StripeFake.price, amount=StripeFake.price, now=now, expires_at=now,
        )  # fmt: skip
        await subscriptions.begin(
            tx, club.bot_id, "stripe", "sub_1", order_id=order.id, member_id=club.olga.id,
            plan_id=club.plan_id, project_id=club.project_id, amount=order.amount, paid_until=None, now=now,
        )  # fmt: skip
    await club.olga.click("All ways to pay")
    await club.olga.click("✅ Stripe")
    await club.olga.click("🗑 Remove")
    assert "⚠️ 1 order may still be paid" in tg.last(club.olga, bot=club.bot).text
    answer = await club.olga.click("Yes, remove")
    assert "1 person is charged" in (answer.text or "")
    assert await account(club) is not None


async def test_stars_can_be_switched_off(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/payments")
    await olga.click("✅ Stars")
    assert "🗑 Remove" not in str(tg.last(olga, bot=bot).buttons)
    await olga.click("⏸ Switch off")
    await olga.click("‹ Back")
    assert "nobody can pay now" in tg.last(olga, bot=bot).text
    await club.change_plan(price=500, currency="XTR")
    ann = tg.user("Ann")
    await ann.start(bot)
    await ann.send(bot, "/plans")
    await ann.click("Gold")
    assert "⭐ 500" not in str(tg.last(ann, bot=bot).buttons)


async def test_what_is_done_about_sales_is_set(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/payments")
    await club.olga.click("🔔 Tell me of each sale: yes")
    await club.olga.click("Paid twice: adds time")
    assert "🔕 Tell me of each sale: no" in str(tg.last(club.olga, bot=club.bot).buttons)
    async with club.app.db.read() as tx:
        kept = await settings.get(tx, club.bot_id, settings.DEFAULT_CHAT, "membership")
    assert json.dumps(kept, sort_keys=True) == '{"refund_second": true, "tell_sales": false}'


async def test_it_survives_a_restart(tg: Sandbox, start_app: Any, olga: Any, service: Any) -> None:
    async with StripeFake() as fake:
        setting = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
        async with start_app(providers={"stripe": fake.url}, **setting) as app:
            club = await open_club(tg, app, olga, service)
            await olga.send(club.bot, "/payments")
            await olga.click("➕ Add")
            await olga.click("Stripe")
            await olga.click("I have understood, go on")
        async with start_app(providers={"stripe": fake.url}, **setting):
            await olga.send(club.bot, KEY)
            assert "Stripe is installed" in tg.last(olga, bot=club.bot).text


async def test_without_a_public_address_providers_are_asked(
    tg: Sandbox, start_app: Any, olga: Any, service: Any, stripe: StripeFake
) -> None:
    async with start_app(
        bot_token=service.token, owner_ids=frozenset({olga.id}), public_url="",
        providers={"stripe": stripe.url},
    ) as app:  # fmt: skip
        house = app.house
        bot = next(one for one in await house.directory.all() if one.is_service)
        async with asyncio.timeout(60):
            await olga.start(service)
            for step in ("/payments", "➕ Add", "Stripe", "I have understood, go on", KEY):
                before = len(tg.messages(olga, bot=service))
                shown = tg.last(olga, bot=service)
                if step.startswith(("/", "sk_")):
                    await olga.send(service, step)
                    while len(tg.messages(olga, bot=service)) < before + 2 - (step == KEY):
                        await asyncio.sleep(0.02)
                else:
                    text = shown.text
                    await olga.click(step)
                    while tg.last(olga, bot=service).text == text:
                        await asyncio.sleep(0.02)
        assert "no public address" in tg.last(olga, bot=service).text
        assert (await house.gateways.panel(house.actor, bot.id, "stripe")).address is None
        assert not stripe.endpoints, "nothing can come in, so nothing is asked for"
