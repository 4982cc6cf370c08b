"""Bots: connected with a BotFather token, listed with their chats, let go."""

from typing import Annotated

import msgspec

from api.table import Endpoint, Scope
from domain.actor import Actor
from services.house import House

LARGEST_ID = 2**63 - 1


class BotRow(msgspec.Struct):
    """A bot, as the list shows it."""

    id: int
    tg: Annotated[int, msgspec.Meta(description="The bot's id at Telegram.")]
    username: str
    name: str
    status: Annotated[
        int,
        msgspec.Meta(
            description="0 active · 1 warning: it has lost administrator rights in one or more chats · "
            "3 deleted (softly).",
            extra_json_schema={"enum": [0, 1, 3]},
        ),
    ]
    created: Annotated[
        str,
        msgspec.Meta(description="UTC, `YYYY-MM-DD HH:MM:SS`.", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"),
    ]


class AddedBot(msgspec.Struct):
    """A bot just connected."""

    id: int
    username: str
    name: str


class ChatRow(msgspec.Struct):
    """A chat the bot administers."""

    id: int
    title: str
    type: Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["channel", "group", "supergroup"]})]


class NewBot(msgspec.Struct):
    """What connecting a bot takes."""

    token: Annotated[
        str, msgspec.Meta(description="The bot's token from @BotFather.", examples=["1234567890:AABBCCdd…"])
    ]


class WhichBot(msgspec.Struct):
    """One bot of the account."""

    id: Annotated[int, msgspec.Meta(description="Bot id.", ge=1, le=LARGEST_ID, examples=[7])]


async def list_bots(house: House, actor: Actor) -> list[BotRow]:
    """Every bot of the account, disconnected ones included."""
    return [
        BotRow(
            id=bot.id,
            tg=bot.telegram_id,
            username=bot.username,
            name=bot.name,
            status=bot.status,
            created=f"{bot.created_at:%Y-%m-%d %H:%M:%S}",
        )
        for bot in await house.bots.list(actor)
    ]


async def add_bot(house: House, actor: Actor, given: NewBot) -> AddedBot:
    """Connect a bot, or bring it back."""
    bot = await house.bots.connect(actor, given.token)
    return AddedBot(bot.id, bot.username, bot.name)


async def list_chats(house: House, actor: Actor, given: WhichBot) -> list[ChatRow]:
    """Chats a campaign could be made for."""
    return [
        ChatRow(chat.chat_id, chat.title, chat.type) for chat in await house.chats.pickable(actor, given.id)
    ]


async def delete_bot(house: House, actor: Actor, given: WhichBot) -> None:
    """Disconnect a bot."""
    await house.bots.disconnect(actor, given.id)


_NOT_YOURS = "There is no connected bot of yours with this id."
BOTS = (
    Endpoint(
        "GET", "/api/bots/list.json", Scope.ACCOUNT, list_bots,
        "List bots", result=list[BotRow], section="Bots",
        details="All bots connected to your account, disconnected ones included.",
        example=[BotRow(7, 7123456789, "mytrackbot", "My Tracking Bot", 0, "2026-05-01 12:00:00")],
        errors={"access": "This account may not own bots here."},
    ),
    Endpoint(
        "POST", "/api/bots/add.json", Scope.ACCOUNT, add_bot,
        "Connect a bot", input=NewBot, result=AddedBot, section="Bots",
        details="Asks Telegram about the token, then sets the webhook. A bot disconnected earlier comes back "
        "under its old id, with its campaigns.",
        example=AddedBot(7, "mytrackbot", "My Tracking Bot"),
        errors={
            "access": "This account may not own bots here.",
            "token": "The token is invalid or Telegram rejected it.",
            "exists": "This bot is connected to a different account.",
            "webhook": "The token is valid but setting the webhook failed.",
        },
    ),
    Endpoint(
        "GET", "/api/bots/chats.json", Scope.ACCOUNT, list_chats,
        "List admin chats", input=WhichBot, result=list[ChatRow], section="Bots",
        details="Chats the bot administers, except those a campaign tracks already. The list is kept by "
        "what Telegram tells the bot: is a chat missing, check that the bot is an administrator there.",
        example=[ChatRow(-1001234567890, "My Channel", "channel")],
        errors={"access": _NOT_YOURS},
    ),
    Endpoint(
        "POST", "/api/bots/del.json", Scope.ACCOUNT, delete_bot,
        "Disconnect a bot", input=WhichBot, section="Bots",
        details="Drops the webhook and clears caches. The bot's history is kept, and connecting it again "
        "brings everything back.",
        errors={"access": _NOT_YOURS, "state": "The service bot itself cannot be disconnected."},
    ),
)  # fmt: skip
