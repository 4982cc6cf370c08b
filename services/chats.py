"""The chats a bot is in: a cache kept by Telegram's news, verified lazily."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from domain import calls
from domain.actor import Actor
from domain.bots import AdminChat, Bot
from domain.errors import NotFound, TelegramError, TelegramRefused
from domain.joins import ChatName, MemberChange, Standing, standing_of
from domain.telegram import Telegram
from services import checklist
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.reach import Mailbox, Reach
from services.work import UnitOfWork, Work
from storage import bots, campaigns, chat_moves, chats, gates, projects
from storage.database import Database
from texts import chats as wording

CHAT_CHANGED = "chat"  # signal: [bot id, chat id], whatever is known or set about the chat has changed
BELIEVED = timedelta(minutes=1)  # for so long after looking, the cache is not verified again
LOOKS = 20  # chats verified at a time


@dataclass(frozen=True, slots=True)
class _Facts:
    """What only asking Telegram tells; None where it does not say."""

    members: int | None = None
    linked_chat_id: int | None = None
    admins: list[tuple[int, bool, frozenset[str]]] | None = None


class ChatService(Guarded):
    """Chats of a bot."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        directory: BotDirectory,
        telegram: Telegram,
        reach: Reach,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory
        self._telegram, self._reach = telegram, reach

    @needs(Permission.OWNER)
    async def administered(self, actor: Actor, bot_id: int) -> list[AdminChat]:
        """Chats the bot administers, by title; verified with Telegram at most once a minute."""
        await self._verify(bot_id)
        async with self._db.read() as tx:
            return await chats.administered(tx, bot_id)

    @needs(Permission.OWNER)
    async def pickable(self, actor: Actor, bot_id: int) -> list[AdminChat]:
        """Chats a new campaign can be made for: the administered ones that none tracks yet."""
        found = await self.administered(actor, bot_id)
        async with self._db.read() as tx:
            tracked = await campaigns.tracked(tx, bot_id)
        return [chat for chat in found if chat.chat_id not in tracked]

    @needs(Permission.OWNER)
    async def lost(self, actor: Actor, bot_id: int) -> list[AdminChat]:
        """Chats in which the bot lost its rights: they are what its warning is about."""
        async with self._db.read() as tx:
            return await chats.lost(tx, bot_id)

    @needs(Permission.OWNER)
    async def accept_loss(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """Stop warning about a chat the bot is no administrator of any more."""
        async with self._work(actor) as work:
            if not await chats.accept_loss(work.tx, bot_id, chat_id):
                raise NotFound("lost_chat")
            await self._refresh_status(work, bot_id)

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int) -> list[AdminChat]:
        """Chats of the bot in which the actor has a say: all for its owner, else those he administers."""
        owner = await self.access.allows(actor, Permission.OWNER, bot_id)
        async with self._db.read() as tx:
            found = await chats.present(tx, bot_id)
            if owner:
                return found
            own = {chat_id for chat_id, _, _ in await chats.administered_by(tx, bot_id, actor.user_id)}
        return [chat for chat in found if chat.chat_id in own]

    @needs(Permission.HOUSE)
    async def standing_changed(self, actor: Actor, tenant: Bot, change: MemberChange) -> None:
        """`my_chat_member`: the bot was added, promoted, demoted or removed.

        News of different people come through different queues: older news than we know of change nothing.
        """
        chat_id = change.chat.id
        facts = await self._ask(tenant.id, chat_id) if change.new.inside else _Facts(admins=[])
        letter = await self._reach.mailbox(tenant.id, change.actor_id, tenant.owner_id)
        to_owner = await self._reach.mailbox(tenant.id, tenant.owner_id)
        async with self._work(actor) as work:
            before = await chats.get(work.tx, tenant.id, chat_id, lock=True)
            if before is not None and before.standing_at is not None and change.at < before.standing_at:
                return
            given_up = not change.new.inside and change.actor_id in (tenant.owner_id, tenant.telegram_id)
            was_admin = change.old.admin or (before is not None and (before.admin or before.lost_rights))
            after = replace(
                _known(change.chat, change.new, facts),
                lost_rights=was_admin and not change.new.admin and not given_up,
                added_by=change.actor_id if change.new.inside and not change.old.inside else None,
                standing_at=change.at,
            )
            await self._keep(work, tenant, before, after, facts, to_owner)
            await checklist.update(work, tenant.id, before, after, actor.t, letter)

    @needs(Permission.HOUSE)
    async def renamed(self, actor: Actor, bot_id: int, chat: ChatName) -> None:
        """A service message tells the chat's new title."""
        async with self._work(actor) as work:
            if await chats.rename(work.tx, bot_id, chat.id, chat.type, chat.title, chat.username):
                work.signal(CHAT_CHANGED, [bot_id, chat.id])

    @needs(Permission.HOUSE)
    async def shut_out(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """Telegram refuses a call because the bot is not in the chat (any more)."""
        tenant = await self._directory.get(bot_id)
        to_owner = await self._reach.mailbox(bot_id, tenant.owner_id) if tenant else None
        async with self._work(actor) as work:
            before = await chats.leave(work.tx, bot_id, chat_id)
            if tenant is None or before is None:
                return
            after = await chats.get(work.tx, bot_id, chat_id)
            if after is not None:
                await self._tell(work, tenant, before, after, to_owner)
            await checklist.close(work, bot_id, chat_id)

    @needs(Permission.HOUSE)
    async def migrated(self, actor: Actor, bot_id: int, old: int, new: int) -> None:
        """A group became a supergroup: everything we know of it goes over to the new id.

        Telegram says so twice, in the old group and in the new one, in any order, and as an error; each
        of them alone suffices.
        """
        async with self._work(actor) as work:
            await checklist.lose(work, bot_id, old)
            await chat_moves.move(work.tx, bot_id, old, new, work.now)
            await chats.upgrade(work.tx, bot_id, new)
            work.signal(CHAT_CHANGED, [bot_id, old])
            work.signal(CHAT_CHANGED, [bot_id, new])

    async def _keep(
        self,
        work: Work,
        tenant: Bot,
        before: AdminChat | None,
        after: AdminChat,
        facts: _Facts,
        to_owner: Mailbox | None,
    ) -> None:
        await chats.put(work.tx, tenant.id, after, work.now)
        if facts.admins is not None:
            await chats.put_admins(work.tx, tenant.id, after.chat_id, facts.admins, work.now)
        await self._tell(work, tenant, before, after, to_owner)

    async def _tell(
        self, work: Work, tenant: Bot, before: AdminChat | None, after: AdminChat, to_owner: Mailbox | None
    ) -> None:
        """What a changed standing means to the rest of the house, and to the owner once it is a loss."""
        work.signal(CHAT_CHANGED, [tenant.id, after.chat_id])
        await self._refresh_status(work, tenant.id)
        now_lost = after.lost_rights and not (before is not None and before.lost_rights)
        now_admin = after.admin and not (before is not None and before.admin)
        paid = bool(await projects.of_chat(work.tx, tenant.id, after.chat_id))
        if paid and now_lost:  # what cannot be done at its gate need not be told once more
            await gates.tell_once(work.tx, tenant.id, after.chat_id, work.now)
        elif paid and now_admin:
            await gates.repaired(work.tx, tenant.id, after.chat_id)
        if now_lost and to_owner is not None:
            page = wording.rights_lost(to_owner.t, tenant, after, paid=paid)
            work.send(to_owner.bot_id, calls.send(to_owner.user_id, page))
        states = [
            ("chat.left", before is not None and before.present and not after.present),
            ("chat.added", after.present and not (before is not None and before.present)),
            ("chat.promoted", now_admin),
            ("chat.rights_lost", now_lost),
        ]
        for kind, so in states:
            if so:
                work.event(tenant.owner_id, tenant.id, kind, chat=after.chat_id, title=after.title)

    async def _refresh_status(self, work: Work, bot_id: int) -> None:
        if await bots.refresh_status(work.tx, bot_id):
            self._directory.changed(work, bot_id)

    async def _verify(self, bot_id: int) -> None:
        """Look whether the bot really administers the chats it is believed to."""
        tenant = await self._directory.get(bot_id)
        if tenant is None:
            return
        async with self._work() as work:
            due = await chats.claim_checks(work.tx, bot_id, work.now - BELIEVED, work.now, LOOKS)
        if not due:
            return
        looks = await asyncio.gather(*(self._look(tenant, chat) for chat in due))
        to_owner = await self._reach.mailbox(bot_id, tenant.owner_id)
        async with self._work() as work:
            for chat, (standing, facts) in zip(due, looks, strict=True):
                before = await chats.get(work.tx, bot_id, chat.chat_id, lock=True)
                if standing is None:
                    await chats.check_again(work.tx, bot_id, chat.chat_id)
                elif before is not None and before.standing_at == chat.standing_at:  # else: newer news
                    await self._found(work, tenant, before, standing, facts, to_owner)

    async def _found(
        self,
        work: Work,
        tenant: Bot,
        before: AdminChat,
        standing: Standing,
        facts: _Facts,
        to_owner: Mailbox | None,
    ) -> None:
        if (standing.inside, standing.rights, facts) == (before.present, before.rights, _Facts()):
            return
        after = replace(
            before,
            present=standing.inside,
            admin=standing.admin,
            rights=standing.rights,
            lost_rights=(before.admin or before.lost_rights) and not standing.admin,
            members=facts.members,
            linked_chat_id=facts.linked_chat_id,
        )
        await self._keep(work, tenant, before, after, facts, to_owner)

    async def _look(self, tenant: Bot, chat: AdminChat) -> tuple[Standing | None, _Facts]:
        """The bot's standing as Telegram says (None when it does not), with the facts where we lack them."""
        try:
            member = await self._telegram.ask(
                tenant.id, "getChatMember", chat_id=chat.chat_id, user_id=tenant.telegram_id
            )
            standing = standing_of(member)
            missing = standing.inside and chat.members is None
            return standing, await self._ask(tenant.id, chat.chat_id) if missing else _Facts()
        except TelegramRefused as error:
            away = error.status in (400, 403) and error.migrate_to_chat_id is None
            return Standing(inside=False) if away else None, _Facts()
        except TelegramError:
            return None, _Facts()

    async def _ask(self, bot_id: int, chat_id: int) -> _Facts:
        """Count, linked chat and administrators, as far as the bot may know them."""

        async def ask(method: str) -> Any:
            try:
                return await self._telegram.ask(bot_id, method, chat_id=chat_id)
            except TelegramRefused:
                return None  # removed meanwhile, or a channel that tells its administrators only

        count, full, admins = await asyncio.gather(
            ask("getChatMemberCount"), ask("getChat"), ask("getChatAdministrators")
        )
        standings = [(one["user"]["id"], standing_of(one)) for one in admins or ()]
        return _Facts(
            count,
            (full or {}).get("linked_chat_id"),
            None if admins is None else [(user, s.creator, s.rights) for user, s in standings],
        )


def _known(chat: ChatName, standing: Standing, facts: _Facts) -> AdminChat:
    return AdminChat(
        chat_id=chat.id,
        type=chat.type,
        title=chat.title,
        username=chat.username,
        present=standing.inside,
        admin=standing.admin,
        rights=standing.rights,
        lost_rights=False,
        members=facts.members,
        linked_chat_id=facts.linked_chat_id,
    )
