"""Wording about bans by id, and bans that count in all chats of an owner."""

from domain.actor import Translator
from domain.page import Button
from texts.errors import REASONS

REASONS |= {
    "person": lambda t, e: t("This is no id of a person. Ids of people are whole numbers above zero."),
    "no_ban": lambda t, e: t("There is no such ban (any more)."),
}


def federation(t: Translator, on: bool | None) -> list[Button]:
    """The switch for bans in all chats of the owner; none where nobody is asked (None)."""
    if on is None:
        return []
    label = t("🌐 Bans count in all my chats")
    return [Button(f"✅ {label}" if on else label, action=f"antispam:federate:{int(not on)}")]
