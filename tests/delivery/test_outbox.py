"""Promised calls are made: in order, again where it is safe, never again where it is not."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import select

from delivery.deferred import park_unfinished
from domain import calls
from domain.calls import Call, Policy
from domain.errors import TelegramFlood, TelegramRefused, TelegramUnreachable
from domain.page import page
from storage import outbox
from storage.database import Database
from storage.tables.core import outbox as rows
from tests.clock import TestClock
from tests.delivery.office import Post, once


@pytest.fixture
def office(db: Database, clock: TestClock) -> Post:
    return Post(db, clock)


async def test_calls_are_made_in_order_and_forgotten(office: Post) -> None:
    async with office.open():
        await office.promise("one", "two")
        await office.promise("three")
        await office.delivered()
    assert office.telegram.texts == ["one", "two", "three"]
    assert await office.states() == []


async def test_what_a_failed_transaction_promised_is_never_sent(office: Post) -> None:
    async with office.open():
        with suppress(ZeroDivisionError):
            async with office.work() as work:
                work.send(1, calls.send(7, page("never")))
                raise ZeroDivisionError
        await office.promise("sent")
        await office.delivered()
    assert office.telegram.texts == ["sent"]


async def test_promises_outlive_the_process(office: Post) -> None:
    await office.promise("before the crash")
    office.delivery = office.new_delivery()
    async with office.open():
        await office.delivered()
    assert office.telegram.texts == ["before the crash"]


async def test_a_delayed_head_keeps_its_chat_waiting_and_no_other(office: Post) -> None:
    office.telegram.faults.append(once(TelegramFlood(0.3), text="one"))
    async with office.open():
        await office.promise("one", "two")
        await office.promise("other chat", chat=8)
        await office.delivered()
    assert office.telegram.texts == ["one", "other chat", "one", "two"]


async def test_a_lost_answer_is_tried_again_where_that_is_safe(office: Post) -> None:
    office.telegram.faults.append(once(TelegramUnreachable(sent=True)))
    async with office.open():
        await office.promise("receipt")
        await office.delivered()
    assert office.telegram.texts == ["receipt", "receipt"]


async def test_a_lost_answer_of_a_once_call_is_never_tried_again(office: Post) -> None:
    office.telegram.faults.append(once(TelegramUnreachable(sent=True, reason="reset")))
    async with office.open():
        await office.promise("broadcast", policy=Policy.ONCE)
        await office.delivered()
    assert office.telegram.texts == ["broadcast"]
    assert await office.states() == [("unknown", "reset")]


async def test_what_surely_did_not_arrive_is_tried_again_even_so(office: Post) -> None:
    office.telegram.faults.append(once(TelegramUnreachable(sent=False)))
    async with office.open():
        await office.promise("broadcast", policy=Policy.ONCE)
        await office.delivered()
    assert office.telegram.texts == ["broadcast", "broadcast"]
    assert await office.states() == []


async def test_a_once_call_in_flight_at_a_crash_is_parked(office: Post) -> None:
    await office.promise("broadcast", policy=Policy.ONCE)
    async with office.db.write() as tx:
        (row,) = await outbox.due(tx, office.clock.now(), 0, 2)
        assert await outbox.begin_sending(tx, [row.id]) == {row.id}
    assert await park_unfinished(office.db, office.clock) == 1
    office.delivery = office.new_delivery()
    async with office.open():
        await office.delivered()
    assert office.telegram.made == []


async def test_a_dead_call_is_kept_with_telegrams_words(office: Post) -> None:
    office.telegram.faults.append(once(TelegramRefused(400, "Bad Request: message text is empty")))
    async with office.open():
        await office.promise("bad", "good")
        await office.delivered()
    assert office.telegram.texts == ["bad", "good"]
    assert await office.states() == [("failed", "Bad Request: message text is empty")]


async def test_who_blocked_the_bot_is_told_about(office: Post) -> None:
    office.telegram.faults.append(once(TelegramRefused(403, "Forbidden: bot was blocked by the user")))
    async with office.open():
        await office.promise("hello")
        await office.delivered()
    assert office.told == [("shut out", 1, 7, "Forbidden: bot was blocked by the user")]


async def test_a_group_that_moved_gets_its_messages_at_the_new_place(office: Post) -> None:
    office.telegram.faults.append(once(TelegramRefused(400, "upgraded", migrate_to_chat_id=-1009)))
    async with office.open():
        await office.promise("one", "two", chat=-9)
        await office.delivered()
    chats = [(params["text"], params["chat_id"]) for _, _, params in office.telegram.made]
    assert chats == [("one", -9), ("one", -1009), ("two", -1009)]
    assert office.told == [("migrated", 1, -9, -1009)]


async def test_asking_for_what_is_so_already_counts_as_done(office: Post) -> None:
    office.telegram.faults.append(once(TelegramRefused(400, "Bad Request: message is not modified: …")))
    async with office.open():
        async with office.work() as work:
            work.send(1, calls.edit(7, 5, page("same")))
        await office.delivered()
    assert await office.states() == []


async def test_a_kept_message_can_be_meant_later(office: Post) -> None:
    async with office.open():
        async with office.work() as work:
            work.send(1, calls.send(7, page("checklist"), keep_as="list"))
            work.send(1, calls.edit(7, None, page("done"), about="list"))
            work.send(1, calls.delete(7, None, about="nothing like it"))
        await office.delivered()
    assert [(method, params.get("message_id")) for _, method, params in office.telegram.made] == [
        ("sendMessage", None),
        ("editMessageText", 1),
    ]


async def test_a_message_can_be_deleted_after_a_while(office: Post) -> None:
    async with office.open():
        async with office.work() as work:
            work.send(1, calls.send(7, page("short-lived"), delete_after=60))
        await office.delivered()
        assert office.telegram.texts == ["short-lived"]
        office.clock.advance(seconds=61)
        async with asyncio.timeout(60):
            while len(office.telegram.made) < 2:
                await asyncio.sleep(0.02)
    assert office.telegram.made[1][1:] == ("deleteMessage", {"chat_id": 7, "message_id": 1})


async def test_a_secret_waits_encrypted(office: Post) -> None:
    async with office.work() as work:
        work.send(1, calls.send(7, page("the key is gh_secret")), sealed=True)
    async with office.db.read() as tx:
        stored = (await tx.execute(select(rows.c.payload))).scalar_one()
    assert b"gh_secret" not in stored
    office.delivery = office.new_delivery()
    async with office.open():
        await office.delivered()
    assert office.telegram.texts == ["the key is gh_secret"]


async def test_replies_overtake_bulk(office: Post) -> None:
    async with office.work() as work:
        for chat in range(100, 150):
            work.send(1, calls.send(chat, page("bulk")), priority=calls.Priority.BULK)
        work.send(1, calls.send(7, page("reply")))
    office.delivery = office.new_delivery()
    async with office.open():
        await office.delivered()
    assert office.telegram.texts.index("reply") < 40, "what is in flight already cannot be overtaken"


async def test_of_two_processes_one_delivers(office: Post) -> None:
    """On PostgreSQL a bot's delivery has one holder; the other process waits for its turn."""
    if office.db.dialect == "sqlite":
        return  # one process by the file's lock: see test_database
    second = Post(office.db, office.clock)
    second.telegram = office.telegram
    second.delivery = second.new_delivery()
    async with office.open(), second.open():
        for number in range(30):
            await (office if number % 2 else second).promise(f"{number}", chat=100 + number)
        async with asyncio.timeout(60):
            while len(office.telegram.made) < 30:
                await asyncio.sleep(0.01)
    assert sorted(office.telegram.texts, key=int) == [str(number) for number in range(30)]


def test_a_call_without_a_chat_has_a_lane_of_its_own() -> None:
    assert Call("setMyCommands", {"commands": []}).chat_id == 0
