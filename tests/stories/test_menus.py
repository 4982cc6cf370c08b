"""The menus of commands people find behind the button beside the message field."""

from typing import Any

from bot.app import App
from bot.i18n import Languages
from domain.actor import Actor
from sandbox import Sandbox


def names(bot: Any, scope: str) -> list[str]:
    return [row["command"] for row in bot.bot.commands.get((scope, ""), [])]


async def connect(app: App, who: Any, bot: Any) -> None:
    await app.house.bots.connect(Actor(who.id, Languages().translator()), bot.token)


async def test_everybody_sees_what_he_can_use(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    await connect(app, olga, chess)
    await tg.settle()
    assert "help" in names(chess, "all_private_chats")
    assert "joins" not in names(chess, "all_private_chats")
    assert "joins" not in names(chess, "all_group_chats")
    assert "joins" in names(chess, "all_chat_administrators")
    assert "connect" not in names(chess, "all_chat_administrators")
    assert names(service, f"chat:{olga.id}") == [], "nobody is written to who has not said hello"
    await olga.start(service)
    await olga.start(chess)
    assert {"connect", "bots", "joins"} <= set(names(service, f"chat:{olga.id}"))
    assert "apikey" in names(chess, f"chat:{olga.id}")
    assert "connect" not in names(chess, f"chat:{olga.id}")
    assert "connect" not in names(service, "all_private_chats"), "only OWNER_IDS may connect bots"


async def test_where_anybody_may_own_bots(tg: Sandbox, start_app, service) -> None:
    async with start_app(bot_token=service.token):
        await tg.settle()
        assert "connect" in names(service, "all_private_chats")


async def test_the_rights_the_bot_proposes(tg: Sandbox, app: App, olga, service) -> None:
    await tg.settle()
    group, channel = service.bot.default_rights["group"], service.bot.default_rights["channel"]
    assert {name for name, on in group.items() if on} == {
        "can_manage_chat", "can_delete_messages", "can_restrict_members", "can_invite_users",
    }  # fmt: skip
    assert "can_delete_messages" not in channel


async def test_menus_are_set_again_only_when_they_change(tg: Sandbox, start_app, olga, service) -> None:
    setup = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**setup):
        await tg.settle()
    before = len(tg.calls_of("setMyCommands"))
    assert before
    async with start_app(**setup):
        await tg.settle()
        assert len(tg.calls_of("setMyCommands")) == before
    async with start_app(bot_token=service.token):  # anybody may own bots now: another menu
        await tg.settle()
        assert len(tg.calls_of("setMyCommands")) > before


async def test_failures_never_break_connecting(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    fault = tg.faults.flood(1, method="setMyCommands", bot=chess, count=None)
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    assert "is connected" in tg.last(olga, bot=service).text
    tg.faults.remove(fault)
    app.house.menus.look_at((await app.house.directory.all())[1].id)
    await tg.settle()
    assert "help" in names(chess, "all_private_chats")


async def test_a_disconnected_bot_shows_no_commands(tg: Sandbox, app: App, olga, service) -> None:
    chess = tg.bot("chess_bot")
    await connect(app, olga, chess)
    await olga.start(chess)
    assert chess.bot.commands
    actor = Actor(olga.id, Languages().translator())
    await app.house.bots.disconnect(actor, (await app.house.directory.all())[1].id)
    await tg.settle()
    assert not any(chess.bot.commands.values())
    await connect(app, olga, chess)
    await tg.settle()
    assert "help" in names(chess, "all_private_chats")
