"""Broadcasts on their way: fed a few at a time, looked up when sent, their fate written down."""

import asyncio
from collections import Counter

from sqlalchemy import select

from bench.mailing import FIRST, INSIDE
from delivery.deferred import park_unfinished
from domain.broadcasts import Audience, BroadcastStatus, FollowUp
from domain.errors import TelegramFlood, TelegramRefused, TelegramUnreachable
from domain.tariffs import UNLIMITED
from services.deferred import DEFERRED, ROOM
from services.directory import BOT_CHANGED
from storage import broadcasts, recipients, tariffs
from storage.database import Database
from storage.tables.broadcasts import broadcast_recipient
from tests.delivery.bulk import Bulk
from tests.delivery.office import once


async def test_everybody_gets_it_once_and_it_is_done(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast("Hello *Ann*")
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
    assert set(bulk.reached.values()) == {1}
    assert len(bulk.reached) == 10
    assert await bulk.counted(one) == {"sent": 10}
    assert (await bulk.mailing.status(one))[0] is BroadcastStatus.DONE
    assert await bulk.mailing.in_outbox() == 0
    assert bulk.telegram.made[0][2]["text"] == "Hello <b>Ann</b>"
    buttons = bulk.telegram.made[0][2]["reply_markup"]["inline_keyboard"]
    assert buttons[-1][0]["callback_data"] == f"broadcasts:off:{bulk.campaign_id}"


async def test_the_outbox_holds_a_few_at_a_time(bulk: Bulk) -> None:
    await bulk.mailing.people(bulk.bot_id, bulk.campaign_id, range(FIRST + 10, FIRST + 3 * ROOM))
    one = await bulk.mailing.broadcast()
    await bulk.mailing.start(one)
    deepest = 0
    async with bulk.held() as answer, bulk.open():
        while len(bulk.telegram.made) < 3 * ROOM:
            deepest = max(deepest, await bulk.mailing.in_outbox())
            answer.set()
            await asyncio.sleep(0.002)
        await bulk.delivered()
    assert 0 < deepest <= ROOM + 50, "what stands in line, and what is on its way"
    assert await bulk.counted(one) == {"sent": 3 * ROOM}


async def test_who_blocked_the_bot_is_failed_and_skipped_by_the_next(bulk: Bulk) -> None:
    bulk.telegram.faults.append(once(TelegramRefused(403, "Forbidden: bot was blocked by the user")))
    one, another = await bulk.mailing.broadcast(), await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        assert await bulk.counted(one) == {"sent": 9, "failed": 1}
        await bulk.start(another)
        await bulk.delivered()
    assert await bulk.counted(another) == {"sent": 9}


async def test_who_declines_before_his_turn_is_skipped(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast()
    await bulk.mailing.start(one)
    await bulk.mailing.change_lead(FIRST, unsubscribed_at=bulk.clock.now())
    await bulk.mailing.change_person(FIRST + 1, blocked_at=bulk.clock.now())
    async with bulk.open():
        await bulk.delivered()
    states = await bulk.mailing.states(one)
    assert states.pop(FIRST) == states.pop(FIRST + 1) == "skipped"
    assert set(states.values()) == {"sent"}


async def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(bulk: Bulk) -> None:
    bulk.telegram.faults.append(once(TelegramUnreachable(sent=True, reason="timeout")))
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        assert await bulk.counted(one) == {"sent": 9, "unknown": 1}
        assert (await bulk.mailing.status(one))[0] is BroadcastStatus.DONE
        async with bulk.db.write() as tx:
            assert await recipients.decide_unknown(tx, one.id, resend=True, now=bulk.clock.now()) == 1
        await bulk.resume(one)
        await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 10}
    assert sum(bulk.reached.values()) == 11


async def test_what_was_refused_for_its_speed_waits_and_goes_out_once(bulk: Bulk) -> None:
    bulk.telegram.faults.append(once(TelegramFlood(0.2)))
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 10}
    async with bulk.db.read() as tx:
        assert await recipients.used_today(tx, bulk.mailing.owner_id, bulk.clock.now()) == 10


async def test_bad_markup_pauses_the_broadcast_with_telegrams_words(bulk: Bulk) -> None:
    words = "Bad Request: can't parse entities: unsupported start tag"
    broken = [True]
    bulk.telegram.faults.append(lambda method, params: TelegramRefused(400, words) if broken[0] else None)
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        assert await bulk.mailing.status(one) == (BroadcastStatus.PAUSED, words)
        assert await bulk.counted(one) == {"queued": 10}, "nobody is lost by it"
        broken[0] = False
        await bulk.resume(one)
        await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 10}


async def test_one_persons_bad_link_does_not_stop_the_others_for_ever(bulk: Bulk) -> None:
    refusal = TelegramRefused(400, "Bad Request: inline keyboard button URL is invalid")
    bulk.telegram.faults.append(lambda method, params: refusal if params["chat_id"] == FIRST else None)
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        assert (await bulk.mailing.status(one))[0] is BroadcastStatus.PAUSED
        await bulk.resume(one)
        await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 9, "failed": 1}


async def test_an_edit_after_a_refusal_gives_everybody_another_try(bulk: Bulk) -> None:
    """Twice refused, but not the same: the first one must not pay for the second mistake."""
    refusal = TelegramRefused(400, "Bad Request: can't parse entities")
    bulk.telegram.faults.append(
        lambda method, params: refusal if params["text"] in ("bad", "worse") else None
    )
    one = await bulk.mailing.broadcast("bad")
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        for text in ("worse", "good"):
            assert (await bulk.mailing.status(one))[0] is BroadcastStatus.PAUSED
            assert await bulk.counted(one) == {"queued": 10}
            async with bulk.db.write() as tx:
                creative = type(one.creative)(text)
                await broadcasts.edit(tx, one.owner_id, one.id, "News", one.audience, creative, False)
            await bulk.resume(one)
            await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 10}


async def test_a_pause_lets_nothing_more_begin(bulk: Bulk) -> None:
    await bulk.mailing.people(bulk.bot_id, bulk.campaign_id, range(FIRST + 10, FIRST + 200))
    one = await bulk.mailing.broadcast()
    async with bulk.held() as answer, bulk.open():
        await bulk.start(one)
        async with asyncio.timeout(10):
            while len(bulk.telegram.made) < 20:
                await asyncio.sleep(0.002)
        await bulk.mailing.put(one, BroadcastStatus.PAUSED)
        meant = (await bulk.counted(one))["sending"]
        answer.set()
        await bulk.delivered()
        assert await bulk.counted(one) == {"sent": meant, "queued": 200 - meant}
        assert await bulk.mailing.in_outbox() == 0, "those in line wait at home again"
        await bulk.resume(one)
        await bulk.delivered()
    assert await bulk.counted(one) == {"sent": 200}
    assert set(bulk.reached.values()) == {1}


async def test_an_edit_counts_for_those_still_waiting(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast("before")
    await bulk.mailing.start(one)
    async with bulk.db.write() as tx:
        creative = type(one.creative)("after")
        await broadcasts.edit(tx, one.owner_id, one.id, "News", one.audience, creative, False)
    async with bulk.open():
        await bulk.delivered()
    assert set(bulk.telegram.texts) == {"after"}


async def test_the_daily_cap_holds_and_ends_at_midnight(bulk: Bulk) -> None:
    async with bulk.db.write() as tx:
        await tariffs.put(tx, bulk.mailing.owner_id, type(UNLIMITED)("Small", 0, True, 4, None))
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        for day in (4, 8, 10):
            await bulk.start(one) if day == 4 else bulk.signals.dispatch(DEFERRED, None)
            await bulk.delivered()
            assert (await bulk.counted(one))["sent"] == day
            bulk.clock.advance(days=1)
    assert (await bulk.mailing.status(one))[0] is BroadcastStatus.DONE
    assert set(bulk.reached.values()) == {1}


async def test_two_broadcasts_share_the_room_of_a_bot(bulk: Bulk) -> None:
    await bulk.mailing.people(bulk.bot_id, bulk.campaign_id, range(FIRST + 10, FIRST + 2 * ROOM))
    first, second = await bulk.mailing.broadcast("first"), await bulk.mailing.broadcast("second")
    await bulk.mailing.start(first)
    await bulk.mailing.start(second)
    async with bulk.open():
        await bulk.delivered()
    early = Counter(bulk.telegram.texts[:ROOM])
    assert abs(early["first"] - early["second"]) < ROOM / 2
    assert await bulk.counted(first) == await bulk.counted(second) == {"sent": 2 * ROOM}


async def test_in_flight_at_a_crash_is_unknown(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast()
    async with bulk.held():
        running = asyncio.ensure_future(bulk.delivery.run())  # noqa: TID251 - cancelled below
        await bulk.start(one)
        async with asyncio.timeout(10):
            while not bulk.telegram.made or (await bulk.counted(one))["sending"] == 0:
                await asyncio.sleep(0.002)
        running.cancel()
        for task in bulk.delivery._tasks:
            task.cancel()
        await asyncio.gather(running, *bulk.delivery._tasks, return_exceptions=True)
    flying = (await bulk.counted(one))["sending"]
    asked = set(bulk.reached)
    assert await park_unfinished(bulk.db, bulk.clock, bulk.sources) == flying
    states = await bulk.mailing.states(one)
    assert {user for user in asked if states[user] != "sent"} <= {u for u in states if states[u] == "unknown"}
    assert Counter(states.values())["unknown"] == flying
    assert await bulk.mailing.in_outbox() == 10 - Counter(states.values())["sent"] - flying


async def test_a_calm_stop_leaves_nothing_unknown(bulk: Bulk) -> None:
    await bulk.mailing.people(bulk.bot_id, bulk.campaign_id, range(FIRST + 10, FIRST + 300))
    one = await bulk.mailing.broadcast()
    async with bulk.open():
        await bulk.start(one)
        async with asyncio.timeout(10):
            while len(bulk.telegram.made) < 20:
                await asyncio.sleep(0.001)
    counted = await bulk.counted(one)
    assert set(counted) <= {"sent", "queued"}, counted
    assert counted["sent"] == sum(bulk.reached.values())
    async with bulk.db.read() as tx:
        assert await recipients.used_today(tx, bulk.mailing.owner_id, bulk.clock.now()) == counted["sent"]


async def test_sent_messages_are_edited_and_recalled(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast("befor")
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        ids = await bulk.message_ids(one)
        assert len(set(ids.values())) == 10
        for what, method in ((FollowUp.EDIT, "editMessageText"), (FollowUp.RECALL, "deleteMessage")):
            bulk.telegram.made.clear()
            async with bulk.db.write() as tx:
                creative = type(one.creative)("before")
                await broadcasts.edit(tx, one.owner_id, one.id, "News", one.audience, creative, False)
                assert await recipients.follow_up(tx, one.id, what) == 10
            bulk.signals.dispatch(DEFERRED, None)
            await bulk.delivered()
            assert {name for _, name, _ in bulk.telegram.made} == {method}
            assert {params["chat_id"]: params["message_id"] for _, _, params in bulk.telegram.made} == ids
    async with bulk.db.write() as tx:
        assert await recipients.follow_up(tx, one.id, FollowUp.EDIT) == 0, "they are gone"


async def test_what_telegram_keeps_is_not_taken_for_recalled(bulk: Bulk) -> None:
    """Messages older than 48 hours stay where they are, and can still be edited."""
    one = await bulk.mailing.broadcast()
    words = "Bad Request: message can't be deleted for everyone"
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        ids = await bulk.message_ids(one)
        bulk.telegram.faults.append(
            lambda method, params: TelegramRefused(400, words) if method == "deleteMessage" else None
        )
        async with bulk.db.write() as tx:
            await recipients.follow_up(tx, one.id, FollowUp.RECALL)
        bulk.signals.dispatch(DEFERRED, None)
        await bulk.delivered()
    assert await bulk.message_ids(one) == ids
    async with bulk.db.read() as tx:
        assert await recipients.followed_up(tx, one.id) == 0, "it is not tried for ever"
        errors = (await tx.execute(select(broadcast_recipient.c.error))).scalars()
        assert set(errors) == {words}


async def test_a_recall_during_an_edit_is_not_lost(bulk: Bulk) -> None:
    """The owner changes his mind while the changed messages are on their way: they go, all the same."""
    one = await bulk.mailing.broadcast("befor")
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        ids = await bulk.message_ids(one)
        async with bulk.held() as answer:
            async with bulk.db.write() as tx:
                await recipients.follow_up(tx, one.id, FollowUp.EDIT)
            bulk.telegram.made.clear()
            bulk.signals.dispatch(DEFERRED, None)
            async with asyncio.timeout(10):
                while not bulk.telegram.made:
                    await asyncio.sleep(0.002)
            async with bulk.db.write() as tx:
                assert await recipients.follow_up(tx, one.id, FollowUp.RECALL) == 10
            answer.set()
            await bulk.delivered()
    gone = {params["message_id"] for _, name, params in bulk.telegram.made if name == "deleteMessage"}
    assert gone == set(ids.values())
    assert set((await bulk.message_ids(one)).values()) == {None}


async def test_a_second_correction_during_the_first_is_not_lost(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast("befor")

    async def correct(text: str) -> None:
        async with bulk.db.write() as tx:
            creative = type(one.creative)(text)
            await broadcasts.edit(tx, one.owner_id, one.id, "News", one.audience, creative, False)
            assert await recipients.follow_up(tx, one.id, FollowUp.EDIT) == 10
        bulk.signals.dispatch(DEFERRED, None)

    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
        async with bulk.held() as answer:
            bulk.telegram.made.clear()
            await correct("befoer")
            async with asyncio.timeout(10):
                while not bulk.telegram.made:
                    await asyncio.sleep(0.002)
            await correct("before")
            answer.set()
            await bulk.delivered()
    now = {params["chat_id"]: params["text"] for _, _, params in bulk.telegram.made}
    assert len(now) == 10
    assert set(now.values()) == {"before"}


async def test_a_disconnected_bot_sends_to_nobody(bulk: Bulk) -> None:
    from storage import bots

    one = await bulk.mailing.broadcast()
    await bulk.mailing.start(one)
    async with bulk.db.write() as tx:
        await bots.disconnect(tx, bulk.bot_id, bulk.clock.now())
    bulk.signals.dispatch(BOT_CHANGED, bulk.bot_id)
    async with bulk.open():
        await bulk.delivered()
        await bulk.delivered()
    assert await bulk.counted(one) == {"failed": 10}
    assert (await bulk.mailing.status(one))[0] is BroadcastStatus.DONE


async def test_paid_ones_say_so(bulk: Bulk) -> None:
    one = await bulk.mailing.broadcast(paid=True)
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
    assert all(params["allow_paid_broadcast"] is True for _, _, params in bulk.telegram.made)
    assert await bulk.counted(one) == {"sent": 10}


async def test_of_two_processes_each_person_gets_one_message(bulk: Bulk, db: Database) -> None:
    if db.dialect == "sqlite":
        return  # one process by the file's lock
    other = Bulk(db, bulk.clock)
    other.telegram = bulk.telegram
    other.delivery = other.new_delivery()
    await bulk.mailing.people(bulk.bot_id, bulk.campaign_id, range(FIRST + 10, FIRST + 200))
    one = await bulk.mailing.broadcast()
    async with bulk.open(), other.open():
        await bulk.start(one)
        other.signals.dispatch(DEFERRED, None)
        async with asyncio.timeout(20):
            while (await bulk.counted(one)) != {"sent": 200}:
                await asyncio.sleep(0.02)
    assert set(bulk.reached.values()) == {1}


async def test_the_error_of_a_recipient_is_kept(bulk: Bulk) -> None:
    bulk.telegram.faults.append(once(TelegramRefused(400, "Bad Request: chat not found")))
    one = await bulk.mailing.broadcast(audience=Audience(INSIDE))
    async with bulk.open():
        await bulk.start(one)
        await bulk.delivered()
    async with bulk.db.read() as tx:
        found = await tx.execute(
            select(broadcast_recipient.c.error).where(broadcast_recipient.c.state == "failed")
        )
        assert found.scalar_one() == "Bad Request: chat not found"
