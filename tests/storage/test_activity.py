"""Message counts."""

from datetime import UTC, datetime

from storage import activity
from storage.activity import Count
from storage.database import Database

NOON = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp())
DAY = 86_400


async def test_counts_add_up_per_person_and_per_day(db: Database) -> None:
    async with db.write() as tx:
        await activity.add(tx, {(1, -100, 7): Count(2, NOON, NOON + 5), (1, -100, 8): Count(1, NOON, NOON)})
    async with db.write() as tx:
        await activity.add(
            tx, {(1, -100, 7): Count(3, NOON + DAY, NOON + DAY), (2, -100, 7): Count(9, NOON, NOON)}
        )
    async with db.read() as tx:
        assert await activity.messages(tx, 1, -100, 7) == 5
        assert await activity.messages(tx, 1, -100, 9) == 0
        assert await activity.total(tx, 1, -100) == 6
        since = datetime(2026, 5, 1, tzinfo=UTC)
        assert await activity.per_day(tx, 1, -100, since) == {NOON // DAY: 3, NOON // DAY + 1: 3}
