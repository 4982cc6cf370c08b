"""Whatever order Telegram tells it in, however often, and whatever it leaves out: nothing is counted twice,
nothing is credited to the wrong click, and where a lead stands does not depend on the order.

Hypothesis invents what a person does, and in which order the application hears of it. After each step the
database is held against the table of the specification (`tests.tracker.ledger`), which is told the same in
the right order. The control works things off as they arrive, as most trackers do.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.actor import Actor, Door
from domain.bots import Bot, BotStatus
from domain.creatives import Creative
from domain.errors import TelegramUnreachable
from domain.leads import Entry, FactKind, LeadStatus, Origin, Standing
from domain.movements import Movement, MovementKind
from services import tracking
from services.gate import JoinRequest
from services.lead_changes import LeadChange
from services.leads import LeadService
from services.tracking import Tracking
from services.work import Work
from storage import campaigns, journal, leads
from storage.database import Database, Tx
from tests.tracker.ledger import Account, Happening, account

BOT, CHAT, OLGA = 7, -1001, 4_200_001
BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
WINDOW = timedelta(seconds=20)
LINKS = {"": None, "own": "https://t.me/+own", "blog": "https://t.me/+blog", "forum": "https://t.me/+forum"}
KINDS = {"join": MovementKind.JOIN, "leave": MovementKind.LEAVE, "kick": MovementKind.KICK}
TENANT = Bot(BOT, 700, OLGA, "x", "ads_bot", "Ads", BotStatus.ACTIVE, False, False, BEGIN)
PICK = st.integers(0, 1_000)


class Silence:
    """Telegram does not answer."""

    async def ask(self, bot_id: int, method: str, **params: Any) -> Any:
        raise TelegramUnreachable(sent=False)


class Told:
    """A `LeadListener` that remembers."""

    def __init__(self) -> None:
        self.changes: list[LeadChange] = []

    async def changed(self, work: Work, change: LeadChange) -> None:
        self.changes.append(change)


class Stage:
    """The real services on one transaction that is never committed: thousands of steps in seconds."""

    def __init__(self, tx: Tx, t: Any) -> None:
        self.tx, self.t, self.told = tx, t, Told()
        self.now = BEGIN
        mine: Any = self
        silence: Any = Silence()
        work: Any = self._work
        self.leads = LeadService(mine, mine, work, mine, silence, Tracking([self.told]))

    async def check(self, *demand: Any) -> None:
        """Everybody may."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        yield self.tx

    @asynccontextmanager
    async def _work(self, actor: Actor | None = None) -> AsyncIterator[Work]:
        yield Work(self.tx, self.now, None, None)

    async def build(self) -> None:
        """One campaign with its links."""
        made = await campaigns.create(
            self.tx, OLGA, BOT, CHAT, code="goCode1234", name="Spring", creative=Creative(),
            unsub_window=int(WINDOW.total_seconds()), now=BEGIN,
        )  # fmt: skip
        assert made is not None
        self.campaign = made
        for name, url in LINKS.items():
            if url is not None:
                await campaigns.add_link(self.tx, made, url, "" if name == "own" else name, False, BEGIN)

    async def hear(self, user: int, one: Happening, known: bool) -> None:
        """Telegram tells of something; `known`: once more."""
        self.now = one.at + timedelta(seconds=1)
        match one.kind:
            case "start":
                actor = Actor(user, self.t, "Ann", Door(BOT, one.update_id, user))
                code = self.campaign.code
                await self.leads.started(actor, TENANT, f"{code}-{one.click}" if one.click else code, one.at)
            case "request":
                request = JoinRequest(CHAT, "Chess", user, user, LINKS[one.link], None, None, one.at)
                await self.leads.requested(Work(self.tx, self.now, None, None), TENANT, request)
            case "decline":
                await self.leads.declined(Work(self.tx, one.at, None, None), BOT, CHAT, user)
            case _:
                movement = _movement(user, one)
                if not known:
                    await journal.add(self.tx, movement)
                await self.leads.moved(Work(self.tx, self.now, None, None), movement)


def _movement(user: int, one: Happening) -> Movement:
    return Movement(
        bot_id=BOT, owner_id=OLGA, chat_id=CHAT, chat_type="channel", chat_title="Chess", user_id=user,
        name="Ann", username=None, language_code=None, is_bot=False, kind=KINDS[one.kind],
        actor_id=1 if one.kind == "kick" else user, source="", invite_link=LINKS[one.link], link_name=None,
        via_request=False, at=one.at, update_id=one.update_id,
    )  # fmt: skip


class World:
    """The stage, and a loop that stands still between two steps."""

    def __init__(self, runner: asyncio.Runner, stage: Stage) -> None:
        self.runner, self.stage = runner, stage
        self.people, self.updates = count(1_000), count(1)
        self.steps = 0

    def __call__(self, work: Any) -> Any:
        return self.runner.run(work)


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = tmp_path_factory.mktemp("leads") / "gatehouse.db"
    shutil.copy(migrated_sqlite, path)
    with asyncio.Runner() as runner:
        opened = Database.open(f"sqlite+aiosqlite:///{path}")
        db = runner.run(opened.__aenter__())
        writing = db.write()
        stage = Stage(runner.run(writing.__aenter__()), _words)
        runner.run(stage.build())
        yield World(runner, stage)
        runner.run(writing.__aexit__(None, None, None))
        runner.run(opened.__aexit__(None, None, None))


def _words(message: str, /, **values: object) -> str:
    return message.format(**values)


class Machine(RuleBasedStateMachine):
    """One person, what he does, and what the application has heard of it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.stage = world, world.stage
        self.user = next(world.people)
        self.now = BEGIN
        self.inside, self.asks = False, ""  # the link he asked by
        self.waiting: list[Happening] = []  # not told yet
        self.heard: list[Happening] = []
        self.news = False
        self.stage.told.changes.clear()

    def _do(self, kind: str, **more: str) -> None:
        self.waiting.append(Happening(kind, self.now, next(self.world.updates), **more))

    # What people do.

    @rule(seconds=st.sampled_from([0, 1, 5, 30]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(click=st.sampled_from(["", "a", "b"]))
    def press_start(self, click: str) -> None:
        self._do("start", click=click)

    @precondition(lambda self: not self.inside)
    @rule(link=st.sampled_from(list(LINKS)))
    def join(self, link: str) -> None:
        self._do("join", link=link)
        self.inside, self.asks = True, ""

    @precondition(lambda self: not self.inside and not self.asks)
    @rule(link=st.sampled_from(["own", "blog", "forum"]))
    def ask(self, link: str) -> None:
        self.now += timedelta(seconds=1)  # nobody leaves and asks within one second
        self._do("request", link=link)
        self.asks = link

    @precondition(lambda self: self.asks)
    @rule()
    def be_let_in(self) -> None:
        self._do("join", link=self.asks)
        self.inside, self.asks = True, ""

    @precondition(lambda self: self.inside)
    @rule(kind=st.sampled_from(["leave", "kick"]))
    def go(self, kind: str) -> None:
        self._do(kind)
        self.inside = False

    # What the application hears.

    @precondition(lambda self: self.waiting)
    @rule(pick=PICK)
    def hear(self, pick: int) -> None:
        self._hear(self.waiting.pop(pick % len(self.waiting)))

    @precondition(lambda self: self.waiting)
    @rule()
    def hear_the_rest_backwards(self) -> None:
        while self.waiting:
            self._hear(self.waiting.pop())

    @precondition(lambda self: self.heard)
    @rule(pick=PICK)
    def hear_again(self, pick: int) -> None:
        self._hear(self.heard[pick % len(self.heard)])

    @precondition(lambda self: self.waiting)
    @rule(pick=PICK)
    def never_hear(self, pick: int) -> None:
        self.waiting.pop(pick % len(self.waiting))

    def _hear(self, one: Happening) -> None:
        self.news = True
        known = one in self.heard
        self.world(self.stage.hear(self.user, one, known))
        if not known:
            self.heard.append(one)

    # What must be true after each step.

    @invariant()
    def all_is_well(self) -> None:
        self.world.steps += 1
        if not self.news:  # people act; the application knows nothing of it yet
            return
        self.news = False
        truth = account(self.heard, WINDOW)
        self.world(self._check(truth))
        self._check_told(truth)

    async def _check(self, truth: Account) -> None:
        tx = self.stage.tx
        lead = await leads.of_person(tx, self.stage.campaign.id, self.user)
        assert (lead.status if lead is not None else None) == truth.status, "the order decided"
        if lead is None:
            return
        steps = [
            (one.entry.status, one.entry.at, one.entry.origin.click, one.entry.origin.source)
            for one in sorted(await leads.history(tx, lead.id), key=lambda one: _place(one.entry, self.heard))
        ]
        assert steps == [(one.status, one.at, one.click, one.source) for one in truth.steps], "the steps"
        last = truth.steps[-1]
        assert (lead.origin.click, lead.origin.source) == (last.click, last.source), "the attribution"
        assert lead.already_member == truth.already_member, "already inside"

    def _check_told(self, truth: Account) -> None:
        told = [change.entry for change in self.stage.told.changes if change.entry.told]
        numbers = [change.number for change in self.stage.told.changes if change.entry.told]
        assert len(set(numbers)) == len(numbers), "told twice"
        bought = [one for one in told if one.status is LeadStatus.APPROVE]
        assert len(bought) == sum(one.status is LeadStatus.APPROVE for one in truth.steps), "conversions"
        for one in bought:
            clicks = {known.click for known in self.heard if known.kind == "start" and known.at <= one.at}
            assert one.origin.click in clicks | {""}, "credited to a click that came later"
        for status in LeadStatus:
            least = sum(one.status is status and one.told for one in truth.steps)
            out = (LeadStatus.CANCEL, LeadStatus.TRASH)
            seen = sum(one.status is status or {one.status, status} <= set(out) for one in told)
            assert seen >= least, "a step nobody was told of"


def _place(entry: Entry, heard: list[Happening]) -> Any:
    """Where a step belongs among what was heard."""
    rank = 0 if entry.key.startswith("s") else 1 if entry.key.startswith("r") else 2
    return entry.at, rank, int(entry.key[1:]) if rank != 1 else 0


def histories(world: World, machine: type[Machine], examples: int, steps: int, **more: Any) -> None:
    """Try so many histories of so many steps."""
    run_state_machine_as_test(
        lambda: machine(world),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            database=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_the_order_of_updates_does_not_matter(world: World) -> None:
    world.steps = 0
    histories(world, Machine, 130, 100)
    assert world.steps >= 10_000


def as_they_arrive(facts: Any, window: timedelta) -> Standing:
    """How most trackers do it: each update is worked off when it comes, whatever its date."""
    entries: list[Entry] = []
    origin = Origin()
    for fact in facts:
        status = entries[-1].status if entries else None
        entered = {
            FactKind.START: LeadStatus.WAIT,
            FactKind.REQUEST: LeadStatus.HOLD if status is not None or fact.ours else None,
            FactKind.JOIN: LeadStatus.APPROVE if status is not None or fact.ours else None,
            FactKind.LEAVE: LeadStatus.CANCEL if status is not None else None,
            FactKind.REMOVE: LeadStatus.TRASH if status is not None else None,
            FactKind.DECLINE: LeadStatus.TRASH if status is LeadStatus.HOLD else None,
        }[fact.kind]
        if fact.kind is FactKind.START:
            origin = fact.origin
        if entered is None or entered is status:
            continue
        entries.append(Entry(fact.key, entered, fact.at, origin, fact.actor_id))
    return Standing(tuple(entries), False, False)


def test_working_updates_off_as_they_arrive_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""

    monkeypatch.setattr(tracking, "timeline", as_they_arrive)
    with pytest.raises(AssertionError):
        histories(world, Machine, 40, 60, derandomize=True)
