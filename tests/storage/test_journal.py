"""The journal on both engines."""

from datetime import UTC, datetime, timedelta

from domain.movements import Movement, MovementKind
from storage import journal
from storage.database import Database

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def movement(number: int, kind: MovementKind = MovementKind.JOIN, **other: object) -> Movement:
    values: dict[str, object] = {
        "bot_id": 1, "owner_id": 9, "chat_id": -100, "chat_type": "supergroup", "chat_title": "Chess",
        "user_id": number, "name": "Ann", "username": None, "language_code": None, "is_bot": False,
        "kind": kind, "actor_id": number, "source": "Ads" if kind is MovementKind.JOIN else "",
        "invite_link": None, "link_name": None, "via_request": False, "at": NOON, "update_id": number,
    }  # fmt: skip
    return Movement(**{**values, **other})  # type: ignore[arg-type]


async def test_counts_by_slot_and_source(db: Database) -> None:
    async with db.write() as tx:
        for one in (
            movement(1),
            movement(2, at=NOON + timedelta(minutes=59)),
            movement(3, source="added", at=NOON - DAY),
            movement(4, at=NOON - 9 * DAY),
            movement(5, is_bot=True),
            movement(6, MovementKind.KICK),
            movement(7, MovementKind.BAN, was_inside=False),
            movement(8, MovementKind.LEAVE, at=NOON + HOUR),
            movement(9, chat_id=-200),
            movement(10, bot_id=2),
        ):
            await journal.add(tx, one)
    since = (NOON - 6 * DAY).replace(hour=0)
    midnight = NOON.replace(hour=0)
    async with db.read() as tx:
        came = await journal.came(tx, 1, -100, since, DAY)
        went = await journal.went(tx, 1, -100, since, DAY)
        hours = await journal.went(tx, 1, -100, midnight, HOUR)
    assert {(c.at, c.source, c.people) for c in came} == {(midnight, "Ads", 2), (midnight - DAY, "added", 1)}
    assert [(c.at, c.people) for c in went] == [(midnight, 2)]
    assert {(c.at, c.people) for c in hours} == {(NOON, 1), (NOON + HOUR, 1)}


async def test_who_has_been_here_before(db: Database) -> None:
    async with db.write() as tx:
        await journal.add(tx, movement(1))
        await journal.add(tx, movement(2, MovementKind.BAN))
    async with db.read() as tx:
        assert await journal.joined_before(tx, 1, -100, 1)
        assert not await journal.joined_before(tx, 1, -100, 2)
        assert not await journal.joined_before(tx, 1, -200, 1)
        assert not await journal.joined_before(tx, 2, -100, 1)
