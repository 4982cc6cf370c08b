"""Bots made through other bots."""

from __future__ import annotations

from sandbox.errors import SandboxError
from sandbox.model import Bot, Message, User
from sandbox.posting import post_service
from sandbox.render import user_json
from sandbox.world import World


def create_managed_bot(world: World, creator: User, manager: Bot, name: str, username: str) -> Message:
    """Make a bot that another bot manages.

    The manager hears of it twice, as in Telegram: by a ``managed_bot`` update and by a service
    message.
    """
    if not manager.can_manage_bots:
        raise SandboxError("@{bot} can't manage bots.", bot=manager.username)
    bot = world.add_bot(username, name=name, owner=creator, manager=manager)
    announce_managed_bot(bot)
    private = world.private_chat(creator, manager)
    content = {"managed_bot_created": {"bot": user_json(bot)}}
    return post_service(world, private, creator, "managed_bot_created", content)


def announce_managed_bot(bot: Bot) -> None:
    """Tell the manager that a bot of its was made, or got a new token or owner."""
    if bot.manager is None or bot.owner is None:
        return
    body = {"user": user_json(bot.owner), "bot": user_json(bot)}
    bot.manager.feed.push("managed_bot", body, ("user", bot.owner.id))
