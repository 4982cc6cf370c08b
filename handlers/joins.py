"""Who comes and who goes (`chat_member`), and `/joins`, which reports about it.

Telegram sends `chat_member` only to bots that are administrators. The service messages
`new_chat_members` and `left_chat_member`, which other bots get, too, are no joins for us: they lack the
link, the actor and half of the cases, and would count the same person twice.
"""

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from domain.join_report import Period
from handlers.arguments import number
from handlers.members import change_of
from handlers.routing import Audience, Feature, Where
from handlers.talk import Talk
from services.chats import ChatService
from services.joins import CHART, JoinService
from texts import joins as wording


def joins_feature() -> Feature:
    """`chat_member`, `/joins` and its buttons."""
    feature = Feature("joins")

    @feature.events.chat_member()
    async def moved(event: ChatMemberUpdated, actor: Actor, tenant: Bot, joins: JoinService) -> None:
        assert actor.door is not None  # noqa: S101 - every update is a door
        await joins.moved(actor.as_house(), tenant, change_of(event, actor.door.update_id))

    @feature.command(
        "joins",
        where=Where.EVERYWHERE,
        audience=Audience.ADMINS,
        describe=lambda t: t("Who came, from where, and who left"),
    )
    async def report(
        message: Message, actor: Actor, tenant: Bot, joins: JoinService, chats: ChatService, talk: Talk
    ) -> None:
        if message.chat.type == "private":
            await talk.show(wording.choose_chat(actor.t, await chats.mine(actor, tenant.id)))
        else:
            await joins.post_report(actor, tenant.id, message.chat.id, Period.WEEK)

    @feature.button("show")
    async def show(
        query: CallbackQuery, actor: Actor, tenant: Bot, joins: JoinService, talk: Talk, args: list[str]
    ) -> None:
        try:
            period = Period(number(args, 1))
        except ValueError:
            raise NotFound("button") from None
        drawn = await joins.report(actor, tenant.id, number(args, 0), period)
        is_picture = isinstance(query.message, Message) and query.message.photo is not None
        page = wording.report(actor.t, drawn.chat, drawn.report)
        await talk.photo(drawn.chart, CHART, page, instead=is_picture)

    return feature
