"""What moderators do to people by command. Each command is one unit of work, answered or kindly refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.actor import Actor, Right
from domain.antispam.memory import Memories
from domain.antispam.orders import Order
from domain.antispam.sanctions import Action, is_basic_group
from domain.bots import Bot
from domain.errors import GatehouseError, NotFound, Refused, TelegramRefused
from domain.post import Post
from domain.telegram import Telegram
from services import linked, penalties, standing
from services.access import Access, Guarded, Permission, needs
from services.antispam import settings_of
from services.chats import CHAT_CHANGED
from services.directory import BotDirectory
from services.judgements import answer
from services.lessons import teach
from services.penalties import Culprit
from services.people import PeopleService
from services.work import UnitOfWork, Work
from storage import moderation
from storage.database import Database
from texts import moderation as wording
from texts.errors import sentence

_ADMINS = ("creator", "administrator")


@dataclass(frozen=True, slots=True)
class Aim:
    """A command: in which chat, what was written, and the message that was replied to."""

    bot_id: int
    chat_id: int
    order: Order
    quoted: Post | None = None


class ModerationService(Guarded):
    """Warnings, mutes, removals, bans, approvals."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        telegram: Telegram,
        directory: BotDirectory,
        people: PeopleService,
        memories: Memories,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._telegram = db, work, telegram
        self._directory, self._people, self._memories = directory, people, memories

    @needs(Right.RESTRICT_MEMBERS)
    async def warn(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Warn somebody; the last warning leads to what the chat's settings say."""
        culprit = await self._target(aim, Right.RESTRICT_MEMBERS)
        async with self._db.read() as tx:
            settings = await settings_of(tx, bot_id, chat_id)
        async with self._work(actor) as work:
            note = {
                "at": int(work.now.timestamp()), "by": actor.name, "reason": aim.order.reason, "unit": "",
            }  # fmt: skip
            penalty = await penalties.warn(work, culprit, settings, note, by=actor.user_id)
            await self._event(work, "warned", culprit, actor)
            answer(work, wording.warned(actor.t, culprit.user_id, culprit.name, penalty, aim.order.reason))

    @needs(Right.RESTRICT_MEMBERS)
    async def unwarn(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Take the last warning back."""
        user_id, name = await self._who(aim)
        async with self._work(actor) as work:
            if not await moderation.warnings(work.tx, bot_id, chat_id, user_id):
                raise Refused("no_warnings", name=name)
            left = await moderation.unwarn(work.tx, bot_id, chat_id, user_id, work.now)
            answer(work, wording.unwarned(actor.t, user_id, name, left))

    @needs(Right.RESTRICT_MEMBERS)
    async def warns(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Show somebody's warnings."""
        user_id, name = await self._who(aim)
        async with self._work(actor) as work:
            notes = await moderation.warnings(work.tx, bot_id, chat_id, user_id)
            settings = await settings_of(work.tx, bot_id, chat_id)
            answer(work, wording.warnings(actor.t, user_id, name, notes, settings.warn_limit))

    @needs(Right.RESTRICT_MEMBERS)
    async def mute(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Silence somebody, for ever unless a time is named. Raises `Refused` (supergroup_only)."""
        await self._sanction(actor, aim, Action.MUTE)

    @needs(Right.RESTRICT_MEMBERS)
    async def kick(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Remove somebody who is free to return."""
        await self._sanction(actor, aim, Action.KICK)

    @needs(Right.RESTRICT_MEMBERS)
    async def ban(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Ban somebody, for ever unless a time is named. Raises `Refused` (supergroup_only) for a time."""
        await self._sanction(actor, aim, Action.BAN)

    @needs(Right.RESTRICT_MEMBERS)
    async def unmute(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Let somebody speak again."""
        await self._lift(actor, aim, Action.MUTE)

    @needs(Right.RESTRICT_MEMBERS)
    async def unban(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """Let somebody come back who was banned."""
        await self._lift(actor, aim, Action.BAN)

    @needs(Right.RESTRICT_MEMBERS)
    async def approve(self, actor: Actor, bot_id: int, chat_id: int, aim: Aim) -> None:
        """`/ham`: the checks leave somebody alone in this chat; `/spam` takes it back.

        In reply to a message, its text passes in all chats of the bot's owner, too.
        """
        user_id, name = await self._who(aim)
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            await moderation.approve(work.tx, bot_id, chat_id, user_id, actor.user_id, work.now)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            if (post := aim.quoted) is not None and aim.order.who is None and not post.is_bot:
                await teach(work, bot.owner_id, post.text, post.links, spam=False)
            answer(work, wording.approved(actor.t, user_id, name))

    @needs(Permission.ANYONE)
    async def refuse(self, actor: Actor, error: GatehouseError) -> None:
        """Say why not; the words go after a while, like every answer. What failed has been rolled back."""
        door = replace(actor.door, spent=False) if actor.door is not None else None
        async with self._work(actor, door) as work:
            answer(work, wording.refusal(sentence(actor.t, error)))

    async def _sanction(self, actor: Actor, aim: Aim, action: Action) -> None:
        # What ends by itself is for supergroups: https://core.telegram.org/bots/api#banchatmember
        if is_basic_group(aim.chat_id) and (action is Action.MUTE or aim.order.seconds):
            raise Refused("supergroup_only")
        culprit = await self._target(aim, Right.RESTRICT_MEMBERS)
        if culprit.user_id < 0 and action is not Action.BAN:
            raise Refused("target_channel")
        order = aim.order
        async with self._work(actor) as work:
            penalty = await penalties.apply(
                work, culprit, action, order.seconds, by=actor.user_id, reason=order.reason
            )
            await moderation.disapprove(work.tx, aim.bot_id, aim.chat_id, culprit.user_id)
            work.signal(CHAT_CHANGED, [aim.bot_id, aim.chat_id])
            await self._event(work, action.value, culprit, actor)
            answer(work, wording.punished(actor.t, culprit.user_id, culprit.name, penalty, order.reason))

    async def _lift(self, actor: Actor, aim: Aim, action: Action) -> None:
        if is_basic_group(aim.chat_id):
            raise Refused("supergroup_only")
        culprit = await self._target(aim, Right.RESTRICT_MEMBERS)
        async with self._work(actor) as work:
            lifted = await penalties.lift(work, culprit, action)
            await self._event(work, f"un{action.value}", culprit, actor)
            page = wording.lifted(actor.t, culprit.user_id, culprit.name, action, lifted.elsewhere)
            answer(work, page)

    async def _event(self, work: Work, kind: str, culprit: Culprit, actor: Actor) -> None:
        bot = await self._bot(culprit.bot_id)
        work.event(
            bot.owner_id, bot.id, f"moderation.{kind}",
            chat=culprit.chat_id, user=culprit.user_id, by=actor.user_id,
        )  # fmt: skip

    async def _target(self, aim: Aim, right: Right) -> Culprit:
        """Whom a command is about, once it is sure that the bot can do it to him.

        Raises `NotFound` (person), `Refused` (target_me, target_admin, target_linked, bot_right).
        """
        bot = await self._bot(aim.bot_id)
        user_id, name = await self._who(aim)
        if user_id == bot.telegram_id:
            raise Refused("target_me")
        if user_id == aim.chat_id:  # an anonymous administrator
            raise Refused("target_admin")
        automatic = aim.quoted is not None and aim.quoted.automatic
        await linked.spare(self._db, aim.bot_id, aim.chat_id, user_id, automatic=automatic)
        if user_id > 0:
            member = await self._member(aim, user_id)
            if member["status"] in _ADMINS:
                raise Refused("target_admin")
            name = _full_name(member["user"]) or name
        await standing.demand(self._telegram, bot, aim.chat_id, right)
        return Culprit(aim.bot_id, aim.chat_id, user_id, name)

    async def _who(self, aim: Aim) -> tuple[int, str]:
        """(id, name) of whom a command is about. Raises `NotFound` (person)."""
        who = aim.order.who
        if who is None:
            if aim.quoted is None:
                raise NotFound("person")
            return aim.quoted.author_id, aim.quoted.name
        if not who.startswith("@"):
            return await self._by_id(aim, _person_id(who))
        met = self._memories.of(aim.bot_id, aim.chat_id).named(who[1:])
        if met is not None:
            return met
        person = await self._people.find(aim.bot_id, who)
        if person is None:
            raise NotFound("person")
        return person.user_id, person.full_name

    async def _by_id(self, aim: Aim, user_id: int) -> tuple[int, str]:
        person = await self._people.find(aim.bot_id, str(user_id))
        if person is not None:
            return user_id, person.full_name
        return user_id, _full_name((await self._member(aim, user_id))["user"]) or str(user_id)

    async def _member(self, aim: Aim, user_id: int) -> Mapping[str, Any]:
        try:
            member: Mapping[str, Any] = await self._telegram.ask(
                aim.bot_id, "getChatMember", chat_id=aim.chat_id, user_id=user_id
            )
        except TelegramRefused:
            raise NotFound("person") from None
        return member

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


def _person_id(who: str) -> int:
    digits = who.removeprefix("-")
    if who.startswith("-") or not digits.isdecimal() or len(digits) > 18:
        raise NotFound("person")
    return int(digits)


def _full_name(user: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
