"""Pages of projects, plans and memberships, as programs turn them: on both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.durations import LIFETIME, Term, days, extend
from storage import memberships, people, plans, projects
from storage.database import Database
from storage.people import Person

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PLAN = {"name": "Gold", "duration": "1 month", "price": 999, "currency": "USD"}


@pytest.fixture
async def filled(db: Database) -> list[int]:
    """Three projects and three plans of bot 1, and one of each of bot 2; the ids of the plans of bot 1."""
    async with db.write() as tx:
        for bot_id, name in ((1, "A"), (1, "B"), (2, "Hers"), (1, "C")):
            await projects.create(tx, bot_id, name, NOW)
        await plans.create(tx, 2, PLAN | {"name": "Hers", "project_id": 1}, NOW)
        return [
            await plans.create(tx, 1, PLAN | {"name": name, "project_id": project}, NOW)
            for name, project in (("One", 1), ("Two", 0), ("Three", 1))
        ]


async def test_pages_of_projects(db: Database, filled: list[int]) -> None:
    async with db.read() as tx:
        everything = await projects.page(tx, 1, 0, 100)
        assert everything == await projects.of_bot(tx, 1)
        assert [one.name for one in everything] == ["A", "B", "C"]
        turned = [await projects.page(tx, 1, offset, 1) for offset in range(4)]
        assert [[one.name for one in page] for page in turned] == [["A"], ["B"], ["C"], []]
        (second,) = await projects.page(tx, 1, 0, 100, everything[1].id)
        assert second == everything[1]
        hers = (await projects.of_bot(tx, 2))[0].id
        assert await projects.page(tx, 1, 0, 100, hers) == []


async def test_pages_of_plans(db: Database, filled: list[int]) -> None:
    async with db.read() as tx:
        everything = await plans.page(tx, 1, 0, 100)
        assert everything == await plans.of_bot(tx, 1)
        turned = [one for offset in range(4) for one in await plans.page(tx, 1, offset, 1)]
        assert turned == everything
        assert [one.name for one in await plans.page(tx, 1, 0, 100, project_id=1)] == ["One", "Three"]
        assert [one.name for one in await plans.page(tx, 1, 1, 100, project_id=1)] == ["Three"]
        assert [one.id for one in await plans.page(tx, 1, 0, 100, plan_id=filled[1])] == [filled[1]]
        assert await plans.page(tx, 1, 0, 100, plan_id=filled[1], project_id=1) == []
        hers = (await plans.of_bot(tx, 2))[0].id
        assert await plans.page(tx, 1, 0, 100, plan_id=hers) == []


async def test_pages_of_memberships(db: Database) -> None:
    async with db.write() as tx:
        # (bot, member, project, plan, started so many days ago, lasts so many days)
        for bot_id, member, project, plan, ago, lasts in (
            (1, 10, 1, 5, 3, 30), (1, 11, 1, 6, 2, 30), (1, 10, 2, 6, 2, 0), (2, 10, 1, 5, 3, 30),
            (1, 12, 1, 5, 40, 30),
        ):  # fmt: skip
            started = NOW - timedelta(days=ago)
            term = extend(Term(started), days(lasts) if lasts else LIFETIME, started)
            await people.remember(tx, bot_id, Person(member, "Ann"), NOW, started=True)
            await memberships.put(
                tx, bot_id, member, project, plan_id=plan, started_at=started, term=term,
                access_until=term.end, next_notice_at=None, now=NOW,
            )  # fmt: skip
    async with db.read() as tx:

        async def found(offset: int = 0, limit: int = 100, **only: int) -> list[tuple[int, int]]:
            page = await memberships.page(tx, 1, NOW, offset, limit, **only)
            return [(one.member_id, one.project_id) for one in page]

        assert await found() == [(10, 1), (10, 2), (11, 1)], "the longest running first, and what is over not"
        assert [await found(offset, 1) for offset in range(4)] == [[(10, 1)], [(10, 2)], [(11, 1)], []]
        assert await found(member_id=10) == [(10, 1), (10, 2)]
        assert await found(plan_id=6) == [(10, 2), (11, 1)]
        assert await found(project_id=1) == [(10, 1), (11, 1)]
        assert await found(member_id=10, plan_id=6, project_id=2) == [(10, 2)]
        assert await found(member_id=12) == []
