"""The Telegram side of the demo: people, bots, chats and links to try things with.

What the application makes of it (plans, campaigns, texts) is seeded by the application itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.handles import BotHandle, ChatHandle
from sandbox.model import Json
from sandbox.people import Person
from sandbox.sandbox import Sandbox

SERVICE_BOT_ID = 7_100_000_001
SECOND_BOT_ID = 7_100_000_002
# Tokens of bots that exist only inside the sandbox: public on purpose, the same at every start.
SERVICE_BOT_TOKEN = f"{SERVICE_BOT_ID}:AAdemo-sandbox-service-bot-0000000000"
SECOND_BOT_TOKEN = f"{SECOND_BOT_ID}:AAdemo-sandbox-second-bot-00000000000"

BOT_RIGHTS = ("delete_messages", "restrict_members", "invite_users", "pin_messages")
ADVERTISEMENT = "💰 Earn 500$ a day!!! Write @easy_money_now https://cheap.example/win"

Said = tuple[str, str]
"""The same words in English and in Russian."""


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
    group_links: dict[str, str]
    """Name -> address, of the group."""
    channel_links: dict[str, str]
    """Name -> address, of the channel."""


async def seed_demo(tg: Sandbox) -> DemoWorld:
    """Fill an empty sandbox with the demo's people and chats.

    Nothing waits for bots here: updates queue up until the application listens.
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
    spike = tg.user("Spike", language="ru", bio="Earn 500$ a day, write me")
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
        group_links=group_links,
        channel_links=channel_links,
    )


def try_list(world: DemoWorld) -> list[Json]:
    """The "Try this" list of the page; the application may replace it with a richer one."""
    olga, dora, spike, ann = world.olga, world.dora, world.spike, world.ann
    service, group = world.service_bot, world.group.chat.key
    into_group = f"{service.link('demo', 'startgroup')}&admin={'+'.join(BOT_RIGHTS)}"
    at_bot = olga.key_with(service)
    return [
        _walk(
            ("Meet the bot", "Знакомство с ботом"),
            (
                "Olga owns the demo. She starts the service bot and looks around.",
                "Olga — хозяйка демо. Она запускает служебного бота и осматривается.",
            ),
            _step(("Start the bot", "Запустить бота"), olga, at_bot, fill="/start"),
            _step(("Ask what it can do", "Спросить, что он умеет"), olga, at_bot, fill="/help"),
        ),
        _walk(
            ("Put it in charge of a group", "Поручить боту группу"),
            (
                "Olga adds the bot to Chess Club as administrator.",
                "Olga добавляет бота в Chess Club администратором.",
            ),
            _step(
                ("Follow the link and pick Chess Club", "Перейти по ссылке и выбрать Chess Club"),
                olga,
                open=into_group,
            ),
        ),
        _walk(
            ("A newcomer joins by a named link", "Новичок приходит по именной ссылке"),
            (
                "Dora saw the poster. The bot learns where she came from.",
                "Dora увидела афишу. Бот узнаёт, откуда она пришла.",
            ),
            _step(
                ("Join by the poster's link", "Вступить по ссылке с афиши"),
                dora,
                open=world.group_links["Poster"],
            ),
        ),
        _walk(
            ("Ask to be let in", "Попроситься в группу"),
            (
                "Dora uses the link that asks an administrator first.",
                "Dora идёт по ссылке, которая сначала спрашивает администратора.",
            ),
            _step(("Send the request", "Подать заявку"), dora, open=world.group_links["By request"]),
            _step(("Look at it as Olga", "Посмотреть на неё глазами Olga"), olga, group),
        ),
        _walk(
            ("A spammer at work", "Спамер за работой"),
            ("Spike joins and advertises.", "Spike вступает в группу и рекламирует."),
            _step(("Join the group", "Вступить в группу"), spike, open=world.group_links["Newsletter"]),
            _step(("Post an advertisement", "Отправить рекламу"), spike, group, fill=ADVERTISEMENT),
        ),
        _walk(
            ("Connect a second bot", "Подключить второго бота"),
            (
                "Olga gives the service bot the token of @chess_gate_bot.",
                "Olga передаёт служебному боту токен @chess_gate_bot.",
            ),
            _step(("Send the token", "Отправить токен"), olga, at_bot, fill=world.second_bot.token),
        ),
        _walk(
            ("Buy access", "Купить доступ"),
            (
                "Ann looks at the plans and pays with Stars.",
                "Ann смотрит тарифы и платит звёздами.",
            ),
            _step(("See the plans", "Посмотреть тарифы"), ann, ann.key_with(service), fill="/plans"),
        ),
    ]


def _walk(title: Said, text: Said, *steps: Json) -> Json:
    return {"title": _said(title), "text": _said(text), "steps": list(steps)}


def _step(
    text: Said,
    person: Person,
    chat: str | None = None,
    *,
    open: str | None = None,
    fill: str | None = None,
) -> Json:
    return {"text": _said(text), "as": person.id, "chat": chat, "open": open, "fill": fill}


def _said(text: Said) -> Json:
    return dict(zip(("en", "ru"), text, strict=True))
