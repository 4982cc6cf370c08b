"""The gate of paid chats: join requests are answered by what somebody is entitled to at that moment."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.errors import DuplicateUpdate, TelegramError
from domain.movements import Movement
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.plans import PlanService
from services.work import UnitOfWork, Work
from storage import gates, join_requests, memberships, projects
from storage.database import Database
from storage.join_requests import APPROVED, DECLINED, WAITING, NewRequest
from texts import gate as wording

log = logging.getLogger(__name__)
_DECIDED = {APPROVED: calls.approve_join, DECLINED: calls.decline_join}


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Somebody asks to be let into a chat. `query_id` is set when Telegram wants an answer within 10 s."""

    chat_id: int
    chat_title: str
    user_id: int
    user_chat_id: int
    invite_link: str | None
    link_name: str | None
    query_id: str | None
    at: datetime


class RequestListener(Protocol):
    """A feature that wants to know who asks to be let in, and who was not."""

    async def requested(self, work: Work, tenant: Bot, request: JoinRequest) -> bool | None:
        """Do, within `work`, what a request calls for; True when he is to be let in, None when he is to be
        declined."""
        ...

    async def declined(self, work: Work, bot_id: int, chat_id: int, user_id: int) -> None:
        """We have said no."""
        ...


class GateService(Guarded):
    """Join requests, and (as a `MovementListener`) what happens to strangers in chats with one-use links.

    `listener` hears of every request. Where no chat is paid for, it may let people in.
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        telegram: Telegram,
        plans: PlanService,
        listener: RequestListener,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._telegram, self._plans = db, work, telegram, plans
        self._listener = listener

    @needs(Permission.ANYONE)
    async def requested(self, actor: Actor, tenant: Bot, request: JoinRequest) -> None:
        """Let in whoever is entitled now. At our own gate the others are shown the plans, and wait there:
        taking one lets them in. Requests by other ways are left to the campaign of the chat, and to the
        administrators.
        """
        offers = await self._plans.offers(actor, tenant.id)
        try:
            async with self._work(actor) as work:
                state = await self._decide(work, tenant, request)
                if state == WAITING and await self._is_ours(work, tenant, request):
                    page = wording.closed(actor.t, request.chat_title, offers)
                    work.send(tenant.id, calls.send(request.user_chat_id, page))
                if state in _DECIDED and request.query_id is None:
                    work.send(tenant.id, _DECIDED[state](request.chat_id, request.user_id))
        except DuplicateUpdate:
            if request.query_id is None:
                raise
        if request.query_id is not None:
            await self._answer(tenant, request)

    async def _decide(self, work: Work, tenant: Bot, request: JoinRequest) -> str:
        welcome = await self._listener.requested(work, tenant, request)
        entitled = await memberships.entitled(work.tx, tenant.id, request.chat_id, request.user_id, work.now)
        if not entitled and welcome:
            entitled = not await projects.of_chat(
                work.tx, tenant.id, request.chat_id
            )  # else the gate decides
        state = APPROVED if entitled else DECLINED if welcome is None else WAITING
        new = NewRequest(
            tenant.id, request.chat_id, request.user_id, request.user_chat_id, request.invite_link,
            request.link_name, request.at,
        )  # fmt: skip
        await join_requests.record(work.tx, new, state, work.now)
        return state

    async def _is_ours(self, work: Work, tenant: Bot, request: JoinRequest) -> bool:
        if not await projects.of_chat(work.tx, tenant.id, request.chat_id):
            return False
        return await gates.is_gate_link(work.tx, tenant.id, request.chat_id, request.invite_link)

    async def _answer(self, tenant: Bot, request: JoinRequest) -> None:
        """Answer Telegram's query by what is committed: also for an update that comes again, because we may
        have stopped between the commit and the answer."""
        async with self._db.read() as tx:
            state = await join_requests.state(tx, tenant.id, request.chat_id, request.user_id)
        result = {APPROVED: "approve", DECLINED: "decline"}.get(state or "", "queue")
        try:
            await self._telegram.ask(
                tenant.id,
                "answerChatJoinRequestQuery",
                chat_join_request_query_id=request.query_id,
                result=result,
            )
        except TelegramError as error:
            log.info("join request query not answered", extra={"details": str(error.details)})
            if state in _DECIDED:  # the ordinary way has no time limit
                async with self._work() as work:
                    work.send(tenant.id, _DECIDED[state](request.chat_id, request.user_id))

    async def moved(self, work: Work, movement: Movement) -> None:
        """Somebody came: a used one-use link is closed, and a stranger who let himself in is removed.

        Whoever an administrator added or let in stays: that is his decision.
        """
        if not movement.came or movement.is_bot:
            return
        bot_id, chat_id, user_id = movement.bot_id, movement.chat_id, movement.user_id
        await join_requests.came_in(work.tx, bot_id, chat_id, user_id, work.now)
        if not await projects.of_chat(work.tx, bot_id, chat_id):
            return
        ours = movement.invite_link is not None and await gates.take_entry(
            work.tx, bot_id, chat_id, movement.invite_link
        )
        if ours and movement.invite_link is not None:
            # `member_limit` counts those inside: when he leaves, the link would let in somebody else.
            work.send(bot_id, calls.revoke_link(chat_id, movement.invite_link))
        if await memberships.entitled(work.tx, bot_id, chat_id, user_id, work.now):
            return
        by_himself = movement.actor_id == user_id and not movement.via_request
        guarded = bool(await gates.one_use(work.tx, bot_id, [chat_id]))
        if not (ours or (guarded and by_himself)):
            return
        # Removed by the tasks, which look first whom they remove and try until it is done.
        await gates.owe(work.tx, bot_id, chat_id, user_id, gates.REMOVE, work.now, work.now)
        work.event(movement.owner_id, bot_id, "gate.stranger", chat=chat_id, member=user_id)
