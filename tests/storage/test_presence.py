"""Whom the sweep looks for, on both engines."""

from datetime import UTC, datetime, timedelta

from domain.bots import AdminChat
from domain.durations import Term
from domain.movements import MovementKind
from storage import chats, gates, journal, memberships, presence, projects
from storage.database import Database, Tx
from storage.presence import Candidate
from tests.storage.test_journal import movement

DAY = timedelta(days=1)
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
BOT, OTHER = 1, 2
GATED, ONE_USE, FREE, FORMER = -100, -200, -300, -400


async def paid_chats(tx: Tx) -> None:
    for chat_id in (GATED, ONE_USE, FREE, FORMER):
        admin = chat_id != FORMER
        chat = AdminChat(chat_id, "supergroup", "Chess", None, admin, admin, frozenset(), not admin, 1)
        for bot in (BOT, OTHER):
            await chats.put(tx, bot, chat, NOW)
    for chat_id in (GATED, ONE_USE, FORMER):
        await projects.toggle_chat(tx, BOT, 1, chat_id)
    await gates.set_one_use(tx, BOT, ONE_USE, True, NOW)


async def member(tx: Tx, who: int, project: int) -> None:
    await memberships.put(
        tx, BOT, who, project,
        plan_id=1, started_at=NOW, term=Term(None), access_until=None, next_notice_at=None, now=NOW,
    )  # fmt: skip


async def found(db: Database, now: datetime = NOW, bot: int = BOT, limit: int = 10) -> list[tuple[int, int]]:
    async with db.read() as tx:
        rows = await presence.candidates(tx, bot, now - DAY, now, limit)
    return [(row.chat_id, row.member_id) for row in rows]


async def test_members_of_paid_chats_the_longest_unseen_first(db: Database) -> None:
    async with db.write() as tx:
        await paid_chats(tx)
        await member(tx, 7, 1)
        await member(tx, 8, 0)
        await member(tx, 9, 2)
        await presence.checked(tx, BOT, Candidate(ONE_USE, 7), NOW - 3 * DAY)
        await presence.checked(tx, BOT, Candidate(GATED, 7), NOW - 2 * DAY)
        await presence.checked(tx, BOT, Candidate(ONE_USE, 8), NOW - DAY / 2)
    assert await found(db) == [(GATED, 8), (ONE_USE, 7), (GATED, 7)]
    assert await found(db, limit=1) == [(GATED, 8)]
    assert await found(db, bot=OTHER) == []
    assert len(await found(db, now=NOW - 30 * DAY)) == 4, "looks in the future do not count"
    async with db.read() as tx:
        assert await presence.bots(tx) == [BOT]
        assert await presence.fresh(tx, BOT, Candidate(ONE_USE, 8), NOW - DAY, NOW)
        assert not await presence.fresh(tx, BOT, Candidate(ONE_USE, 7), NOW - DAY, NOW)


async def test_strangers_under_one_use_links(db: Database) -> None:
    async with db.write() as tx:
        await paid_chats(tx)
        for one in (
            movement(1, chat_id=ONE_USE, at=NOW),
            movement(2, chat_id=ONE_USE, at=NOW - DAY),
            movement(3, chat_id=ONE_USE, at=NOW, actor_id=99),
            movement(4, chat_id=ONE_USE, at=NOW, is_bot=True),
            movement(5, chat_id=GATED, at=NOW),
            movement(6, chat_id=ONE_USE, at=NOW, via_request=True),
            movement(7, MovementKind.KICK, chat_id=ONE_USE, at=NOW, actor_id=99),
            movement(8, chat_id=ONE_USE, at=NOW, bot_id=OTHER),
        ):
            await journal.add(tx, one)
    assert await found(db) == [(ONE_USE, 1), (ONE_USE, 7)]
    async with db.write() as tx:
        await gates.set_one_use(tx, BOT, ONE_USE, False, NOW)
        assert await gates.one_use_since(tx, BOT, ONE_USE) is None
    assert await found(db) == []


async def test_bans_of_ours(db: Database) -> None:
    async with db.write() as tx:
        await paid_chats(tx)
        await presence.note_ban(tx, BOT, GATED, 7, NOW)
        await presence.checked(tx, BOT, Candidate(GATED, 7), NOW + DAY)
        assert await presence.bans(tx, BOT, 7, [GATED, ONE_USE]) == {GATED: NOW}
        assert await presence.bans(tx, OTHER, 7, [GATED]) == {}
        assert await presence.bans(tx, BOT, 8, [GATED]) == {}
        await journal.add(tx, movement(7, at=NOW))
        await journal.add(tx, movement(70, MovementKind.BAN, user_id=7, at=NOW))
        last = await journal.last(tx, BOT, GATED, 7)
    assert last is not None
    assert last.kind is MovementKind.BAN


async def test_what_is_owed_already_keeps_its_time(db: Database) -> None:
    async with db.write() as tx:
        await gates.owe(tx, BOT, GATED, 7, gates.REMOVE, NOW + DAY, NOW)
        assert not await gates.owe_once(tx, BOT, GATED, 7, gates.REMOVE, NOW)
        assert await gates.owe_once(tx, BOT, GATED, 8, gates.REMOVE, NOW)
        taken = await gates.claim_tasks(tx, NOW, 10, DAY)
    assert [task.member_id for task in taken] == [8]
