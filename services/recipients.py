"""Sending broadcasts to their recipients: who is next, what he gets, and what became of it.

The calls go the way of all deferred calls (`services.deferred`). What may happen to a broadcast as a whole is
in `services.broadcasts`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain import calls
from domain.broadcasts import FollowUp
from domain.calls import Call
from domain.clock import Clock
from domain.creatives import Creative
from domain.errors import GatehouseError
from services.creatives import compose
from services.deferred import Fate, Room, Settled
from services.directory import BotDirectory
from services.media import attach
from services.reach import Speak
from services.tariffs import allowed
from services.work import UnitOfWork
from storage import recipient_fates, recipient_queue, recipients
from storage.database import Database, Tx
from storage.recipient_queue import Letter, Share

log = logging.getLogger(__name__)

NO_BOT = "the bot is disconnected"
# What Telegram refuses because of the person written to; other refusals are about what is written.
_PERSONAL = (
    "chat not found", "user not found", "peer_id_invalid", "user_is_blocked", "input_user_deactivated",
    "chat_write_forbidden", "have no rights to send", "not enough rights",
)  # fmt: skip


class Recipients:
    """Messages of broadcasts (`services.deferred.DeferredSource`)."""

    name = recipients.SOURCE

    def __init__(
        self, db: Database, work: UnitOfWork, clock: Clock, directory: BotDirectory, speak: Speak
    ) -> None:
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._speak = directory, speak

    async def feed(self, room: Room) -> int:
        """Put the next recipients of running broadcasts into the outbox, and end those that are through.

        Broadcasts of one bot share its room. At the daily cap of its owner's tariff a broadcast waits.
        """
        async with self._db.read() as tx:
            shares = await recipient_queue.shares(tx)
            finished = await recipient_fates.any_finished(tx)
            left = {share.owner_id: await self._left_today(tx, share.owner_id) for share in shares}
        if finished:
            async with self._work() as work:
                for broadcast_id, owner_id in await recipient_fates.finish(work.tx):
                    work.event(owner_id, None, "broadcast.done", broadcast=broadcast_id)
        fed = 0
        for share, number in self._split(shares, room):
            if await self._directory.get(share.bot_id) is None:
                async with self._db.write() as tx:
                    await recipient_fates.fail_without_bot(
                        tx, share.broadcast_id, share.bot_id, NO_BOT, self._clock.now()
                    )
                continue
            if (cap := left[share.owner_id]) is not None:
                number = min(number, cap)
            if number <= 0:
                continue
            async with self._db.write() as tx:
                new = await recipient_queue.feed(tx, share, number, self._clock.now())
            if cap is not None:
                left[share.owner_id] = cap - new
            fed += new
        return fed

    @staticmethod
    def _split(shares: Sequence[Share], room: Room) -> list[tuple[Share, int]]:
        """How many recipients each broadcast may have of each bot's room: the same, and what is left over
        goes to those started first."""
        sharing: dict[tuple[int, bool], list[Share]] = {}
        for share in shares:
            sharing.setdefault((share.bot_id, share.paid), []).append(share)
        split: list[tuple[Share, int]] = []
        for (bot_id, paid), group in sharing.items():
            each, over = divmod(room.of(bot_id, paid=paid), len(group))
            split += [(share, each + (place < over)) for place, share in enumerate(group)]
        return split

    async def _left_today(self, tx: Tx, owner_id: int) -> int | None:
        """How many more messages an owner may send today (UTC); None for any number. Where his tariff has no
        messages any more, or is not paid for, they wait."""
        tariff, now = await allowed(tx, owner_id), self._clock.now()
        if not tariff.writes(now):
            return 0
        cap = tariff.daily_cap
        return max(0, cap - await recipients.used_today(tx, owner_id, now)) if cap else None

    async def resolve(self, refs: Sequence[int]) -> Mapping[int, Call]:
        """What each message says now. Left out: of broadcasts that do not run, to people who do not want
        it or cannot be written to, and what cannot be made a message of (then the broadcast pauses)."""
        async with self._db.read() as tx:
            letters = await recipient_queue.letters(tx, refs)
        found: dict[int, Call] = {}
        for letter in letters:
            try:
                found[letter.ref] = self._call(letter)
            except GatehouseError as error:
                log.exception("a broadcast cannot be written", extra={"recipient": letter.ref})
                async with self._db.write() as tx:
                    await recipient_fates.pause_for(tx, letter.ref, str(error))
        return found

    def _call(self, letter: Letter) -> Call:
        call = write(letter, self._speak)
        if not letter.paid:
            return call
        return replace(call, params={**call.params, "allow_paid_broadcast": True})

    async def intend(self, tx: Tx, refs: Sequence[int], now: datetime) -> set[int]:
        """Commit that messages go out, as many as the owner's day has room for."""
        may: set[int] = set()
        for owner_id, his in (await recipient_queue.owners(tx, refs)).items():
            tariff = await allowed(tx, owner_id)
            if not tariff.writes(now):
                continue
            if cap := tariff.daily_cap:
                his = his[: max(0, cap - await recipient_fates.use(tx, owner_id, now, 0))]
            begun = await recipient_fates.begin(tx, his, now)
            if begun:
                await recipient_fates.use(tx, owner_id, now, len(begun))
            may |= begun
        return may

    async def settle(self, tx: Tx, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what became of messages."""
        for one in settled:
            match one.fate:
                case Fate.SENT:
                    await recipient_fates.sent(tx, one.ref, one.message_id, now)
                case Fate.TAKEN_BACK:
                    await recipient_fates.taken_back(tx, one.ref, now)
                case Fate.UNKNOWN:
                    await recipient_fates.unknown(tx, one.ref, one.error, now)
                case Fate.FAILED if _about_content(one):
                    await recipient_fates.refused(tx, one.ref, one.error or "", now)
                case Fate.FAILED:
                    await recipient_fates.failed(tx, one.ref, one.error, now)
        if withdrawn := [one.ref for one in settled if one.fate is Fate.WITHDRAWN]:
            await recipient_fates.skip_unwanted(tx, withdrawn, now)


def _about_content(one: Settled) -> bool:
    """Whether Telegram would refuse the same of everybody: bad markup, a bad link, a revoked token."""
    words = (one.error or "").lower()
    return not one.blocked and one.status in (400, 401, 404) and not any(part in words for part in _PERSONAL)


def write(letter: Letter, speak: Speak) -> Call:
    """The message to one recipient."""
    to = letter.to
    page = compose(
        letter.creative,
        to.values(),
        speak(*to.languages),
        fallback_link=to.own_link,
        unsubscribe=to.campaign.id,
    )
    return attach(to.lead.user_id, page, letter.creative)


class FollowUps:
    """Edits and recalls of messages that were sent (`services.deferred.DeferredSource`). They are repeatable:
    done twice, they come to the same."""

    name = recipients.FOLLOW_UPS

    def __init__(self, db: Database, clock: Clock, speak: Speak) -> None:
        self._db, self._clock, self._speak = db, clock, speak
        self._doing: dict[int, tuple[FollowUp | None, Creative | None]] = {}  # by recipient, while under way

    async def feed(self, room: Room) -> int:
        """Put the next messages to edit or recall into the outbox."""
        async with self._db.read() as tx:
            bots = await recipient_queue.bots_to_follow_up(tx)
        fed = 0
        for bot_id in bots:
            if (number := room.of(bot_id)) > 0:
                async with self._db.write() as tx:
                    fed += await recipient_queue.feed_follow_ups(tx, bot_id, number, self._clock.now())
        return fed

    async def resolve(self, refs: Sequence[int]) -> Mapping[int, Call]:
        """What is to be done with each message."""
        async with self._db.read() as tx:
            letters = await recipient_queue.letters_to_follow_up(tx, refs)
        found: dict[int, Call] = {}
        for letter in letters:
            try:
                found[letter.ref] = self._call(letter)
            except GatehouseError:
                log.exception("a message cannot be written anew", extra={"recipient": letter.ref})
                continue
            edits = letter.follow_up is FollowUp.EDIT
            self._doing[letter.ref] = letter.follow_up, letter.creative if edits else None
        return found

    def _call(self, letter: Letter) -> Call:
        user_id = letter.to.lead.user_id
        if letter.follow_up is FollowUp.RECALL:
            return calls.delete(user_id, letter.message_id)
        call = write(letter, self._speak)
        method = "editMessageCaption" if call.media else "editMessageText"
        return Call(method, {**call.params, "message_id": letter.message_id})

    async def intend(self, tx: Tx, refs: Sequence[int], now: datetime) -> set[int]:
        """Nothing of this is ever forbidden."""
        return set(refs)

    async def settle(self, tx: Tx, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what was done; what cannot be done is given up, with Telegram's words.

        Whoever wants something else by now, a recall or another text, gets that as well: it is fed again.
        """
        wanted = await recipient_queue.to_follow_up(tx, [one.ref for one in settled])
        for one in settled:
            did = self._doing.pop(one.ref, None)
            if did is not None and wanted.get(one.ref, did) != did:
                continue
            done = one.fate is Fate.SENT
            await recipient_fates.followed_up(tx, one.ref, one.error, done=done)
