"""An owner connects his bots, and lets them go."""

from bot.app import App
from sandbox import Sandbox


async def test_connecting_a_bot_in_chat(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot", name="Chess")
    await olga.start(service)
    assert "Hello" in tg.last(olga).text
    await olga.send(service, "/connect")
    sent = await olga.send(service, chess.token)
    assert sent.deleted, "a token does not stay in the chat"
    assert "@chess_bot is connected" in tg.last(olga, bot=service).text
    await olga.click("My bots")
    await olga.click("@chess_bot")
    assert "It administers no chat yet" in tg.last(olga, bot=service).text
    assert len([call for call in tg.calls_of("setWebhook") if call.bot.username == chess.username]) == 1


async def test_a_wrong_token_is_refused_in_words(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/connect 123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert "Telegram does not know this token" in tg.last(olga).text
