"""What people decide about messages: spam, not spam, ban, please look. Each in one unit of work."""

from domain import calls
from domain.actor import Actor, Right
from domain.antispam.evidence import Evidence
from domain.antispam.hits import UNDO, Hit, State, hit_of
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.views import Penalty
from domain.bots import Bot
from domain.calls import Priority
from domain.errors import NotFound, Refused
from domain.page import Page
from domain.post import Post
from domain.telegram import Telegram
from services import linked, penalties, standing
from services.access import Access, Guarded, Permission, needs
from services.antispam import settings_of
from services.chats import CHAT_CHANGED
from services.directory import BotDirectory
from services.lessons import teach, withdraw
from services.penalties import culprit_of
from services.spamlog import SpamLog
from services.work import UnitOfWork, Work
from storage import antispam, moderation
from storage.database import Database
from texts import antispam as wording

OPEN = (State.OBSERVED, State.ACTED, State.REPORTED)
ANSWER_STAYS = 60  # seconds an answer to a command stays in a group


class JudgementService(Guarded):
    """Decisions about logged messages, and about those somebody points at."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        telegram: Telegram,
        directory: BotDirectory,
        log: SpamLog,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._telegram, self._directory = db, work, telegram, directory
        self._log = log

    @needs(Right.RESTRICT_MEMBERS)
    async def condemn(self, actor: Actor, bot_id: int, chat_id: int, post: Post) -> None:
        """An administrator says that a message is spam (`/spam`): treated like what the checks find.

        Its likes are known from now on in all chats of the bot's owner.

        Raises `Refused`: target_admin, target_linked, bot_right.
        """
        tenant, settings = await self._tenant(bot_id), await self._settings(bot_id, chat_id)
        await self._spare_admins(tenant, chat_id, post.author_id)
        await linked.spare(self._db, bot_id, chat_id, post.author_id, automatic=post.automatic)
        await standing.demand(self._telegram, tenant, chat_id, Right.DELETE_MESSAGES)
        if settings.action not in (Action.DELETE, Action.WARN):
            await standing.demand(self._telegram, tenant, chat_id, Right.RESTRICT_MEMBERS)
        place = await self._log.place(tenant, chat_id, settings)
        async with self._work(actor) as work:
            evidence = (Evidence("admin", data={"name": actor.name}),)
            hit = hit_of(post, evidence, settings.action, State.ACTED, work.now)
            if not await antispam.record(work.tx, bot_id, hit):
                among = (State.OBSERVED, State.REPORTED, State.RESTORED)
                # From now on it can be undone for a day, and what is undone is what is done now.
                if not await antispam.renew(work.tx, bot_id, hit, among=among):
                    raise Refused("spam_already")
            await moderation.disapprove(work.tx, bot_id, chat_id, hit.author_id)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            await teach(work, tenant.owner_id, hit.text, hit.links, spam=True)
            work.send(bot_id, calls.delete(chat_id, post.message_id), priority=Priority.MODERATION)
            penalty = await penalties.punish(work, bot_id, hit, settings, by=actor.user_id)
            self._log.write(work, tenant, hit, penalty, place)
            answer(work, wording.condemned(actor.t, hit, penalty))

    @needs(Permission.ANYONE)
    async def report(self, actor: Actor, bot_id: int, chat_id: int, post: Post) -> None:
        """A member asks the administrators to look at a message (`/report`); each message once.

        Raises `Refused`: target_admin, target_linked, reported_already.
        """
        tenant, settings = await self._tenant(bot_id), await self._settings(bot_id, chat_id)
        await self._spare_admins(tenant, chat_id, post.author_id)
        await linked.spare(self._db, bot_id, chat_id, post.author_id, automatic=post.automatic)
        place = await self._log.place(tenant, chat_id, settings)
        async with self._work(actor) as work:
            evidence = (Evidence("report", 0, {"name": actor.name}),)
            hit = hit_of(post, evidence, Action.DELETE, State.REPORTED, work.now)
            if not await antispam.record(work.tx, bot_id, hit):
                raise Refused("reported_already")
            work.event(
                tenant.owner_id, bot_id, "spam.reported", chat=chat_id, user=hit.author_id, by=actor.user_id
            )
            self._log.write(work, tenant, hit, Penalty(Action.DELETE), place)
            answer(work, wording.reported(actor.t))

    @needs(Right.RESTRICT_MEMBERS)
    async def restore(self, actor: Actor, bot_id: int, chat_id: int, unit: str) -> None:
        """*Not spam*: give the person back what was taken, and believe him from now on.

        The text passes from now on in all chats of the bot's owner, whoever writes it. All the person's hits
        of the day count as mistakes; the text of this one is posted again. Works once, within a day: raises
        `Refused` (restored_already, undo_late) or `NotFound` (hit).
        """
        tenant, title = await self._tenant(bot_id), await self._log.title(bot_id, chat_id)
        async with self._work(actor) as work:
            before = await antispam.get(work.tx, bot_id, chat_id, unit)
            hit = before and await antispam.decide(
                work.tx, bot_id, chat_id, unit, State.RESTORED, actor.name,
                among=(before.state,) if before.state is not State.RESTORED else (), since=work.now - UNDO,
            )  # fmt: skip
            if before is None or hit is None:
                raise _why_not(before, "undo_late")
            if before.state is not State.REPORTED:
                await self._pardon(work, tenant, before, actor)
                await teach(work, tenant.owner_id, before.text, before.links, spam=False)
            if before.state in (State.ACTED, State.BANNED) and before.text:
                page = wording.restored_text(actor.t, before, actor.name)
                work.send(bot_id, calls.send(chat_id, page, thread_id=hit.thread_id))
            work.event(tenant.owner_id, bot_id, "spam.restored", chat=chat_id, user=hit.author_id)
            work.show(wording.entry(actor.t, bot_id, hit, title))

    @needs(Right.RESTRICT_MEMBERS)
    async def ban(self, actor: Actor, bot_id: int, chat_id: int, unit: str) -> None:
        """*Ban*: the author of a logged message, for ever; the message goes, too.

        Raises `Refused` (target_admin, banned_already, restored_already) or `NotFound` (hit).
        """
        known = await self._hit(bot_id, chat_id, unit)
        tenant = await self._tenant(bot_id)
        await self._spare_admins(tenant, chat_id, known.author_id)
        title = await self._log.title(bot_id, chat_id)
        async with self._work(actor) as work:
            hit = await antispam.decide(work.tx, bot_id, chat_id, unit, State.BANNED, actor.name, among=OPEN)
            if hit is None:
                raise _why_not(await antispam.get(work.tx, bot_id, chat_id, unit), "banned_already")
            if hit.message_id:
                work.send(bot_id, calls.delete(chat_id, hit.message_id), priority=Priority.MODERATION)
            reason = wording.reasons_line(actor.t, hit.evidence)
            await penalties.apply(
                work, culprit_of(bot_id, hit), Action.BAN, 0, by=actor.user_id, reason=reason
            )
            if await moderation.disapprove(work.tx, bot_id, chat_id, hit.author_id):
                work.signal(CHAT_CHANGED, [bot_id, chat_id])
            work.event(tenant.owner_id, bot_id, "spam.banned", chat=chat_id, user=hit.author_id)
            work.show(wording.entry(actor.t, bot_id, hit, title))

    @needs(Right.RESTRICT_MEMBERS)
    async def why(self, actor: Actor, bot_id: int, chat_id: int, unit: str) -> Page:
        """*Why*: the log entry with all reasons. Raises `NotFound` (hit)."""
        hit = await self._hit(bot_id, chat_id, unit)
        return wording.entry(actor.t, bot_id, hit, await self._log.title(bot_id, chat_id), explained=True)

    async def _pardon(self, work: Work, tenant: Bot, hit: Hit, actor: Actor) -> None:
        bot_id, culprit = tenant.id, culprit_of(tenant.id, hit)
        others = await antispam.restore_others(
            work.tx, bot_id, hit.chat_id, hit.author_id, actor.name, work.now - UNDO
        )
        if hit.state is not State.OBSERVED or others:
            done = {one.action for one in (hit, *others)}
            for action in sorted(done | ({Action.BAN} if hit.state is State.BANNED else set())):
                await penalties.lift(work, culprit, action)
            units = [hit.unit, *(one.unit for one in others)]
            await moderation.unwarn(work.tx, bot_id, hit.chat_id, hit.author_id, work.now, units)
        for other in others:  # what was learned from them was a mistake, too; what found them was not
            if any(one.code == "admin" for one in other.evidence):
                await withdraw(work, tenant.owner_id, other.text, other.links)
        await moderation.approve(work.tx, bot_id, hit.chat_id, hit.author_id, actor.user_id, work.now)
        work.signal(CHAT_CHANGED, [bot_id, hit.chat_id])

    async def _settings(self, bot_id: int, chat_id: int) -> AntiSpamSettings:
        async with self._db.read() as tx:
            return await settings_of(tx, bot_id, chat_id)

    async def _spare_admins(self, tenant: Bot, chat_id: int, author_id: int) -> None:
        untouchable = {chat_id, tenant.telegram_id, *await self.access.administrators(tenant.id, chat_id)}
        if author_id in untouchable:
            raise Refused("target_admin")

    async def _tenant(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot

    async def _hit(self, bot_id: int, chat_id: int, unit: str) -> Hit:
        async with self._db.read() as tx:
            hit = await antispam.get(tx, bot_id, chat_id, unit)
        if hit is None:
            raise NotFound("hit")
        return hit


def answer(work: Work, page: Page) -> None:
    """Answer a command in a group; command and answer go after a while."""
    work.reply(page, delete_after=ANSWER_STAYS)
    if (door := work.door) is not None and door.message_id is not None and not door.pressed:
        work.send(door.bot_id, calls.delete(door.chat_id, door.message_id), after=ANSWER_STAYS)


def _why_not(hit: Hit | None, otherwise: str) -> NotFound | Refused:
    if hit is None:
        return NotFound("hit")
    if hit.state is State.RESTORED:
        return Refused("restored_already", by=hit.decided_by or "")
    return Refused(otherwise, by=hit.decided_by or "")
