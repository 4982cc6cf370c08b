"""Joining and leaving chats, invite links and join requests."""

from __future__ import annotations

from datetime import datetime

from sandbox.errors import SandboxError
from sandbox.handles import ChatHandle
from sandbox.invites import find_link, new_link
from sandbox.membership import approve, decline, join, leave
from sandbox.model import Chat, InviteLink, JoinRequest
from sandbox.people.base import PersonBase
from sandbox.rights import has_right

Via = str | None
"""An invite link's address, a public chat's @username or t.me address, or None."""


class Joining(PersonBase):
    """Coming and going."""

    async def join(self, chat: ChatHandle | None = None, *, via: Via = None) -> str:
        """Join by link or public name; returns ``member`` or ``requested``.

        Without ``via``, the chat's public name is used, or else a link the owner just made.

        Raises:
            SandboxError: banned, already inside, or the link has expired.
        """
        target, link = self._way_in(chat, via)
        status = join(self.world, target, self.user, link)
        await self.tg.acted()
        return status

    async def request(self, chat: ChatHandle, *, via: Via = None) -> None:
        """Ask to be let in, by a link with approval or a chat that wants requests."""
        target, link = self._way_in(chat, via)
        if link is not None and not link.creates_join_request:
            raise SandboxError("That link lets people in without a request.")
        if link is None and not target.join_by_request:
            link = next((k for k in target.links.values() if k.creates_join_request), None)
            if link is None:
                raise SandboxError("{chat} takes no join requests.", chat=target.title)
        if join(self.world, target, self.user, link) != "requested":
            raise SandboxError("{chat} takes no join requests.", chat=target.title)
        await self.tg.acted()

    async def withdraw(self, chat: ChatHandle) -> None:
        """Take a join request back."""
        decline(self.world, self._waiting(chat, self))
        await self.tg.acted()

    async def leave(self, chat: ChatHandle) -> None:
        """Leave."""
        leave(self.world, chat.chat, self.user)
        await self.tg.acted()

    async def approve(self, person: PersonBase, chat: ChatHandle) -> None:
        """Let somebody in who waits."""
        self._require_inviter(chat)
        approve(self.world, self._waiting(chat, person), self.user)
        await self.tg.acted()

    async def decline(self, person: PersonBase, chat: ChatHandle) -> None:
        """Turn somebody away who waits."""
        self._require_inviter(chat)
        decline(self.world, self._waiting(chat, person))
        await self.tg.acted()

    async def create_link(
        self,
        chat: ChatHandle,
        *,
        name: str | None = None,
        request: bool = False,
        limit: int | None = None,
        expires: datetime | None = None,
    ) -> str:
        """A new invite link's address."""
        self._require_inviter(chat)
        link = new_link(self.world, chat.chat, self.user, name=name)
        link.creates_join_request = request
        link.member_limit = limit or 0
        link.expire_date = int(expires.timestamp()) if expires else 0
        self.world.notify("chat", chat.chat)
        return link.url

    async def revoke_link(self, chat: ChatHandle, url: str) -> None:
        """Make a link useless."""
        self._require_inviter(chat)
        link = find_link(self.world, url)
        if link is None or link.chat is not chat.chat:
            raise SandboxError("{chat} has no such link.", chat=chat.title)
        link.revoked = True
        self.world.notify("chat", chat.chat)

    def _way_in(self, chat: ChatHandle | None, via: Via) -> tuple[Chat, InviteLink | None]:
        if via is not None:
            link = find_link(self.world, via)
            if link is not None:
                return link.chat, link
            name = via.removeprefix("https://").removeprefix("t.me/")
            found = self.world.by_username(name)
            if isinstance(found, Chat):
                return found, None
            raise SandboxError("Sorry, this invite link has expired.")
        if chat is None:
            raise SandboxError("Say which chat to join, or by which link.")
        if chat.chat.username or chat.chat.join_by_request:
            return chat.chat, None
        return chat.chat, self._own_link_of(chat.chat)

    def _own_link_of(self, chat: Chat) -> InviteLink:
        owner = next(m.user for m in chat.members.values() if m.status == "creator")
        for link in chat.links.values():
            if link.primary and link.creator is owner and not link.revoked:
                return link
        return new_link(self.world, chat, owner, primary=True)

    def _waiting(self, chat: ChatHandle, person: PersonBase) -> JoinRequest:
        request = chat.chat.requests.get(person.id)
        if request is None:
            raise SandboxError("{name} does not wait for {chat}.", name=person.name, chat=chat.title)
        return request

    def _require_inviter(self, chat: ChatHandle) -> None:
        if not has_right(self.require_inside(chat.chat), "can_invite_users"):
            raise SandboxError("{name} may not invite to {chat}.", name=self.name, chat=chat.title)
