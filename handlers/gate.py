"""Join requests (`chat_join_request`)."""

from aiogram.types import ChatJoinRequest

from domain.actor import Actor
from domain.bots import Bot
from handlers.routing import Feature
from services.gate import GateService, JoinRequest


def gate_feature() -> Feature:
    """Who asks to be let into a chat."""
    feature = Feature("gate")

    @feature.events.chat_join_request()
    async def requested(event: ChatJoinRequest, actor: Actor, tenant: Bot, gate: GateService) -> None:
        link = event.invite_link
        await gate.requested(
            actor,
            tenant,
            JoinRequest(
                chat_id=event.chat.id,
                chat_title=event.chat.title or "",
                user_id=event.from_user.id,
                user_chat_id=event.user_chat_id,
                invite_link=link.invite_link if link else None,
                link_name=link.name if link else None,
                query_id=event.query_id,
                at=event.date,
            ),
        )

    return feature
