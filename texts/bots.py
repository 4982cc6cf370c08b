"""Wording about bots: connecting, listing, disconnecting."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.bots import Bot, BotStatus
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.markup import bold, esc

REASONS |= {
    "token": lambda t, e: t(
        "Telegram does not know this token. Copy it from @BotFather again (it looks like 1234567890:AAbb…) "
        "and send it here."
    ),
    "exists": lambda t, e: t(
        "This bot is connected to another account. Its owner has to disconnect it first."
    ),
    "webhook": lambda t, e: t(
        "The token is right, but Telegram does not accept our address for its updates. "
        "Ask whoever runs this server to check PUBLIC_URL."
    ),
    "service_bot": lambda t, e: t(
        "This is the service bot itself: it stays connected while the server runs."
    ),
    "no_bot": lambda t, e: t("This bot is not connected (any more). Send /bots to see your bots."),
}


def ask_token(t: Translator, can_create: bool) -> Page:
    """How to connect a bot."""
    text = t(
        "Send me the token of your bot. I delete your message at once.\n\n"
        "No bot yet? Open @BotFather, send /newbot, choose a name, and copy the token it shows."
    )
    create = [Button(t("🤖 Create a bot for me"), action="bots:create")] if can_create else []
    return page(text, create, [Button(t("Cancel"), action="start:cancel")])


def connected(t: Translator, bot: Bot) -> Page:
    """The bot is connected: what comes next."""
    text = t(
        "✅ {bot} is connected.\n\nNow add it to your group or channel as an administrator:",
        bot=bold(f"@{bot.username}"),
    )
    return page(text, *add_rows(t, bot), [Button(t("My bots"), action="bots:list")])


def add_rows(t: Translator, bot: Bot) -> list[list[Button]]:
    """Deep links that ask for the least rights the features need."""
    base = f"https://t.me/{bot.username}"
    group = "delete_messages+restrict_members+invite_users+pin_messages"
    channel = "invite_users+restrict_members"
    return [
        [Button(t("➕ Add to a group"), url=f"{base}?startgroup=added&admin={group}")],
        [Button(t("➕ Add to a channel"), url=f"{base}?startchannel&admin={channel}")],
    ]


def disconnected(t: Translator, bot: Bot) -> Page:
    """The bot is disconnected."""
    text = t(
        "{bot} is disconnected. Its history is kept: connect it again whenever you like, "
        "and everything is back.",
        bot=bold(f"@{bot.username}"),
    )
    return page(text, [Button(t("My bots"), action="bots:list")])


def listing(t: Translator, mine: Sequence[Bot]) -> Page:
    """All bots of an owner."""
    alive = [bot for bot in mine if bot.alive]
    if not alive:
        return page(
            t("You have no bots here yet. Connect your first one:"),
            [Button(t("➕ Connect a bot"), action="bots:connect")],
        )
    rows = [
        [
            Button(
                ("⚠️ " if bot.status is BotStatus.WARNING else "") + f"@{bot.username}",
                action=f"bots:open:{bot.id}",
            )
        ]
        for bot in alive
    ]
    return page(
        t.plural("You have {n} bot.", "You have {n} bots.", len(alive)),
        *rows,
        [Button(t("➕ Connect a bot"), action="bots:connect")],
    )


def ask_disconnect(t: Translator, bot: Bot) -> Page:
    """Ask before disconnecting."""
    text = t(
        "Disconnect {bot}? It stops answering, welcoming and guarding. Nothing is deleted.",
        bot=bold(f"@{bot.username}"),
    )
    return page(
        text,
        [
            Button(t("Yes, disconnect"), action=f"bots:drop:{bot.id}"),
            Button(t("No"), action=f"bots:open:{bot.id}"),
        ],
    )


def status_line(t: Translator, bot: Bot) -> str:
    """The state of a bot in words."""
    match bot.status:
        case BotStatus.ACTIVE:
            return t("✅ Works")
        case BotStatus.WARNING:
            return t("⚠️ Lost its administrator rights in a chat. Give them back there.")
        case _:
            return t("Disconnected")


def panel(t: Translator, bot: Bot, chat_titles: Sequence[str]) -> Page:
    """One bot: its state and its chats."""
    lines = [bold(f"{bot.name} (@{bot.username})"), status_line(t, bot), ""]
    if chat_titles:
        lines.append(t("Administers:"))
        lines += [f"• {esc(title)}" for title in chat_titles]
    else:
        lines.append(t("It administers no chat yet. Add it to one:"))
    rows = add_rows(t, bot)
    if not bot.is_service:
        rows.append([Button(t("Disconnect"), action=f"bots:ask_drop:{bot.id}")])
    return page("\n".join(lines), *rows, [Button(t("‹ Back"), action="bots:list")])
