"""Wording about accounts and API keys."""

from domain.actor import Translator
from domain.page import Button, Page, page
from texts.markup import code


def ask_key(t: Translator, for_bot: bool) -> Page:
    """Ask what shall become of the key in use."""
    text = (
        t("A new API key for this bot. What about the key in use now?")
        if for_bot
        else t("A new API key for your account. What about the key in use now?")
    )
    return page(
        text,
        [Button(t("Keep it for a day"), action="apikey:new:day")],
        [Button(t("Revoke it at once"), action="apikey:new:now")],
        [Button(t("Cancel"), action="start:cancel")],
    )


def new_key(t: Translator, key: str, for_bot: bool, at_once: bool) -> Page:
    """Show a new key, once."""
    lines = [
        t("Your new API key. Keep it safe: I cannot show it again."),
        "",
        code(key),
        "",
        t("It opens this bot's membership API.") if for_bot else t("It opens everything you own here."),
        t("The old key is revoked.") if at_once else t("The old key works for one more day."),
    ]
    return page("\n".join(lines))
