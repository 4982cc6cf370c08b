"""The page's "Try this" list: what the product does, each in a minute and as the right person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.model import Json
from sandbox.people import Person

if TYPE_CHECKING:
    from sandbox.seed import DemoWorld

ADVERTISEMENT = "💰 Earn 500$ a day!!! Join https://t.me/+EasyMoneyNow and write @easy_money_now"

Said = tuple[str, str]
"""The same words in English and in Russian."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What exists only once the application has answered: addresses made by its bots."""

    token_link: str
    """An access token for the plan Masters."""
    invite_link: str
    """Ann's affiliate link."""
    ad_link: str
    """The link of an advertisement for the channel."""


def try_list(world: DemoWorld, prepared: Prepared | None = None) -> list[Json]:
    """The list; without `prepared` only what needs nothing of the application."""
    walks = [_greeting(world), _answer(world), _spam(world)]
    if prepared is not None:
        walks += [_access(world, prepared), _buying(world), _renewing(world), _affiliate(world, prepared)]
    walks += [_connecting(world), _settings(world)]
    return walks if prepared is None else [*walks, _campaign(world, prepared)]


def _greeting(world: DemoWorld) -> Json:
    return _walk(
        ("People join, and are welcomed", "Люди вступают, и их встречают"),
        (
            "Dora saw the poster, Cem's friend Spike the newsletter. The bot greets them and notes by which "
            "link they came.",
            "Dora увидела афишу, Spike — рассылку. Бот приветствует их и видит, по какой ссылке они пришли.",
        ),
        _step(("Join by the poster", "Вступить по афише"), world.dora, open=world.group_links["Poster"]),
        _step(
            ("Join by the newsletter", "Вступить по рассылке"),
            world.spike,
            open=world.group_links["Newsletter"],
        ),
        _step(
            ("Olga asks who came", "Olga спрашивает, кто пришёл"), world.olga, _group(world), fill="/joins"
        ),
    )


def _answer(world: DemoWorld) -> Json:
    return _walk(
        ("A question is answered", "На вопрос есть ответ"),
        ("The bot knows when the club meets.", "Бот знает, когда встречается клуб."),
        _step(
            ("Ann asks", "Ann спрашивает"), world.ann, _group(world), fill="When is the next meeting, please?"
        ),
    )


def _spam(world: DemoWorld) -> Json:
    olga = world.olga
    return _walk(
        ("Spam is removed, with a reason and an undo", "Спам удаляется — с причиной и кнопкой возврата"),
        (
            "Spike advertises. The message goes, and Olga reads why: with one tap she can take it back.",
            "Spike рекламирует. Сообщение исчезает, а Olga видит почему и одним касанием может всё вернуть.",
        ),
        _step(("Post an advertisement", "Отправить рекламу"), world.spike, _group(world), fill=ADVERTISEMENT),
        _step(("Read the log as Olga", "Открыть журнал как Olga"), olga, olga.key_with(world.service_bot)),
    )


def _access(world: DemoWorld, prepared: Prepared) -> Json:
    dora = world.dora
    at_bot = dora.key_with(world.service_bot)
    return _walk(
        ("An access token opens a private group", "Код доступа открывает закрытую группу"),
        (
            "Dora got a token for Chess Masters. It works once: try it again as somebody else.",
            "Dora получила код для Chess Masters. Он работает один раз: попробуйте ещё раз от другого имени.",
        ),
        _step(("Redeem it", "Применить код"), dora, open=prepared.token_link),
        _step(("See what she has", "Посмотреть, что у неё есть"), dora, at_bot, fill="/memberships"),
        _step(("Bob tries the same token", "Bob пробует тот же код"), world.bob, open=prepared.token_link),
    )


def _buying(world: DemoWorld) -> Json:
    ann = world.ann
    at_bot = ann.key_with(world.service_bot)
    return _walk(
        ("Buy access with Stars", "Купить доступ за звёзды"),
        (
            "Choose Visitor, and pay. The bot is asked first, the receipt comes after. Money, on the right, "
            "shows where the Stars went.",
            "Выберите Visitor и оплатите. Сначала спрашивают бота, потом приходит квитанция. "
            "В разделе «Деньги» видно, куда ушли звёзды.",
        ),
        _step(("What is on offer", "Что продаётся"), ann, at_bot, fill="/plans"),
        _step(("What Ann has now", "Что теперь есть у Ann"), ann, at_bot, fill="/memberships"),
    )


def _renewing(world: DemoWorld) -> Json:
    bob = world.bob
    at_bot = bob.key_with(world.service_bot)
    return _walk(
        ("A subscription renews by itself", "Подписка продлевается сама"),
        (
            "Choose Regular, and pay. Then press “+30 days” in Tools: Telegram charges again, and the time "
            "goes on. In Money, Bob can stop it.",
            "Выберите Regular и оплатите. Потом нажмите «+30 дней» в настройках: Telegram спишет снова, "
            "и доступ продлится. В разделе «Деньги» Bob может это прекратить.",
        ),
        _step(("Subscribe", "Подписаться"), bob, at_bot, fill="/plans"),
        _step(("A month later", "Месяц спустя"), bob, at_bot, fill="/memberships"),
    )


def _affiliate(world: DemoWorld, prepared: Prepared) -> Json:
    ann = world.ann
    return _walk(
        ("A friend's invitation is counted", "Приглашение друга засчитывается"),
        (
            "Cem follows Ann's link. Ann looks at her numbers.",
            "Cem переходит по ссылке Ann. Ann смотрит на свои числа.",
        ),
        _step(("Follow Ann's link", "Перейти по ссылке Ann"), world.cem, open=prepared.invite_link),
        _step(("Ann's numbers", "Числа Ann"), ann, ann.key_with(world.service_bot), fill="/affiliate"),
    )


def _connecting(world: DemoWorld) -> Json:
    at_bot = world.olga.key_with(world.service_bot)
    return _walk(
        ("Connect a second bot", "Подключить второго бота"),
        (
            "Olga sends a token of BotFather. The message is deleted at once.",
            "Olga отправляет токен от BotFather. Сообщение сразу удаляется.",
        ),
        _step(("Say so", "Сказать об этом"), world.olga, at_bot, fill="/connect"),
        _step(("Send the token", "Отправить токен"), world.olga, at_bot, fill=world.second_bot.token),
        _step(("All her bots", "Все её боты"), world.olga, at_bot, fill="/bots"),
    )


def _settings(world: DemoWorld) -> Json:
    at_bot = world.olga.key_with(world.service_bot)
    return _walk(
        ("Set it up your way", "Настроить по-своему"),
        (
            "Welcome, replies and anti-spam are set in private, so the group stays clean.",
            "Приветствие, автоответы и антиспам настраиваются в личном чате, чтобы не засорять группу.",
        ),
        _step(("Open the settings", "Открыть настройки"), world.olga, at_bot, fill="/settings"),
        _step(("Everything there is", "Всё, что есть"), world.olga, at_bot, fill="/help"),
    )


def _campaign(world: DemoWorld, prepared: Prepared) -> Json:
    olga = world.olga
    at_bot = olga.key_with(world.service_bot)
    return _walk(
        ("An ad brings people, and you write to them", "Реклама приводит людей, и вы им пишете"),
        (
            "Cem saw an ad for the channel. Olga sees which click brought him, and writes to everybody who "
            "came like that; the message shows how far it is.",
            "Cem увидел рекламу канала. Olga видит, какой клик его привёл, и пишет всем, кто так пришёл; "
            "в сообщении видно, сколько уже отправлено.",
        ),
        _step(("Follow the ad, and join", "Перейти по рекламе и вступить"), world.cem, open=prepared.ad_link),
        _step(("Who came", "Кто пришёл"), olga, at_bot, fill="/leads"),
        _step(("The figures", "Цифры"), olga, at_bot, fill="/stats"),
        _step(("Write to all of them", "Написать всем"), olga, at_bot, fill="/broadcast"),
    )


def _group(world: DemoWorld) -> str:
    return world.group.chat.key


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
