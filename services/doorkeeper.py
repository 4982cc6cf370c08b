"""Holds newcomers at a chat's door until they have answered, lets them in, or turns them away."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain import calls
from domain.actor import Right, Translator
from domain.bots import AdminChat, Bot
from domain.calls import Priority
from domain.movements import Movement
from domain.verification import Method, VerificationSettings, challenge
from domain.welcome import EPHEMERAL_RIGHT
from services.directory import BotDirectory
from services.doorboard import Doorboard, asking, language
from services.gate import JoinRequest, RequestListener
from services.greeter import Greeter
from services.reach import Speak
from services.work import Work
from storage import chats, join_requests, moderation, people, projects, raids, verification
from storage.database import Tx
from storage.verification import GONE, OWED, PASSED, WAITING, Held

REMEMBERED = timedelta(days=1)  # who has passed is not asked again, who went keeps his wrong answers
ENDS_BY_ITSELF = timedelta(hours=1)  # after the time to answer: a mute that nobody lifts ends all the same
TRY_AGAIN = timedelta(minutes=1)  # to open a door, where the bot has lost the right to
WRITABLE = timedelta(minutes=5)  # a bot may write to who asks to join (chat_join_request, `user_chat_id`)


class Doorkeeper:
    """What is done with newcomers, each within a unit of work of others. `requests` hears whom we decline."""

    def __init__(
        self,
        greeter: Greeter,
        directory: BotDirectory,
        board: Doorboard,
        speak: Speak,
        requests: RequestListener,
    ) -> None:
        self._greeter, self._directory, self._board = greeter, directory, board
        self._speak, self._requests = speak, requests

    async def is_exempt(self, work: Work, movement: Movement, known: Held | None) -> bool:
        """Whether somebody is not asked: administrators and those they bring, paying and approved members.

        `known` is what is known of him at this door. Who comes under a restriction that is not ours stays
        under it: verification never lifts a mute. In paid chats the gate decides.
        """
        tx, bot_id, chat_id, user_id = work.tx, movement.bot_id, movement.chat_id, movement.user_id
        if movement.chat_type != "supergroup":
            return True  # in a basic group nobody can be muted
        if known is not None and known.state in (PASSED, OWED):
            return True
        if movement.restricted and known is None:
            return True
        if await projects.of_chat(tx, bot_id, chat_id):
            return True
        chat = await chats.get(tx, bot_id, chat_id)
        if chat is None or Right.RESTRICT_MEMBERS not in chat.rights:
            return True
        if user_id == movement.owner_id or await moderation.is_approved(tx, bot_id, chat_id, user_id):
            return True
        return await self.is_vouched(work, movement)

    async def is_vouched(self, work: Work, movement: Movement) -> bool:
        """Whether an administrator has brought somebody, or let him in."""
        if movement.actor_id == movement.user_id and not movement.via_request:
            return False  # no administrator of the chat can join it
        admins = await chats.admins(work.tx, movement.bot_id, movement.chat_id, chats.NEVER) or {}
        return movement.actor_id in {movement.owner_id, *admins} - await self._own_id(movement.bot_id)

    async def _own_id(self, bot_id: int) -> set[int]:
        """The bot's own account: whom it lets in, nobody has vouched for."""
        tenant = await self._directory.get(bot_id)
        return set() if tenant is None else {tenant.telegram_id}

    async def hold(
        self, work: Work, movement: Movement, setup: VerificationSettings, method: Method, *, crowd: bool
    ) -> None:
        """Mute somebody until he has answered. He is asked alone, where the bot may and no `crowd` comes."""
        bot_id, chat_id, user_id = movement.bot_id, movement.chat_id, movement.user_id
        chat = await chats.get(work.tx, bot_id, chat_id)
        alone = chat is not None and EPHEMERAL_RIGHT in chat.rights and not crowd
        due = work.now + timedelta(minutes=setup.timeout_minutes)
        own = challenge(method) if alone else None
        held = verification.of_movement(movement, own, due)
        await verification.hold(work.tx, held)
        if own is None:
            await self._board.join(work, bot_id, chat_id, method, setup.timeout_minutes)
        else:
            t = await language(work.tx, self._speak, movement.owner_id, held)
            call = asking(t, chat_id, own, 1, [held], setup.timeout_minutes)
            work.send(bot_id, calls.only_for(user_id, call), priority=Priority.MODERATION)
        until = int((due + ENDS_BY_ITSELF).timestamp())
        work.send(bot_id, calls.mute(chat_id, user_id, until), priority=Priority.MODERATION)

    async def ask_in_private(
        self,
        work: Work,
        tenant: Bot,
        request: JoinRequest,
        setup: VerificationSettings,
        method: Method,
        *,
        expected: bool,
    ) -> None:
        """Ask somebody who requests to join. `expected`: a campaign lets him in once he has answered."""
        person = await people.get(work.tx, tenant.id, request.user_id)
        minutes = min(setup.timeout_minutes, int(WRITABLE.total_seconds()) // 60)
        question = challenge(method)
        held = Held(
            tenant.id, request.chat_id, request.user_id, WAITING, request.user_chat_id, expected, 0,
            person.full_name[:256] if person else "", person.language_code if person else None, question,
            None, work.now, work.now + timedelta(minutes=minutes),
        )  # fmt: skip
        await verification.hold(work.tx, held)
        t = await language(work.tx, self._speak, tenant.owner_id, held)
        call = asking(t, request.chat_id, question, 1, [held], minutes, title=request.chat_title)
        call = replace(call, params={**call.params, "chat_id": request.user_chat_id})
        work.send(tenant.id, call)

    async def let_in(self, work: Work, held: Held, *, owed: bool = False) -> bool:
        """He may stay, or come: his mute is lifted or his request approved, and he is welcomed.

        False when something else has become of him meanwhile. Where the bot lacks the right by now, or a
        lockdown lets nobody in, it is done as soon as it can be (`settle_debt`).
        """
        tx, raid = work.tx, await raids.active(work.tx, held.bot_id, held.chat_id, work.now)
        chat = await chats.get(tx, held.bot_id, held.chat_id)
        locked = held.requests and raid is not None and raid.acts
        able = _able(chat, held) and not locked
        state, due = (PASSED, work.now + REMEMBERED) if able else (OWED, work.now + TRY_AGAIN)
        if locked and raid is not None:
            due = raid.until
        among = (OWED,) if owed else (WAITING,)
        if await verification.decide(tx, held.bot_id, held.chat_id, held.user_id, among, state, due) is None:
            return False
        if able:
            await self._open(work, held)
        if not owed:
            await self._passed(work, held)
        return True

    async def _passed(self, work: Work, held: Held) -> None:
        tenant = await self._directory.get(held.bot_id)
        if tenant is not None:
            work.event(
                tenant.owner_id, tenant.id, "verification.passed", chat=held.chat_id, user=held.user_id
            )
        if held.movement is not None:
            await self.greet(work, replace(held.movement, chat_id=held.chat_id))
        if held.challenge is None:
            await self._board.left(work, held.bot_id, held.chat_id)

    async def greet(self, work: Work, movement: Movement) -> None:
        """Welcome somebody: at once, or during a raid with all the others."""
        raid = await raids.active(work.tx, movement.bot_id, movement.chat_id, work.now)
        if raid is None or not movement.came:
            await self._greeter.moved(work, movement)
            return
        rest = raid.until - work.now
        await self._greeter.later(work, movement, rest if raid.acts else min(rest, timedelta(minutes=1)))

    async def _open(self, work: Work, held: Held) -> None:
        if held.requests:
            chat_ids = [held.chat_id]
            await join_requests.approve_waiting(work.tx, held.bot_id, held.user_id, chat_ids, work.now)
            call = calls.approve_join(held.chat_id, held.user_id)
        else:
            call = calls.unmute(held.chat_id, held.user_id)
        work.send(held.bot_id, call, priority=Priority.MODERATION)

    async def turn_away(self, work: Work, held: Held, *, only_due: datetime | None = None) -> bool:
        """He goes, free to come back; False when something else has become of him meanwhile."""
        where = held.bot_id, held.chat_id, held.user_id
        gone = await verification.decide(
            work.tx, *where, (WAITING,), GONE, work.now + REMEMBERED, only_due=only_due, wrong=0
        )
        if gone is None:
            return False
        if held.requests:
            await join_requests.decline(work.tx, *where, work.now)
            await self._requests.declined(work, *where)
            call = calls.decline_join(held.chat_id, held.user_id)
        else:
            call = calls.remove(held.chat_id, held.user_id)
        work.send(held.bot_id, call, priority=Priority.MODERATION)
        tenant = await self._directory.get(held.bot_id)
        if tenant is not None:
            work.event(
                tenant.owner_id, tenant.id, "verification.removed", chat=held.chat_id, user=held.user_id
            )
        if held.challenge is None:
            await self._board.left(work, held.bot_id, held.chat_id)
        return True

    async def went(self, work: Work, movement: Movement) -> bool:
        """Somebody left or was removed; True when he had not been let in: then nobody says goodbye."""
        where = movement.bot_id, movement.chat_id, movement.user_id
        left = await verification.decide(work.tx, *where, (WAITING, OWED), GONE, work.now + REMEMBERED)
        if left is not None and left.challenge is None:
            await self._board.left(work, movement.bot_id, movement.chat_id)
        return left is not None

    async def release(self, work: Work, held: Held) -> None:
        """Verification is over for a chat: who waits is let in; other requests are left to people."""
        if held.requests and not held.expected:
            await verification.drop(work.tx, held.bot_id, held.chat_id, held.user_id, WAITING)
        else:
            await self.let_in(work, held)

    async def settle(self, work: Work, held: Held) -> None:
        """A row is due: the time to answer is up, a door is still to be opened, or it is of no use now."""
        tenant = await self._directory.get(held.bot_id)
        chat = await chats.get(work.tx, held.bot_id, held.chat_id)
        if held.state in (PASSED, GONE) or tenant is None or chat is None or not chat.present:
            # Where the bot is not any more it can open nothing; the mute ends by itself.
            await verification.drop(work.tx, held.bot_id, held.chat_id, held.user_id, held.state)
        elif held.state == OWED or not _able(chat, held):
            await self.let_in(work, held, owed=held.state == OWED)
        else:
            await self.turn_away(work, held, only_due=work.now)

    async def words(self, tx: Tx, held: Held) -> Translator:
        """The language to speak with a newcomer."""
        tenant = await self._directory.get(held.bot_id)
        return await language(tx, self._speak, tenant.owner_id if tenant is not None else 0, held)


def _able(chat: AdminChat | None, held: Held) -> bool:
    """Whether the bot has the right to open the door, as far as we know."""
    needed = Right.INVITE_USERS if held.requests else Right.RESTRICT_MEMBERS
    return chat is not None and needed in chat.rights
