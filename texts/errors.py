"""One kind sentence for every error a person can meet, saying what to do next."""

from collections.abc import Callable

from domain.actor import Translator
from domain.errors import (
    Conflict,
    GatehouseError,
    GatewayRefused,
    GatewayUnreachable,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    TelegramFlood,
    TelegramRefused,
    TelegramUnreachable,
)

Sentence = Callable[[Translator, GatehouseError], str]

# Features add their reasons here, next to their wording: `REASONS["used"] = lambda t, e: t("…")`.
REASONS: dict[str, Sentence] = {}


def sentence(t: Translator, error: GatehouseError) -> str:
    """What to tell the person. Plain text: callers escape it where they put it into HTML."""
    if isinstance(error, Invalid | Conflict | Refused) and (own := REASONS.get(error.reason)):
        return own(t, error)
    if isinstance(error, NotFound) and (own := REASONS.get(f"no_{error.what}")):
        return own(t, error)
    match error:
        case NotAllowed():
            return t("You may not do that here. Ask an administrator of the chat or the owner of the bot.")
        case NotFound():
            return t("That is not there any more. Open the list again to see what is.")
        case Invalid():
            return t("I did not understand that. Please check it and send it again.")
        case Conflict() | Refused():
            return t("That is not possible right now. Open the menu again to see what is.")
        case TelegramFlood(retry_after=seconds):
            return t(
                "Telegram asks us to slow down. Please try again in {seconds} s.", seconds=round(seconds)
            )
        case TelegramUnreachable():
            return t("Telegram does not answer right now. Please try again in a minute.")
        case GatewayUnreachable():
            return t("The payment provider does not answer right now. Please try again in a minute.")
        case GatewayRefused(words=words):
            return t("The payment provider refused that: {words}", words=words)
        case TelegramRefused(description=words):
            return t("Telegram refused that: {words}", words=words)
        case _:
            return t("Something went wrong on our side. Please try again.")
