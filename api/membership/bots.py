"""Bots: one more for the same owner."""

from typing import Annotated

import msgspec

from api.membership.rows import OfBot, bot_of, row
from domain.actor import Actor
from services.house import House


class NewBot(OfBot, kw_only=True):
    """The bot to connect."""

    bot_token: Annotated[
        str, msgspec.Meta(description="Its token from @BotFather.", examples=["1234567890:AABBCCdd…"])
    ]


class ConnectedBot(msgspec.Struct):
    """A bot, and a key that opens it. The key is shown this once."""

    bot_id: int
    bot_username: str
    api_key: str


async def connect(house: House, actor: Actor, given: NewBot) -> ConnectedBot:
    """Connect one more bot."""
    beside = await bot_of(house, actor, given)
    bot, key = await house.bots.connect_beside(actor, beside.id, given.bot_token)
    return ConnectedBot(bot.telegram_id, bot.username, key)


BOTS = (
    row(
        "POST", "/bot", connect, "Register a bot",
        input=NewBot, result=ConnectedBot, section="Bots", status=201,
        details="Connects a bot for the owner of the bot that is called, and makes a key for it. Calling it "
        "again makes another key; the earlier ones stay good.",
        example=ConnectedBot(1347378140, "tgmembership_demobot", "abcd123"),
        errors={
            "409": "The bot is connected to somebody else's account.",
            "502": "Telegram is out of reach, or does not take this server's address.",
        },
    ),
)  # fmt: skip
