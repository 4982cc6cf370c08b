"""Messages that go out by themselves, some time after a lead gets to a status."""

from typing import Any

import pytest

from domain.campaigns import CampaignStatus
from domain.creatives import Creative
from domain.errors import Invalid
from domain.leads import LeadStatus
from sandbox import Sandbox
from services import creatives
from tests.stories.mail import Mail, mail

__all__ = ["mail"]  # a fixture
WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus


async def panel(mail: Mail, label: str) -> None:
    """Olga opens the block of a status."""
    await mail.olga.send(mail.bot, "/campaigns")
    await mail.olga.click("Spring")
    await mail.olga.click("⚡ Messages by status")
    await mail.olga.click(label)


async def write(mail: Mail, label: str, text: str, delay: str = "at once") -> None:
    """Olga writes the message of a status, and turns it on."""
    await panel(mail, label)
    await mail.olga.click("✏️ Message")
    await mail.olga.send(mail.bot, text)
    await mail.olga.click("⏱ When")
    await mail.olga.click(delay)
    await mail.olga.click("🔔 Turn on")
    assert "On: sent by itself" in mail.tg.last(mail.olga, bot=mail.bot).text


async def test_half_an_hour_after_the_start(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await write(mail, "👋 pressed Start", "Still there, {first_name}?", "30 minutes")
    ann = tg.user("Ann")
    await ann.follow(mail.ads.link("c"))
    assert await mail.jobs(WAIT) == {"queued": 1}, "those who came before the block was on are left alone"
    await mail.later(clock, minutes=29)
    assert mail.got(ann) == []
    await mail.later(clock, minutes=1)
    assert mail.got(ann) == ["Still there, Ann?"]
    assert tg.last(ann, bot=mail.bot).buttons == [["🔕 Unsubscribe"]]
    await mail.on_the_clock()
    assert mail.got(ann) == ["Still there, Ann?"]
    await panel(mail, "👋 pressed Start")
    assert "Sent: 1\nWaiting: 0" in tg.last(mail.olga, bot=mail.bot).text


async def test_whoever_moves_on_is_not_reminded(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await write(mail, "👋 pressed Start", "Still there?", "1 hour")
    ann, ben = tg.user("Ann"), tg.user("Ben")
    for person in (ann, ben):
        await person.follow(mail.ads.link("c"))
    await mail.later(clock, seconds=5)
    await ann.join(via=await mail.ads.own_link())
    assert await mail.jobs(WAIT) == {"queued": 1, "skipped": 1}
    await mail.later(clock, hours=2)
    assert mail.got(ann) == []
    assert mail.got(ben) == ["Still there?"]


async def test_another_click_begins_the_wait_anew(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await write(mail, "👋 pressed Start", "Still there?", "1 hour")
    ann = tg.user("Ann")
    await ann.follow(mail.ads.link("c1"))
    await mail.later(clock, minutes=50)
    await ann.follow(mail.ads.link("c2"))
    await mail.later(clock, minutes=20)
    assert mail.got(ann) == [], "an hour after the newer click"
    await mail.later(clock, minutes=41)
    assert mail.got(ann) == ["Still there?"]
    assert await mail.jobs(WAIT) == {"sent": 1, "skipped": 1}


async def test_at_once_with_a_picture(tg: Sandbox, mail: Mail, clock: Any) -> None:
    olga, bot = mail.olga, mail.bot
    await panel(mail, "🚪 left")
    await olga.click("🔔 Turn on")
    await olga.click("✏️ Message")
    await olga.send(bot, "What a *pity*", photo=True)
    await olga.click("🔗 Button")
    await olga.send(bot, "Back\nhttps://example.com/?u={user}")
    await olga.click("👁 Show me")
    preview = tg.last(olga, bot=bot)
    assert preview.photo
    assert preview.html == "What a <b>pity</b>"
    assert preview.url("Back") == f"https://example.com/?u={olga.id}"
    await olga.click("⏱ When")
    await olga.send(bot, "a while")
    assert "Send a time such as" in tg.last(olga, bot=bot).text
    await olga.send(bot, "0")
    await olga.click("🔔 Turn on")
    (ann, *_) = mail.people
    await mail.later(clock, seconds=5)
    await ann.join(via=await mail.ads.own_link())
    await mail.later(clock, seconds=5)
    await ann.leave(mail.ads.chat)
    got = tg.last(ann, bot=bot)
    assert got.photo
    assert got.url("Back") == f"https://example.com/?u={ann.id}"
    await panel(mail, "🚪 left")
    await olga.click("🔗 Button")
    await olga.click("No button")
    assert "Button:" not in tg.last(olga, bot=bot).text


async def test_an_empty_block_cannot_be_turned_on(tg: Sandbox, mail: Mail) -> None:
    await panel(mail, "✅ is inside")
    told = await mail.olga.click("🔔 Turn on")
    assert "There is nothing to send yet" in str(told.text)
    told = await mail.olga.click("👁 Show me")
    assert "There is nothing to send yet" in str(told.text)


async def test_it_is_looked_at_again_before_it_goes_out(tg: Sandbox, mail: Mail, clock: Any) -> None:
    """A paused campaign, a block turned off, somebody who said no or blocked the bot: nothing goes out."""
    await write(mail, "👋 pressed Start", "Hello", "1 hour")
    people = [tg.user(name) for name in ("Ann", "Ben", "Cleo")]
    for person in people:
        await person.follow(mail.ads.link("c"))
    ann, ben, cleo = people
    await ann.block(mail.bot)
    await mail.app.house.unsubscribes.stop(_as(mail, ben), mail.ads.bot_id, mail.ads.campaign_id)
    await mail.later(clock, hours=1)
    assert await mail.jobs(WAIT) == {"skipped": 2, "sent": 1}
    assert mail.got(cleo) == ["Hello"]
    dora, emil = tg.user("Dora"), tg.user("Emil")
    await dora.follow(mail.ads.link("c"))
    await mail.app.house.campaigns.pause(mail.ads.actor, mail.ads.campaign_id)
    await mail.later(clock, hours=1)
    assert mail.got(dora) == []
    await mail.app.house.campaigns.resume(mail.ads.actor, mail.ads.campaign_id)
    assert (await mail.ads.campaign()).status is CampaignStatus.ACTIVE
    await emil.follow(mail.ads.link("c"))
    await panel(mail, "👋 pressed Start")
    await mail.olga.click("🔕 Turn off")
    await mail.later(clock, hours=1)
    assert mail.got(emil) == []
    assert await mail.jobs(WAIT) == {"skipped": 4, "sent": 1}


async def test_the_text_is_the_one_of_the_moment_it_goes_out(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await write(mail, "👋 pressed Start", "Old", "1 hour")
    ann = tg.user("Ann")
    await ann.follow(mail.ads.link("c"))
    await panel(mail, "👋 pressed Start")
    await mail.olga.click("✏️ Message")
    await mail.olga.send(mail.bot, "New")
    await mail.later(clock, hours=1)
    assert mail.got(ann) == ["New"]


async def test_one_that_cannot_be_written_keeps_nobody_waiting(
    tg: Sandbox, mail: Mail, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block from before a rule got stricter: what is due with it goes out, and it is not tried for ever."""
    await write(mail, "👋 pressed Start", "Hello {first_name}", "1 hour")
    ann, ben = tg.user("Ann"), tg.user("Ben")
    for person in (ann, ben):
        await person.follow(mail.ads.link("c"))
    compose = creatives.compose

    def strict(creative: Any, values: Any, *rest: Any, **more: Any) -> Any:
        if values["first_name"] == "Ann":
            raise Invalid("text", "markdown_link", line=1, column=1)
        return compose(creative, values, *rest, **more)

    monkeypatch.setattr(creatives, "compose", strict)
    await mail.later(clock, hours=1)
    assert mail.got(ben) == ["Hello Ben"]
    assert mail.got(ann) == []
    assert await mail.jobs(WAIT) == {"skipped": 1, "sent": 1}


async def test_an_uncertain_one_is_not_sent_again(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await write(mail, "👋 pressed Start", "Hello", "1 minute")
    ann = tg.user("Ann")
    await ann.follow(mail.ads.link("c"))
    tg.faults.lost_answer(method="sendMessage", chat=ann.id)
    await mail.later(clock, minutes=1)
    await mail.on_the_clock()
    assert mail.got(ann) == ["Hello"]
    assert await mail.jobs(WAIT) == {"unknown": 1}
    await panel(mail, "👋 pressed Start")
    assert "May have arrived or not: 1" in tg.last(mail.olga, bot=mail.bot).text


async def test_a_restart_loses_none_and_doubles_none(
    tg: Sandbox, start_app: Any, olga: Any, service: Any, clock: Any
) -> None:
    from tests.stories.estate import hurry
    from tests.stories.mail import Mail as Reopened
    from tests.stories.mail import open_mail

    options = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "paces": hurry}
    ann = tg.user("Ann")
    async with start_app(**options) as app:
        mail = await open_mail(tg, app, olga, service, 0)
        await write(mail, "👋 pressed Start", "Hello", "1 hour")
        await ann.follow(mail.ads.link("c"))
    clock.advance(hours=2)
    async with start_app(**options) as app:
        mail.ads.app = app
        again = Reopened(mail.ads, [])
        await again.on_the_clock()
        assert again.got(ann) == ["Hello"]
        await again.on_the_clock()
        assert again.got(ann) == ["Hello"]


async def test_whoever_asks_to_join_can_be_written_to(tg: Sandbox, mail: Mail) -> None:
    """… before he has ever pressed Start."""
    await write(mail, "✋ asks to join", "One moment, please")
    door = await mail.ads.source("door", asks=True)
    eve = tg.user("Eve")
    await eve.join(via=door.invite_link)
    assert await mail.ads.status(eve) is HOLD
    assert (await mail.jobs(HOLD)) in ({"sent": 1}, {"failed": 1}), "Telegram decides"


async def test_a_downgraded_account_can_turn_one_off(tg: Sandbox, mail: Mail) -> None:
    await write(mail, "👋 pressed Start", "Hello", "1 hour")
    await mail.tariff(broadcasts=False)
    await panel(mail, "👋 pressed Start")
    await mail.olga.click("🔕 Turn off")
    assert "Off" in tg.last(mail.olga, bot=mail.bot).text
    told = await mail.olga.click("🔔 Turn on")
    assert "Your tariff has no messages to leads" in str(told.text)
    assert (await mail.ads.campaign()).creative == Creative()


def _as(mail: Mail, person: Any) -> Any:
    from dataclasses import replace

    return replace(mail.app.house.actor, user_id=person.id)
