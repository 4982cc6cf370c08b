"""Nobody sees or moves what is not his: every button, deep link, command and step is tried.

A new route needs an entry in `tests.stories.attempts`, or the first test here fails.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from bot.build import build_routes
from handlers.routing import Where
from storage import dialogs
from storage.dialogs import Dialog
from tests.records import Rows, difference
from tests.stories import attempts
from tests.stories import estate as estates
from tests.stories.attempts import Attempt
from tests.stories.estate import MARK, Estate, Intruder

boris, estate = estates.boris, estates.estate
ROUTES = build_routes()
TRIED: dict[str, tuple[Mapping[str, Attempt], set[str]]] = {
    "buttons": (attempts.BUTTONS, set(ROUTES.buttons)),
    "links": (attempts.LINKS, set(ROUTES.links)),
    "steps": (attempts.STEPS, set(ROUTES.steps)),
    "commands in private": (
        attempts.PRIVATE,
        {str(name) for name, one in ROUTES.commands.items() if one.where & Where.PRIVATE},
    ),
    "commands in groups": (
        attempts.GROUPS,
        {str(name) for name, one in ROUTES.commands.items() if one.where & Where.GROUPS},
    ),
}
REFUSALS = (
    "You may not do that here", "not there any more", "from an older version", "We are past that step",
    "Only administrators of this chat", "I do not know this person", "This bot is not connected",
    "There is no such membership", "I know nothing of this chat yet", "This automatic reply is gone",
    "I do not know this message any more", "I do not know this command", "This link was used already",
    "This plan is not offered any more", "There is no such order", "There is no such payment",
    "There is nothing here that renews", "This order is somebody else's", "There is no such import",
    "This question is for somebody who has just come",
    "This was done, or let go of, already", "This campaign is not there any more", "This lead is not there",
)  # fmt: skip
GARBAGE = (
    "", "x", "-1", "0", "4611686018427387904", "9" * 19, "9" * 40, "-0", "1.5", "١٢", "None", ":::",
    "0:0:0:0", "x:x:x:x", "welcome:x:x:x", "welcome:0:text:99999999999", "0:enabled:x", "p:99:enabled:1",
    "-1:-1:-1:-1", "4611686018427387904:4611686018427387904:4611686018427387904",
)  # fmt: skip


@pytest.mark.parametrize("kind", TRIED)
def test_every_route_is_tried(kind: str) -> None:
    tried, there = TRIED[kind]
    assert not there ^ tried.keys(), f"say in tests/stories/attempts.py how these {kind} would be misused"


@dataclass
class Burglar:
    """Tries everything through one bot, and notes what should not have happened."""

    estate: Estate
    who: Intruder
    door: Any
    door_id: int

    async def attempt(self, name: str, one: Attempt, act: Callable[[str], Awaitable[Any]]) -> list[str]:
        """Try one thing; returns what is wrong about the outcome."""
        await self._remember(one)
        before, told = self._records(), self._told()
        answer = await act(one.args.format(**self.estate.ids))
        words = [answer.text or ""] if hasattr(answer, "answered") else []
        words += [text for key, text in self._told().items() if told.get(key) != text]
        wrong = [f"shows {text!r}" for text in words if MARK in text]
        changes = difference(before, self._records())
        wrong += [
            f"changes {table}: {gone} became {new}"
            for table, (gone, new) in changes.items()
            if table not in self._may_write(one)
        ]
        if self._must_be_refused(one) and not any(sign in text for text in words for sign in REFUSALS):
            wrong.append(f"is not refused in words, but hears {words}")
        if not words and not one.open:
            wrong.append("hears nothing")
        return [f"{name} through {self.door}: {trouble}" for trouble in wrong]

    def _records(self) -> Rows:
        """All rows that are not his own bot's."""
        return self.estate.records.everything(but_of_bot=self.who.own)

    def _may_write(self, one: Attempt) -> frozenset[str]:
        return one.writes if one.open or (one.account and self.who.own is not None) else frozenset()

    def _must_be_refused(self, one: Attempt) -> bool:
        if one.open or (one.account and self.who.own is not None):
            return False
        return one.foreign or self.door_id != self.who.own

    async def _remember(self, one: Attempt) -> None:
        """Leave the conversation behind that he is in when he tries."""
        app, place = self.estate.app, (self.door_id, self.who.person.id, self.who.person.id)
        left = Dialog(one.step, self.estate.left_at(one.data))
        async with app.db.write() as tx:
            if one.step:
                await dialogs.put(tx, *place, left, app.clock.now())
            else:
                await dialogs.end(tx, *place)

    def _told(self) -> dict[Any, str]:
        """What bots have told him, in private and in the club: texts, captions and buttons."""
        tg, person = self.estate.tg, self.who.person
        people = (person.user, self.estate.ann.user)
        return {
            (m.message.chat, m.id): " ".join([m.text, *(label for row in m.buttons for label in row)])
            for m in (*tg.messages(person), *tg.messages(self.estate.chat))
            if m.message.sender not in people
        }

    async def _press(self, verb: str, args: str) -> Any:
        """Press a button below the first message he has from the bot."""
        panel = self.estate.tg.messages(self.who.person, bot=self.door)[1]
        action = f"{verb}:{args}" if args else verb
        return await self.who.person.press_callback(panel, {"callback_data": action})

    async def _follow(self, prefix: str, args: str) -> Any:
        return await self.who.person.start(self.door, prefix + args)

    async def _command(self, name: str, args: str) -> Any:
        return await self.who.person.send(self.door, f"/{name} {args}".strip())

    async def _say(self, args: str) -> Any:
        return await self.who.person.send(self.door, args)

    async def _command_in_club(self, name: str, reply: bool, args: str) -> Any:
        text, spam = f"/{name}@{self.door.username} {args}".strip(), self.estate.spam
        return await self.who.person.send(self.estate.chat, text, reply_to=spam if reply else None)

    async def buttons(self) -> list[str]:
        """Press every button."""
        wrong = []
        for verb, one in attempts.BUTTONS.items():
            wrong += await self.attempt(verb, one, partial(self._press, verb))
        return wrong

    async def words(self) -> list[str]:
        """Follow every link, send every command, answer at every step, in private."""
        wrong = []
        for prefix, one in attempts.LINKS.items():
            wrong += await self.attempt(f"link {prefix}", one, partial(self._follow, prefix))
        for name, one in attempts.PRIVATE.items():
            wrong += await self.attempt(f"/{name}", one, partial(self._command, name))
        for step, one in attempts.STEPS.items():
            asked = one if step == "start:anything" else replace(one, step=step)
            wrong += await self.attempt(f"step {step}", asked, self._say)
        return wrong

    async def in_the_club(self) -> list[str]:
        """Send every command in Olga's group."""
        wrong = []
        for name, one in attempts.GROUPS.items():
            act = partial(self._command_in_club, name, one.reply)
            wrong += await self.attempt(f"/{name} in the club", one, act)
        return wrong


async def burglars(estate: Estate, name: str) -> list[Burglar]:
    who = estate.intruders[name]
    return [Burglar(estate, who, door, await estate.our_id(door)) for door in who.doors]


@pytest.mark.parametrize("name", ["stranger", "owner", "administrator", "former"])
async def test_nobody_presses_what_is_not_his(estate: Estate, name: str) -> None:
    wrong = [trouble for one in await burglars(estate, name) for trouble in await one.buttons()]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["stranger", "owner", "administrator", "former"])
async def test_nobody_says_what_is_not_his_to_say(estate: Estate, name: str) -> None:
    wrong = [trouble for one in await burglars(estate, name) for trouble in await one.words()]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["stranger", "owner", "administrator", "former"])
async def test_a_member_commands_nothing_in_the_club(estate: Estate, name: str) -> None:
    club = next(one for one in await burglars(estate, name) if one.door == estate.bot)
    wrong = await club.in_the_club()
    assert not wrong, "\n".join(wrong)
    assert estate.chat.has(estate.ann)
    assert not estate.spam.deleted


@pytest.mark.parametrize(
    ("rights", "features", "commands"),
    [
        (["change_info", "pin_messages"], ("antispam:", "verification:", "lessons:"),
         ("warn", "unwarn", "warns", "mute", "unmute", "kick", "ban", "unban", "ham", "spam", "lock",
          "unlock", "del", "purge")),
        (["restrict_members"], ("welcome:", "autoreplies:", "lessons:"), ("del", "purge", "pin")),
    ],
)  # fmt: skip
async def test_an_administrator_has_only_the_rights_he_was_given(
    estate: Estate, rights: list[str], features: tuple[str, ...], commands: tuple[str, ...]
) -> None:
    """He leads the very chat, but not in this."""
    fred = (await burglars(estate, "former"))[0]
    await estate.olga.promote(fred.who.person, estate.chat, rights)
    wrong = []
    for verb, one in attempts.BUTTONS.items():
        if verb.startswith(features):
            wrong += await fred.attempt(verb, one, partial(fred._press, verb))
    for name in commands:
        one = attempts.GROUPS[name]
        act = partial(fred._command_in_club, name, one.reply)
        wrong += await fred.attempt(f"/{name} in the club", one, act)
    assert not wrong, "\n".join(wrong)
    assert estate.chat.has(estate.ann)
    assert not estate.spam.deleted


@pytest.mark.parametrize("door", ["bot", "service"])
async def test_garbage_behind_a_button_is_answered(estate: Estate, door: str) -> None:
    """By the owner, whom no permission stops: what comes back from a client is anything at all.

    Each button gets a third of the garbage, the next one another third: of a feature, all of it.
    """
    tg, olga, bot = estate.tg, estate.olga, getattr(estate, door)
    panel = tg.messages(olga, bot=bot)[1]
    silent: list[str] = []
    for number, verb in enumerate(ROUTES.buttons, start=door == "service"):
        room = 63 - len(verb)
        garbage = (*GARBAGE, "ы" * (room // 2), ":" * room)[number % 3 :: 3]
        actions = [f"{verb}:{args}"[:64] for args in garbage]
        with tg.no_settle():
            answers = [await olga.press_callback(panel, {"callback_data": action}) for action in actions]
        await tg.settle()
        silent += [action for action, one in zip(actions, answers, strict=True) if not one.answered]
    assert not silent


async def test_garbage_behind_a_link_is_answered(estate: Estate) -> None:
    for prefix in ROUTES.links:
        for payload in ("", "x", "-1", "9" * 40, "-", "_" * (64 - len(prefix)), "0"):
            said = len(estate.tg.messages(estate.olga, bot=estate.bot))
            await estate.olga.start(estate.bot, prefix + payload)
            assert len(estate.tg.messages(estate.olga, bot=estate.bot)) > said + 1, prefix + payload
