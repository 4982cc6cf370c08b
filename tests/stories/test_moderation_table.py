"""Every command of moderators, in every kind of chat, in two languages: what goes well and what cannot.

Expected words come from the texts in the language of those who read them; `test_russian*.py` sees to it that
these are Russian.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from bot.i18n import Languages
from domain.actor import Right, Translator
from domain.antispam.sanctions import Action
from domain.antispam.views import Penalty
from domain.errors import GatehouseError, Invalid, NotAllowed, NotFound, Refused
from domain.locks import KINDS
from sandbox import Sandbox
from tests.clock import TestClock
from tests.conftest import OLGA
from tests.stories.estate import hurry
from texts import antispam
from texts.errors import sentence

Words = Callable[[Translator], str]
PLACES = ("supergroup", "group", "topic")
LATER_GROUPS = "supergroup_only"  # what Telegram cannot do in a basic group


def refused(error: GatehouseError) -> Words:
    """What is said about an error."""
    return lambda t: sentence(t, error)


def done(action: Action, seconds: int = 0) -> Words:
    """What is said about a sanction."""
    return lambda t: antispam.done(t, Penalty(action, seconds))


NOT_ALLOWED = refused(NotAllowed())
NO_PERSON = refused(NotFound("person"))
NO_TARGET = refused(Invalid("target", "order_target"))
NO_DURATION = refused(Invalid("duration", "order_duration"))
NO_REPLY = refused(Refused("reply_needed"))
AN_ADMIN = refused(Refused("target_admin"))
OUR_CHANNEL = refused(Refused("target_linked"))
NO_COMMAND = refused(NotFound("command_in_groups"))
# What is done to Ann, in this order: the command, what is said, and how she stands in a supergroup then.
TO_ANN: list[tuple[str, Words, str]] = [
    ("warn @ann rude", lambda t: t("warned ({number} of {limit})", number=1, limit=3), "member"),
    ("warns @ann",
     lambda t: t("{name} has {number} of {limit} warnings:", name="Ann", number=1, limit=3), "member"),
    ("unwarn @ann", lambda t: t.plural(
        "A warning of {name} was taken back, {n} is left.",
        "A warning of {name} was taken back, {n} are left.", 0, name="Ann"), "member"),
    ("mute @ann 2h", done(Action.MUTE, 7200), "restricted"),
    ("unmute @ann", lambda t: t("{name} may speak again.", name="Ann"), "member"),
    ("ham @ann",
     lambda t: t("✅ I leave {name} alone from now on. /spam takes it back.", name="Ann"), "member"),
    ("kick @ann", done(Action.KICK), "left"),
    ("ban @ann 1d", done(Action.BAN, 86_400), "kicked"),
    ("unban @ann",
     lambda t: t("{name} is not banned any more and may come back.", name="Ann"), "left"),
]  # fmt: skip
PUNISHING = ("warn", "mute", "unmute", "kick", "ban", "unban")
NOT_OF_CHANNELS = ("mute", "kick")
NOT_IN_BASIC = ("mute", "unmute", "unban")
ON_MESSAGES = ("del", "purge", "pin", "spam", "report")
SETTING_UP = ("settings", "welcome", "goodbye", "setrules", "autoreply", "antispam")
EVERYWHERE = ("settings", "welcome", "goodbye", "autoreply", "antispam")


def settings_in_private(t: Translator) -> str:
    """The settings are opened elsewhere."""
    return t("Let us talk about the settings in private, so that the chat stays clean.")


def only_admins(t: Translator) -> str:
    """Somebody without rights wants the settings."""
    return t("Only administrators of this chat can change my settings. Ask one of them.")


def told(t: Translator) -> str:
    """Thanks for a report."""
    return t("🔔 Thank you. The administrators have been told.")


def first_warning(t: Translator) -> str:
    """What becomes of a spammer by default."""
    return t("warned ({number} of {limit})", number=1, limit=3)


@dataclass
class Hall:
    """A chat of one kind, with everybody in it; they all read one language."""

    tg: Sandbox
    olga: Any
    bob: Any  # a member
    dora: Any  # an administrator
    ann: Any
    chat: Any
    bot: Any
    t: Translator
    topic: int | None = None
    basic: bool = False

    async def say(self, who: Any, text: str, reply_to: Any = None) -> Any:
        """Somebody writes, in the topic where there is one."""
        return await who.send(self.chat, text, reply_to=reply_to, topic=self.topic)

    async def hear(self, who: Any, text: str, words: Words, reply_to: Any = None) -> None:
        """A command and its answer, which comes to the place of the command."""
        await self.say(who, text, reply_to)
        answer = self.tg.last(self.chat)
        assert words(self.t) in answer.text, f"{text}: {answer.text!r}"
        assert self.topic is None or answer.topic == self.topic, text


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    """What everybody reads."""
    return str(request.param)


@pytest.fixture
async def olga(tg: Sandbox, language: str) -> Any:
    """The owner."""
    return tg.user("Olga", language=language, id=OLGA)


@pytest.fixture
async def app(start_app: Any, service: Any, olga: Any) -> AsyncIterator[App]:
    """The application, without pauses between the messages of a chat."""
    owners = frozenset({olga.id})
    async with start_app(bot_token=service.token, owner_ids=owners, paces=hurry) as running:
        yield running


@pytest.fixture(params=PLACES)
async def hall(
    request: pytest.FixtureRequest, tg: Sandbox, app: App, olga: Any, service: Any, language: str
) -> Hall:
    """A chat of each kind."""
    await olga.start(service)
    kind = "group" if request.param == "group" else "supergroup"
    chat = tg.group("Chess Club", olga, kind=kind, forum=request.param == "topic")
    await olga.add(service, chat, rights="all")
    people = {
        name: tg.user(name, username=name.lower(), language=language) for name in ("Bob", "Dora", "Ann")
    }
    topic = await olga.create_topic(chat, "Openings") if request.param == "topic" else None
    hall = Hall(
        tg, olga, people["Bob"], people["Dora"], people["Ann"], chat, service,
        Languages().translator(language), topic, basic=kind == "group",
    )  # fmt: skip
    for who in people.values():
        await (olga.add(who, chat) if hall.basic else who.join(chat))
        await hall.say(who, "hello")
    await olga.promote(people["Dora"], chat)
    return hall


async def test_what_is_done_to_people(hall: Hall) -> None:
    for text, words, standing in TO_ANN:
        name = text.partition(" ")[0]
        if hall.basic and name in NOT_IN_BASIC:
            await hall.hear(hall.olga, f"/{text}", refused(Refused(LATER_GROUPS)))
            continue
        if hall.chat.status(hall.ann) == "left" and name != "unban":
            await (hall.olga.add(hall.ann, hall.chat) if hall.basic else hall.ann.join(hall.chat))
        if hall.basic and name == "ban":  # it ends by itself in supergroups only
            await hall.hear(hall.olga, f"/{text}", refused(Refused(LATER_GROUPS)))
            text, words = "ban @ann", done(Action.BAN)
        await hall.hear(hall.olga, f"/{text}", words)
        if not hall.basic:
            assert hall.chat.status(hall.ann) == standing, text


async def test_what_cannot_be_done_to_people(hall: Hall) -> None:
    for text, _, _ in TO_ANN:
        name = text.partition(" ")[0]
        await hall.hear(hall.bob, f"/{text}", NOT_ALLOWED)
        await hall.hear(hall.olga, f"/{name}", NO_TARGET)
        if hall.basic and name in NOT_IN_BASIC:
            continue
        await hall.hear(hall.olga, f"/{name} @nobody_knows", NO_PERSON)
        await hall.hear(hall.olga, f"/{name} 777000777", NO_PERSON)
        if name in PUNISHING:
            await hall.hear(hall.olga, f"/{name} @dora", AN_ADMIN)
    for text in ("/mute @ann 10x", "/mute @ann 5s", "/ban @ann 9999w", "/ban @ann 1 second"):
        await hall.hear(hall.olga, text, NO_DURATION)
    assert hall.chat.has(hall.ann)
    assert hall.chat.status(hall.dora) == "administrator"


@pytest.mark.parametrize("hall", ["supergroup"], indirect=True)
@pytest.mark.parametrize("language", ["en"])
async def test_whom_is_said_by_reply_or_by_id(hall: Hall) -> None:
    hello = await hall.say(hall.ann, "hello again")
    for whom, reply_to in ((" ", hello), (f" {hall.ann.id} ", None)):
        for text, words, standing in TO_ANN:
            name, _, rest = text.partition(" @ann")
            if hall.chat.status(hall.ann) == "left" and name != "unban":
                await hall.ann.join(hall.chat)
            await hall.hear(hall.olga, f"/{name}{whom}{rest.strip()}".strip(), words, reply_to)
            assert hall.chat.status(hall.ann) == standing, name


@pytest.mark.parametrize("hall", ["supergroup"], indirect=True)
async def test_channels_that_write(hall: Hall) -> None:
    """Posts of the linked channel are never punished; another channel can be warned and banned."""
    news, ads = hall.tg.channel("News", hall.olga, discussion=hall.chat), hall.tg.channel("Ads", hall.ann)
    await hall.olga.post(news, "Big news")
    post = next(m for m in hall.tg.messages(hall.chat) if m.text == "Big news")
    for name in ("warn", "mute", "unmute", "kick", "ban", "unban", "spam", "report"):
        await hall.hear(hall.olga, f"/{name}", OUR_CHANNEL, post)
    advert = await hall.ann.send(hall.chat, "Buy!", as_channel=ads)
    for name in NOT_OF_CHANNELS:
        await hall.hear(hall.olga, f"/{name}", refused(Refused("target_channel")), advert)
    await hall.hear(hall.olga, "/warn", first_warning, advert)
    await hall.hear(hall.olga, "/ban", done(Action.BAN), advert)
    assert hall.chat.chat.banned_senders == {ads.id}
    assert not post.deleted


@pytest.mark.parametrize("hall", ["supergroup"], indirect=True)
async def test_the_bot_says_which_right_it_lacks(hall: Hall) -> None:
    message = await hall.say(hall.ann, "something")
    await hall.olga.promote(hall.bot, hall.chat, ["invite_users"])
    lacks = {
        right: refused(Refused("bot_right", right=right))
        for right in (Right.RESTRICT_MEMBERS, Right.DELETE_MESSAGES, Right.PIN_MESSAGES)
    }
    for name in (*PUNISHING, "lock", "unlock"):
        whom = "" if name.endswith("lock") else " @ann"
        await hall.hear(hall.olga, f"/{name}{whom}", lacks[Right.RESTRICT_MEMBERS])
    for name in ("del", "purge", "spam"):
        await hall.hear(hall.olga, f"/{name}", lacks[Right.DELETE_MESSAGES], message)
    await hall.hear(hall.olga, "/pin", lacks[Right.PIN_MESSAGES], message)
    assert not message.deleted


async def test_what_is_done_to_messages(hall: Hall) -> None:
    for name in ("del", "pin", "purge", "spam", "report"):
        message = await hall.say(hall.ann, f"something for {name}")
        if name == "report":
            await hall.hear(hall.bob, "/report", told, message)
        elif name == "spam":
            await hall.hear(hall.olga, "/spam", first_warning, message)
        elif name == "purge":
            await hall.hear(hall.olga, "/purge", lambda t: t("🧹 Deleted, from there to here."), message)
        else:
            command = await hall.say(hall.olga, f"/{name}", message)
            assert command.deleted, name
        assert message.deleted is (name in ("del", "purge", "spam")), name
        assert message.pinned is (name == "pin"), name


async def test_what_cannot_be_done_to_messages(hall: Hall) -> None:
    message, hers = await hall.say(hall.ann, "something"), await hall.say(hall.dora, "I rule here")
    for name in ON_MESSAGES:
        await hall.hear(hall.olga, f"/{name}", NO_REPLY)
        if name != "report":
            await hall.hear(hall.bob, f"/{name}", NOT_ALLOWED, message)
        if name in ("spam", "report"):
            await hall.hear(hall.olga, f"/{name}", AN_ADMIN, hers)
    assert not message.deleted
    assert not message.pinned
    assert not hers.deleted


async def test_locks(hall: Hall) -> None:
    open_before = dict(hall.chat.chat.permissions)
    await hall.hear(hall.olga, "/unlock", refused(Refused("not_locked")))
    await hall.hear(hall.olga, "/lock polls", lambda t: t("polls"))
    assert hall.chat.chat.permissions["can_send_polls"] is False
    await hall.hear(hall.olga, "/lock polls", refused(Refused("locked_already")))
    await hall.hear(hall.olga, "/lock nonsense", lambda t: ", ".join(KINDS))
    for command in ("/lock", "/unlock", "/lock media"):
        await hall.hear(hall.bob, command, NOT_ALLOWED)
    await hall.hear(
        hall.olga, "/unlock", lambda t: t("🔓 Unlocked: members may do again what they could before.")
    )
    assert hall.chat.chat.permissions == open_before


async def write_rules(hall: Hall) -> None:
    """Olga does it as `/setrules` wants it."""
    await hall.say(hall.olga, "/setrules")
    await hall.olga.click(hall.tg.last(hall.chat), hall.t("⚙️ Open the settings"))
    await hall.olga.send(hall.bot, "Touch move.")


async def test_the_way_to_the_settings_and_the_rules(hall: Hall) -> None:
    for name in SETTING_UP:
        await hall.hear(hall.olga, f"/{name}", settings_in_private)
        await hall.hear(hall.bob, f"/{name}", only_admins)
    await hall.hear(hall.bob, "/rules", refused(NotFound("rules")))
    await write_rules(hall)
    await hall.hear(hall.bob, "/rules", lambda t: "Touch move.")


async def test_in_private(
    tg: Sandbox, app: App, olga: Any, service: Any, language: str, clock: TestClock
) -> None:
    await olga.start(service)
    club = tg.group("Chess Club", olga)
    await olga.add(service, club, rights="all")
    t = Languages().translator(language)
    named = {text.partition(" ")[0] for text, _, _ in TO_ANN}
    for name in (*sorted(named), *ON_MESSAGES, "lock", "unlock", "rules", "setrules"):
        await olga.send(service, f"/{name} @ann")
        assert NO_COMMAND(t) in tg.last(olga, bot=service).text, name
    for name in EVERYWHERE:
        await olga.send(service, f"/{name}")
        buttons = [caption for row in tg.last(olga, bot=service).buttons for caption in row]
        assert any("Chess Club" in caption for caption in buttons), name
