"""What moderators do to messages: `/del`, `/purge`, `/pin`."""

from collections.abc import Sequence

from domain import calls
from domain.actor import Actor, Right
from domain.antispam.memory import Memories
from domain.bots import Bot
from domain.calls import Call, Priority
from domain.errors import NotFound, Refused, TelegramRefused
from domain.post import Post
from domain.telegram import Telegram
from domain.tidying import MOST_PURGED, Purge
from services import standing
from services.access import Access, Guarded, needs
from services.directory import BotDirectory
from services.judgements import answer
from services.work import UnitOfWork, Work
from texts import tidying as wording

_MOST_CALLS = 24  # of one /purge: enough to find a message or two that Telegram keeps


class TidyService(Guarded):
    """Deleting and pinning. Each command is about the message it replies to."""

    def __init__(
        self,
        access: Access,
        work: UnitOfWork,
        telegram: Telegram,
        directory: BotDirectory,
        memories: Memories,
    ) -> None:
        super().__init__(access)
        self._work, self._telegram, self._directory, self._memories = work, telegram, directory, memories

    @needs(Right.DELETE_MESSAGES)
    async def delete(self, actor: Actor, bot_id: int, chat_id: int, quoted: Post | None) -> None:
        """Delete the message that was replied to, and the command. Raises `Refused` (reply_needed)."""
        post = await self._about(bot_id, chat_id, quoted, Right.DELETE_MESSAGES)
        async with self._work(actor) as work:
            work.send(bot_id, calls.delete(chat_id, post.message_id), priority=Priority.MODERATION)
            _drop_command(work)

    @needs(Right.PIN_MESSAGES)
    async def pin(self, actor: Actor, bot_id: int, chat_id: int, quoted: Post | None, loud: bool) -> None:
        """Pin the message that was replied to; `loud` notifies everybody. The command goes.

        Raises `Refused` (reply_needed, bot_right).
        """
        post = await self._about(bot_id, chat_id, quoted, Right.PIN_MESSAGES)
        params = {"chat_id": chat_id, "message_id": post.message_id, "disable_notification": not loud}
        async with self._work(actor) as work:
            work.send(bot_id, Call("pinChatMessage", params), priority=Priority.MODERATION)
            _drop_command(work)

    @needs(Right.DELETE_MESSAGES)
    async def purge(
        self, actor: Actor, bot_id: int, chat_id: int, quoted: Post | None, *, forum: bool = False
    ) -> None:
        """Delete everything from the message that was replied to up to the command, and say what is left.

        In a `forum` only what was seen of this topic: the numbers between belong to all topics. Deleting
        comes before the unit of work, for the answer tells how it went; done twice it does no harm.
        Raises `Refused` (reply_needed, bot_right).
        """
        post = await self._about(bot_id, chat_id, quoted, Right.DELETE_MESSAGES)
        door = actor.door
        if door is None or door.message_id is None:
            raise Refused("reply_needed")
        first, last = post.message_id, door.message_id - 1
        ids: Sequence[int] = range(first, last + 1)
        if forum:
            seen = self._memories.of(bot_id, chat_id).written(first, last, door.thread_id)
            ids = sorted({first, *seen})
        now = ids[:MOST_PURGED]
        kept = await self._delete(bot_id, chat_id, now)
        async with self._work(actor) as work:
            done = Purge(len(now) - len(kept), len(kept), len(ids) - len(now), forum)
            bot = await self._bot(bot_id)
            work.event(
                bot.owner_id, bot_id, "moderation.purge",
                chat=chat_id, first=first, number=done.deleted, by=actor.user_id,
            )  # fmt: skip
            answer(work, wording.purged(actor.t, done))

    async def _delete(self, bot_id: int, chat_id: int, ids: Sequence[int]) -> list[int]:
        """Delete messages; returns those that Telegram keeps. It refuses all of a call for one of them, so
        the refused are halved until they are found, within a bounded number of calls."""
        kept: list[int] = []
        waiting, made = [list(ids)], 0
        while waiting:
            some = waiting.pop()
            if made >= _MOST_CALLS:
                kept += some
                continue
            made += 1
            try:
                await self._telegram.ask(bot_id, "deleteMessages", chat_id=chat_id, message_ids=some)
            except TelegramRefused:
                if len(some) == 1:
                    kept += some
                else:
                    middle = len(some) // 2
                    waiting += [some[middle:], some[:middle]]
        return kept

    async def _about(self, bot_id: int, chat_id: int, quoted: Post | None, right: Right) -> Post:
        """The message a command is about, once it is sure that the bot may."""
        if quoted is None:
            raise Refused("reply_needed")
        await standing.demand(self._telegram, await self._bot(bot_id), chat_id, right)
        return quoted

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


def _drop_command(work: Work) -> None:
    if (door := work.door) is not None and door.message_id is not None:
        work.send(door.bot_id, calls.delete(door.chat_id, door.message_id))
