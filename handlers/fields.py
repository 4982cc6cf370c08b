"""Panels whose fields are changed one by one: a button asks for a value, the next message gives it."""

from typing import Any, Protocol

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, text
from handlers.routing import Feature


class Editor(Protocol):
    """The service of a feature that keeps such things."""

    async def ask_field(self, actor: Actor, bot_id: int, thing_id: int, field: str, /) -> None:
        """Ask for another value of a thing's field; the step `field` of the feature follows."""
        ...

    async def set_field(self, actor: Actor, bot_id: int, text: str, /) -> None:
        """The value that was asked for."""
        ...


def edit_fields(feature: Feature) -> None:
    """The button `ask:<id>:<field>` and the step `field`, for the service that has the feature's name."""

    @feature.button("ask")
    async def ask(query: CallbackQuery, actor: Actor, tenant: Bot, args: list[str], **services: Any) -> None:
        editor: Editor = services[feature.name]
        await editor.ask_field(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.step("field")
    async def answered(message: Message, actor: Actor, tenant: Bot, **services: Any) -> None:
        editor: Editor = services[feature.name]
        await editor.set_field(actor, tenant.id, message.text or "")
