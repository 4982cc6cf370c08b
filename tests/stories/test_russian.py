"""A Russian owner and a Russian member go through everything: nobody shows them an English word.

Everything the bots say is looked at as it was sent, so that no panel is overlooked because another one
took its place.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock
from tests.conftest import OLGA
from tests.stories.membership import RIGHTS
from texts import catalogues

SPAM = "Заходите: https://t.me/+AbCdEf123456"
OWN_NAMES = {
    "Telegram", "Gatehouse", "API", "CSV", "UTC", "USD", "EUR", "XTR", "RE2", "ID", "GIF",
    "PUBLIC_URL", "English", "POST", "QR", "GH", "SPRING", "Standard", "Webhooks",
}  # fmt: skip
DATA = re.compile(
    r"</?[a-z][^>]*>"  # Telegram's HTML
    r"|https?://\S*|t\.me/\S*|(?:name@)?example\.com|\(day, month, year\)|&lt;|\d+:AA\w+"
    r"|/antispam log here"
    r"|@\w+|(?<!\w)/\w+"  # usernames and commands
    r"|\{\{\w+\}\}"  # placeholders of the owner's texts
    r"|\b(?:Europe|America)/\w+"
    r"|…[\w-]{4}(?![\w-])"  # the end of an access token
)
SECRET = re.compile(r"<code>[\w-]+</code>")  # access tokens and ids, which people copy
LATIN = re.compile(r"[A-Za-z]\w+")


@pytest.fixture
async def olga(tg: Sandbox) -> Any:
    """The owner."""
    return tg.user("Ольга", language="ru", id=OLGA)


@pytest.fixture
async def anna(tg: Sandbox) -> Any:
    """A member."""
    return tg.user("Анна", language="ru")


@pytest.fixture(autouse=True)
async def all_of_it(tg: Sandbox) -> AsyncIterator[None]:
    """After each story: no English in anything that was shown."""
    yield
    english = {text: words for text in shown(tg) if (words := english_in(text))}
    assert english == {}


def shown(tg: Sandbox) -> Iterator[str]:
    """Every text and button the bots sent."""
    for call in tg.calls:
        if call.method == "setMyCommands":
            if call.params.get("language_code") == "ru":
                yield from (one["description"] for one in _read(call.params["commands"]))
            continue
        for name in ("text", "caption"):
            yield str(call.params.get(name) or "")
        yield str((_read(call.params.get("media")) or {}).get("caption") or "")
        markup = _read(call.params.get("reply_markup")) or {}
        for row in [*markup.get("inline_keyboard", []), *markup.get("keyboard", [])]:
            yield from (button["text"] for button in row)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def english_in(text: str) -> list[str]:
    """The Latin words of a text that are nobody's name."""
    return [word for word in LATIN.findall(DATA.sub(" ", SECRET.sub(" ", text))) if word not in OWN_NAMES]


def test_no_translation_holds_english() -> None:
    """Also those that no story here comes to. The guides to payment providers quote their English menus."""
    for message in catalogues.read("ru"):
        if any(file == "texts/gateways.py" for file, _ in message.locations):
            continue
        for form in [message.string] if isinstance(message.string, str) else message.string:
            assert english_in(re.sub(r"\{\w+\}", " ", form)) == [] or not message.id, form


def test_english_is_noticed() -> None:
    assert english_in("Срок: <b>1 month</b>") == ["month"]
    assert english_in("до 5 May 2026, 12:00 UTC") == ["May"]
    assert english_in("<code>AbC-123</code> /token @olga https://t.me/club_bot {{name}}") == []


async def open_group(tg: Sandbox, olga: Any, service: Any) -> Any:
    """Olga's group with the service bot in it."""
    await olga.start(service)
    group = tg.group("Шахматы", olga)
    await olga.add(service, group, rights="all")
    return group


async def test_connecting_a_bot_and_adding_it(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    await olga.send(service, "/help")
    await olga.send(service, "/privacy")
    await olga.send(service, "/connect")
    await olga.send(service, "не токен")
    bot = tg.bot("club_bot", name="Клуб")
    await olga.send(service, bot.token)
    assert "@club_bot" in tg.last(olga, bot=service).text
    group, channel = tg.group("Шахматы", olga), tg.channel("Новости", olga)
    await olga.start(bot)
    await olga.add(bot, group)
    await olga.promote(bot, group, ["invite_users"])
    await olga.promote(bot, group, [*RIGHTS, "manage_chat"])
    await olga.add(bot, channel, rights=["invite_users"])
    await olga.demote(bot, group)
    assert "больше не администратор" in tg.last(olga, bot=bot).text
    await olga.send(service, "/bots")
    await olga.click("@club_bot")
    await olga.click("Отключить")
    await olga.click("Да, отключить")
    await olga.send(service, "/apikey")
    await olga.send(service, "/language")
    await olga.send(service, "/unknown")
    await olga.send(service, "что-нибудь")


async def test_joining_and_being_welcomed(
    tg: Sandbox, app: App, olga, service, anna, clock: TestClock
) -> None:
    group = await open_group(tg, olga, service)
    await olga.send(group, "/settings")
    await olga.click("Открыть настройки")
    await olga.click("👋 Приветствие")
    await olga.click("▫️ Включено")
    await olga.click("✏️ Текст")
    await olga.send(service, "Привет, {{mention}}! {{нет}}")
    await olga.send(service, "Привет, <b>{{mention}}</b>!", html=True)
    for button in ("👁", "🎲", "🔗"):
        await olga.send(service, "/settings")
        await olga.click("Шахматы")
        await olga.click("👋 Приветствие")
        await olga.click(button)
    await olga.send(service, "кнопка без адреса")
    await olga.send(service, "/cancel")
    await olga.send(service, "/settings")
    await olga.click("Шахматы")
    await olga.click("👋 Приветствие")
    await olga.click("⏱")
    await olga.send(service, "/settings")
    await olga.click("⭐ Все чаты")
    await olga.click("🚪 Прощание")
    await olga.click("▫️ Включено")
    await anna.join(group)
    assert "Привет, Анна!" in tg.last(group).text
    await anna.leave(group)
    await olga.send(service, "/joins")
    await olga.click("Шахматы")
    await olga.click("30 дней")
    await olga.send(group, "/joins")


async def test_an_automatic_reply(tg: Sandbox, app: App, olga, service, anna) -> None:
    group = await open_group(tg, olga, service)
    await anna.join(group)
    await olga.send(group, "/autoreply")
    await olga.click("Открыть настройки")
    await olga.click("➕ Добавить")
    await olga.send(service, "цена")
    await olga.click("отдельным словом")
    await olga.send(service, "Бесплатно, {{name}}!")
    await olga.click("✅ Сохранить")
    await anna.send(group, "Какая цена?")
    assert tg.last(group).text == "Бесплатно, Анна!"
    await olga.click("⚙️ Настроить")
    for question, wrong, right in (
        ("⏳ Пауза", "скоро", "10 мин"),
        ("🧹 Автоудаление", "сто лет", "2 часа"),
        ("🕐 Время работы", "25:00", "09:00-18:00 Europe/Moscow"),
        ("🔘 Кнопки", "кнопка", "-"),
    ):
        await olga.click(question)
        await olga.send(service, wrong)
        await olga.send(service, right)
    last = tg.last(olga, bot=service).text
    assert "10 минут" in last
    assert "2 часа" in last
    await olga.click("‹ Назад")
    await olga.click("🧪 Проверить текст")
    await olga.send(service, "цена?")
    await olga.send(service, "/settings")
    await olga.click("Шахматы")
    await olga.click("💬 Автоответы")
    await olga.click("цена")
    await olga.click("🗑 Удалить")
    await olga.click("Да, удалить")


async def test_spam_and_what_is_done_about_it(
    tg: Sandbox, app: App, olga, service, anna, clock: TestClock
) -> None:
    group = await open_group(tg, olga, service)
    await anna.join(group)
    clock.advance(days=10)
    tg.clock.advance(days=10)
    await olga.send(group, "/antispam")
    await olga.click("Открыть настройки")
    await olga.click("Защита")
    assert (await anna.send(group, SPAM)).deleted
    entry = next(m for m in reversed(tg.messages(olga, bot=service)) if "Спам в чате" in m.text)
    await olga.click(entry, "❓ Почему")
    await olga.click(entry, "✅ Не спам")
    await olga.send(service, "/antispam")
    await olga.click("Шахматы")
    await olga.click("🛡 Антиспам")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "🔎 Проверки")
    await olga.click(panel, "⚙️")
    await olga.click(panel, "За время")
    await olga.send(service, "вечность")
    await olga.send(service, "20 сек")
    for page in ("⚖️ Что делать", "📒 Журнал", "🚫 Запрещённые слова"):
        await olga.send(service, "/antispam")
        await olga.click("Шахматы")
        await olga.click("🛡 Антиспам")
        await olga.click(page)
    await olga.click("✏️ Написать заново")
    await olga.send(service, "казино\nставки")
    said = await anna.send(group, "Просто слова")
    for command in ("/warn за спор", "/warns", "/unwarn", "/mute 10 минут за спор", "/unmute", "/mute 5 лет"):
        await olga.send(group, command, reply_to=said)
    await anna.send(group, "/report", reply_to=await olga.send(group, "Пожалуйста, тише"))
    bob = tg.user("Борис", language="ru")
    await bob.join(group)
    await anna.send(group, "/report", reply_to=await bob.send(group, "Слова Бориса"))
    for command in ("/kick", "/ban навсегда", "/unban", "/spam", "/ham"):
        await olga.send(group, command, reply_to=said)


async def open_bot(tg: Sandbox, olga: Any, service: Any) -> tuple[Any, Any]:
    """Olga's own bot with a paid group."""
    bot = tg.bot("club_bot", name="Клуб")
    group = tg.group("Шахматы", olga)
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    await olga.add(bot, group, rights=RIGHTS)
    await olga.send(bot, "/projects")
    await olga.click("➕ Новый проект")
    await olga.send(bot, "Шахматный клуб")
    await olga.click("▫️ Шахматы")
    await olga.send(bot, "/newplan")
    await olga.send(bot, "Я")
    await olga.send(bot, "Золото")
    await olga.send(bot, "долго")
    await olga.send(bot, "1 месяц")
    await olga.send(bot, "дорого")
    await olga.send(bot, "9,99 USD")
    await olga.click("Шахматный клуб")
    await olga.click("✏️ Пробный период")
    await olga.send(bot, "3 дня")
    await olga.click("✅ Создать тариф")
    assert "1 месяц" in tg.last(olga, bot=bot).text
    return bot, group


async def token(tg: Sandbox, olga: Any, bot: Any, args: str) -> str:
    await olga.send(bot, f"/token {args}")
    lines = tg.last(olga, bot=bot).text.splitlines()
    return next(line for line in lines if line.startswith("https://t.me/"))


async def test_plans_and_their_panels(tg: Sandbox, app: App, olga, service, anna) -> None:
    bot, _ = await open_bot(tg, olga, service)
    await olga.send(bot, "/plans")
    await olga.click("Золото")
    for field, wrong, right in (
        ("Название", "Я", "Серебро"),
        ("Срок", "долго", "навсегда"),
        ("Цена", "1,234 USD", "100 XTR"),
        ("Пробный период", "долго", "1 нед"),
        ("Места", "много", "20"),
    ):
        await olga.click(f"✏️ {field}")
        await olga.send(bot, wrong)
        await olga.send(bot, right)
    await olga.click("✏️ Срок")
    assert "навсегда" in tg.last(olga, bot=bot).text
    await olga.send(bot, "31.12.2030")
    assert "до 31 дек" in tg.last(olga, bot=bot).text
    for option in ("Кому:", "Покупка:", "По ссылке друга:", "Код доступа: не", "В списке:", "⏸ Отключить"):
        await olga.click(option)
    await olga.click("✏️ Проект")
    await olga.click("🌐 Все платные чаты")
    await olga.click("🗑 Удалить")
    await olga.click("Нет")
    await anna.start(bot)
    await anna.click("Тарифы")


async def test_a_token_a_membership_and_its_end(
    tg: Sandbox, app: App, olga, service, anna, clock: TestClock
) -> None:
    bot, group = await open_bot(tg, olga, service)
    await olga.send(bot, "/token")
    await anna.start(bot)
    await anna.click("Тарифы")
    await anna.click("Золото")
    await anna.send(bot, "/redeem нет-такого")
    await anna.follow(await token(tg, olga, bot, f"Золото {anna.id} на 7 дней"))
    link = tg.last(anna, bot=bot).url("Войти: Шахматы")
    await anna.join(via=link)
    assert group.has(anna)
    await anna.follow(await token(tg, olga, bot, "Золото"))
    await anna.send(bot, "/memberships")
    await anna.click("🚪 Войти: Шахматный клуб")
    await olga.send(bot, "/tokens")
    await olga.send(bot, "/plans")
    await olga.click("Золото · 1 месяц")
    await olga.click("🎟 Много кодов")
    await olga.send(bot, "3")
    await olga.send(bot, "/members")
    await olga.click("Анна")
    await olga.click("🎁 Шахматный клуб")
    await olga.click("7 дней")
    await olga.send(bot, "/members")
    await olga.click("⚙️ Настройки")
    await olga.click("3")
    stranger = tg.user("Ева", language="ru")
    await stranger.join(via=link)
    for days in (64, 1, 1, 1, 10, 1):
        clock.advance(days=days)
        await app.house.endings.run(app.house.actor)
        await app.house.access_tasks.run(app.house.actor)
        await tg.settle()
    assert not group.has(anna)
    await anna.send(bot, "/memberships")


async def test_inviting_friends(tg: Sandbox, app: App, olga, service, anna) -> None:
    bot, _ = await open_bot(tg, olga, service)
    await anna.start(bot)
    await anna.click("Пригласить друзей")
    await anna.click("✏️ Своё имя ссылки")
    await anna.send(bot, "нет")
    await anna.send(bot, "anna")
    await tg.user("Борис", language="ru").start(bot, "r_anna")
    await olga.send(bot, "/affiliates")
    await olga.click("📄 Файл CSV")
    await olga.click("⏸ Выключить")
    await anna.send(bot, "/affiliate")
    assert "Ольга" not in tg.last(anna, bot=bot).text
