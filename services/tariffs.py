"""What owners may do here, as whoever runs the installation says: the owner of the service bot."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import durations
from domain.actor import Actor
from domain.durations import Term, extend
from domain.errors import Invalid, NotAllowed, NotFound
from domain.tariffs import EVERYBODY, LONGEST_NAME, MOST, UNLIMITED, Tariff
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.work import UnitOfWork
from storage import tariffs
from storage.database import Database, Tx
from texts import tariffs as wording

PAGE = 10
FIELDS = ("name", "campaigns", "cap", "paid")


async def allowed(tx: Tx, owner_id: int) -> Tariff:
    """What an owner may do: his own tariff, else the one for everybody, else everything."""
    return await tariffs.of(tx, owner_id) or UNLIMITED


class TariffService(Guarded):
    """Tariffs. They are kept from the service bot only."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory

    @needs(Permission.OWNER)
    async def page(self, actor: Actor, bot_id: int, number: int) -> tuple[list[tuple[int, Tariff]], bool]:
        """A page (from 0) of the tariffs that were set, and whether there are more."""
        await self._check_service(bot_id)
        async with self._db.read() as tx:
            found = await tariffs.listing(tx, number * PAGE, PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    @needs(Permission.OWNER)
    async def panel(self, actor: Actor, bot_id: int, owner_id: int) -> Tariff:
        """The tariff that counts for somebody (0: for everybody without one)."""
        await self._check_service(bot_id)
        async with self._db.read() as tx:
            return await allowed(tx, owner_id)

    @needs(Permission.OWNER)
    async def ask_whom(self, actor: Actor, bot_id: int) -> None:
        """Ask for an owner's Telegram id."""
        await self._check_service(bot_id)
        async with self._work(actor) as work:
            await work.ask("tariffs:whom")
            work.show(wording.ask_whom(actor.t))

    @needs(Permission.OWNER)
    async def choose(self, actor: Actor, bot_id: int, text: str) -> None:
        """Show the tariff of the owner with the id that was typed. Raises `Invalid` (tariff_whom)."""
        await self._check_service(bot_id)
        owner_id = _whole(text, 2**52, "tariff_whom")
        if owner_id == EVERYBODY:
            raise Invalid("owner", "tariff_whom")
        async with self._work(actor) as work:
            await work.end_dialog()
            work.reply(wording.panel(actor.t, owner_id, await allowed(work.tx, owner_id)))

    @needs(Permission.OWNER)
    async def ask_field(self, actor: Actor, bot_id: int, owner_id: int, field: str) -> None:
        """Ask for another value of a tariff's field."""
        await self._check_service(bot_id)
        if field not in FIELDS:
            raise Invalid("field")
        async with self._work(actor) as work:
            await work.ask("tariffs:field", {"owner": owner_id, "field": field})
            work.show(wording.ask_field(actor.t, field))

    @needs(Permission.OWNER)
    async def set_field(self, actor: Actor, bot_id: int, text: str) -> None:
        """The value that was asked for. Raises `Invalid` with a reason of its own."""
        await self._check_service(bot_id)
        async with self._work(actor) as work:
            asked = await work.asked("tariffs:field")
            owner_id = int(asked["owner"])
            changes = _read_field(asked["field"], text, work.now)
            changed = replace(await allowed(work.tx, owner_id), **changes)
            await tariffs.put(work.tx, owner_id, changed)
            await work.end_dialog()
            work.reply(wording.panel(actor.t, owner_id, changed))

    @needs(Permission.OWNER)
    async def turn_broadcasts(self, actor: Actor, bot_id: int, owner_id: int, on: bool) -> None:
        """Let an owner write to his leads, or not."""
        await self._check_service(bot_id)
        async with self._work(actor) as work:
            changed = replace(await allowed(work.tx, owner_id), broadcasts=on)
            await tariffs.put(work.tx, owner_id, changed)
            work.show(wording.panel(actor.t, owner_id, changed))

    @needs(Permission.OWNER)
    async def remove(self, actor: Actor, bot_id: int, owner_id: int) -> None:
        """An owner has what everybody has again. Raises `NotFound` (tariff) when he had none of his own."""
        await self._check_service(bot_id)
        async with self._work(actor) as work:
            if not await tariffs.remove(work.tx, owner_id):
                raise NotFound("tariff")
            work.show(wording.panel(actor.t, owner_id, await allowed(work.tx, owner_id)))

    async def _check_service(self, bot_id: int) -> None:
        bot = await self._directory.get(bot_id)
        if bot is None or not bot.is_service:
            raise NotAllowed


def _read_field(field: str, text: str, now: datetime) -> dict[str, Any]:
    text = " ".join(text.split())
    match field:
        case "name":
            if not 0 < len(text) <= LONGEST_NAME:
                raise Invalid("name", "tariff_name")
            return {"name": text}
        case "campaigns":
            return {"campaigns": _whole(text, MOST, "tariff_number")}
        case "cap":
            return {"daily_cap": _whole(text, MOST, "tariff_number")}
        case _:
            return {"paid_until": _until(text, now)}


def _whole(text: str, most: int, reason: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= most):
        raise Invalid("number", reason)
    return int(text)


def _until(text: str, now: datetime) -> datetime | None:
    """The first moment it counts no more: after so long, or after the end of a day; 0 for never."""
    return None if text == "0" else extend(Term(now), durations.parse(text), now).end
