"""Clicks on our own redirect: stored, and led on to the bot."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from domain.actor import Actor
from domain.campaigns import LONGEST_CLICK, SUBS, fits_start, is_code, new_token, start_link
from domain.cleaning import plain
from domain.clock import Clock
from domain.errors import Invalid, NotFound
from domain.macros import to_micros
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.work import UnitOfWork
from storage import campaigns, clicks
from storage.clicks import Click
from storage.database import Database

KEEP = timedelta(days=90)  # a click nobody has followed for so long is followed by nobody
BATCH = 10_000
LONGEST_ENCODED = 3 * LONGEST_CLICK  # characters of a percent-encoded value: no ordinary click has more
# Under which names networks send their click id, in the order they are looked for.
CLICKS = ("click", "clickid", "click_id", "fbclid", "gclid")


class ClickService(Guarded):
    """The redirect `/go/<code>`."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, clock: Clock, directory: BotDirectory
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory

    @needs(Permission.HOUSE)
    async def follow(self, actor: Actor, code: str, query: Mapping[str, str]) -> str:
        """Store what a click brought, unless it fits into the start link; the address of that link.

        A campaign that takes nobody leads to the bot itself. Raises `NotFound` (campaign) for a code nobody
        has, and while the bot is disconnected.
        """
        if not is_code(code):
            raise NotFound("campaign")
        async with self._db.read() as tx:
            campaign = await campaigns.by_code(tx, code)
        bot = await self._directory.get(campaign.bot_id) if campaign is not None else None
        if campaign is None or bot is None:
            raise NotFound("campaign")
        if not campaign.active:
            return f"https://t.me/{bot.username}"
        click = read_click(query)
        if not click.subs and click.cost_micros is None and fits_start(code, click.click):
            return start_link(bot.username, code, click=click.click)  # nothing to store
        token = new_token()
        async with self._work() as work:
            await clicks.put(work.tx, campaign.id, token, click, work.now)
        return start_link(bot.username, code, token=token)

    @needs(Permission.HOUSE)
    async def forget(self, actor: Actor) -> int:
        """Delete old clicks; those that were claimed are kept with the lead. Returns how many."""
        async with self._work() as work:
            return await clicks.forget(work.tx, self._clock.now() - KEEP, BATCH)


def read_click(query: Mapping[str, str]) -> Click:
    """What the address of a click says; what is too long is cut, a cost nobody can read is left out."""
    click = next((query[name] for name in CLICKS if query.get(name)), "")
    subs = {name: _short(query[name]) for name in SUBS if query.get(name)}
    cost = None
    if query.get("cost"):
        try:
            cost = to_micros(query["cost"])
        except Invalid:
            cost = None
    return Click(_short(click), subs, cost)


def _short(value: str) -> str:
    """The value, cut to what fits into a postback: percent-encoded, one sign may become twelve."""
    value = plain(value)[:LONGEST_CLICK]
    while len(quote(value, safe="")) > LONGEST_ENCODED:
        value = value[: len(value) * 3 // 4]
    return value
