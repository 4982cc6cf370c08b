"""The composition root: everything is built here once, and closed in reverse."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from bot.build import build_house, build_menu, build_routes
from bot.dispatcher import Dispatch
from bot.i18n import Languages
from bot.intake import Intake
from bot.jobs import Job, all_jobs, fresh_rates, fresh_spammers
from bot.polling import Polling
from bot.settings import Settings
from bot.supervisor import Supervisor
from bot.web import build_web
from delivery.deferred import park_unfinished
from delivery.gateways import all_gateways, http
from delivery.gateways.telegram import telegram_gateways
from delivery.guard import GuardedSession
from delivery.llm import ChatModel
from delivery.outbox import Listeners, OutboxDelivery
from delivery.pacing import BotPace, ChatPaces
from delivery.queues import QueueDelivery
from delivery.rates import ECB, all_sources
from delivery.telegram import TelegramClient, new_session
from domain.clock import Clock, SystemClock
from services.chatter import Chatter
from services.directory import BotDirectory
from services.house import House
from services.recent import Recent
from services.signals import Signals
from services.vault import Vault
from services.work import POSTBACKS, WEBHOOKS
from storage import migrate, signals
from storage.database import Database

log = logging.getLogger(__name__)
CONNECTED = 3600.0  # seconds between looks whether Telegram sends us the bots' updates
HEAR = 1.0  # seconds between looks whether the line to the other processes stands
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
    webhooks: QueueDelivery
    postbacks: QueueDelivery
    client: TelegramClient
    supervisor: Supervisor
    polling: Polling
    web: web.Application
    signals: Signals
    url: str = ""

    async def settled(self) -> None:
        """Wait until all promised calls, menus and events have gone out (for tests and scripts)."""
        while not (
            self.house.menus.idle
            and await self.webhooks.idle()
            and await self.postbacks.idle()
            and await self.delivery.idle()
        ):
            await asyncio.sleep(0.005)

    async def catch_up(self) -> None:
        """Do now what is due by the clock, for whoever has moved it on (the demo's page does)."""
        for job in all_jobs(self.house, self.db, self.clock):
            await job.work()


Paces = Callable[[], tuple[BotPace, ChatPaces]]
Jobs = Callable[[House, Database, Clock], list[Job]]


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock | None = None,
    paces: Paces = lambda: (BotPace(), ChatPaces()),
    answered: Recent | None = None,
    providers: Mapping[str, str] | None = None,
    jobs: Jobs = all_jobs,
) -> AsyncIterator[App]:
    """Run the application and listen for HTTP until the block ends; the stop takes ten seconds at most.

    `providers` replaces addresses of payment providers, by gateway name: tests point them at stand-ins.
    `jobs` replaces what is done again and again: a story whose clock stands still does it by itself.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(settings.database))
        await migrate.upgrade(settings.database)
        news = Signals()
        vault = Vault(settings.key())
        directory = BotDirectory(db, news, vault)
        await directory.load()
        session = await stack.enter_async_context(new_session(settings.telegram_api))
        client = TelegramClient(session, settings.telegram_api, directory)
        languages = Languages(settings.languages)
        routes = build_routes()
        menu = build_menu(routes, anybody_owns=not settings.owner_ids)
        published = await stack.enter_async_context(new_session(ECB))
        private = settings.allow_private_urls
        guarded = await stack.enter_async_context(GuardedSession.open(allow_private=private))
        paid = await stack.enter_async_context(http.new_session())
        gateways = {**telegram_gateways(client), **all_gateways(paid, clock, providers, guarded=guarded)}
        house = build_house(
            settings, db, clock, news, vault, directory, client, languages, menu, gateways,
            all_sources(published),
            caller=guarded,
            files=client,
            model=_model(settings, paid),
        )  # fmt: skip
        dispatch = Dispatch(
            routes, languages, client, house.people, house.conversations.dialog,
            {**house.by_name(), "routes": routes},
        )  # fmt: skip
        intake = Intake(
            db, clock, directory, dispatch, Chatter(house.guards, house.activity), answered or Recent()
        )
        alone = db.dialect == "sqlite"
        if alone and (parked := await park_unfinished(db, clock, house.deferred)):
            log.warning("calls of unknown fate after a crash", extra={"calls": parked})
        delivery = OutboxDelivery(db, client, vault, clock, news, _listeners(house), paces, house.deferred)
        events = QueueDelivery(house.webhook_queue, WEBHOOKS, house.actor, guarded, news, alone)
        postbacks = QueueDelivery(house.postback_queue, POSTBACKS, house.actor, guarded, news, alone)
        supervisor = await stack.enter_async_context(Supervisor())
        app = App(
            settings, db, clock, house, intake, dispatch, delivery, events, postbacks, client, supervisor,
            Polling(client, directory, intake),
            build_web(
                intake, house, db, supervisor, settings.public_url, key_in_url=settings.api_key_in_url
            ),
            news,
        )  # fmt: skip
        await _listen(app, stack)
        stack.push_async_callback(_stop, app)
        _start_background(app, jobs)
        await _connect_bots(app)
        yield app


def _model(settings: Settings, session: aiohttp.ClientSession) -> ChatModel | None:
    """The language model of the settings."""
    if not settings.llm_url:
        return None
    return ChatModel(session, settings.llm_url, settings.llm_key.get_secret_value(), settings.llm_model)


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


def _start_background(app: App, jobs: Jobs) -> None:
    app.supervisor.start("delivery", app.delivery.run)
    app.supervisor.start("events", app.webhooks.run)
    app.supervisor.start("postbacks", app.postbacks.run)
    for job in jobs(app.house, app.db, app.clock):
        app.supervisor.start(job.name, job.again_and_again)
    app.supervisor.start("rates", fresh_rates(app.house).again_and_again)
    app.supervisor.start("spammers", fresh_spammers(app.house).again_and_again)


async def _connect_bots(app: App) -> None:
    """Connect the service bot of the settings, and see that every bot's updates reach us."""
    house, settings = app.house, app.settings
    if token := settings.bot_token.get_secret_value():
        owner = next(iter(settings.owner_ids), 0)
        await house.bots.connect_service(house.actor, token, owner)
    refresh = partial(house.bots.refresh_webhooks, house.actor)
    app.supervisor.start("webhooks", Job("webhooks", CONNECTED, refresh, first=0).again_and_again)
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
    for name in ("delivery", "events", "postbacks"):
        await app.supervisor.stop(name)
    senders = (app.delivery, app.webhooks, app.postbacks)
    await asyncio.gather(*(one.stop(STOP_DELIVERY) for one in senders))
    await app.supervisor.stop("counters")
    await app.house.activity.flush()


def calm_garbage_collector() -> None:
    """What lives now lives to the end: the collector need not look at it again and again.

    For a process that has started its one application. Measured: answered updates 1 046 → 590 µs, p99
    160 → 15 ms.
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
