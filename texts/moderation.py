"""Wording of moderators' commands."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.actor import Right, Translator
from domain.antispam.sanctions import Action
from domain.antispam.views import Penalty
from domain.page import Page, page
from texts import antispam
from texts.errors import REASONS
from texts.formats import day
from texts.markup import esc, mention, shorten

_RIGHTS: dict[Right, Callable[[Translator], str]] = {
    Right.DELETE_MESSAGES: lambda t: t(
        "I may not delete messages here. Give me the right “Delete messages”."
    ),
    Right.RESTRICT_MEMBERS: lambda t: t("I may not do that here. Give me the right “Ban users”."),
    Right.PIN_MESSAGES: lambda t: t("I may not pin messages here. Give me the right “Pin messages”."),
}

REASONS |= {
    "order_target": lambda t, e: t(
        "Whom do you mean? Reply to a message, or write @username or an id after the command."
    ),
    "order_duration": lambda t, e: t(
        "I do not understand the time. Write it like 10m, 2h, 3d or 1w, from 30 seconds to 366 days."
    ),
    "no_person": lambda t, e: t(
        "I do not know this person yet. Reply to one of their messages, or write their id."
    ),
    "target_me": lambda t, e: t("That is me. I would rather not."),
    "target_linked": lambda t, e: t(
        "That is the channel this group belongs to. I leave it alone; /del deletes a post."
    ),
    "target_channel": lambda t, e: t("A channel can only be banned. Reply with /ban."),
    "reply_needed": lambda t, e: t("Reply with this command to the message that you mean."),
    "supergroup_only": lambda t, e: t(
        "Telegram allows that in supergroups only. The owner of the group can make it one: for instance by "
        "showing the chat history to new members."
    ),
    "no_warnings": lambda t, e: t("{name} has no warnings.", name=e.details["name"]),
    "bot_right": lambda t, e: _RIGHTS[Right(str(e.details["right"]))](t),
}


def _because(t: Translator, reason: str) -> str:
    return "\n" + t("Reason: {reason}", reason=esc(reason)) if reason else ""


def _everywhere(t: Translator, elsewhere: int) -> str:
    if not elsewhere:
        return ""
    return "\n" + t.plural("So it is in {n} more chat.", "So it is in {n} more chats.", elsewhere)


def punished(t: Translator, user_id: int, name: str, penalty: Penalty, reason: str) -> Page:
    """Somebody was muted, removed or banned."""
    done = f"{_who(user_id, name)}: {esc(antispam.done(t, penalty))}."
    return page(done + _everywhere(t, penalty.elsewhere) + _because(t, reason))


def warned(t: Translator, user_id: int, name: str, penalty: Penalty, reason: str) -> Page:
    """Somebody was warned, perhaps for the last time."""
    text = f"⚠️ {_who(user_id, name)}: {esc(antispam.done(t, penalty))}."
    if penalty.action is not Action.WARN:
        text += " " + t("That was the last warning.")
    return page(text + _everywhere(t, penalty.elsewhere) + _because(t, reason))


def unwarned(t: Translator, user_id: int, name: str, left: int) -> Page:
    """A warning was taken back."""
    return page(
        t.plural(
            "A warning of {name} was taken back, {n} is left.",
            "A warning of {name} was taken back, {n} are left.",
            left,
            name=_who(user_id, name),
        )
    )


def warnings(t: Translator, user_id: int, name: str, notes: Sequence[Any], limit: int) -> Page:
    """Somebody's warnings."""
    who = _who(user_id, name)
    if not notes:
        return page(t("{name} has no warnings.", name=who))
    lines = [t("{name} has {number} of {limit} warnings:", name=who, number=len(notes), limit=limit)]
    for note in notes:
        at = day(t, datetime.fromtimestamp(note["at"], UTC))
        why = note["reason"] if note["by"] else t("anti-spam")
        lines.append(f"• {esc(at)} {esc(shorten(why or '—', 200))}")
    return page("\n".join(lines))


def lifted(t: Translator, user_id: int, name: str, action: Action, elsewhere: int = 0) -> Page:
    """A sanction was lifted, in so many other chats of the owner, too."""
    who = _who(user_id, name)
    if action is Action.MUTE:
        return page(t("{name} may speak again.", name=who))
    return page(t("{name} is not banned any more and may come back.", name=who) + _everywhere(t, elsewhere))


def approved(t: Translator, user_id: int, name: str) -> Page:
    """The checks leave somebody alone."""
    return page(t("✅ I leave {name} alone from now on. /spam takes it back.", name=_who(user_id, name)))


def refusal(words: str) -> Page:
    """Why something was not done. `words` are plain text."""
    return page(esc(words))


def _who(user_id: int, name: str) -> str:
    return esc(name) if user_id < 0 else mention(user_id, name)
