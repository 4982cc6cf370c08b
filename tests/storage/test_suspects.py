"""A closer look while Telegram is out of reach: nobody is punished, and nothing wrong is learnt."""

from datetime import UTC, datetime
from typing import Any, cast

from domain.antispam.evidence import ENOUGH, Evidence
from domain.antispam.memory import ChatMemory
from domain.antispam.pipeline import Doubt, Pipeline, post_of_text
from domain.antispam.settings import AntiSpamSettings
from domain.bots import Bot, BotStatus
from domain.errors import TelegramError, TelegramFlood, TelegramRefused, TelegramUnreachable
from services.activity import ActivityService
from services.suspects import Suspects
from storage.database import Database
from tests.clock import TestClock
from tests.delivery.office import FakeTelegram

BOT = Bot(1, 100, 7, "p", "keeper_bot", "Keeper", BotStatus.ACTIVE, False, False, datetime.now(UTC), b"")


class Answering(FakeTelegram):
    """Telegram that knows a channel, and nobody as a member."""

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        await super().ask(bot_id, method, **params)
        return {"getChat": {"id": -1005, "type": "channel"}, "getChatMember": {"status": "left"}}[method]


def away(*errors: TelegramError) -> Any:
    left = list(errors)
    return lambda method, params: left.pop(0) if left else None


async def test_an_advertised_channel_is_found_out_when_telegram_is_back(db: Database) -> None:
    telegram, memory = Answering(), ChatMemory()
    telegram.faults.append(away(TelegramFlood(1.0), TelegramUnreachable(sent=False)))
    suspects = Suspects(db, telegram, ActivityService(db, TestClock()))
    post, pipeline = post_of_text(1, -100, 5, "see @shop"), Pipeline(AntiSpamSettings())
    looks = [
        await suspects.weigh(BOT, post, pipeline, memory, Doubt((), mentions=("@shop",))) for _ in range(3)
    ]
    assert looks[:2] == [None, None]
    assert looks[2] is not None


async def test_a_name_that_is_nobodys_is_asked_for_once(db: Database) -> None:
    telegram = Answering()
    telegram.faults.append(away(TelegramRefused(400, "Bad Request: chat not found")))
    suspects = Suspects(db, telegram, ActivityService(db, TestClock()))
    post, pipeline = post_of_text(1, -100, 5, "hi @ann"), Pipeline(AntiSpamSettings())
    for _ in range(2):
        assert await suspects.weigh(BOT, post, pipeline, ChatMemory(), Doubt((), mentions=("@ann",))) is None
    assert len(telegram.made) == 1


async def test_a_stranger_is_no_regular_because_telegram_did_not_say(db: Database) -> None:
    telegram, memory = Answering(), ChatMemory()
    telegram.faults.append(away(TelegramUnreachable(sent=True)))
    suspects = Suspects(db, telegram, ActivityService(db, TestClock()))
    post, pipeline = post_of_text(1, -100, 5, "https://example.com"), Pipeline(AntiSpamSettings())
    doubt = Doubt((Evidence("link", ENOUGH - 1),), newcomer=True)
    await suspects.weigh(BOT, cast(Any, post), pipeline, memory, doubt)
    assert not memory.is_regular(5)
    await suspects.weigh(BOT, cast(Any, post), pipeline, memory, doubt)
    assert not memory.is_regular(5), "he is a newcomer: not in the chat at all"
