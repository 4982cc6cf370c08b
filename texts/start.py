"""Wording of the first contact: greeting, help, language, cancelling."""

from collections.abc import Iterable

from domain.actor import Translator
from domain.bots import Bot
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.markup import bold, esc

REASONS |= {
    "no_command": lambda t, e: t("I do not know this command. Send /help to see what I can do."),
    "no_command_in_groups": lambda t, e: t("This command works in a group. Send it there."),
    "no_command_in_private": lambda t, e: t(
        "This command works in our private chat. Open it and send it there."
    ),
    "no_button": lambda t, e: t("This button is from an older version. Open the menu again, please."),
    "wizard_over": lambda t, e: t("We are past that step. Please begin again from the menu."),
    "unknown_language": lambda t, e: t("I do not speak this language yet. Send /language to choose another."),
}


def greeting(t: Translator, tenant: Bot, name: str, rows: Iterable[list[Button]]) -> Page:
    """Hello, and what can be done here."""
    if tenant.is_service:
        text = t(
            "Hello {name}! I look after communities: I greet and count newcomers, answer questions, keep "
            "spam out and sell access.\n\nConnect a bot of yours, or simply add me to your group.",
            name=bold(name),
        )
    else:
        text = t("Hello {name}! This is {bot}.", name=bold(name), bot=bold(tenant.name))
    return page(text, *rows)


def member_rows(t: Translator) -> list[list[Button]]:
    """What a bot offers its members."""
    return [
        [
            Button(t("Plans"), action="plans:list"),
            Button(t("My memberships"), action="memberships:list"),
        ],
        [
            Button(t("Invite friends"), action="affiliates:mine"),
            Button(t("Language"), action="start:languages"),
        ],
    ]


def help_page(t: Translator, commands: Iterable[tuple[str, str]]) -> Page:
    """All commands a person can use here."""
    lines = [t("What I can do here:"), ""]
    lines += [f"/{name} — {esc(words)}" for name, words in commands]
    return page("\n".join(lines))


def choose_language(t: Translator, languages: Iterable[tuple[str, str]]) -> Page:
    """Pick a language: (code, its name in itself)."""
    rows = [[Button(name, action=f"start:language:{code}")] for code, name in languages]
    return page(t("Which language do you like?"), *rows)


def language_chosen(t: Translator) -> Page:
    """The language is set."""
    return page(t("Good, we speak English now."))


def cancelled(t: Translator, was_busy: bool) -> Page:
    """A conversation is cancelled."""
    return page(t("Cancelled. Nothing was changed.") if was_busy else t("There is nothing to cancel."))


def not_understood(t: Translator) -> Page:
    """Somebody wrote something nobody asked for."""
    return page(t("I did not understand that. Send /help to see what I can do."))


def privacy(t: Translator, model_host: str = "") -> Page:
    """What is kept about people. `model_host`: where doubtful messages go; empty: nowhere."""
    text = t(
        "What this bot keeps about you: your Telegram id, name, username and language, when you joined or "
        "left its chats and by which link, how many messages you wrote there (not what), and what you "
        "bought or redeemed. Messages are kept only when they were taken for spam. "
        "The owner of the bot answers questions about it."
    )
    lessons = t(
        "Nothing is learned by listening. Of a message that an administrator calls spam or not spam a "
        "fingerprint is kept: numbers by which similar messages are known again, and no text."
    )
    money = t(
        "About payments it keeps your orders, what you paid, when and by which way, the provider's number of "
        "the payment, and your e-mail address if the provider wants one. Card numbers never come here: they "
        "stay with the provider. What you ask with /paysupport goes to the owner and is not kept."
    )
    paragraphs = [text, lessons, money]
    if model_host:
        asked = t(
            "When a message of somebody who is new in a chat looks doubtful, its text is sent to a language "
            "model at {host}, which says whether it is spam. Nothing else is sent, and no name.",
            host=esc(model_host),
        )
        paragraphs.insert(2, asked)
    return page("\n\n".join(paragraphs))
