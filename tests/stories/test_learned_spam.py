"""Spam that breaks no rule of its own: it only reads like spam."""

from bot.app import App
from sandbox import Sandbox
from tests.stories import moderated
from tests.stories.moderated import log_of, protect

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded

OFFER = "Ищу людей в команду, удаленная работа, доход от 500$ в неделю, обучение бесплатно, пишите + в лс"
SPACED = "   ".join(" ".join(word) for word in OFFER.split())
QUESTION = "Подскажите, сколько сейчас платят курьерам? Ищу работу, друзья советуют доставку"


async def test_an_offer_of_easy_money_goes_and_the_log_says_why(
    tg: Sandbox, app: App, olga, service, guarded
) -> None:
    eve = tg.user("Eve")
    await eve.join(guarded)
    harmless = await eve.send(guarded, QUESTION)
    assert not harmless.deleted, "talking about work is no spam"
    offer = await eve.send(guarded, OFFER)
    assert offer.deleted
    entry = log_of(tg, olga, service)[-1]
    await olga.click(entry, "Why")
    assert "looks like spam" in entry.text
    reason = entry.text.split("looks like spam")[1]
    assert any(word in reason for word in OFFER.replace(",", "").split()), "it names words of the message"
    spaced = await eve.send(guarded, SPACED)
    assert spaced.deleted, "a disguise does not help"


async def test_not_spam_restores_it_and_the_author_is_believed(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    assert (await ann.send(guarded, OFFER)).deleted
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert not (await ann.send(guarded, OFFER + "!")).deleted


async def test_the_check_has_a_switch(tg: Sandbox, app: App, olga, guarded) -> None:
    await protect(app, olga, guarded, block_learned=False)
    eve = tg.user("Eve")
    await eve.join(guarded)
    assert not (await eve.send(guarded, OFFER)).deleted


async def test_an_observed_chat_is_only_told(tg: Sandbox, app: App, olga, service, group) -> None:
    await protect(app, olga, group, mode="observe")
    eve = tg.user("Eve")
    await eve.join(group)
    assert not (await eve.send(group, OFFER)).deleted
    assert "I only observe" in log_of(tg, olga, service)[-1].text


async def test_administrators_are_not_weighed(tg: Sandbox, app: App, olga, guarded) -> None:
    assert not (await olga.send(guarded, OFFER)).deleted
