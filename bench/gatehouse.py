"""Gatehouse as the benchmarks run it: its own composition root, on a fresh SQLite database."""

import asyncio
import resource
import sys
import time
from pathlib import Path

import uvloop

from bench.references import SECRET, token
from bench.updates import BUYERS, GROUPS, PRICE, buyer, order_key
from bot import app as application
from bot.i18n import Languages
from bot.settings import Settings
from delivery.pacing import BotPace, ChatPaces
from domain.actor import Actor, Right
from domain.antispam.settings import AntiSpamSettings
from domain.bots import AdminChat
from domain.money import STARS, Money
from domain.orders import HOLD, Kind, Status
from domain.orders import STARS as BY_STARS
from services.directory import BOT_CHANGED
from services.vault import digest
from storage import bots, chats, orders, people, plans
from storage.people import Person

OWNER = 42
RIGHTS = frozenset(map(str, Right))


class Unpaced(BotPace):
    """No limit: the measurement is about us, not about Telegram's 30 messages a second."""

    def wait(self, now: float) -> float:
        return 0.0


class UnpacedChats(ChatPaces):
    """No limit either."""

    def wait(self, chat_id: int, now: float) -> float:
        return 0.0


def memory() -> float:
    """The process's largest memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def serve(port: int, telegram: str, count: int, folder: Path, *, shop: bool = False) -> None:
    """Run with `count` bots, the first of them with rules and checks; prints a line of figures, then serves.
    With `shop` it sells a plan that many are about to pay for.

    The figures: public id of the first bot, seconds from nothing to ready, largest memory in MiB.
    """
    public_url = "" if "polling" in sys.argv else f"http://127.0.0.1:{port}"
    settings = Settings(
        _env_file=None, telegram_api=telegram, public_url=public_url, port=port,
        data_dir=folder, owner_ids=frozenset({OWNER}), spammer_lists=(),
    )  # fmt: skip
    began = time.perf_counter()
    async with application.running(settings, paces=lambda: (Unpaced(), UnpacedChats())) as app:
        took = time.perf_counter() - began
        application.calm_garbage_collector()
        owner = Actor(OWNER, Languages().translator())
        known = len(await app.house.bots.list(owner))
        for start in range(known, count, 50):
            await asyncio.gather(
                *(app.house.bots.connect(owner, token(n)) for n in range(start, min(start + 50, count)))
            )
        first = (await app.house.bots.list(owner))[0]
        if not known:
            await prepare(app, owner, first.id)
            if shop:
                await open_shop(app, first.id)
        print("ready", first.public_id, f"{took:.3f} {memory():.1f}", flush=True)
        await asyncio.Event().wait()


async def prepare(app: application.App, owner: Actor, bot_id: int) -> None:
    """A hundred automatic replies for all chats, every check on, a webhook secret we know."""
    for number in range(100):
        rule = {
            "keyword": f"keyword{number}",
            "response": "Here is what you asked for.",
            "match_mode": ("contains", "word", "exact", "starts_with")[number % 4 if number != 7 else 1],
        }
        await app.house.autoreplies.create(owner, bot_id, 0, rule)
    checks = {name: True for name in AntiSpamSettings.__struct_fields__ if name.startswith("block_")}
    words = [f"casino{number} bonus" for number in range(50)]
    settings = {"mode": "on", "banned_words": words, "allowed_links": ["example.org"], "flood_limit": 100}
    await app.house.antispam.set(owner, bot_id, 0, checks | settings)
    async with app.db.write() as tx:
        for chat_id in GROUPS:
            chat = AdminChat(chat_id, "supergroup", "Bench", None, True, True, RIGHTS, False, 500)
            await chats.put(tx, bot_id, chat, app.clock.now())
        await bots.change_secret(tx, bot_id, digest(SECRET))
    app.signals.dispatch(BOT_CHANGED, bot_id)


async def open_shop(app: application.App, bot_id: int) -> None:
    """A plan for Stars, and an open order of it for each of `BUYERS` people."""
    now, price = app.clock.now(), Money(PRICE, STARS)
    async with app.db.write() as tx:
        values = {"name": "Gold", "duration": "1 month", "price": price.minor, "currency": STARS}
        plan_id = await plans.create(tx, bot_id, values, now)
        for number in range(BUYERS):
            who = buyer(number)["id"]
            await people.remember(tx, bot_id, Person(who, f"Buyer {number}"), now, started=True)
            await orders.create(
                tx, bot_id, order_key(number), kind=Kind.NEW, status=Status.PENDING, member_id=who,
                plan_id=plan_id, plan_name="Gold", project_id=0, length="1 month", gateway=BY_STARS,
                price=price, amount=price, now=now, expires_at=now + HOLD,
            )  # fmt: skip


if __name__ == "__main__":
    uvloop.run(
        serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), shop="shop" in sys.argv)
    )
