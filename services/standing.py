"""Whether the bot itself may do something in a chat: asked of Telegram before anything is promised."""

from domain.actor import Right
from domain.bots import Bot
from domain.errors import Refused, TelegramRefused
from domain.telegram import Telegram


async def demand(telegram: Telegram, bot: Bot, chat_id: int, right: Right) -> None:
    """Raise `Refused` (bot_right) unless the bot has the right there."""
    try:
        own = await telegram.ask(bot.id, "getChatMember", chat_id=chat_id, user_id=bot.telegram_id)
    except TelegramRefused:
        raise Refused("bot_right", right=right) from None
    if not own.get(right, False):
        raise Refused("bot_right", right=right)
