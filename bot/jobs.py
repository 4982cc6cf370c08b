"""What the application does again and again in the background."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from domain.clock import Clock
from services.house import House
from storage import (
    accounts,
    antispam,
    autoreplies,
    broadcasts,
    imports,
    media,
    outbox,
    support,
    triggers,
    updates,
)
from storage.database import Database

FLUSH = 1.0  # seconds between writes of counters
ENDINGS, ACCESS_TASKS = 30.0, 5.0  # seconds
SWEEP = 1.0  # seconds between looks at the members of a bot's paid chats
RATES_FIRST, RATES = 120.0, 600.0  # seconds: after the start, and between looks which sources are due
SPAMMERS_FIRST, SPAMMERS = 120.0, 600.0  # seconds: after the start, and between looks which list is due
ORDERS, RECONCILE, STARS = 5.0, 60.0, 600.0  # seconds: refunds and orders over time; asking providers
REVENUE = 60.0  # seconds between looks whether it is morning
EARNINGS = 30.0  # seconds between looks whom to tell of a commission
IMPORTS = 1.0  # seconds between steps of taking members in
CLEANING = 3600.0  # seconds
BOARDS = 2.5  # seconds between looks at the progress of broadcasts
GREET = 1.0  # seconds between looks for crowds that wait to be greeted
NEWCOMERS = 1.0  # seconds between looks whose time to answer is up, and which lockdown is over
KEEP_UPDATES = timedelta(days=3)  # Telegram redelivers for a day at most
KEEP_FAILED = timedelta(days=30)
KEEP_IMPORTS = timedelta(days=7)  # files that were not confirmed, and those that are done
KEEP_QUESTIONS = timedelta(days=1)  # who asked about payments, longer than anything is counted
KEEP_HITS = timedelta(days=30)  # messages taken for spam, with what people wrote
KEEP_MEDIA = timedelta(days=7)  # uploaded and then not used; drafts of broadcasts that say nothing
KEEP_TRIGGERED = timedelta(days=90)  # what became of triggered messages
FIRST = 2.0  # seconds after the start: nothing here is in such a hurry that a start should be slower for it


@dataclass(frozen=True, slots=True)
class Job:
    """`work` is done each so many `seconds`, and for the first time `first` seconds after the start."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]
    first: float = FIRST

    async def again_and_again(self) -> None:
        """Do it until stopped."""
        await asyncio.sleep(min(self.first, self.seconds))
        while True:
            await self.work()
            await asyncio.sleep(self.seconds)


def all_jobs(house: House, db: Database, clock: Clock) -> list[Job]:
    """Everything that is due by the clock."""
    actor = house.actor
    return [
        Job("counters", FLUSH, house.activity.flush),
        Job("greetings", GREET, partial(house.greeter.greet_waiting, actor)),
        Job("newcomers", NEWCOMERS, partial(_keep_door, house)),
        Job("endings", ENDINGS, partial(house.endings.run, actor)),
        Job("access", ACCESS_TASKS, partial(house.access_tasks.run, actor)),
        Job("sweep", SWEEP, partial(house.sweep.run, actor)),
        Job("orders", ORDERS, partial(_keep_orders, house)),
        Job("reconciling", RECONCILE, partial(house.taking.reconcile, actor)),
        Job("stars", STARS, partial(house.stars.run, actor)),
        Job("earnings", EARNINGS, partial(house.payouts.tell, actor)),
        Job("revenue", REVENUE, partial(house.revenue.tell_daily, actor)),
        Job("imports", IMPORTS, partial(house.importing.run, actor)),
        Job("boards", BOARDS, partial(house.boards.run, actor)),
        Job("cleaning", CLEANING, partial(_clean, house, db, clock)),
    ]


def fresh_rates(house: House) -> Job:
    """Keep exchange rates fresh; not at once, since whoever restarts often would ask the banks each time."""
    return Job("rates", RATES, partial(house.rates.refresh, house.actor), first=RATES_FIRST)


def fresh_spammers(house: House) -> Job:
    """Keep the lists of known spammers fresh; each says itself when it is due. Not all installations ask in
    the same minute after a common outage."""
    first = SPAMMERS_FIRST * (1 + random.random())
    return Job("spammers", SPAMMERS, partial(house.spammers.refresh, house.actor), first=first)


async def _keep_door(house: House) -> None:
    """End the lockdowns that are over, and settle newcomers whose time is up."""
    await house.raids.run(house.actor)
    await house.newcomers.run(house.actor)


async def _keep_orders(house: House) -> None:
    """Make the refunds we owe, and let go of orders nobody pays."""
    await house.refunds.run(house.actor)
    await house.taking.expire(house.actor)


async def _clean(house: House, db: Database, clock: Clock) -> None:
    """Forget what is of no use any more."""
    now = clock.now()
    async with db.write() as tx:
        await updates.forget_before(tx, now - KEEP_UPDATES)
        await outbox.forget_failed(tx, now - KEEP_FAILED)
        await accounts.forget_expired_keys(tx, now)
        await antispam.forget_before(tx, now - KEEP_HITS)
        await autoreplies.forget_pauses(tx, now)
        await support.forget_before(tx, now - KEEP_QUESTIONS)
        await imports.forget(tx, now - KEEP_IMPORTS)
        await broadcasts.forget_empty(tx, now - KEEP_MEDIA)
        await media.forget_unused(tx, now - KEEP_MEDIA)
        await triggers.forget_before(tx, now - KEEP_TRIGGERED)
    await house.webhook_queue.forget(house.actor)
    await house.clicks.forget(house.actor)
    await house.postback_queue.forget(house.actor)
