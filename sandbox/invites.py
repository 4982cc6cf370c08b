"""Making invite links, for bots and people alike."""

from __future__ import annotations

import secrets

from sandbox.model import Chat, InviteLink, User
from sandbox.render import LINK_PREFIX
from sandbox.world import World


def new_link(
    world: World,
    chat: Chat,
    creator: User,
    *,
    name: str | None = None,
    primary: bool = False,
) -> InviteLink:
    """A fresh ``https://t.me/+…`` link without limits."""
    url = LINK_PREFIX + secrets.token_urlsafe(12)
    link = InviteLink(url, chat, creator, name=name, primary=primary)
    chat.links[url] = world.links[url] = link
    world.notify("chat", chat)
    return link


def find_link(world: World, url: str) -> InviteLink | None:
    """The invite link behind any of the spellings people use."""
    tail = url.strip().removeprefix("https://").removeprefix("http://").rstrip("/")
    for prefix in ("t.me/+", "t.me/joinchat/", "telegram.me/+", "tg://join?invite="):
        if tail.startswith(prefix):
            return world.links.get(LINK_PREFIX + tail.removeprefix(prefix))
    return None
