"""An owner connects his bots, and lets them go."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App, greeting
from bot.i18n import Languages
from domain.actor import Actor
from domain.bots import ALLOWED_UPDATES
from domain.errors import Conflict, GatehouseError, NotAllowed
from sandbox import Sandbox
from services.bots import BotService


def person(who: Any) -> Actor:
    return Actor(who.id, Languages().translator())


@pytest.fixture
async def open_house(start_app, service, olga) -> Any:
    """An application in which anybody may own bots."""
    async with start_app(bot_token=service.token) as app:
        yield app


async def rows(app: App) -> list[dict[str, Any]]:
    async with app.db.read() as tx:
        return [dict(row._mapping) for row in await tx.execute(text("SELECT * FROM bot ORDER BY id"))]


async def hears(tg: Sandbox, bot: Any, who: Any) -> bool:
    """Whether the bot answers: its updates reach us, and are let in."""
    before = len(tg.messages(who, bot=bot))
    await who.start(bot)
    return len(tg.messages(who, bot=bot)) > before + 1


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
    (call,) = [call for call in tg.calls_of("setWebhook") if call.bot.username == chess.username]
    assert set(call.params["allowed_updates"]) == set(ALLOWED_UPDATES)
    assert await hears(tg, chess, tg.user("Ann"))
    assert chess.token.encode() not in (await rows(app))[1]["token"]


async def test_a_wrong_token_is_refused_in_words(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/connect 123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert "Telegram does not know this token" in tg.last(olga).text
    await olga.send(service, "/connect")
    sent = await olga.send(service, "<b>no token</b>")
    assert sent.deleted
    assert "Telegram does not know this token" in tg.last(olga).text
    await olga.send(service, "/cancel")
    assert "Cancelled" in tg.last(olga).text


async def test_a_bot_that_comes_back_is_the_same(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    club = tg.group("Chess club", owner=olga)
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    await olga.add(chess, club, rights="all")
    before = (await rows(app))[1]
    await olga.send(service, "/bots")
    await olga.click("@chess_bot")
    await olga.click("Disconnect")
    await olga.click("Yes, disconnect")
    assert "is disconnected" in tg.last(olga, bot=service).text
    assert chess.bot.feed.webhook is None
    assert chess.bot.commands == {}
    assert (await rows(app))[1]["status"] == 3
    with pytest.raises(NotAllowed):
        await app.house.chats.administered(person(olga), before["id"])
    await olga.send(service, f"/connect {chess.token}")
    after = (await rows(app))[1]
    assert [after[name] for name in ("id", "public_id", "created_at")] == [
        before[name] for name in ("id", "public_id", "created_at")
    ]
    assert (after["status"], after["deleted_at"]) == (0, None)
    found = await app.house.chats.administered(person(olga), before["id"])
    assert [chat.title for chat in found] == ["Chess club"], "its chats are found again"
    assert await hears(tg, chess, tg.user("Ann"))


async def test_a_new_token_takes_the_place_of_the_old(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    tg.world.replace_token(chess.bot)
    await olga.send(service, f"/connect {chess.token}")
    assert "new token of @chess_bot" in tg.last(olga, bot=service).text
    assert len(await rows(app)) == 2
    assert await hears(tg, chess, tg.user("Ann"))


async def test_of_another_account_it_stays(tg: Sandbox, open_house: App, olga, service) -> None:
    chess, bob = tg.bot("chess_bot"), tg.user("Bob")
    await olga.start(service)
    await bob.start(service)
    await olga.send(service, f"/connect {chess.token}")
    await bob.send(service, f"/connect {chess.token}")
    assert "belongs to another account" in tg.last(bob, bot=service).text
    await bob.send(service, "/bots")
    assert "no bots here yet" in tg.last(bob, bot=service).text
    assert await hears(tg, chess, tg.user("Ann")), "his attempt did no harm"
    mine = (await rows(open_house))[1]["id"]
    for verb in ("open", "ask_drop", "drop"):
        pressed = {"text": "?", "callback_data": f"bots:{verb}:{mine}"}
        answer = await bob.press_callback(tg.last(bob, bot=service), pressed)
        assert "may not" in (answer.text or "")
    assert (await rows(open_house))[1]["status"] == 0


@pytest.mark.parametrize("apart", [False, True])
async def test_two_owners_at_once(tg: Sandbox, open_house: App, olga, service, apart: bool) -> None:
    """Also when two processes do it, which know nothing of each other's turns."""
    chess, bob = tg.bot("chess_bot"), tg.user("Bob")
    mine = other = open_house.house.bots
    if apart:
        other = BotService(
            mine.access, mine._db, mine._work, mine._clock, mine._telegram, mine._directory, mine._vault,
            mine._hooks, mine._menus,
        )  # fmt: skip
    tg.faults.slow(0.05, method="setWebhook", bot=chess, count=None)
    outcomes = await asyncio.gather(
        mine.connect(person(olga), chess.token),
        other.connect(person(bob), chess.token),
        return_exceptions=True,
    )
    tg.faults.clear()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Bot", "Conflict"]
    assert any(isinstance(outcome, Conflict) for outcome in outcomes)
    await tg.settle()
    assert await hears(tg, chess, tg.user("Ann")), "the winner's webhook works"


async def test_twice_at_once_by_the_same_owner(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    connect = app.house.bots.connect
    first, second = await asyncio.gather(*(connect(person(olga), chess.token) for _ in range(2)))
    assert first.id == second.id
    assert await hears(tg, chess, tg.user("Ann"))


@pytest.mark.parametrize("method", ["getMe", "setWebhook"])
@pytest.mark.parametrize("fault", ["flood", "error", "broken"])
async def test_telegram_fails_while_connecting(
    tg: Sandbox, app: App, olga, service, method: str, fault: Any
) -> None:
    chess = tg.bot("chess_bot")
    await olga.start(service)
    await olga.send(service, "/connect")
    tg.faults.add(fault, method=method, bot=chess, count=None, retry_after=7)
    await olga.send(service, chess.token)
    words = "slow down" if fault == "flood" else "does not answer right now"
    assert words in tg.last(olga, bot=service).text
    assert len(await rows(app)) == 1
    assert chess.bot.feed.webhook is None, "nothing half-connected is left behind"
    tg.faults.clear()
    await olga.send(service, chess.token)
    assert "is connected" in tg.last(olga, bot=service).text
    assert await hears(tg, chess, tg.user("Ann"))


async def test_a_webhook_telegram_does_not_take(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    tg.faults.error(400, method="setWebhook", bot=chess, count=None)
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    assert "PUBLIC_URL" in tg.last(olga, bot=service).text
    assert len(await rows(app)) == 1


async def test_a_living_bot_survives_a_failed_reconnect(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    tg.faults.error(500, method="setWebhook", bot=chess, count=None)
    await olga.send(service, f"/connect {chess.token}")
    tg.faults.clear()
    assert await hears(tg, chess, tg.user("Ann"))


async def test_a_bot_made_by_one_tap(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/connect")
    await olga.click("Create a bot for me")
    await olga.press("Create my bot", name="Chess <club>", username="chess_club_bot")
    assert "@chess_club_bot is connected" in tg.last(olga, bot=service).text
    assert len([m for m in tg.messages(olga, bot=service) if "is connected" in m.text]) == 1
    made = tg.world.by_username("chess_club_bot")
    before = (await rows(app))[1]
    tg.world.replace_token(made)
    from sandbox.managing import announce_managed_bot

    announce_managed_bot(made)
    await tg.settle()
    assert "new token of @chess_club_bot" in tg.last(olga, bot=service).text
    after = (await rows(app))[1]
    assert after["id"] == before["id"]
    assert after["token"] != before["token"]
    assert await app.house.directory.token(after["id"]) == made.token


async def test_a_made_bot_is_connected_once_telegram_is_back(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/connect")
    await olga.click("Create a bot for me")
    tg.faults.error(500, method="setWebhook", count=1)
    await olga.press("Create my bot", name="Chess", username="chess_club_bot")
    assert len([m for m in tg.messages(olga, bot=service) if "is connected" in m.text]) == 1


async def test_where_bots_cannot_be_created(tg: Sandbox, start_app, olga) -> None:
    plain = tg.bot("plain_bot")
    async with start_app(bot_token=plain.token, owner_ids=frozenset({olga.id})):
        await olga.start(plain)
        await olga.send(plain, "/connect")
        assert not any("Create" in caption for row in tg.last(olga).buttons for caption in row)
        pressed = {"text": "?", "callback_data": "bots:create"}
        answer = await olga.press_callback(tg.last(olga), pressed)
        assert "@BotFather" in (answer.text or "")


async def test_strangers_connect_nothing(tg: Sandbox, app: App, olga, service) -> None:
    eve, chess = tg.user("Eve"), tg.bot("chess_bot")
    await eve.start(service)
    sent = await eve.send(service, f"/connect {chess.token}")
    assert sent.deleted
    assert "may not" in tg.last(eve).text
    assert len(await rows(app)) == 1
    assert tg.calls_of("getMe", bot=chess) == []


async def test_garbage_in_buttons(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/bots")
    panel = tg.last(olga)
    for rest in ("open", "open:x", "open:999", "drop:", "ask_drop:-1", "accept:1", "accept:1:2", "open:²"):
        answer = await olga.press_callback(panel, {"text": "?", "callback_data": f"bots:{rest}"})
        assert answer.alert
        assert answer.text


async def test_the_service_bot_stays(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/bots")
    await olga.click("@gatehouse_bot")
    assert not any("Disconnect" in caption for row in tg.last(olga).buttons for caption in row)
    with pytest.raises(GatehouseError):
        await app.house.bots.disconnect(person(olga), (await rows(app))[0]["id"])


async def test_a_warning_can_be_dismissed(tg: Sandbox, app: App, olga, service) -> None:
    bob = tg.user("Bob")
    club = tg.group("Chess <club>", owner=bob)
    await olga.start(service)
    await bob.add(service, club, rights="all")
    await bob.ban(service, club)
    await olga.send(service, "/bots")
    await olga.click("@gatehouse_bot")
    assert "No administrator any more in:\n• Chess <club>" in tg.last(olga).text
    await olga.click("Stop warning about Chess <club>")
    assert "Chess <club>" not in tg.last(olga).text
    assert (await rows(app))[0]["status"] == 0


async def test_a_broken_webhook_is_mended_at_the_next_start(tg: Sandbox, start_app, olga, service) -> None:
    chess = tg.bot("chess_bot")
    setup = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**setup) as app:
        await app.house.bots.connect(person(olga), chess.token)
    chess.bot.feed.allow(["message"])  # as an older version had asked for
    async with start_app(**setup):
        await tg.settle()
        assert chess.bot.feed.allowed == set(ALLOWED_UPDATES)
        assert await hears(tg, chess, tg.user("Ann"))


async def test_the_first_owner_claims_the_service_bot(tg: Sandbox, start_app, service) -> None:
    """With a token alone in the settings, the link `serve` prints makes its first user the owner."""
    async with start_app(bot_token=service.token) as app:
        words = await greeting(app)
        link = words.split()[-1]
        ann, ben = tg.user("Ann"), tg.user("Ben")
        await ben.start(service, "claim_guessed")
        assert "too old" in tg.last(ben).text
        await ann.follow(link)
        assert "You are the owner now" in tg.last(ann).text
        await ben.follow(link)
        assert "was used already" in tg.last(ben).text
        assert [bot.owner_id for bot in await app.house.directory.all()] == [ann.id]
        assert "Become the owner" not in await greeting(app)
