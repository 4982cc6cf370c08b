"""Imports worked off by two processes at once, on both engines: each row is given once, and told once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.durations import Term
from domain.imports import Stage, State
from services.access import Access
from services.importing import Importer
from services.reach import Reach
from storage import import_chats, imports, memberships, projects
from storage.database import Database
from storage.imports import Line
from storage.tables.bots import activity, chat_admin, journal
from storage.tables.core import outbox
from storage.tables.membership import membership_grant
from tests.storage.counter import ANN, BEN, CID, DAN, NOW, OWNER, Counter

CHAT = -1001


class Roll:
    """A Telegram that knows who is in the chat."""

    def __init__(self, **members: dict[str, Any]) -> None:
        self.members = members
        self.asked: list[int] = []

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        assert method == "getChatMember"
        self.asked.append(params["user_id"])
        status = self.members.get(str(params["user_id"]), {"status": "member"})
        user = {"id": params["user_id"], "first_name": f"P{params['user_id']}", "is_bot": False}
        return {"user": user | status.get("user", {}), **{k: v for k, v in status.items() if k != "user"}}

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        raise NotImplementedError

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        raise NotImplementedError


@pytest.fixture
async def counter(db: Database) -> Counter:
    """A bot with members, who have bought nothing."""
    return await Counter(db).open()


def process(counter: Counter, telegram: Any) -> Importer:
    """One of the processes that serve the bot."""
    directory = counter._directory
    access = Access(counter.db, counter.clock, telegram, directory, frozenset())
    reach = Reach(counter.db, directory, counter.languages.translator)
    return Importer(
        access, counter.db, counter.work, counter.clock, telegram, directory, reach,
        counter.languages.translator,
    )  # fmt: skip


async def begin(counter: Counter, lines: list[Line], kind: str = imports.FILE, **more: Any) -> int:
    """A confirmed import."""
    async with counter.db.write() as tx:
        job_id = await imports.create(tx, counter.bot.id, OWNER, kind, "members.csv", NOW, **more)
        await imports.put_lines(tx, job_id, lines)
        assert await imports.begin(tx, counter.bot.id, job_id, counter.clock.now())
        assert not await imports.begin(tx, counter.bot.id, job_id, counter.clock.now()), "once"
    return job_id


async def run(counter: Counter, *processes: Importer, times: int = 4) -> None:
    """All at once, again and again."""
    house = counter.actor(0)
    for _ in range(times):
        await asyncio.gather(*(one.run(house) for one in processes))


async def grants(counter: Counter) -> list[int]:
    """Who was given something, one for each time."""
    async with counter.db.read() as tx:
        rows = await tx.execute(select(membership_grant.c.member_id).order_by(membership_grant.c.member_id))
        return list(rows.scalars())


async def letters(counter: Counter, method: str) -> int:
    """How many messages to the owner wait."""
    async with counter.db.read() as tx:
        statement = select(func.count()).where(outbox.c.chat_id == OWNER, outbox.c.method == method)
        return int((await tx.execute(statement)).scalar_one())


async def test_two_processes_give_each_row_once(counter: Counter) -> None:
    people = range(10_000, 10_120)
    lines = [Line(number, str(number), number, length="30 days") for number in people]
    job_id = await begin(counter, lines)
    await run(counter, *(process(counter, Roll()) for _ in range(3)))
    assert await grants(counter) == list(people)
    assert await letters(counter, "sendMessage") == 1, "the owner is told once"
    async with counter.db.read() as tx:
        assert await imports.counts(tx, job_id) == {(State.TAKEN, None): 120}
        job = await imports.get(tx, counter.bot.id, job_id)
    assert job is not None
    assert job.state is Stage.DONE


async def test_a_row_that_cannot_be_given_keeps_no_other_from_it(counter: Counter) -> None:
    lines = [Line(1, "1", ANN, length="30 days"), Line(2, "2", BEN, length="nonsense"),
             Line(3, "3", CID, length="30 days")]  # fmt: skip
    job_id = await begin(counter, lines)
    await run(counter, process(counter, Roll()))
    assert await grants(counter) == [ANN, CID]
    async with counter.db.read() as tx:
        assert [(one.number, one.reason) for one in await imports.left(tx, job_id)] == [(2, "import_error")]
    assert await letters(counter, "sendDocument") == 1, "with the file of what was not taken"


async def test_what_somebody_bought_meanwhile_is_not_touched(counter: Counter) -> None:
    job_id = await begin(counter, [Line(1, "1", ANN, length="30 days")])
    async with counter.db.write() as tx:
        await memberships.put(
            tx, counter.bot.id, ANN, 0, plan_id=counter.plan.id, started_at=NOW, term=Term(None),
            access_until=None, next_notice_at=None, now=NOW,
        )  # fmt: skip
    await run(counter, process(counter, Roll()))
    assert await grants(counter) == []
    async with counter.db.read() as tx:
        assert await imports.counts(tx, job_id) == {(State.LEFT, "import_has"): 1}


async def test_another_bots_import_cannot_be_moved(counter: Counter) -> None:
    job_id = await begin(counter, [Line(1, "1", ANN, length="30 days")])
    async with counter.db.write() as tx:
        other = counter.bot.id + 1
        assert not await imports.move(tx, other, job_id, Stage.STOPPED, since=set(Stage))
        assert not await imports.remove_draft(tx, other, job_id)
        assert await imports.get(tx, other, job_id) is None


def _join(bot_id: int, who: int, update_id: int) -> dict[str, Any]:
    return {
        "bot_id": bot_id, "chat_id": CHAT, "user_id": who, "kind": "join", "change": 1, "is_bot": False,
        "actor_id": who, "source": "", "via_request": False, "update_id": update_id, "at": NOW,
    }  # fmt: skip


async def test_everybody_of_a_chat_is_looked_at_once(counter: Counter) -> None:
    bot_id = counter.bot.id
    writer, rider, gone, admin, robot = 601, 602, 603, 604, 605
    async with counter.db.write() as tx:
        project = await projects.create(tx, bot_id, "Chess", NOW)
        await projects.toggle_chat(tx, bot_id, project, CHAT)
        for who in (writer, gone):
            await tx.execute(
                activity.insert().values(
                    bot_id=bot_id, chat_id=CHAT, user_id=who, messages=1, first_at=NOW, last_at=NOW
                )
            )
        for number, who in enumerate((rider, robot)):
            await tx.execute(journal.insert().values(**_join(bot_id, who, number)))
        await tx.execute(
            activity.insert().values(
                bot_id=bot_id, chat_id=CHAT, user_id=admin, messages=1, first_at=NOW, last_at=NOW
            )
        )
        await tx.execute(
            chat_admin.insert().values(bot_id=bot_id, chat_id=CHAT, user_id=admin, creator=False, rights=[])
        )
        await memberships.put(
            tx, bot_id, ANN, project, plan_id=0, started_at=NOW, term=Term(None), access_until=None,
            next_notice_at=None, now=NOW,
        )  # fmt: skip
        assert await import_chats.count_candidates(tx, bot_id, CHAT, {project}) == 8
    members = {"603": {"status": "left"}, "605": {"status": "member", "user": {"is_bot": True}},
               str(BEN): {"status": "administrator"}, str(OWNER): {"status": "creator"},
               str(DAN): {"status": "restricted", "is_member": False}}  # fmt: skip
    rolls = [Roll(**members), Roll(**members)]
    job_id = await begin(counter, [], imports.CHAT, chat_id=CHAT, project_id=project, days=14)
    async with counter.db.write() as tx:  # at the same moment by Telegram's clock, but after we began
        await tx.execute(journal.insert().values(**_join(bot_id, 606, 7)))
    await run(counter, *(process(counter, roll) for roll in rolls), times=6)
    assert await grants(counter) == [CID, writer, rider]
    assert ANN not in {who for roll in rolls for who in roll.asked}, "who holds a membership is not asked for"
    assert admin not in {who for roll in rolls for who in roll.asked}
    async with counter.db.read() as tx:
        counts = await imports.counts(tx, job_id)
        job = await imports.get(tx, bot_id, job_id)
        named = await memberships.listing(tx, bot_id, NOW, 0, 10)
    assert counts == {
        (State.TAKEN, None): 3, (State.LEFT, "import_absent"): 2, (State.LEFT, "import_bot"): 1,
        (State.LEFT, "import_admin"): 2, (State.LEFT, "import_later"): 1,
    }  # fmt: skip
    assert job is not None
    assert job.state is Stage.OPEN, "who is seen later gets the same"
    assert f"P{writer}" in [one.name for one in named], "met by the look"
    assert await letters(counter, "sendDocument") == 1
