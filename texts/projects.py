"""Wording about projects: which chats a purchase opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.page import Button, Page, page
from domain.plans import EVERY_CHAT, PROJECT_NAME_LIMIT, Project
from texts.errors import REASONS
from texts.markup import bold, plain, shorten

REASONS |= {
    "project_name": lambda t, e: t(
        "A project's name has 1 to {limit} characters. Please send a shorter one.", limit=PROJECT_NAME_LIMIT
    ),
    "no_project": lambda t, e: t("This project is not there any more. Send /projects to see yours."),
    "no_paid_chat": lambda t, e: t(
        "I am no administrator of this chat (any more). Add me there as one, then open the list again."
    ),
}


class ChatLine(Protocol):
    """A chat as a project sees it."""

    @property
    def chat_id(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def opened(self) -> bool: ...

    @property
    def one_use(self) -> bool: ...


def listing(t: Translator, found: Sequence[Project]) -> Page:
    """All projects of a bot."""
    text = t(
        "A project is a set of chats that one purchase opens. Give each plan a project; a plan without one "
        "opens every paid chat."
    )
    rows = [
        [Button(("🙈 " if one.is_hidden else "📁 ") + plain(one.name), action=f"projects:open:{one.id}")]
        for one in found
    ]
    return page(
        text,
        *rows,
        [Button(t("🌐 All paid chats"), action=f"projects:open:{EVERY_CHAT}")],
        [Button(t("➕ New project"), action="projects:new")],
        [Button(t("Plans"), action="plans:manage")],
    )


def ask_name(t: Translator) -> Page:
    """Ask for a project's name."""
    text = t("What is the project called? Members see this name, for example “Basketball”.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def panel(t: Translator, project: Project | None, chats: Sequence[ChatLine]) -> Page:
    """One project and the chats it opens."""
    project_id = project.id if project else EVERY_CHAT
    lines = [bold(project.name if project else t("All paid chats"))]
    if project is None:
        lines.append(t("Chats marked here are paid without belonging to a project."))
    elif project.is_hidden:
        lines.append(t("Hidden: members do not see its plans in the list."))
    lines.append("")
    if chats:
        lines.append(t("Tap the chats it opens. Only people with a membership are let in there."))
    else:
        lines.append(t("I administer no chat yet. Add me to one as an administrator, then come back."))
    rows = [_chat_row(t, project_id, chat) for chat in chats]
    if any(chat.opened for chat in chats):
        lines += [
            "",
            t("🙋 people ask to join and members are let in; 🔑 each member gets a one-use link."),
        ]
    if project is not None:
        hide = t("👁 Show to members") if project.is_hidden else t("🙈 Hide from members")
        rows.append([Button(t("✏️ Rename"), action=f"projects:rename:{project.id}")])
        rows.append([Button(hide, action=f"projects:hide:{project.id}:{int(not project.is_hidden)}")])
    rows.append([Button(t("‹ Back"), action="projects:list")])
    return page("\n".join(lines), *rows)


def _chat_row(t: Translator, project_id: int, chat: ChatLine) -> list[Button]:
    mark = "✅ " if chat.opened else "▫️ "
    title = mark + shorten(plain(chat.title), 40)
    row = [Button(title, action=f"projects:chat:{project_id}:{chat.chat_id}")]
    if chat.opened:
        way = "🔑" if chat.one_use else "🙋"
        row.append(Button(way, action=f"projects:gate:{project_id}:{chat.chat_id}"))
    return row
