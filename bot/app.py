"""The composition root: everything is built here once, and closed in reverse."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from aiohttp import web

from bot.build import build_house, build_menu, build_routes
from bot.dispatcher import Dispatch
from bot.i18n import Languages
from bot.intake import Intake
from bot.polling import Polling
from bot.settings import Settings
from bot.supervisor import Supervisor
from bot.web import build_web
from delivery.outbox import Listeners, OutboxDelivery, park_unfinished
from delivery.pacing import BotPace, ChatPaces
from delivery.telegram import TelegramClient, new_session
from domain.clock import Clock, SystemClock
from services.chatter import Chatter
from services.directory import BotDirectory
from services.house import House
from services.recent import Recent
from services.signals import Signals
from services.vault import Vault
from storage import accounts, antispam, autoreplies, migrate, outbox, signals, updates
from storage.database import Database

log = logging.getLogger(__name__)
FLUSH = 1.0  # seconds between writes of counters
ENDINGS, ACCESS_TASKS = 30.0, 5.0  # seconds
SWEEP = 1.0  # seconds between looks at the members of a bot's paid chats
CLEANING = 3600.0  # seconds
WEBHOOKS = 3600.0  # seconds between looks whether Telegram sends us the bots' updates
HEAR = 1.0  # seconds between looks whether the line to the other processes stands
GREET = 1.0  # seconds between looks for crowds that wait to be greeted
KEEP_UPDATES = timedelta(days=3)  # Telegram redelivers for a day at most
KEEP_FAILED = timedelta(days=30)
KEEP_HITS = timedelta(days=30)  # messages taken for spam, with what people wrote
STOP_IN_FLIGHT, STOP_DELIVERY, STOP_HTTP = 4.0, 4.0, 1.5  # seconds; together below the promised ten


@dataclass(slots=True)
class App:
    """A running Gatehouse."""

    settings: Settings
    db: Database
    clock: Clock
    house: House
    intake: Intake
    dispatch: Dispatch
    delivery: OutboxDelivery
    client: TelegramClient
    supervisor: Supervisor
    polling: Polling
    web: web.Application
    signals: Signals
    url: str = ""

    async def settled(self) -> None:
        """Wait until every promised call is made and every menu set (for tests and scripts)."""
        while not (self.house.menus.idle and await self.delivery.idle()):
            await asyncio.sleep(0.005)


Paces = Callable[[], tuple[BotPace, ChatPaces]]


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock | None = None,
    paces: Paces = lambda: (BotPace(), ChatPaces()),
    answered: Recent | None = None,
) -> AsyncIterator[App]:
    """Run the application and listen for HTTP until the block ends; the stop takes ten seconds at most."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(settings.database))
        await migrate.upgrade(settings.database)
        if db.dialect == "sqlite" and (parked := await park_unfinished(db)):
            log.warning("calls of unknown fate after a crash", extra={"calls": parked})
        news = Signals()
        vault = Vault(settings.key())
        directory = BotDirectory(db, news, vault)
        await directory.load()
        session = await stack.enter_async_context(new_session(settings.telegram_api))
        client = TelegramClient(session, settings.telegram_api, directory)
        languages = Languages(settings.languages)
        routes = build_routes()
        menu = build_menu(routes, anybody_owns=not settings.owner_ids)
        house = build_house(settings, db, clock, news, vault, directory, client, languages, menu)
        dispatch = Dispatch(
            routes, languages, client, house.people, house.conversations.dialog,
            {**house.by_name(), "routes": routes},
        )  # fmt: skip
        intake = Intake(
            db, clock, directory, dispatch, Chatter(house.guards, house.activity), answered or Recent()
        )
        delivery = OutboxDelivery(db, client, vault, clock, news, _listeners(house), paces)
        supervisor = await stack.enter_async_context(Supervisor())
        app = App(
            settings, db, clock, house, intake, dispatch, delivery, client, supervisor,
            Polling(client, directory, intake),
            build_web(intake, house, db, supervisor, settings.public_url), news,
        )  # fmt: skip
        await _listen(app, stack)
        stack.push_async_callback(_stop, app)
        _start_background(app)
        await _connect_bots(app)
        _calm_garbage_collector()
        yield app


def _listeners(house: House) -> Listeners:
    """What only delivery learns goes to the services it concerns."""

    async def shut_out(bot_id: int, chat_id: int, words: str) -> None:
        if chat_id > 0:
            await house.people.blocked(house.actor, bot_id, chat_id)
        else:
            await house.chats.shut_out(house.actor, bot_id, chat_id)

    async def migrated(bot_id: int, old: int, new: int) -> None:
        await house.chats.migrated(house.actor, bot_id, old, new)

    return Listeners(shut_out, migrated)


async def _listen(app: App, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=STOP_HTTP)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, app.settings.host, app.settings.port)
    await site.start()
    port = runner.addresses[0][1]
    app.url = f"http://{app.settings.host}:{port}"
    if app.db.dialect == "postgresql":
        app.supervisor.start("signals", lambda: _hear(app))


async def _hear(app: App) -> None:
    """Hear what other processes commit."""
    async with signals.listening(app.db.url, app.signals.heard) as connection:
        app.signals.missed()
        while True:  # until the line is cut; a silent one is found out by asking
            await asyncio.sleep(HEAR)
            await connection.execute("SELECT 1", timeout=10 * HEAR)


def _start_background(app: App) -> None:
    app.supervisor.start("delivery", app.delivery.run)
    app.supervisor.start("counters", lambda: _every(FLUSH, app.house.activity.flush))
    greet = partial(app.house.greeter.greet_waiting, app.house.actor)
    app.supervisor.start("greetings", lambda: _every(GREET, greet))
    app.supervisor.start("endings", lambda: _every(ENDINGS, lambda: app.house.endings.run(app.house.actor)))
    app.supervisor.start(
        "access", lambda: _every(ACCESS_TASKS, lambda: app.house.access_tasks.run(app.house.actor))
    )
    app.supervisor.start("sweep", lambda: _every(SWEEP, lambda: app.house.sweep.run(app.house.actor)))
    app.supervisor.start("cleaning", lambda: _every(CLEANING, lambda: _clean(app)))


async def _connect_bots(app: App) -> None:
    """Connect the service bot of the settings, and see that every bot's updates reach us."""
    house, settings = app.house, app.settings
    if token := settings.bot_token.get_secret_value():
        owner = next(iter(settings.owner_ids), 0)
        await house.bots.connect_service(house.actor, token, owner)
    refresh = partial(house.bots.refresh_webhooks, house.actor)
    app.supervisor.start("webhooks", lambda: _every(WEBHOOKS, refresh))
    if not settings.public_url:
        app.supervisor.start("polling", lambda: _poll_all(app))
    app.supervisor.start("menus", house.menus.run)


async def _poll_all(app: App) -> None:
    """Keep one poller per bot; bots come and go while we run."""
    while True:
        alive = {bot.id: bot for bot in await app.house.directory.all()}
        names = {f"polling {bot_id}": bot for bot_id, bot in alive.items()}
        for name in app.supervisor.names:
            if name.startswith("polling ") and name not in names:
                await app.supervisor.stop(name)
        for name, bot in names.items():
            if name not in app.supervisor.names:
                app.supervisor.start(name, partial(app.polling.run, bot))
        await asyncio.sleep(1)


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await work()
        await asyncio.sleep(seconds)


async def _clean(app: App) -> None:
    """Forget what is of no use any more."""
    now = app.clock.now()
    async with app.db.write() as tx:
        await updates.forget_before(tx, now - KEEP_UPDATES)
        await outbox.forget_failed(tx, now - KEEP_FAILED)
        await accounts.forget_expired_keys(tx, now)
        await antispam.forget_before(tx, now - KEEP_HITS)
        await autoreplies.forget_pauses(tx, now)


async def _stop(app: App) -> None:
    """Intake, updates in flight, delivery; sessions and database follow with the exit stack."""
    app.intake.open = False
    for name in app.supervisor.names:
        if name.startswith("polling"):
            await app.supervisor.stop(name)
    loop = asyncio.get_running_loop()
    until = loop.time() + STOP_IN_FLIGHT
    while app.intake.in_flight and loop.time() < until:
        await asyncio.sleep(0.01)
    await app.supervisor.stop("delivery")
    await app.delivery.stop(STOP_DELIVERY)
    await app.supervisor.stop("counters")
    await app.house.activity.flush()


def _calm_garbage_collector() -> None:
    """What lives now lives to the end: the collector need not look at it again and again.

    Measured: answered updates 1 046 → 590 µs, p99 160 → 15 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def greeting(app: App) -> str:
    """What `serve` says when it is up; with a link to claim the service bot while nobody owns it."""
    way = f"webhooks at {app.settings.public_url}" if app.settings.public_url else "long polling"
    lines = [f"Gatehouse is up: {way}, HTTP on {app.url}. Stop it with Ctrl+C."]
    for bot in await app.house.directory.all():
        if bot.is_service and bot.owner_id == 0:
            code = await app.house.bots.offer(app.house.actor, bot.id)
            lines.append(
                f"Nobody owns it yet. Become the owner: https://t.me/{bot.username}?start=claim_{code}"
            )
    return "\n".join(lines)
