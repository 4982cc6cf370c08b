"""What owners and administrators do."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.errors import SandboxError
from sandbox.forums import new_topic
from sandbox.handles import BotHandle, ChatHandle, MessageHandle
from sandbox.membership import change, standing
from sandbox.model import Bot, Chat, Member
from sandbox.people.base import PersonBase
from sandbox.posting import post_service
from sandbox.render import message_json
from sandbox.rights import PERMISSIONS, Rights, full_rights, has_right, may

Somebody = PersonBase | BotHandle


class Administering(PersonBase):
    """Care for a chat."""

    async def add(self, who: Somebody, chat: ChatHandle, *, rights: Rights | None = None) -> None:
        """Add a person or bot; with ``rights`` as administrator (bots in channels always are)."""
        place = chat.chat
        own = self.require_inside(place)
        if isinstance(who.user, Bot) and not who.user.can_join_groups:
            raise SandboxError("@{bot} can't be added to groups.", bot=who.user.username)
        allowed = has_right(own, "can_invite_users") or (
            place.is_group and may(place, self.user, "can_invite_users")
        )
        if not allowed:
            raise SandboxError("{name} may not add members to {chat}.", name=self.name, chat=place.title)
        if place.is_channel and isinstance(who.user, Bot) and rights is None:
            rights = "all"
        member = standing(self.world, place, who.user)
        if rights is not None:
            if not member.inside and place.is_group:
                change(self.world, place, who.user, "member", actor=self.user)
            await self.promote(who, chat, rights)
            return
        if member.inside:
            raise SandboxError("{name} is already in {chat}.", name=who.user.full_name, chat=place.title)
        change(self.world, place, who.user, "member", actor=self.user)
        await self.tg.acted()

    async def promote(
        self, who: Somebody, chat: ChatHandle, rights: Rights = "all", *, title: str | None = None
    ) -> None:
        """Make somebody an administrator, or change an administrator's rights."""
        self._require(chat.chat, "can_promote_members", "{name} may not appoint administrators in {chat}.")
        full = full_rights(chat.chat, rights)
        if not isinstance(rights, str) and "is_anonymous" in rights:
            full["is_anonymous"] = True
        member = change(self.world, chat.chat, who.user, "administrator", actor=self.user, rights=full)
        member.title = title
        await self.tg.acted()

    async def demote(self, who: Somebody, chat: ChatHandle) -> None:
        """Take an administrator's rights away."""
        self._require(chat.chat, "can_promote_members", "{name} may not dismiss administrators in {chat}.")
        if standing(self.world, chat.chat, who.user).status != "administrator":
            raise SandboxError(
                "{name} is no administrator of {chat}.", name=who.user.full_name, chat=chat.title
            )
        change(self.world, chat.chat, who.user, "member", actor=self.user)
        await self.tg.acted()

    async def kick(self, who: Somebody, chat: ChatHandle) -> None:
        """Remove somebody, who may come back."""
        member = self._target(who, chat)
        if not member.inside:
            raise SandboxError("{name} is not in {chat}.", name=who.user.full_name, chat=chat.title)
        # Clients ban when they remove from a supergroup; "kick" here is the ban lifted again.
        change(self.world, chat.chat, who.user, "left", actor=self.user)
        await self.tg.acted()

    async def ban(
        self, who: Somebody, chat: ChatHandle, *, until: datetime | timedelta | None = None
    ) -> None:
        """Remove somebody for good, or until a moment."""
        self._target(who, chat)
        change(self.world, chat.chat, who.user, "kicked", actor=self.user, until=self._moment(until))
        await self.tg.acted()

    async def unban(self, who: Somebody, chat: ChatHandle) -> None:
        """Let a banned person come back if they like."""
        if self._target(who, chat).status != "kicked":
            raise SandboxError("{name} is not banned from {chat}.", name=who.user.full_name, chat=chat.title)
        change(self.world, chat.chat, who.user, "left", actor=self.user)
        await self.tg.acted()

    async def restrict(
        self,
        who: Somebody,
        chat: ChatHandle,
        permissions: dict[str, bool] | None = None,
        *,
        until: datetime | timedelta | None = None,
    ) -> None:
        """Limit what somebody may do; without ``permissions`` they may do nothing."""
        self._target(who, chat)
        full = {name: (permissions or {}).get(name, False) for name in PERMISSIONS}
        change(
            self.world,
            chat.chat,
            who.user,
            "restricted",
            actor=self.user,
            permissions=full,
            until=self._moment(until),
        )
        await self.tg.acted()

    async def unrestrict(self, who: Somebody, chat: ChatHandle) -> None:
        """Lift a restriction."""
        member = self._target(who, chat)
        status = "member" if member.inside else "left"
        change(self.world, chat.chat, who.user, status, actor=self.user)
        await self.tg.acted()

    async def rename(self, chat: ChatHandle, title: str) -> None:
        """Give the chat another title."""
        self._require(chat.chat, "can_change_info", "{name} may not rename {chat}.")
        chat.chat.title = title
        post_service(self.world, chat.chat, self.user, "new_chat_title", {"new_chat_title": title})
        self.world.notify("chat", chat.chat)
        await self.tg.acted()

    async def pin(self, message: MessageHandle) -> None:
        """Pin a message."""
        chat = message.message.chat
        chat.pinned.append(message.message)
        pinned = message_json(message.message, with_reply=False)
        post_service(self.world, chat, self.user, "pinned_message", {"pinned_message": pinned})
        await self.tg.acted()

    async def set_username(self, chat: ChatHandle, username: str | None) -> None:
        """Make the chat public under a name, or private again."""
        self._require(chat.chat, "can_change_info", "{name} may not rename {chat}.")
        self.world.set_username(chat.chat, username)
        self.world.notify("chat", chat.chat)

    async def set_anonymous(self, chat: ChatHandle, on: bool = True) -> None:
        """Act in the name of the group from now on (or no longer)."""
        member = self.require_inside(chat.chat)
        if not member.is_admin:
            raise SandboxError("{name} is no administrator of {chat}.", name=self.name, chat=chat.title)
        member.anonymous = on
        self.world.notify("chat", chat.chat)
        await self.tg.acted()

    async def upgrade(self, chat: ChatHandle) -> None:
        """Turn a basic group into a supergroup: it gets a new id."""
        place = chat.chat
        if place.type != "group" or self.require_inside(place).status != "creator":
            raise SandboxError("Only the owner of a basic group can upgrade it, not {name}.", name=self.name)
        old = place.id
        new = -self.world.next_channel_number()
        post_service(self.world, place, self.user, "migrate_to_chat_id", {"migrate_to_chat_id": new})
        self.world.upgrade(place, new)
        post_service(self.world, place, self.user, "migrate_from_chat_id", {"migrate_from_chat_id": old})
        await self.tg.acted()

    async def create_topic(self, chat: ChatHandle, name: str) -> int:
        """Open a forum topic; returns its id."""
        if not chat.chat.is_forum:
            raise SandboxError("{chat} is no forum.", chat=chat.title)
        topic = new_topic(self.world, chat.chat, self.user, name)
        await self.tg.acted()
        return topic.id

    async def set_guard(self, chat: ChatHandle, bot: BotHandle | None) -> None:
        """Let a bot process join requests as timed queries (Bot API 10.x), or no bot."""
        self._require(chat.chat, "can_invite_users", "{name} may not change join requests of {chat}.")
        if bot is not None and not bot.bot.supports_join_request_queries:
            raise SandboxError("@{bot} does not support join request queries.", bot=bot.username)
        chat.chat.guard_bot = bot.bot if bot else None
        await self.tg.acted()

    async def delete_chat(self, chat: ChatHandle) -> None:
        """Delete the chat for everybody; bots in it are removed."""
        place = chat.chat
        if self.require_inside(place).status != "creator":
            raise SandboxError("Only the owner can delete {chat}.", chat=chat.title)
        for member in list(place.members.values()):
            if isinstance(member.user, Bot) and member.inside:
                change(self.world, place, member.user, "left", actor=self.user)
        place.gone = True
        self.world.notify("chat", place)
        await self.tg.acted()

    def _require(self, chat: Chat, right: str, otherwise: str) -> None:
        if not has_right(self.require_inside(chat), right):
            raise SandboxError(otherwise, name=self.name, chat=chat.title)

    def _target(self, who: Somebody, chat: ChatHandle) -> Member:
        self._require(chat.chat, "can_restrict_members", "{name} may not restrict members of {chat}.")
        member = standing(self.world, chat.chat, who.user)
        if member.status == "creator":
            raise SandboxError("{name} owns {chat}.", name=who.user.full_name, chat=chat.title)
        return member

    def _moment(self, until: datetime | timedelta | None) -> int:
        if until is None:
            return 0
        if isinstance(until, timedelta):
            until = self.world.clock.now() + until
        return int(until.timestamp())
