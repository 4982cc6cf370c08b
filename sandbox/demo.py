"""The demo's first minutes: Olga sets the application up, by chat alone, as any owner would.

Nothing of the application is imported: what happens here is what people can do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sandbox.sandbox import Sandbox
from sandbox.seed import DemoWorld
from sandbox.settling import NotSettledError
from sandbox.tries import Prepared, try_list

RIGHTS = ["delete_messages", "restrict_members", "invite_users"]


async def play(tg: Sandbox, world: DemoWorld) -> None:
    """Have the application set up; it must be running and connected with the service bot."""
    await _move_in(tg, world)
    await _welcome(world)
    await _answer(world)
    await _protect(world)
    token_link = await _sell(tg, world)
    invite_link = await _invite(tg, world)
    ad_link = await _advertise(tg, world)
    tg.view.set_tries(try_list(world, Prepared(token_link, invite_link, ad_link)))


async def follow_clock(tg: Sandbox, catch_up: Callable[[], Awaitable[None]]) -> None:
    """Whenever somebody moves the clock: hear Telegram out, then have the application do what is due.

    In this order, so that a charge of the last minute is known before an access ends. Runs until cancelled.
    """
    moved = asyncio.Event()
    forget = tg.clock.subscribe(moved.set)
    try:
        while True:
            await moved.wait()
            moved.clear()
            with suppress(NotSettledError):  # with trouble switched on, some updates never arrive
                await tg.settle()
            await catch_up()
    finally:
        forget()


async def _move_in(tg: Sandbox, world: DemoWorld) -> None:
    olga, bot = world.olga, world.service_bot
    await olga.start(bot)
    for chat in (world.group, world.masters):
        await olga.add(bot, chat, rights=RIGHTS)
    await olga.add(bot, world.channel, rights=["invite_users", "restrict_members"])
    await tg.settle()


async def _panel(world: DemoWorld, *buttons: str) -> None:
    """Walk through the settings of the group, from the start."""
    await world.olga.send(world.service_bot, "/settings")
    for button in ("Chess Club", *buttons):
        await world.olga.click(button)


async def _welcome(world: DemoWorld) -> None:
    await _panel(world, "Welcome", "▫️ On", "Text")
    await world.olga.send(
        world.service_bot,
        "👋 Welcome to <b>{{chat}}</b>, {{mention}}! You are number {{count}}. "
        "Ask away: somebody always knows.",
        html=True,
    )


async def _answer(world: DemoWorld) -> None:
    await _panel(world, "Auto-replies", "Add")
    await world.olga.send(world.service_bot, "next meeting\nwhen do we meet")
    await world.olga.click("anywhere")
    await world.olga.send(
        world.service_bot,
        "{{first}}, we meet every <b>Friday at 19:00</b> in the library. Bring a friend!",
        html=True,
    )
    await world.olga.click("Save")


async def _protect(world: DemoWorld) -> None:
    await _panel(world, "Anti-spam", "Protect")


async def _sell(tg: Sandbox, world: DemoWorld) -> str:
    """Make plans for the private group, and a token for one; returns the token's link."""
    olga, bot = world.olga, world.service_bot
    await olga.send(bot, "/projects")
    await olga.click("➕ New project")
    await olga.send(bot, "Masters")
    await olga.click("▫️ Chess Masters")
    await _plan(world, "Masters", "1 month", "9.99 USD")
    await _plan(world, "Visitor", "1 week", "100 XTR")
    await _plan(world, "Regular", "30 days", "250 XTR", "Renews: when the member pays again")
    await olga.send(bot, "/token Masters")
    return _address(tg.last(olga, bot=bot).text)


async def _plan(world: DemoWorld, name: str, length: str, price: str, *options: str) -> None:
    olga, bot = world.olga, world.service_bot
    await olga.send(bot, "/newplan")
    for answer in (name, length, price):
        await olga.send(bot, answer)
    for button in ("Masters", *options, "✅ Create the plan"):
        await olga.click(button)


async def _invite(tg: Sandbox, world: DemoWorld) -> str:
    """Ann gets a link to invite friends with; returns it."""
    await world.ann.start(world.service_bot)
    await world.ann.send(world.service_bot, "/affiliate")
    return _address(tg.last(world.ann, bot=world.service_bot).text)


async def _advertise(tg: Sandbox, world: DemoWorld) -> str:
    """Make a campaign for the channel; returns the link an ad would show, with a click of its own."""
    olga, bot = world.olga, world.service_bot
    await olga.send(bot, "/campaigns")
    for button in ("➕ New campaign", "Chess News"):
        await olga.click(button)
    await olga.send(bot, "Spring ads")
    await olga.send(bot, "Hi {first_name}! One puzzle a day, and *the solution in the evening*.")
    pressed = await olga.click("📋 Copy the start link")
    await tg.settle()
    return f"{pressed.copied}-banner7"


def _address(text: str) -> str:
    return next(word for word in text.split() if word.startswith("https://t.me/"))
