"""The Telegram side of the demo: people, bots, chats and links to try things with.

What the application makes of it (plans, campaigns, texts) is seeded by the application itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.handles import BotHandle, ChatHandle
from sandbox.people import Person
from sandbox.sandbox import Sandbox
from sandbox.tries import try_list

SERVICE_BOT_ID = 7_100_000_001
SECOND_BOT_ID = 7_100_000_002
# Tokens of bots that exist only inside the sandbox: public on purpose, the same at every start.
SERVICE_BOT_TOKEN = f"{SERVICE_BOT_ID}:AAdemo-sandbox-service-bot-0000000000"
SECOND_BOT_TOKEN = f"{SECOND_BOT_ID}:AAdemo-sandbox-second-bot-00000000000"


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Handles of everything the demo starts with."""

    service_bot: BotHandle
    """@gatehouse_demo_bot: the application's own bot; it can manage bots."""
    second_bot: BotHandle
    """@chess_gate_bot: a bot of Olga's that she can connect by its token."""
    olga: Person
    """Owns both bots, the group and the channel."""
    ann: Person
    bob: Person
    cem: Person
    """Members of the group."""
    dora: Person
    """Knows nobody yet."""
    spike: Person
    """Posts what nobody asked for."""
    group: ChatHandle
    channel: ChatHandle
    masters: ChatHandle
    """A private group of Olga's, for those who have access."""
    group_links: dict[str, str]
    """Name -> address, of the group."""
    channel_links: dict[str, str]
    """Name -> address, of the channel."""


async def seed_demo(tg: Sandbox) -> DemoWorld:
    """Fill an empty sandbox with the demo's people and chats.

    Nothing waits for bots here: updates queue up until the application listens. What there is to try
    grows with `sandbox.demo.play`.
    """
    with tg.no_settle():
        world = await _people_and_chats(tg)
    tg.view.set_tries(try_list(world))
    return world


async def _people_and_chats(tg: Sandbox) -> DemoWorld:
    olga = tg.user("Olga Kern", language="en", username="olga_kern", premium=True, stars=500)
    ann = tg.user("Ann Reed", language="en", username="ann_reed", stars=1000)
    bob = tg.user("Bob Stone", language="de", stars=1000)
    cem = tg.user("Cem Aydın", language="tr", username="cem_aydin", stars=1000)
    dora = tg.user("Dora Lima", language="pt-br", stars=1000)
    spike = tg.user("Spike", language="en", bio="Earn 500$ a day, write me")
    service_bot = tg.bot(
        "gatehouse_demo_bot",
        name="Gatehouse",
        token=SERVICE_BOT_TOKEN,
        owner=olga,
        privacy=False,
        can_manage_bots=True,
        supports_join_request_queries=True,
    )
    second_bot = tg.bot(
        "chess_gate_bot", name="Chess Gate", token=SECOND_BOT_TOKEN, owner=olga, privacy=False
    )
    group = tg.group("Chess Club", owner=olga)
    channel = tg.channel("Chess News", owner=olga, username="chess_news_demo")
    masters = tg.group("Chess Masters", owner=olga)
    for member in (ann, bob, cem):
        await member.join(group)
    await ann.join(channel)
    await ann.send(group, "Good morning! Who plays on Friday?")
    await bob.send(group, "I do, and I bring the clock.")
    await olga.post(channel, "Welcome to Chess News: one puzzle a day.")
    group_links = {
        "Poster": await olga.create_link(group, name="Poster"),
        "Newsletter": await olga.create_link(group, name="Newsletter", limit=50),
        "By request": await olga.create_link(group, name="By request", request=True),
    }
    channel_links = {"Ad campaign": await olga.create_link(channel, name="Ad campaign")}
    return DemoWorld(
        service_bot=service_bot,
        second_bot=second_bot,
        olga=olga,
        ann=ann,
        bob=bob,
        cem=cem,
        dora=dora,
        spike=spike,
        group=group,
        channel=channel,
        masters=masters,
        group_links=group_links,
        channel_links=channel_links,
    )
