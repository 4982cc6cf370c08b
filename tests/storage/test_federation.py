"""Bans in all chats of an owner, and locks of chats, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.bots import AdminChat
from storage import bots, chats, federation, locks, moderation
from storage.database import Database
from storage.federation import Place
from storage.locks import State
from storage.moderation import Ban

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLGA, BORIS, SPIKE, DORA = 4, 5, 7, 8
FULL = frozenset({"can_restrict_members", "can_delete_messages"})


async def connect(db: Database, owner_id: int, telegram_id: int) -> int:
    async with db.write() as tx:
        bot = await bots.connect(
            tx, telegram_id=telegram_id, owner_id=owner_id, public_id=f"p{telegram_id}", username="bot",
            name="Bot", token=b"x", secret_digest=b"x" * 32, is_service=False, manages_bots=False, now=NOW,
        )  # fmt: skip
    assert bot is not None
    return bot.id


async def group(
    db: Database, bot_id: int, chat_id: int, *, rights: frozenset[str] = FULL, kind: str = "supergroup"
) -> None:
    chat = AdminChat(chat_id, kind, f"Chat {chat_id}", None, True, bool(rights), rights, False, None)
    async with db.write() as tx:
        await chats.put(tx, bot_id, chat, NOW)


async def places(db: Database, bot_id: int, user_id: int = SPIKE) -> list[Place]:
    async with db.read() as tx:
        return await federation.places(tx, bot_id, user_id)


async def switch(db: Database, owner_id: int, on: bool) -> None:
    async with db.write() as tx:
        await federation.switch(tx, owner_id, on, NOW)


async def test_where_a_ban_counts(db: Database) -> None:
    first, second = await connect(db, OLGA, 101), await connect(db, OLGA, 102)
    his = await connect(db, BORIS, 103)
    await group(db, first, -1)
    await group(db, first, -2, rights=frozenset({"can_delete_messages"}))
    await group(db, first, -3, kind="channel")
    await group(db, second, -1)  # both bots are there: one bans
    await group(db, second, -4)
    await group(db, his, -5)
    assert await places(db, first) == [Place(first, -1)]
    await switch(db, OLGA, True)
    await switch(db, OLGA, True)
    assert await places(db, first) == [Place(first, -1), Place(second, -4)]
    assert await places(db, second) == [Place(second, -4), Place(second, -1)]
    assert await places(db, his) == [Place(his, -5)]
    async with db.write() as tx:
        await chats.put_admin(tx, second, -4, DORA, False, FULL)
        await bots.disconnect(tx, his, NOW)
    assert await places(db, first, DORA) == [Place(first, -1)]
    assert await places(db, his) == []
    await switch(db, OLGA, False)
    assert await places(db, first) == [Place(first, -1)]


async def test_what_one_decision_did(db: Database) -> None:
    first, second = await connect(db, OLGA, 101), await connect(db, OLGA, 102)
    his = await connect(db, BORIS, 103)
    later = NOW + timedelta(seconds=1)
    async with db.write() as tx:
        for bot_id, chat_id, at in ((first, -1, NOW), (second, -2, NOW), (second, -3, later), (his, -4, NOW)):
            await moderation.put_ban(tx, bot_id, Ban(chat_id, SPIKE, "Spike", "", OLGA, at))
    async with db.read() as tx:
        assert set(await federation.of_one_decision(tx, first, -1, SPIKE)) == {
            Place(first, -1), Place(second, -2),
        }  # fmt: skip
        assert await federation.of_one_decision(tx, first, -1, DORA) == []
    async with db.write() as tx:
        assert await federation.forget_person(tx, [first, second], SPIKE)
        assert not await federation.forget_person(tx, [first, second], SPIKE)
    async with db.read() as tx:
        assert len(await moderation.bans(tx, his, None, NOW)) == 1


async def take(db: Database, permission: str) -> None:
    async with db.write() as tx:
        state = await locks.hold(tx, 1, -1, NOW)
        await asyncio.sleep(0)  # whoever comes now waits for the row
        await locks.keep(tx, 1, -1, State(state.taken | {permission}, state.given))


async def test_locks_at_once_do_not_forget_each_other(db: Database) -> None:
    await asyncio.gather(*(take(db, f"can_{number}") for number in range(5)))
    async with db.write() as tx:
        state = await locks.hold(tx, 1, -1, NOW)
        assert state.taken == {f"can_{number}" for number in range(5)}
        assert not state.settled
    async with db.write() as tx:
        assert (await locks.hold(tx, 1, -1, NOW + locks.SETTLED)).settled
        assert (await locks.hold(tx, 2, -1, NOW)).taken == frozenset()


async def test_without_holding_the_row_they_would(db: Database) -> None:
    """The control of the test above: two who only look first."""
    seen = []
    for _ in range(2):
        async with db.write() as tx:
            seen.append(await locks.hold(tx, 1, -1, NOW))
    for state, permission in zip(seen, ("can_a", "can_b"), strict=True):
        async with db.write() as tx:
            await locks.keep(tx, 1, -1, State(state.taken | {permission}))
    async with db.write() as tx:
        assert (await locks.hold(tx, 1, -1, NOW)).taken == {"can_b"}
