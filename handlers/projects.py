"""`/projects`: which chats a purchase opens."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.projects import ProjectService
from texts import projects as wording


def projects_feature() -> Feature:
    """`/projects` and its panels, for the owner."""
    feature = Feature("projects")

    @feature.command("projects", audience=Audience.OWNER, describe=lambda t: t("Chats that are sold"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, projects: ProjectService, talk: Talk
    ) -> None:
        await talk.show(wording.listing(actor.t, await projects.all(actor, tenant.id)))

    @feature.button("list")
    async def list_pressed(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, talk: Talk
    ) -> None:
        await talk.show(wording.listing(actor.t, await projects.all(actor, tenant.id)))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, *await projects.panel(actor, tenant.id, number(args, 0))))

    @feature.button("new")
    async def new(query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService) -> None:
        await projects.ask_name(actor, tenant.id)

    @feature.button("rename")
    async def rename(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, args: list[str]
    ) -> None:
        await projects.ask_name(actor, tenant.id, number(args, 0))

    @feature.step("name")
    async def named(message: Message, actor: Actor, tenant: Bot, projects: ProjectService) -> None:
        await projects.name(actor, tenant.id, message.text or "")

    @feature.button("hide")
    async def hide(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, args: list[str]
    ) -> None:
        await projects.hide(actor, tenant.id, number(args, 0), number(args, 1) == 1)

    @feature.button("chat")
    async def toggle_chat(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, args: list[str]
    ) -> None:
        await projects.toggle_chat(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("gate")
    async def toggle_gate(
        query: CallbackQuery, actor: Actor, tenant: Bot, projects: ProjectService, args: list[str]
    ) -> None:
        await projects.toggle_gate(actor, tenant.id, number(args, 0), number(args, 1))

    return feature
