"""Wording about bots: connecting, listing, disconnecting."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.bots import CHANNEL_RIGHTS, GROUP_RIGHTS, AdminChat, Bot, BotStatus
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.markup import bold, esc, shorten

_MOST_NAMES, _MOST_WARNINGS = 30, 5  # chats named in a panel; its text has to stay below 4096 characters

REASONS |= {
    "token": lambda t, e: t(
        "Telegram does not know this token. Copy it from @BotFather again (it looks like 1234567890:AAbb…) "
        "and send it here."
    ),
    "exists": lambda t, e: t(
        "This bot belongs to another account here, and so does its history. Connect it from that account."
    ),
    "cannot_create_bots": lambda t, e: t(
        "I cannot create bots here. Open @BotFather, send /newbot, and send me the token it shows."
    ),
    "webhook": lambda t, e: t(
        "The token is right, but Telegram does not accept our address for its updates. "
        "Ask whoever runs this server to check PUBLIC_URL."
    ),
    "claim": lambda t, e: t(
        "This link was used already or is too old. Start the server again for a new one."
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


def ask_to_create(t: Translator) -> Page:
    """The button that lets Telegram create a bot for us to manage."""
    asked = {"request_id": 1}
    keyboard = {
        "keyboard": [[{"text": t("🤖 Create my bot"), "request_managed_bot": asked}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    text = t(
        "Press the button below the message field and choose a name. Telegram creates the bot, and I "
        "connect it at once: no token to copy."
    )
    return Page(text, keyboard=keyboard)


def claimed(t: Translator) -> Page:
    """Somebody has become the owner of the service bot."""
    text = t("🔑 You are the owner now. Add me to your group, or connect more bots.")
    return page(text, [Button(t("🤖 My bots"), action="bots:list")])


def connected(t: Translator, bot: Bot) -> Page:
    """The bot is connected: what comes next."""
    text = t(
        "✅ {bot} is connected.\n\nNow add it to your group or channel as an administrator:",
        bot=bold(f"@{bot.username}"),
    )
    return page(text, *add_rows(t, bot), [Button(t("My bots"), action="bots:list")])


def token_renewed(t: Translator, bot: Bot) -> Page:
    """The bot was connected before and goes on with another token."""
    text = t(
        "✅ I use the new token of {bot} from now on. Nothing else has changed.", bot=bold(f"@{bot.username}")
    )
    return page(text, [Button(t("My bots"), action="bots:list")])


def add_rows(t: Translator, bot: Bot) -> list[list[Button]]:
    """Deep links that ask for the least rights the features need."""
    return [add_row(t, bot, to_channel=False), add_row(t, bot, to_channel=True)]


def add_row(t: Translator, bot: Bot, *, to_channel: bool) -> list[Button]:
    """The deep link into a group or channel (https://core.telegram.org/api/links#groupchannel-bot-links)."""
    rights = "+".join(
        right.removeprefix("can_") for right in (CHANNEL_RIGHTS if to_channel else GROUP_RIGHTS)
    )
    if to_channel:
        return [
            Button(t("➕ Add to a channel"), url=f"https://t.me/{bot.username}?startchannel&admin={rights}")
        ]
    return [
        Button(t("➕ Add to a group"), url=f"https://t.me/{bot.username}?startgroup=added&admin={rights}")
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


def panel(t: Translator, bot: Bot, chats: Sequence[AdminChat], lost: Sequence[AdminChat]) -> Page:
    """One bot: its state, its chats, and where it lost its rights."""
    lines = [bold(f"{bot.name} (@{bot.username})"), status_line(t, bot), ""]
    if chats:
        lines.append(t("Administers:"))
        lines += _names(t, chats)
    else:
        lines.append(t("It administers no chat yet. Add it to one:"))
    if lost:
        lines += ["", t("No administrator any more in:"), *_names(t, lost)]
    rows = add_rows(t, bot)
    rows += [
        [
            Button(
                t("Stop warning about {chat}", chat=shorten(chat.title, 30)),
                action=f"bots:accept:{bot.id}:{chat.chat_id}",
            )
        ]
        for chat in lost[:_MOST_WARNINGS]
    ]
    if not bot.is_service:
        rows.append([Button(t("Disconnect"), action=f"bots:ask_drop:{bot.id}")])
    return page("\n".join(lines), *rows, [Button(t("‹ Back"), action="bots:list")])


def _names(t: Translator, chats: Sequence[AdminChat]) -> list[str]:
    lines = [f"• {esc(shorten(chat.title, 60))}" for chat in chats[:_MOST_NAMES]]
    if (more := len(chats) - _MOST_NAMES) > 0:
        lines.append(t.plural("… and {n} more", "… and {n} more", more))
    return lines
