"""Wording about taking in everybody who is in a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.page import Button, Page, page
from domain.plans import EVERY_CHAT, Project
from texts.markup import bold, plain, shorten

_DAYS = (7, 14, 30, 90)


class ChatLike(Protocol):
    """A paid chat."""

    @property
    def chat_id(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def projects(self) -> Sequence[Project]: ...

    @property
    def waits(self) -> bool: ...


def choose_chat(t: Translator, found: Sequence[ChatLike]) -> Page:
    """Whose members are taken in."""
    back = [Button(t("‹ Back"), action="imports:list")]
    if not found:
        text = t(
            "I run no paid chat yet. Add me to your chat as an administrator and put it into a project "
            "with /projects."
        )
        return page(text, back)
    rows = []
    for one in found:
        label = shorten(plain(one.title), 50)
        if one.waits:
            continue
        if len(one.projects) == 1:
            action = f"imports:length:{one.chat_id}:{one.projects[0].id}"
        else:
            action = f"imports:chat:{one.chat_id}"
        rows.append([Button(label, action=action)])
    return page(t("Who is in which chat?"), *rows, back)


def choose_project(t: Translator, chat: ChatLike) -> Page:
    """What they are to have."""
    base = f"imports:length:{chat.chat_id}"
    rows = [[Button(plain(one.name), action=f"{base}:{one.id}")] for one in chat.projects]
    return page(
        t("What do the people in {chat} get?", chat=bold(chat.title)),
        *rows,
        [Button(t("🌐 All paid chats"), action=f"{base}:{EVERY_CHAT}")],
        [Button(t("‹ Back"), action="imports:chats")],
    )


def choose_days(t: Translator, chat_id: int, project_id: int) -> Page:
    """For how long they are to have it."""
    base = f"imports:count:{chat_id}:{project_id}"
    days = [Button(t.plural("{n} day", "{n} days", n), action=f"{base}:{n}") for n in _DAYS]
    text = t("For how many days may they stay without buying a plan?")
    other = [Button(t("Another number"), action=f"imports:days:{chat_id}:{project_id}")]
    return page(text, days[:2], days[2:], other, [Button(t("‹ Back"), action="imports:chats")])


def ask_days(t: Translator) -> Page:
    """Ask for a number of days."""
    text = t("For how many days may they stay without buying a plan? Send a number.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def chat_preview(t: Translator, job_id: int, title: str, days: int, known: int, inside: int | None) -> Page:
    """What would come of a chat."""
    lines = [t("👥 {chat}", chat=bold(title)), ""]
    if inside is not None:
        lines.append(t.plural("{n} person is in it.", "{n} people are in it.", inside))
    lines += [
        t.plural(
            "I know {n} person who may be there without a membership, and look at them one by one.",
            "I know {n} people who may be there without a membership, and look at them one by one.",
            known,
        ),
        t.plural(
            "Who is inside gets {n} day, from the moment I see them.",
            "Who is inside gets {n} days, from the moment I see them.",
            days,
        ),
        "",
        t(
            "Telegram tells nobody who is in a chat. Those I have not met are let be; they get the same "
            "once, when they write in the chat or start the bot. Who comes from now on is a newcomer. "
            "Owners, administrators and bots need nothing."
        ),
    ]
    return page(
        "\n".join(lines),
        [Button(t("✅ Begin"), action=f"imports:go:{job_id}")],
        [Button(t("Cancel"), action=f"imports:drop:{job_id}")],
    )
