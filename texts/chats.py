"""Wording about chats: the rights a bot needs there, has, and has lost."""

from collections.abc import Callable

from domain.actor import Right, Translator
from domain.bots import AdminChat, Bot, needed_rights
from domain.page import Page, page
from texts.bots import add_row
from texts.errors import REASONS
from texts.markup import bold, esc

REASONS |= {
    "no_lost_chat": lambda t, e: t("The rights are back there, or you have dismissed this warning before."),
}

# The names are those of Telegram's own form for administrators.
_PURPOSES: dict[Right, Callable[[Translator], str]] = {
    Right.DELETE_MESSAGES: lambda t: t("Delete messages — to remove spam"),
    Right.RESTRICT_MEMBERS: lambda t: t("Ban users — to stop spammers and end expired memberships"),
    Right.INVITE_USERS: lambda t: t("Invite users — for invite links and join requests"),
}


def _lines(t: Translator, chat: AdminChat) -> list[str]:
    return [
        ("❌ " if right in chat.missing else "✅ ") + esc(_PURPOSES[right](t))
        for right in needed_rights(chat.type)
    ]


def checklist(t: Translator, chat: AdminChat) -> Page:
    """The rights the features need, with a tick for each that is there."""
    if chat.type == "channel":
        head = t("To do my work in {chat}, I need these administrator rights:", chat=bold(chat.title))
        foot = t("Open the channel → Administrators → me, and switch them on. I tick them off here.")
    elif chat.admin:
        head = t("Thank you! I still need these administrator rights:")
        foot = t("Open the group → Administrators → me, and switch them on. I tick them off here.")
    else:
        head = t("Hello! To do my work here, I need to be an administrator with these rights:")
        foot = t("Open the group → Administrators → Add, and choose me. I tick them off here.")
    return page("\n".join([head, "", *_lines(t, chat), "", foot]))


def ready(t: Translator, chat: AdminChat) -> Page:
    """All rights are there: what comes next."""
    if chat.type == "channel":
        head = t("✅ I have all the rights I need in {chat}.", chat=bold(chat.title))
        foot = t("From now on I note who joins and from where: send /joins to see it.")
    else:
        head = t("✅ I have all the rights I need.")
        foot = t("Next: an administrator sends /settings here and chooses what I do.")
    return page("\n".join([head, "", foot]))


def rights_lost(t: Translator, tenant: Bot, chat: AdminChat, *, paid: bool) -> Page:
    """Tell the owner that the bot can no longer work in a chat; in a `paid` one its gate is stuck, too."""
    names = {"bot": bold(f"@{tenant.username}"), "chat": bold(chat.title)}
    if chat.present:
        parts = [
            t(
                "⚠️ {bot} is no administrator of {chat} any more. Joins are not counted there, and spam "
                "stays.",
                **names,
            )
        ]
        ask = t("Make it an administrator again; what is waiting is then done by itself:")
    else:
        parts = [t("⚠️ {bot} was removed from {chat}.", **names)]
        ask = t("If that was not meant, add it again; what is waiting is then done by itself:")
    if paid:
        parts.append(
            t("Members cannot get into this paid chat, and people whose membership ended stay inside.")
        )
    return page("\n\n".join([*parts, ask]), add_row(t, tenant, to_channel=chat.type == "channel"))
