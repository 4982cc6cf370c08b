"""`kill -9` during a broadcast: who got the message, and what the books say of it."""

import asyncio
import multiprocessing
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.far_end import FREE, FarEnd
from bench.mailer import Order, serve
from bench.mailing import FIRST, Mailing
from delivery.holding import LEASE
from delivery.kinds import AHEAD, MOST_IN_FLIGHT, Kind
from domain.broadcasts import RecipientState
from storage.database import Database

PEOPLE, KILLS = 160, 3
RATE = 200  # messages per second: the trial is about books, and they are under more stress so
AT_MOST = AHEAD[Kind.MESSAGE] + MOST_IN_FLIGHT[Kind.MESSAGE]  # in flight, or allowed to be
TOKEN = "77:" + "A" * 35
PATIENCE = 60.0  # seconds

# A server that has imported the mailer once and forks it: a start takes moments instead of seconds.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bench.mailer"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one trial, in people. `lost`: did not get it, and the books do not say so."""

    people: int
    kills: int
    lost: int
    twice: int
    unknown: int
    open: int  # neither sent nor given up in the end

    @property
    def good(self) -> bool:
        """Nobody was lost or disturbed twice, and no more is unknown than may have been in flight."""
        return not (self.lost or self.twice or self.open) and self.unknown <= AT_MOST * self.kills


class Mailer:
    """The process that sends, killed and started again."""

    def __init__(self, policy: str, order: Order) -> None:
        self._policy, self._order, self._lives = policy, order, 0

    async def start(self) -> None:
        """Start it."""
        self._ready, child = PROCESSES.Pipe(duplex=False)
        later = self._lives * (LEASE.total_seconds() + 1)
        given = self._order
        order = Order(given.database, given.telegram, given.token, given.rate, later)
        self._process = PROCESSES.Process(target=serve, args=(self._policy, order, child), daemon=True)
        self._process.start()
        self._lives += 1
        child.close()
        await self._hear()

    async def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        self._ready.close()

    async def end(self) -> None:
        """Let it come to its end."""
        await self._hear()
        await asyncio.to_thread(self._process.join)
        self._ready.close()

    async def _hear(self) -> None:
        if not await asyncio.to_thread(self._ready.poll, PATIENCE):
            raise TimeoutError("the mailer says nothing")
        self._ready.recv()


async def trial(database: str, policy: str, seed: int, kills: int = KILLS, people: int = PEOPLE) -> Verdict:
    """Send a broadcast on an empty migrated database, killing the sender at moments the seed chooses."""
    chance = random.Random(seed)
    far = await FarEnd(FREE, seed).start()
    users = range(FIRST, FIRST + people)
    try:
        async with Database.open(database) as db:
            mailing = Mailing(db, datetime.now(UTC))
            bot_id = await mailing.bot()
            await mailing.people(bot_id, await mailing.campaign(bot_id), users)
            one = await mailing.broadcast()
            await mailing.start(one)
        mailer, book = (
            Mailer(policy, Order(database, far.url, TOKEN, RATE)),
            far.book(TOKEN.partition(":")[0]),
        )
        for moment in sorted(chance.sample(range(1, people * 3 // 4), kills)):
            await mailer.start()
            await _until(far, moment)
            await asyncio.sleep(chance.uniform(0, 0.03))
            await mailer.kill()
        await mailer.start()
        await mailer.end()
        got = Counter(book.got)
        async with Database.open(database) as db:
            states = await Mailing(db, mailing.now).states(one)
    finally:
        await far.close()
    sure = (RecipientState.SENT, RecipientState.FAILED, RecipientState.SKIPPED)
    return Verdict(
        people=people,
        kills=kills,
        lost=sum(not got[user] and states.get(user) in sure for user in users),
        twice=sum(got[user] > 1 for user in users),
        unknown=sum(state == RecipientState.UNKNOWN for state in states.values()),
        open=sum(states.get(user) in (None, "queued", "sending") for user in users),
    )


async def _until(far: FarEnd, messages: int) -> None:
    """Wait until so many messages have been counted."""
    book = far.book(TOKEN.partition(":")[0])
    async with asyncio.timeout(PATIENCE):
        while sum(book.got.values()) < messages:
            far.counted.clear()
            await far.counted.wait()
