"""The panel of a broadcast in the chat, which is kept current while it runs."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from domain import calls
from domain.actor import Actor, Translator
from domain.broadcasts import Broadcast, BroadcastStatus, Outlook, Shown
from domain.clock import Clock
from domain.page import Page
from services.access import Access, Guarded, Permission, needs
from services.reach import Speak
from services.tariffs import allowed
from services.work import UnitOfWork, Work
from storage import broadcasts, outbox, people, recipients
from storage.database import Database, Tx
from texts import broadcasts as wording

MOST = 200  # boards looked at in one round
REMEMBERED = 1_000
_LIVE = frozenset({BroadcastStatus.RUNNING, BroadcastStatus.PAUSED})


def board_name(broadcast_id: int) -> str:
    """The name its message is kept under."""
    return f"broadcast:{broadcast_id}"


async def figures(
    tx: Tx, found: Sequence[Broadcast], now: datetime | None = None, *, board: bool = False
) -> list[Shown]:
    """Broadcasts with their counters; with `now` also what is still to be done, and for those that do not
    run how many people they are for: that looks at every lead, so a `board`, which does not show it of a
    paused one, is spared it."""
    counts = await recipients.counts(tx, [one.id for one in found])
    shown = [Shown(one, counts[one.id], Outlook({})) for one in found]
    return shown if now is None else [await _whole(tx, one, now, board) for one in shown]


async def _whole(tx: Tx, shown: Shown, now: datetime, board: bool) -> Shown:
    one = shown.broadcast
    audience = remaining = None
    if one.status in _LIVE:
        left = await recipients.queued_by_bot(tx, one.id)
    else:
        left = await recipients.unreached_by_bot(tx, one)
    if one.status not in (_LIVE if board else {BroadcastStatus.RUNNING}):
        audience = await recipients.audience_size(tx, one)
        remaining = await recipients.remaining(tx, one) if one.status in _LIVE else sum(left.values())
    cap = (await allowed(tx, one.owner_id)).daily_cap
    outlook = Outlook(left, cap, await recipients.used_today(tx, one.owner_id, now))
    return Shown(one, shown.counts, outlook, audience, remaining)


async def show_board(work: Work, t: Translator, shown: Shown, *, below: bool = False) -> None:
    """Show the panel where its owner is, or `below` what he is shown besides; that of one which may still
    move is kept current there."""
    one, door = shown.broadcast, work.door
    if door is None:
        return
    page = wording.panel(t, shown)
    if one.status not in _LIVE:
        (work.reply if below else work.show)(page)
        return
    await broadcasts.show_at(work.tx, one.owner_id, one.id, door.bot_id, door.chat_id)
    if door.pressed and door.message_id is not None and not below:
        name = board_name(one.id)
        await outbox.keep_message(work.tx, door.bot_id, door.chat_id, name, door.message_id, work.now)
        work.show(page)
    else:
        work.send(door.bot_id, calls.send(door.chat_id, page, keep_as=board_name(one.id)))


class BoardService(Guarded):
    """Keeps boards current."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, clock: Clock, speak: Speak) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._speak = db, work, clock, speak
        self._last: OrderedDict[int, Page] = OrderedDict()  # what each board shows, as far as we know

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Show on each board where its broadcast is; returns how many have changed."""
        changed: list[tuple[Shown, Page]] = []
        async with self._db.read() as tx:
            found = await broadcasts.with_board(tx, MOST)
            for shown in await figures(tx, found, self._clock.now(), board=True) if found else []:
                page = wording.panel(await self._language(tx, shown.broadcast), shown)
                if self._last.get(shown.broadcast.id) != page or shown.broadcast.status not in _LIVE:
                    changed.append((shown, page))
        if changed:
            async with self._work(actor) as work:
                for shown, page in changed:
                    await self._update(work, shown.broadcast, page)
        return len(changed)

    async def _language(self, tx: Tx, one: Broadcast) -> Translator:
        person = await people.get(tx, one.board_bot_id or 0, one.owner_id)
        return self._speak(person.language, person.language_code) if person is not None else self._speak()

    async def _update(self, work: Work, one: Broadcast, page: Page) -> None:
        bot_id, chat_id = one.board_bot_id, one.board_chat_id
        if bot_id is None or chat_id is None:
            return
        work.send(bot_id, calls.edit(chat_id, None, page, about=board_name(one.id)))
        self._last[one.id] = page
        self._last.move_to_end(one.id)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        if one.status not in _LIVE:  # its last word
            await broadcasts.show_at(work.tx, one.owner_id, one.id, None, None)
            self._last.pop(one.id, None)
