"""Paying, the Stars ledger, money that goes back, and news of it that is lost or late."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot as Client
from aiogram.types import TransactionPartnerUser, Update

from sandbox import BotHandle, PaymentRefusedError, Person, Sandbox, SandboxError
from tests.sandbox.tools import Api, Cashier, Page


def bill(amount: int = 40, **more: Any) -> dict[str, Any]:
    prices = [{"label": "Gold", "amount": amount}]
    invoice = {"title": "Gold", "description": "A month", "payload": "order-1", "currency": "XTR"}
    return invoice | {"prices": prices} | more


CARD = {"currency": "EUR", "provider_token": "1234:TEST:abc"}


async def test_paying_an_invoice_message_with_stars(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    await bob.start(bot)
    await api("sendInvoice", chat_id=bob.id, **bill())
    payment = await bob.pay()
    assert (bob.stars, bot.stars) == (60, 40)
    assert cashier.told("successful_payment") == [
        {
            "currency": "XTR",
            "total_amount": 40,
            "invoice_payload": "order-1",
            "telegram_payment_charge_id": payment.charge_id,
            "provider_payment_charge_id": payment.provider_charge_id,
        }
    ]
    assert await api("getMyStarBalance") == {"amount": 40}


async def test_a_link_can_be_paid_again_and_each_charge_is_another(
    api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    link = await api("createInvoiceLink", **bill())
    first, second = await bob.pay(link), await bob.pay(link)
    assert first.charge_id != second.charge_id
    assert (bob.stars, bot.stars) == (20, 80)
    with pytest.raises(SandboxError, match="Bob has 20 Stars, but Gold costs 40"):
        await bob.pay(link)
    assert (bob.stars, len(cashier.told("successful_payment"))) == (20, 2)


async def test_stars_are_never_spent_twice(api: Api, cashier: Cashier, bob: Person, bot: BotHandle) -> None:
    links = [await api("createInvoiceLink", **bill(60)) for _ in range(2)]
    outcomes = await asyncio.gather(*map(bob.pay, links), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Payment", "SandboxError"]
    assert (bob.stars, bot.stars) == (40, 60)
    assert len(cashier.told("successful_payment")) == 1


async def test_a_refused_payment_says_the_bots_words(api: Api, cashier: Cashier, bob: Person) -> None:
    cashier.no = "Sold out"
    link = await api("createInvoiceLink", **bill())
    with pytest.raises(PaymentRefusedError, match="Sold out"):
        await bob.pay(link)
    assert bob.stars == 100
    assert not cashier.told("successful_payment")


async def test_a_silent_bot_gets_no_money(tg: Sandbox, api: Api, cashier: Cashier, bob: Person) -> None:
    cashier.silent = True
    tg.limits.pre_checkout_seconds = 0.05
    with pytest.raises(PaymentRefusedError, match="did not answer"):
        await bob.pay(await api("createInvoiceLink", **bill()))
    assert bob.stars == 100


async def test_a_card_payment_moves_no_stars(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    payment = await bob.pay(await api("createInvoiceLink", **bill(1999, **CARD)))
    told = cashier.told("successful_payment")[0]
    assert (told["currency"], told["total_amount"]) == ("EUR", 1999)
    assert told["telegram_payment_charge_id"] != told["provider_payment_charge_id"]
    assert (bob.stars, bot.stars, tg.transactions(bot)) == (100, 0, [])
    assert (await api("getStarTransactions"))["transactions"] == []
    charge = {"user_id": bob.id, "telegram_payment_charge_id": payment.charge_id}
    assert await api.error("refundStarPayment", **charge) == "Bad Request: CHARGE_NOT_FOUND"
    with pytest.raises(SandboxError, match="Only Stars"):
        await tg.take_back(payment)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"subscription_period": 86_400}, "SUBSCRIPTION_PERIOD_INVALID"),
        ({"subscription_period": 2_592_000} | CARD, "SUBSCRIPTION_PERIOD_INVALID"),
        ({"provider_token": "1:x"}, "PAYMENT_PROVIDER_INVALID"),
        ({"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
        ({"prices": [{"label": "x", "amount": 100_001}]}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "x", "amount": 0}]}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "x", "amount": 1}] * 2}, "STARS_INVOICE_INVALID"),
        (
            {"prices": [{"label": "x", "amount": 10_001}], "subscription_period": 2_592_000},
            "STARS_INVOICE_INVALID",
        ),
    ],
)
async def test_invoices_telegram_refuses(api: Api, wrong: dict[str, Any], words: str) -> None:
    assert words in await api.error("createInvoiceLink", **(bill() | wrong))


async def test_the_ledger_is_oldest_first_and_a_refund_is_a_row_of_its_own(
    api: Api, client: Client, cashier: Cashier, bob: Person
) -> None:
    link = await api("createInvoiceLink", **bill(10))
    paid = [await bob.pay(link) for _ in range(3)]
    await api("refundStarPayment", user_id=bob.id, telegram_payment_charge_id=paid[0].charge_id)
    rows = (await client.get_star_transactions()).transactions
    assert [row.id for row in rows] == [*(one.charge_id for one in paid), paid[0].charge_id]
    assert [row.source is not None for row in rows] == [True, True, True, False]
    back = rows[-1].receiver
    assert isinstance(back, TransactionPartnerUser)
    assert (rows[-1].amount, back.user.id, back.invoice_payload) == (10, bob.id, "order-1")
    assert (await client.get_my_star_balance()).amount == 20

    async def part(**where: int) -> list[int]:
        found = (await client.get_star_transactions(**where)).transactions
        return [rows.index(row) for row in found]

    assert await part(offset=1, limit=2) == [1, 2]
    assert await part(offset=3) == [3]
    assert await part(offset=9) == []
    assert await part(offset=-5, limit=0) == [0]
    assert await part(limit=1000) == [0, 1, 2, 3]


async def test_a_refund_is_told_and_happens_once(
    api: Api, cashier: Cashier, ann: Person, bob: Person, bot: BotHandle
) -> None:
    payment = await bob.pay(await api("createInvoiceLink", **bill()))
    charge = {"user_id": bob.id, "telegram_payment_charge_id": payment.charge_id}
    assert await api.error("refundStarPayment", **charge | {"user_id": ann.id}) == (
        "Bad Request: CHARGE_NOT_FOUND"
    )
    assert await api.error("refundStarPayment", **charge | {"user_id": 1}) == "Bad Request: USER_ID_INVALID"
    await api("refundStarPayment", **charge)
    assert (bob.stars, bot.stars) == (100, 0)
    assert await api.error("refundStarPayment", **charge) == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert (bob.stars, bot.stars) == (100, 0)
    await api.tg.settle()
    told = cashier.told("refunded_payment")
    assert [one["telegram_payment_charge_id"] for one in told] == [payment.charge_id]


async def test_another_bot_cannot_refund(tg: Sandbox, api: Api, cashier: Cashier, bob: Person) -> None:
    payment = await bob.pay(await api("createInvoiceLink", **bill()))
    async with Api(tg, tg.bot("thief_bot")) as thief:
        words = await thief.error(
            "refundStarPayment", user_id=bob.id, telegram_payment_charge_id=payment.charge_id
        )
        assert words == "Bad Request: CHARGE_NOT_FOUND"
        assert (await thief("getStarTransactions"))["transactions"] == []
    assert bob.stars == 60


async def test_telegram_takes_stars_back_even_below_zero(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    first = await bob.pay(await api("createInvoiceLink", **bill()))
    bot.bot.stars = 0  # paid out
    await tg.take_back(first)
    assert (bob.stars, bot.stars) == (60, -40), "the person gets money in the shop, no Stars here"
    assert await api("getMyStarBalance") == {"amount": -40}
    assert cashier.told("refunded_payment")[0]["telegram_payment_charge_id"] == first.charge_id
    charge = {"user_id": bob.id, "telegram_payment_charge_id": first.charge_id}
    assert await api.error("refundStarPayment", **charge) == "Bad Request: CHARGE_ALREADY_REFUNDED"
    with pytest.raises(SandboxError, match="went back before"):
        await tg.take_back(first)
    assert [row.incoming for row in tg.transactions(bot)] == [True, False]


async def test_a_lost_payment_stands_in_the_ledger_alone(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    link = await api("createInvoiceLink", **bill())
    tg.lose_next("successful_payment", bot=tg.bot("other_bot"))
    await bob.pay(link)
    tg.faults.clear()
    tg.lose_next("successful_payment", bot=bot)
    lost = await bob.pay(link)
    await tg.settle()
    told = [one["telegram_payment_charge_id"] for one in cashier.told("successful_payment")]
    assert len(told) == 1, "another bot's trouble is not this one's"
    assert lost.charge_id not in told
    rows = (await api("getStarTransactions"))["transactions"]
    assert rows[-1]["id"] == lost.charge_id
    assert tg.last(bob, service=True).service == "successful_payment", "the person sees that it was paid"
    assert not tg.faults.active


async def test_a_late_payment_comes_when_its_time_has_come(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    tg.delay_next("successful_payment", hours=2)
    payment = await bob.pay(await api("createInvoiceLink", **bill()))
    tg.clock.advance(hours=1.9)
    await tg.settle()
    assert (cashier.told("successful_payment"), len(tg.late)) == ([], 1)
    await bob.send(bot, "Where is it?")
    tg.clock.advance(hours=0.2)
    await tg.settle()
    assert [one["telegram_payment_charge_id"] for one in cashier.told("successful_payment")] == [
        payment.charge_id
    ]
    assert "successful_payment" in bot.updates[-1].body["message"], "after what was written meanwhile"
    assert len(tg.late) == 0


async def test_what_is_late_can_be_let_go_at_once(
    tg: Sandbox, api: Api, cashier: Cashier, bob: Person
) -> None:
    tg.delay_next("successful_payment", days=3)
    await bob.pay(await api("createInvoiceLink", **bill()))
    tg.late.release()
    await tg.settle()
    assert len(cashier.told("successful_payment")) == 1


async def test_every_update_about_money_is_one_of_telegrams(
    tg: Sandbox, api: Api, client: Client, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    payment = await bob.pay(await api("createInvoiceLink", **bill(subscription_period=2_592_000)))
    await bob.cancel_subscription(payment)
    await bob.restore_subscription(payment)
    await tg.take_back(payment)
    for update in bot.updates:
        assert Update.model_validate(update.body, context={"bot": client}).event_type == update.kind
    assert {update.kind for update in bot.updates} == {"pre_checkout_query", "message", "subscription"}


async def test_the_page_is_told_what_was_paid_and_what_went_back(
    tg: Sandbox, page: Page, api: Api, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    await bob.start(bot)
    await api("sendInvoice", chat_id=bob.id, **bill())
    message = tg.last(bob).message.uid
    paid = (await page.act(bob, "pay", message=message))["receipt"]
    card = await api("createInvoiceLink", **bill(1999, **CARD))
    opened = await page.act(bob, "open", url=card)
    assert (opened["display"], opened["card"], opened["period"]) == ("19.99 EUR", True, None)
    await page.act(bob, "pay", link=card)
    status, answer = await page.post("take_back", charge=paid["charge"])
    assert status == 200
    rows = answer["result"]["rows"]
    assert [(row["display"], row["incoming"], row["returnable"]) for row in rows] == [
        ("40 ⭐", True, False),
        ("19.99 EUR", True, False),
        ("40 ⭐", False, False),
    ]
    state = await page.state()
    assert state["ledgers"] == [answer["result"]]
    shown = next(one for one in state["messages"][bob.key_with(bot)] if one["uid"] == message)
    assert [(one["charge"], bool(one["refunded"])) for one in shown["receipts"]] == [(paid["charge"], True)]
    assert (await page.post("take_back", charge=paid["charge"]))[0] == 400
    assert (await page.post("take_back", charge="none"))[0] == 400
