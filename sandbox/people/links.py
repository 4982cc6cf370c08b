"""Following links as a client does."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from sandbox.errors import SandboxError
from sandbox.handles import Answer, BotHandle, ChatHandle, MessageHandle
from sandbox.invites import find_link
from sandbox.limits import DEEP_LINK
from sandbox.managing import create_managed_bot
from sandbox.membership import change, join
from sandbox.model import Bot, Chat, InviteLink
from sandbox.money import Invoice
from sandbox.people.paying import Paying
from sandbox.posting import Draft, post
from sandbox.rights import full_rights
from sandbox.world import World

_HOSTS = ("t.me", "telegram.me", "telegram.dog")
ADMIN_WORDS = {"anonymous": "is_anonymous"}


@dataclass(slots=True)
class Destination:
    """Where a Telegram link leads."""

    kind: str
    """bot, startgroup, startchannel, newbot, invite, invoice, chat, user or external."""
    bot: Bot | None = None
    chat: Chat | None = None
    link: InviteLink | None = None
    invoice: Invoice | None = None
    payload: str = ""
    admin: list[str] = field(default_factory=list)
    username: str = ""
    name: str = ""


def destination(world: World, url: str) -> Destination:
    """Read a link without following it.

    Raises:
        SandboxError: a Telegram link that leads nowhere.
    """
    link = find_link(world, url)
    if link is not None:
        return Destination("invite", link=link, chat=link.chat)
    parts = urlsplit(url if "://" in url else f"https://{url}")
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if parts.scheme == "tg" and parts.netloc == "resolve":
        name, rest = query.get("domain", ""), ""
    elif parts.hostname in _HOSTS:
        name, _, rest = parts.path.strip("/").partition("/")
    else:
        return Destination("external")
    if name.startswith("$"):
        return Destination("invoice", invoice=_invoice(world, name[1:]))
    if name.startswith("+") or name == "joinchat":
        raise SandboxError("Sorry, this invite link has expired.")
    if name == "newbot":
        manager, _, username = rest.partition("/")
        found = world.by_username(manager)
        return Destination(
            "newbot",
            bot=found if isinstance(found, Bot) else None,
            username=username,
            name=query.get("name", ""),
        )
    target = world.by_username(name)
    if isinstance(target, Chat):
        return Destination("chat", chat=target)
    if isinstance(target, Bot):
        return _bot_link(target, query)
    if target is not None:
        return Destination("user")
    raise SandboxError("Sorry, nobody has the username @{username}.", username=name)


def _bot_link(bot: Bot, query: dict[str, str]) -> Destination:
    for kind in ("startgroup", "startchannel"):
        if kind in query:
            admin = [word for word in query.get("admin", "").replace(" ", "+").split("+") if word]
            return Destination(kind, bot=bot, payload=query[kind], admin=admin)
    return Destination("bot", bot=bot, payload=query.get("start", ""))


def _invoice(world: World, slug: str) -> Invoice:
    invoice = world.invoices.get(slug)
    if invoice is None:
        raise SandboxError("This invoice does not exist.")
    return invoice


class Links(Paying):
    """Opening links."""

    async def follow(self, url: str, *, chat: ChatHandle | None = None) -> Answer:
        """Open a link: start bots, join chats, add bots to ``chat``, pay invoices."""
        where = destination(self.world, url)
        if where.kind == "external":
            return Answer(url=url)
        if where.kind == "invoice":
            await self.pay(url)
            return Answer(url=url)
        if where.kind == "bot" and where.bot is not None:
            return Answer(url=url, opened=await self.start(BotHandle(self.tg, where.bot), where.payload))
        if where.kind in ("startgroup", "startchannel"):
            return Answer(url=url, opened=await self._add_by_link(where, chat))
        if where.kind == "invite" and where.chat is not None:
            join(self.world, where.chat, self.user, where.link)
        if where.kind == "newbot" and where.bot is not None:
            create_managed_bot(self.world, self.user, where.bot, where.name or where.username, where.username)
        await self.tg.acted()
        return Answer(url=url, opened=ChatHandle(self.tg, where.chat) if where.chat else None)

    async def _add_by_link(self, where: Destination, chat: ChatHandle | None) -> MessageHandle | None:
        if chat is None or where.bot is None:
            raise SandboxError("This link asks for a chat: follow(url, chat=group).")
        if where.payload and not DEEP_LINK.fullmatch(where.payload):
            raise SandboxError("'{payload}' is no deep-link payload.", payload=where.payload)
        self.require_admin_of(chat)
        target = chat.chat
        if where.admin or where.kind == "startchannel":
            words = [ADMIN_WORDS.get(word, f"can_{word}") for word in where.admin]
            rights = full_rights(target, words or "all")
            change(self.world, target, where.bot, "administrator", actor=self.user, rights=rights)
        elif not target.has(where.bot):
            change(self.world, target, where.bot, "member", actor=self.user)
        sent = None
        if where.kind == "startgroup" and where.payload:
            command = f"/start@{where.bot.username}"
            entity = {"type": "bot_command", "offset": 0, "length": len(command)}
            content = {"text": f"{command} {where.payload}", "entities": [entity]}
            sent = MessageHandle(self.tg, post(self.world, target, self.user, Draft(content)))
        await self.tg.acted()
        return sent

    def require_admin_of(self, chat: ChatHandle) -> None:
        """Refuse when the person may not add bots there."""
        member = self.require_inside(chat.chat)
        if chat.chat.is_channel and not member.is_admin:
            raise SandboxError("{name} is no administrator of {chat}.", name=self.name, chat=chat.title)
