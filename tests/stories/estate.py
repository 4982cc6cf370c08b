"""All that Olga owns, and those who go after it: what the stories about isolation are played with.

What only she and her administrators may see says SECRET; what her bot offers to everybody does not.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.app import App
from delivery.pacing import BotPace, ChatPaces
from domain.broadcasts import Audience, BroadcastStatus
from domain.commissions import How, State
from domain.creatives import Creative
from domain.leads import LeadStatus
from domain.money import Money
from domain.orders import Kind, Status
from domain.raids import Raid
from domain.triggers import Block
from domain.webhooks import Attempt, Why
from domain.webhooks import State as WebhookState
from sandbox import Sandbox
from storage import (
    affiliates,
    broadcasts,
    campaigns,
    coupons,
    imports,
    leads,
    orders,
    payments,
    payouts,
    plans,
    postbacks,
    projects,
    raids,
    subscriptions,
    triggers,
    verification,
    webhook_queue,
    webhooks,
)
from storage.database import Tx
from storage.postback_queue import ROWS
from tests.records import Records
from tests.stories.membership import RIGHTS
from tests.stories.moderated import person

# Who was seen, what was said, what waits to be sent: true of whoever knocks, and nothing of Olga's.
NOISE = frozenset(("processed_update", "person", "dialog", "outbox", "activity", "activity_day", "lease"))
MARK = "SECRET"
SPAM = f"{MARK} https://t.me/+AbCdEf123456"


class Hurry(ChatPaces):
    """No pauses between the messages of a chat: these stories say a lot to a few."""

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until the chat may get its next message."""
        return 0.0


def hurry() -> tuple[BotPace, ChatPaces]:
    """Paces for `start_app`."""
    return BotPace(100_000), Hurry()


@dataclass
class Intruder:
    """Somebody with the bots he speaks to; `own` is our id of the one that is his."""

    person: Any
    doors: list[Any]
    own: int | None = None


@dataclass
class Estate:
    """Olga's bots, chats and papers. `ids` fill the placeholders of attempts."""

    tg: Sandbox
    app: App
    olga: Any
    service: Any
    bot: Any
    chat: Any
    ann: Any
    spam: Any
    ids: dict[str, Any]
    records: Records
    intruders: dict[str, Intruder] = field(default_factory=dict)

    def left_at(self, data: dict[str, Any]) -> dict[str, Any]:
        """What a conversation gathered, with the ids it is about."""
        return {
            key: self.ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
            for key, value in data.items()
        }

    async def our_id(self, bot: Any) -> int:
        """Our id of a bot of the sandbox."""
        return next(one.id for one in await self.app.house.directory.all() if one.username == bot.username)


async def build(tg: Sandbox, app: App, olga: Any, boris: Any, service: Any) -> Estate:
    """Olga's estate, and the intruders at its fence."""
    bot = tg.bot("club_bot", name="Club")
    chat = tg.group(f"{MARK} club", olga)
    evenings = tg.group("Chess evenings", olga)
    ann = tg.user(f"{MARK} Ann")
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    for place in (chat, evenings):
        await olga.add(bot, place, rights=RIGHTS)
    await ann.join(chat)
    await ann.start(bot)
    estate = Estate(tg, app, olga, service, bot, chat, ann, None, {}, Records(app.db.url, NOISE))
    bot_id = estate.ids["bot"] = await estate.our_id(bot)
    estate.ids |= {"service": await estate.our_id(service), "chat": chat.id, "evenings": evenings.id}
    estate.ids |= {"ann": ann.id, "olga": olga.id}
    await _lose_rights(estate)
    await _fill(estate, bot_id)
    await _let_loose(estate, boris)
    return estate


async def _lose_rights(estate: Estate) -> None:
    """A chat in which somebody else took the bot's rights away."""
    gus = estate.tg.user("Gus")
    lost = estate.tg.group(f"{MARK} lost", gus)
    await gus.add(estate.bot, lost, rights=RIGHTS)
    await gus.demote(estate.bot, lost)
    estate.ids["lost"] = lost.id


async def _fill(estate: Estate, bot_id: int) -> None:
    """Everything a route could be about."""
    house, olga = estate.app.house, person(estate.app, estate.olga)
    chat_id, ids = estate.chat.id, estate.ids
    rule = {"keyword": f"{MARK} word", "response": f"{MARK} answer"}
    ids["rule"] = (await house.autoreplies.create(olga, bot_id, chat_id, rule)).id
    wide = {"keyword": f"{MARK} wide", "response": f"{MARK} wide"}
    ids["wide_rule"] = (await house.autoreplies.create(olga, bot_id, 0, wide)).id
    private = {"keyword": f"{MARK} key", "response": f"{MARK} reply"}
    ids["private_rule"] = (await house.autoreplies.create(olga, bot_id, 0, private, True)).id
    await house.welcome.set(olga, bot_id, chat_id, {"welcome_texts": [f"{MARK} hello", "Hi"]})
    await house.welcome.set(olga, bot_id, ids["evenings"], {"rules_text": "Touch move."})
    await house.antispam.set(olga, bot_id, chat_id, {"mode": "observe"})
    async with estate.app.db.write() as tx:
        now = estate.app.clock.now()
        ids["project"] = await projects.create(tx, bot_id, "Chess", now)
        ids["hidden"] = await projects.create(tx, bot_id, f"{MARK} project", now)
        await projects.toggle_chat(tx, bot_id, ids["project"], ids["evenings"])
        values = {"duration": "1 month", "price": 999, "currency": "USD", "project_id": ids["project"]}
        ids["plan"] = await plans.create(tx, bot_id, values | {"name": "Gold", "trial": "1 day"}, now)
        draft = values | {"name": f"{MARK} draft", "enabled": False, "project_id": ids["hidden"]}
        ids["draft"] = await plans.create(tx, bot_id, draft, now)
        await affiliates.take_id(tx, bot_id, estate.ann.id, "anns", now)
        ids |= await _webhook(tx, bot_id, now)
        ids |= await _campaign(tx, bot_id, ids, now)
        ids["broadcast"] = await _broadcast(tx, ids, now)
        ids["coupon"] = await coupons.create(tx, bot_id, f"{MARK}-coupon", {"percent": Decimal(10)}, now)
        await coupons.create(tx, bot_id, "HELLO", {"percent": Decimal(10)}, now)
        asked = Money(500, "USD")
        ids["payout"] = await payouts.add(tx, bot_id, estate.ann.id, asked, State.REQUESTED, How.OWNER, now)
        ids |= await _sale(tx, bot_id, ids, estate.ann.id, now)
        ids["newcomer"] = await _newcomer(tx, bot_id, chat_id, now)
    ids["secret"] = await house.tokens.create(olga, bot_id, ids["draft"], estate.ann.id)
    ids["token"] = (await house.tokens.listing(olga, bot_id, 0))[0][0].id
    await house.subscribers.give(olga, bot_id, estate.ann.id, ids["hidden"], 30)
    estate.spam = await estate.ann.send(estate.chat, SPAM)
    ids["unit"] = f"m{estate.spam.id}"


async def _newcomer(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> int:
    """Somebody who has a question to answer, while a raid is on."""
    later = now + timedelta(days=1)
    name = f"{MARK} newcomer"
    held = verification.Held(
        bot_id, chat_id, 7_777_777, verification.WAITING, 0, False, 0, name, None, None, None, now, later
    )
    await verification.hold(tx, held)
    await raids.lock(tx, bot_id, chat_id)
    await raids.begin(tx, bot_id, chat_id, Raid(now, later, False))
    return held.user_id


async def _webhook(tx: Tx, bot_id: int, now: datetime) -> dict[str, int]:
    """A webhook that was switched off, with a delivery that was given up."""
    hook = (await webhooks.put(tx, bot_id, f"https://example.org/{MARK}", b"d" * 32, b"s", now)).webhook.id
    await webhooks.enqueue_one(tx, bot_id, hook, "e1", f"{MARK}_event", b"{}", now)
    parcel = await webhook_queue.first(tx, hook, now)
    assert parcel is not None
    await webhook_queue.disable(tx, parcel, Why.FAILING, now)
    return {"webhook": hook, "delivery": parcel.id}


async def _campaign(tx: Tx, bot_id: int, ids: dict[str, Any], now: datetime) -> dict[str, int]:
    """A campaign with a postback that was delivered."""
    made = await campaigns.create(
        tx, ids["olga"], bot_id, ids["evenings"], code="goSECRET", name=f"{MARK} campaign",
        creative=Creative(), now=now,
    )  # fmt: skip
    assert made is not None
    link = await campaigns.add_link(tx, made, f"https://t.me/+{MARK}", f"{MARK} blog", False, now)
    lead = await leads.create(tx, ids["olga"], made.id, bot_id, made.chat_id, ids["ann"], now)
    url = f"https://example.org/{MARK}"
    await postbacks.put_template(tx, ids["olga"], made.id, LeadStatus.APPROVE, url)
    told = await postbacks.write(
        tx, ids["olga"], "https://example.org", url, "e1", now, campaign_id=made.id, status=LeadStatus.APPROVE
    )
    assert told is not None
    parcel = (await ROWS.hold(tx, "", now, timedelta(0), 1, doubtful=False))[0]
    await ROWS.note(tx, parcel, Attempt(1, now, 200, b"", None, 5), WebhookState.DELIVERED, now, now)
    return {"campaign": made.id, "postback": told, "campaign_link": link.id, "lead": lead.id}


async def _broadcast(tx: Tx, ids: dict[str, Any], now: datetime) -> int:
    """A broadcast that was stopped, and a triggered block."""
    said = Creative(f"{MARK} offer")
    made = await broadcasts.create(tx, ids["olga"], f"{MARK} broadcast", now)
    scope = Audience(statuses=4, campaigns=(ids["campaign"],))
    await broadcasts.edit(tx, ids["olga"], made, f"{MARK} broadcast", scope, said, False)
    await broadcasts.move(tx, ids["olga"], made, {BroadcastStatus.DRAFT}, BroadcastStatus.CANCELLED)
    await triggers.put_block(tx, ids["campaign"], Block(LeadStatus.WAIT, True, 60, said))
    return made


async def _sale(tx: Tx, bot_id: int, ids: dict[str, Any], member_id: int, now: datetime) -> dict[str, Any]:
    """Ann bought something and is charged again for it, and a file of members waits for Olga's word."""
    costs, key = Money(999, "USD"), f"GH-{MARK}"
    order = await orders.create(
        tx, bot_id, key, kind=Kind.NEW, status=Status.PENDING, member_id=member_id, plan_id=ids["draft"],
        plan_name=f"{MARK} draft", project_id=ids["hidden"], length="1 month", gateway="stripe", price=costs,
        amount=costs, now=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    payment = await payments.note(
        tx, bot_id, order.id, "stripe", f"{MARK} charge", member_id=member_id, paid=costs, rate=None,
        paid_at=now, accepted=False, now=now,
    )  # fmt: skip
    assert payment is not None
    subscription = await subscriptions.begin(
        tx, bot_id, "stripe", f"{MARK} subscription", order_id=order.id, member_id=member_id,
        plan_id=ids["draft"], project_id=ids["hidden"], amount=costs, paid_until=None, now=now,
    )  # fmt: skip
    job = await imports.create(tx, bot_id, ids["olga"], imports.FILE, f"{MARK}.csv", now)
    return {
        "order": order.id, "order_key": key, "payment": payment.id, "subscription": subscription, "job": job,
    }  # fmt: skip


async def _let_loose(estate: Estate, boris: Any) -> None:
    """Everybody is an ordinary member of the club: its commands are within reach."""
    tg, bot, service = estate.tg, estate.bot, estate.service
    sid, dora, fred = tg.user("Sid"), tg.user("Dora"), tg.user("Fred")
    his = tg.bot("boris_bot", name="Boris's bot")
    await boris.start(service)
    await boris.send(service, f"/connect {his.token}")
    den = tg.group("Dora's den", dora)
    await dora.add(bot, den, rights="all")
    await estate.olga.add(fred, estate.chat, rights="all")
    await fred.start(bot, f"settings_{estate.chat.id}")
    await estate.olga.demote(fred, estate.chat)
    estate.intruders = {
        "stranger": Intruder(sid, [bot, service]),
        "owner": Intruder(boris, [his, bot, service], await estate.our_id(his)),
        "administrator": Intruder(dora, [bot]),
        "former": Intruder(fred, [bot]),
    }
    for one in estate.intruders.values():
        if not estate.chat.has(one.person):
            await one.person.join(estate.chat)
        for door in one.doors:
            await one.person.start(door)
    estate.ids["den"] = den.id


@pytest.fixture
async def boris(tg: Sandbox) -> Any:
    """The other owner."""
    return tg.user("Boris", id=4_200_777)


@pytest.fixture
async def estate(tg: Sandbox, start_app: Any, olga: Any, boris: Any, service: Any) -> AsyncIterator[Estate]:
    """What Olga owns, in an installation where Boris owns a bot, too."""
    owners = (olga.id, boris.id)
    async with start_app(paces=hurry, bot_token=service.token, owner_ids=owners) as app:
        built = await build(tg, app, olga, boris, service)
        tg.quiet = 0.002
        tg.redeliver_everything = False  # what changes nothing cannot do so twice; it halves the time
        yield built
        built.records.close()
        assert app.intake.metrics.outcomes["failed"] == app.intake.metrics.outcomes["poison"] == 0
