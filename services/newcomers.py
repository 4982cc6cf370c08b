"""Newcomers as Telegram and the clock tell of them: who comes, who asks to come, whose time is up."""

import logging

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.joins import MemberChange
from domain.movements import Movement
from domain.verification import Method
from services.access import Access, Guarded, Permission, needs
from services.antispam import settings_of
from services.directory import BotDirectory
from services.doorboard import Doorboard, setup_of
from services.doorkeeper import TRY_AGAIN, Doorkeeper
from services.gate import JoinRequest, RequestListener
from services.raids import RaidService
from services.spamlog import SpamLog
from services.spammer_joins import SpammerJoins
from services.work import UnitOfWork, Work
from storage import memberships, projects, raids, verification
from storage.database import Database
from storage.verification import PASSED, WAITING, Held
from texts import verification as wording

log = logging.getLogger(__name__)
MOST_PER_RUN = 200  # after a long stop or a clock gone wrong: a mistake must not empty a chat in one go


class NewcomerService(Guarded):
    """The movement, standing and request listener of verification.

    `requests` hears of every join request first; where verification asks nothing, it decides.
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        doorkeeper: Doorkeeper,
        board: Doorboard,
        raid_service: RaidService,
        spamlog: SpamLog,
        requests: RequestListener,
        spammers: SpammerJoins,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory
        self._doorkeeper, self._board, self._raids = doorkeeper, board, raid_service
        self._log, self._requests, self._spammers = spamlog, requests, spammers

    async def moved(self, work: Work, movement: Movement) -> None:
        """Hold whoever came and has to answer; the others are greeted, or seen off, as ever."""
        if movement.chat_type not in ("group", "supergroup"):
            if movement.came:
                await self._came_by_request(work, movement)
            return
        if movement.went:
            await self._raids.left(work, movement)
            if await self._doorkeeper.went(work, movement):
                return
        if movement.came and await self._spammers.came(work, movement):
            return
        if movement.came and await self._held(work, movement):
            return
        await self._doorkeeper.greet(work, movement)

    async def _held(self, work: Work, movement: Movement) -> bool:
        """Whether somebody who came is asked something."""
        known = await self._came_by_request(work, movement)
        if known is not None and known.outside:
            return False
        if await self._doorkeeper.is_exempt(work, movement, known):
            return False
        setup = await setup_of(work.tx, movement.bot_id, movement.chat_id)
        raid = await self._raids.came(work, movement, setup)
        acts = raid is not None and raid.acts
        method = setup.in_lockdown if acts else setup.in_chat
        if method is Method.OFF:
            return False
        await self._doorkeeper.hold(work, movement, setup, method, crowd=acts)
        if not acts:
            await self._tell(work, movement)
        return True

    async def _came_by_request(self, work: Work, movement: Movement) -> Held | None:
        """What was known of somebody who came. Had he a question to answer at the door, an administrator has
        let him in: it is his decision, and the question is forgotten."""
        where = movement.bot_id, movement.chat_id, movement.user_id
        known = await verification.get(work.tx, *where)
        if known is not None and known.outside:
            await verification.drop(work.tx, *where, known.state)
        return known

    async def changed(self, work: Work, tenant: Bot, change: MemberChange) -> None:
        """An administrator lifted or set somebody's restriction himself: from then on it is his business."""
        if not change.new.inside:
            return
        held = await verification.get(work.tx, tenant.id, change.chat.id, change.user_id)
        if held is None or held.state != WAITING or held.requests:
            return
        ours = change.actor_id == tenant.telegram_id  # by a question, or by a moderator's command
        if change.new.restricted:
            if ours:
                return
            await verification.drop(work.tx, tenant.id, change.chat.id, change.user_id, WAITING)
            if held.challenge is None:
                await self._board.left(work, tenant.id, change.chat.id)
        elif change.old.restricted or change.new.admin:
            await self._doorkeeper.let_in(work, held)

    async def requested(self, work: Work, tenant: Bot, request: JoinRequest) -> bool | None:
        """Somebody asks to be let in (`RequestListener`). In paid chats the gate decides."""
        expected = await self._requests.requested(work, tenant, request)
        if expected is None:
            return None
        where = tenant.id, request.chat_id, request.user_id
        if await projects.of_chat(work.tx, tenant.id, request.chat_id):
            return expected
        if await memberships.entitled(work.tx, *where, work.now):
            return expected
        setup = await setup_of(work.tx, tenant.id, request.chat_id)
        raid = await raids.active(work.tx, tenant.id, request.chat_id, work.now)
        locked = raid is not None and raid.acts
        by_request = setup.method is Method.REQUEST
        if not by_request and not (locked and expected):
            return expected
        known = await verification.get(work.tx, *where)
        if known is not None and known.state == PASSED:
            return True
        if by_request and await self._spammers.requested(work, tenant, request):
            await self._requests.declined(work, *where)
            return None
        method = setup.question if by_request else setup.in_lockdown
        await self._doorkeeper.ask_in_private(work, tenant, request, setup, method, expected=expected)
        return False

    async def declined(self, work: Work, bot_id: int, chat_id: int, user_id: int) -> None:
        """We have said no (`RequestListener`)."""
        await self._requests.declined(work, bot_id, chat_id, user_id)

    async def _tell(self, work: Work, movement: Movement) -> None:
        """Write into the log who is asked, for administrators who know better."""
        tenant = await self._directory.get(movement.bot_id)
        if tenant is None:
            return
        setup = await settings_of(work.tx, movement.bot_id, movement.chat_id)
        place = await self._log.place(tenant, movement.chat_id, setup)
        if place is not None:
            who = movement.user_id, movement.name
            page = wording.entry(place.t, movement.bot_id, movement.chat_id, movement.chat_title, *who)
            call = calls.send(place.chat_id, page, silent=True)
            work.send(place.bot_id, call, priority=Priority.MODERATION)

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> None:
        """Settle what is due: times that are up, doors to open, boards to bring up to date. Each second."""
        now = self._clock.now()
        async with self._db.read() as tx:
            rows = await verification.due(tx, now, MOST_PER_RUN)
            boards = await verification.boards_due(tx, now)
        for held in rows:
            try:
                async with self._work(actor) as work:
                    await self._doorkeeper.settle(work, held)
            except Exception:  # one that fails must not keep the others waiting
                log.exception("a newcomer could not be settled", extra={"held": str(held)})
                async with self._work(actor) as work:
                    await verification.postpone(work.tx, held, work.now + TRY_AGAIN)
        for bot_id, chat_id in boards:
            try:
                async with self._work(actor) as work:
                    await self._board.refresh(work, bot_id, chat_id)
            except Exception:
                log.exception("a board could not be kept", extra={"bot": bot_id, "chat": chat_id})
