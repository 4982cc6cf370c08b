"""The cache of chats, and a group's way to its new id, on both engines."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from domain.bots import AdminChat
from storage import activity, bots, chat_moves, chats, outbox, settings
from storage.activity import Count
from storage.database import Database
from storage.schema import metadata
from storage.tables.bots import activity as activity_table

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLUB = AdminChat(
    -100, "group", "Club", None, True, True, frozenset({"can_manage_chat"}), False, 5, None, 7, NOW
)


async def test_what_is_not_said_keeps_its_value(db: Database) -> None:
    async with db.write() as tx:
        await chats.put(tx, 1, CLUB, NOW)
        await chats.put(tx, 1, replace(CLUB, title="New", members=None, added_by=None), NOW)
        assert await chats.get(tx, 1, -100) == replace(CLUB, title="New")
        assert await chats.get(tx, 2, -100) is None


async def test_one_of_many_verifies(db: Database) -> None:
    async with db.write() as tx:
        await chats.put(tx, 1, CLUB, NOW)
        await chats.put(tx, 1, replace(CLUB, chat_id=-101, admin=False), NOW)

    async def claim() -> int:
        async with db.write() as tx:
            return len(await chats.claim_checks(tx, 1, NOW + MINUTE, NOW + 2 * MINUTE, 20))

    assert sum(await asyncio.gather(*(claim() for _ in range(8)))) == 1


async def test_forgotten_chats_are_due_until_seen_again(db: Database) -> None:
    async with db.write() as tx:
        await chats.put(tx, 1, replace(CLUB, lost_rights=True, admin=False), NOW)
        await chats.forget_bot(tx, 1)
        assert await chats.present(tx, 1) == []
        assert await chats.lost(tx, 1) == []
        due = await chats.claim_checks(tx, 1, NOW, NOW, 20)
        assert [(chat.title, chat.members) for chat in due] == [("Club", None)]
        assert await chats.claim_checks(tx, 1, NOW + MINUTE, NOW, 20) == []
        await chats.check_again(tx, 1, -100)
        assert len(await chats.claim_checks(tx, 1, NOW + MINUTE, NOW, 20)) == 1


async def test_news_teach_unknown_chats_and_never_overrule_a_standing(db: Database) -> None:
    async with db.write() as tx:
        assert await chats.notice(tx, 1, -100, "supergroup", "Club", None)
        assert not await chats.notice(tx, 1, -100, "supergroup", "Club", None)
        assert await chats.notice(tx, 1, -100, "supergroup", "Club", "club")
        assert [chat.username for chat in await chats.administered(tx, 1)] == ["club"]
        await chats.put(tx, 1, replace(CLUB, chat_id=-101, admin=False), NOW)
        await chats.notice(tx, 1, -101, "supergroup", "Other", None)
        assert len(await chats.administered(tx, 1)) == 1


async def test_a_move_reaches_everything_and_adds_counts_up(db: Database) -> None:
    late = NOW + timedelta(days=1)
    async with db.write() as tx:
        await chats.put(tx, 1, CLUB, NOW)
        await chats.put(tx, 2, CLUB, NOW)
        await chats.notice(tx, 1, -1009, "supergroup", "Club", None)
        await settings.put(tx, 1, -100, "welcome", {"text": "old"}, NOW)
        await settings.put(tx, 1, -1009, "welcome", {"text": "new"}, NOW)
        await settings.put(tx, 1, -100, "rules", {"text": "kept"}, NOW)
        early, now = int(NOW.timestamp()), int(late.timestamp())
        await activity.add(tx, {(1, -100, 7): Count(40, early, early), (1, -100, 8): Count(2, early, early)})
        await activity.add(tx, {(1, -1009, 7): Count(1, now, now)})
        await outbox.keep_message(tx, 1, -100, "sheet", 5, NOW)
        await outbox.keep_message(tx, 1, -1009, "other", 6, NOW)
    for _ in range(2):  # Telegram says it twice
        async with db.write() as tx:
            await chat_moves.move(tx, 1, -100, -1009, NOW)
    async with db.read() as tx:
        assert await chats.get(tx, 1, -100) is None
        assert await chats.get(tx, 1, -1009) == replace(CLUB, chat_id=-1009)
        assert await chats.get(tx, 2, -100) == CLUB, "another bot hears of it by itself"
        assert await settings.get(tx, 1, -1009, "welcome") == {"text": "new"}
        assert await settings.get(tx, 1, -1009, "rules") == {"text": "kept"}
        assert await activity.messages(tx, 1, -1009, 7) == 41
        assert await activity.messages(tx, 1, -1009, 8) == 2
        assert await outbox.kept(tx, 1, -1009, "sheet") is None
        assert await outbox.kept(tx, 1, -1009, "other") == 6
        first = select(activity_table.c.first_at).where(activity_table.c.user_id == 7)
        assert (await tx.execute(first)).scalar_one() == NOW


def test_every_table_with_a_chat_belongs_to_a_bot() -> None:
    """Otherwise a group's upgrade would not reach it."""
    alone = [t.name for t in metadata.sorted_tables if "chat_id" in t.c and "bot_id" not in t.c]
    assert alone == []


async def test_status_follows_the_losses(db: Database) -> None:
    async with db.write() as tx:
        bot = await bots.connect(
            tx, telegram_id=5, owner_id=9, public_id="p", username="b", name="B", token=b"",
            secret_digest=b"", is_service=False, manages_bots=False, now=NOW,
        )  # fmt: skip
        assert bot is not None
        await chats.put(tx, bot.id, replace(CLUB, lost_rights=True, admin=False), NOW)
        assert await bots.refresh_status(tx, bot.id)
        assert not await bots.refresh_status(tx, bot.id)
        assert (await bots.get(tx, bot.id)).status == 1  # type: ignore[union-attr]
        assert await chats.accept_loss(tx, bot.id, -100)
        assert not await chats.accept_loss(tx, bot.id, -100)
        assert await bots.refresh_status(tx, bot.id)
        assert (await bots.get(tx, bot.id)).status == 0  # type: ignore[union-attr]
