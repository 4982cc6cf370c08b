"""What Telegram tells about chats as such: the bot's own standing, titles, upgrades to supergroups."""

from aiogram.types import ChatMemberUpdated, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.members import change_of, chat_name
from handlers.routing import Feature
from services.chats import ChatService
from services.people import PeopleService


def chats_feature() -> Feature:
    """`my_chat_member` and the service messages about a chat's name and id."""
    feature = Feature("chats")

    @feature.events.my_chat_member()
    async def standing_changed(
        event: ChatMemberUpdated, actor: Actor, tenant: Bot, chats: ChatService, people: PeopleService
    ) -> None:
        assert actor.door is not None  # noqa: S101 - every update is a door
        change = change_of(event, actor.door.update_id)
        if event.chat.type != "private":
            await chats.standing_changed(actor.as_house(), tenant, change)
        elif change.new.banned:
            await people.blocked(actor.as_house(), tenant.id, event.chat.id)

    @feature.events.message(_is_upgrade)
    async def upgraded(message: Message, actor: Actor, tenant: Bot, chats: ChatService) -> None:
        old = message.migrate_from_chat_id or message.chat.id
        new = message.migrate_to_chat_id or message.chat.id
        await chats.migrated(actor.as_house(), tenant.id, old, new)

    @feature.events.message(_is_rename)
    @feature.events.channel_post(_is_rename)
    async def renamed(message: Message, actor: Actor, tenant: Bot, chats: ChatService) -> None:
        await chats.renamed(actor.as_house(), tenant.id, chat_name(message.chat))

    return feature


# aiogram runs plain functions in a thread, magic filters among them: 51 µs each against 7 for these.
async def _is_upgrade(message: Message) -> bool:
    return message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None


async def _is_rename(message: Message) -> bool:
    return message.new_chat_title is not None
