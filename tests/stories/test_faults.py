"""Telegram fails once at every method we call: people try again at most, and all ends as it should."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from sandbox.faults import FaultKind
from storage import chats, events, memberships, plans, projects
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories.estate import hurry
from tests.stories.membership import RIGHTS
from tests.stories.moderated import person, said

TRIES = 4  # of a person who was told to try again, or heard nothing
KINDS: dict[FaultKind, dict[str, Any]] = {
    "flood": {"retry_after": 1},
    "error": {"status": 500},
    "lost": {},
    "hang": {"seconds": 0.3},
    "broken": {},
}
# What the story calls; it fails when that becomes more or less, so that each is struck.
METHODS = {
    "answerCallbackQuery", "approveChatJoinRequest", "banChatMember", "createChatInviteLink", "deleteMessage",
    "deleteMyCommands", "deleteWebhook", "editChatInviteLink", "editMessageText", "getChat",
    "getChatAdministrators", "getChatMember", "getChatMemberCount", "getMe", "getWebhookInfo",
    "restrictChatMember", "sendMessage", "sendPhoto", "setMyCommands", "setMyDefaultAdministratorRights",
    "setWebhook", "unbanChatMember",
}  # fmt: skip


@dataclass
class Life:
    """A few weeks of a club."""

    tg: Sandbox
    app: App
    clock: TestClock
    olga: Any
    service: Any
    bot: Any
    chat: Any
    bot_id: int = 0

    async def insist(self, act: Callable[[], Awaitable[Any]], done: Callable[[], Awaitable[bool]]) -> None:
        """Do something, and again while it has no effect, as people do."""
        for _ in range(TRIES):
            await act()
            await self.wait()
            if await done():
                return
        last = [message.text for message in self.tg.messages(self.olga)][-3:]
        raise AssertionError(f"it has no effect, and Olga reads {last}")

    async def wait(self) -> None:
        """A minute passes; the background makes its rounds."""
        self.clock.advance(minutes=1)
        self.tg.clock.advance(minutes=1)
        house = self.app.house
        await house.endings.run(house.actor)
        await house.access_tasks.run(house.actor)
        await self.tg.settle()

    async def told(self, who: Any, words: str) -> bool:
        """Whether somebody was told something."""
        return any(words in message.text for message in self.tg.messages(who))

    async def found(self) -> None:
        """Olga connects her bot, makes it an administrator, and sells a plan."""
        olga, house = self.olga, self.app.house

        async def connected() -> bool:
            ours = [one for one in await house.directory.all() if one.username == self.bot.username]
            self.bot_id = ours[0].id if ours else 0
            return bool(ours)

        async def administers() -> bool:
            async with self.app.db.read() as tx:
                known = await chats.get(tx, self.bot_id, self.chat.id)
            return known is not None and known.admin

        await olga.start(self.service)
        await self.insist(lambda: olga.send(self.service, f"/connect {self.bot.token}"), connected)
        for _ in range(2):  # she is not sure whether it worked
            await olga.send(self.service, f"/connect {self.bot.token}")
        await self.insist(lambda: olga.start(self.bot), lambda: self.told(olga, "This is Club"))
        await olga.add(self.bot, self.chat, rights=RIGHTS)
        await self.wait()
        assert await administers()
        async with self.app.db.write() as tx:
            now = self.clock.now()
            project_id = await projects.create(tx, self.bot_id, "Chess", now)
            await projects.toggle_chat(tx, self.bot_id, project_id, self.chat.id)
            values = {"name": "Gold", "duration": "7 days", "price": 999, "currency": "USD"}
            await plans.create(tx, self.bot_id, values | {"project_id": project_id}, now)

    async def sell(self, ann: Any) -> None:
        """Ann gets a token, uses it, and comes in."""
        olga, bot = self.olga, self.bot

        async def entitled() -> bool:
            async with self.app.db.read() as tx:
                return bool(await memberships.of_member(tx, self.bot_id, ann.id))

        async def inside() -> bool:
            return bool(self.chat.has(ann))

        async def enter() -> None:
            if not self.chat.has(ann) and ann.name not in self.chat.requests:
                await ann.send(bot, "/memberships")
                await ann.click("Chess")
                await self.wait()
                await ann.click("Join")

        await self.insist(lambda: olga.send(bot, "/token Gold"), lambda: self.told(olga, "accesstoken_"))
        shown = next(m.text for m in self.tg.messages(olga) if "accesstoken_" in m.text)
        link = next(line for line in shown.splitlines() if line.startswith("https://t.me/"))
        await self.insist(lambda: ann.follow(link), entitled)
        await self.insist(enter, inside)

    async def moderate(self, ben: Any) -> None:
        """Ben writes spam and is silenced for it; Olga forgives him, then bans him after all."""
        olga, chat, settings = self.olga, self.chat, {"mode": "on", "action": "mute"}
        await self.app.house.antispam.set(person(self.app, olga), self.bot_id, chat.id, settings)
        await self.olga.add(ben, chat)
        spam = await ben.send(chat, "Look: https://t.me/+AbCdEf123456")
        for _ in range(TRIES):
            await self.wait()
        assert spam.deleted
        assert chat.status(ben) == "restricted"

        async def free() -> bool:
            return bool(chat.status(ben) == "member")

        async def banned() -> bool:
            return bool(chat.status(ben) == "kicked")

        async def free_again() -> bool:
            return bool(chat.status(ben) == "left")

        await self.insist(lambda: olga.click("Not spam"), free)
        await self.insist(lambda: olga.send(chat, f"/ban {ben.id}"), banned)
        await self.insist(lambda: olga.send(chat, f"/unban {ben.id}"), free_again)

    async def answer(self, ann: Any) -> None:
        """A rule answers; a report is drawn."""
        rule = {"keyword": "price", "response": "It is free."}
        house, olga = self.app.house, person(self.app, self.olga)
        await house.autoreplies.create(olga, self.bot_id, self.chat.id, rule)

        async def answered() -> bool:
            return "It is free." in said(self.tg, self.chat)

        async def drawn() -> bool:
            return any(m.photo for m in self.tg.messages(self.olga, bot=self.bot) if "joined" in m.text)

        async def report() -> None:
            await self.olga.send(self.bot, "/joins")
            if "Chess club" in str(self.tg.last(self.olga, bot=self.bot).buttons):
                await self.olga.click("Chess club")

        await self.insist(lambda: ann.send(self.chat, "What is the price?"), answered)
        await self.insist(report, drawn)

    async def end(self, ann: Any) -> None:
        """The membership ends, Ann has to go; Olga disconnects the bot."""
        self.clock.advance(days=7)
        self.tg.clock.advance(days=7)
        for _ in range(2 * TRIES):
            await self.wait()
        assert not self.chat.has(ann)
        assert await self.told(ann, "ended")

        async def gone() -> bool:
            return self.bot.username not in [one.username for one in await self.app.house.directory.all()]

        async def disconnect() -> None:
            panel = self.tg.last(self.olga, bot=self.service)
            await self.olga.press_callback(panel, {"callback_data": f"bots:drop:{self.bot_id}"})

        await self.insist(disconnect, gone)


@pytest.mark.parametrize("kind", [None, *KINDS])
async def test_a_life_with_one_fault_at_every_method(
    tg: Sandbox, start_app: Start, clock: TestClock, olga: Any, service: Any, kind: FaultKind | None
) -> None:
    """Without any, too: that shows the story to be one."""
    ann, ben = tg.user("Ann"), tg.user("Ben")
    tg.timeout = 40.0
    async with start_app(paces=hurry, bot_token=service.token, owner_ids=(olga.id,)) as app:
        bot, chat = tg.bot("club_bot", name="Club"), tg.group("Chess club", olga)
        life = Life(tg, app, clock, olga, service, bot, chat)
        before = len(tg.calls)
        struck = sorted(METHODS) if kind is not None else []
        faults = [tg.faults.add(kind, method=name, **KINDS[kind]) for name in struck if kind]
        await life.found()
        await life.sell(ann)
        await life.moderate(ben)
        await life.answer(ann)
        await life.end(ann)
        assert [fault.method for fault in faults if not fault.struck] == []
        assert {call.method for call in tg.calls[before:]} == METHODS
        assert app.intake.metrics.outcomes["failed"] == app.intake.metrics.outcomes["poison"] == 0
        async with app.db.read() as tx:
            kinds = [one for one, _ in await events.of_owner(tx, olga.id)]
        once = ("membership.started", "token.redeemed", "bot.disconnected", "spam.acted", "spam.restored")
        assert {name: kinds.count(name) for name in once} == dict.fromkeys(once, 1)
