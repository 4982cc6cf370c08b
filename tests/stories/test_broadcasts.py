"""Olga writes to many: the conversation, the board that shows how far it is, and all she can do meanwhile."""

from typing import Any

import pytest

from domain.broadcasts import BroadcastStatus, Counts
from sandbox import Sandbox
from storage import broadcasts, events, recipients
from tests.stories.mail import TEXT, Mail, mail

__all__ = ["mail"]  # a fixture
DRAFT, RUNNING, DONE, CANCELLED, PAUSED = BroadcastStatus


async def test_from_an_idea_to_everybodys_phone(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    await olga.send(bot, "/broadcast")
    assert "Whom do you write to?" in tg.last(olga, bot=bot).text
    assert "👥 Now 0 people." in tg.last(olga, bot=bot).text, "nobody has joined yet"
    await olga.click("⬜ 👋 pressed Start")
    assert "👥 Now 3 people." in tg.last(olga, bot=bot).text
    await olga.click("Next ›")
    await olga.send(bot, "Hello {first_name}, <b>come back</b>!", html=True)
    assert "A button below it?" in tg.last(olga, bot=bot).text
    await olga.send(bot, "Open\nhttps://example.com/?click={click}")
    preview, panel = tg.messages(olga, bot=bot)[-2:]
    assert preview.html == "Hello Olga, <b>come back</b>!"
    assert preview.url("Open") == "https://example.com/?click=abc123"
    assert "It would go to 3 people, in less than a minute." in panel.text
    await olga.click("🚀 Start")
    for number, person in enumerate(mail.people):
        (message,) = [one for one in tg.messages(person, bot=bot) if "come back" in one.text]
        assert message.html == f"Hello Reader{number}, <b>come back</b>!"
        assert message.url("Open") == f"https://example.com/?click=c{number}"
        assert message.buttons[-1] == ["🔕 Unsubscribe"], "on a row of its own"
    board = await mail.boards()
    assert "✅ Done" in board
    assert "Sent: 3" in board
    async with mail.app.db.read() as tx:
        kinds = [kind for kind, _ in await events.of_owner(tx, olga.id)]
    assert (kinds.count("broadcast.running"), kinds.count("broadcast.done")) == (1, 1)


async def test_a_day_is_over_when_the_cap_is_reached(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await mail.tariff(daily_cap=2)
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    assert await mail.counts(one) == Counts(queued=1, sent=2)
    board = await mail.boards()
    assert "▰▰▰▰▰▰▱▱▱▱ 66%" in board
    assert "Today's 2 messages are sent. It goes on at 00:00 UTC." in board
    assert await mail.status(one) is RUNNING
    clock.advance(days=1)
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(sent=3)
    assert "✅ Done" in await mail.boards()


async def test_it_waits_while_nobody_pays(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await mail.tariff(daily_cap=1)
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    await mail.tariff(paid_until=clock.now())
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(queued=2, sent=1)
    told = await mail.olga.click("⏸ Pause")
    assert "Your subscription here is over" in str(told.text)
    await mail.tariff()
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(sent=3), "and goes on when somebody does"


async def test_pausing_and_going_on(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await mail.tariff(daily_cap=1)
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    await mail.olga.click("⏸ Pause")
    assert "⏸ Paused" in tg.last(mail.olga, bot=mail.bot).text
    await mail.tariff(daily_cap=0)
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(queued=2, sent=1), (
        "what waits is kept, and nothing of it goes out"
    )
    await mail.olga.click("▶️ Resume")
    assert await mail.counts(one) == Counts(sent=3)
    assert sum(len(mail.got(person)) for person in mail.people) == 3, "nobody got it twice"


async def test_stopping_and_reaching_the_others_later(tg: Sandbox, mail: Mail, clock: Any) -> None:
    await mail.tariff(daily_cap=1)
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    await mail.olga.click("⏹ Stop")
    assert await mail.status(one) is CANCELLED
    assert await mail.counts(one) == Counts(sent=1), "what was not sent is dropped"
    await mail.tariff(daily_cap=0)
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(sent=1)
    await mail.olga.click("🚀 Send to 2 more")
    assert await mail.counts(one) == Counts(sent=3)
    assert [len(mail.got(person)) for person in mail.people] == [1, 1, 1]


async def test_topping_up(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    assert "✅ Done" in await mail.boards()
    late = tg.user("Late")
    await late.follow(mail.ads.link("late"))
    await mail.olga.send(mail.bot, "/broadcasts")
    await mail.olga.click(f"Broadcast {one}")
    await mail.olga.click("🚀 Send to 1 more")
    assert len(mail.got(late)) == 1
    assert [len(mail.got(person)) for person in mail.people] == [1, 1, 1]
    assert await mail.app.house.broadcasts.start(mail.ads.actor, one) == 0
    assert await mail.status(one) is DONE, "with nobody new it stays what it was"


async def test_beginning_anew(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write()
    await mail.olga.click("🚀 Start")
    await mail.boards()
    await mail.olga.click("🔄 Begin anew")
    await mail.olga.click("Yes, begin anew")
    assert await mail.status(one) is DRAFT
    assert await mail.counts(one) == Counts()
    await mail.olga.click("🚀 Start")
    assert [len(mail.got(person)) for person in mail.people] == [2, 2, 2]


async def test_somebody_wants_no_more(tg: Sandbox, mail: Mail) -> None:
    await mail.write()
    await mail.olga.click("🚀 Start")
    ann, ben, _ = mail.people
    await ann.click("🔕 Unsubscribe")
    assert "You get no more of these messages about News of chess." in tg.last(ann, bot=mail.bot).text
    two = await mail.write("Second")
    await mail.olga.click("🚀 Start")
    assert await mail.counts(two) == Counts(sent=2)
    assert "Second" not in mail.got(ann)
    assert "Second" in mail.got(ben)
    await ann.click("Undo")
    assert "You get messages about News of chess again." in tg.last(ann, bot=mail.bot).text
    assert await mail.app.house.broadcasts.start(mail.ads.actor, two) == 1
    await tg.settle()
    assert "Second" in mail.got(ann)


async def test_who_says_no_while_the_message_waits_does_not_get_it(
    tg: Sandbox, mail: Mail, clock: Any
) -> None:
    ann, ben, _ = mail.people
    await mail.write("First")
    await mail.olga.click("🚀 Start")
    await mail.tariff(daily_cap=3)  # the three are spent: the next one waits for tomorrow
    two = await mail.write("Second")
    await mail.olga.click("🚀 Start")
    assert await mail.counts(two) == Counts(queued=3)
    await ann.click("🔕 Unsubscribe")
    await ben.block(mail.bot)
    clock.advance(days=1)
    await mail.on_the_clock()
    assert await mail.counts(two) == Counts(sent=1, skipped=2)
    board = await mail.boards()
    assert "Skipped: 2 (unsubscribed, or the bot is blocked)" in board


async def test_what_telegram_does_not_take_pauses_everything(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write()
    tg.faults.error(400, method="sendMessage", chat=mail.people[0].id)
    await mail.olga.click("🚀 Start")
    assert await mail.status(one) is PAUSED
    board = await mail.boards()
    assert "It has paused by itself. Telegram says:" in board
    await mail.olga.click("✏️ Message")
    await mail.olga.send(mail.bot, "Better")
    await mail.olga.click("▶️ Resume")
    assert (await mail.counts(one)).failed == 0
    assert (await mail.counts(one)).sent == 3
    assert mail.got(mail.people[0]) == ["Better"], "an edit counts for what was not sent yet"


async def test_what_may_have_arrived_is_for_olga_to_decide(tg: Sandbox, mail: Mail) -> None:
    ann, ben, _ = mail.people
    one = await mail.write("Once")
    for person in (ann, ben):
        tg.faults.lost_answer(method="sendMessage", chat=person.id)
    await mail.olga.click("🚀 Start")
    assert await mail.counts(one) == Counts(sent=1, unknown=2)
    assert mail.got(ann) == ["Once"], "it did arrive, but nobody here knows"
    board = await mail.boards()
    assert "2 messages may have arrived or not" in board
    await mail.on_the_clock()
    assert await mail.counts(one) == Counts(sent=1, unknown=2), "never sent again by itself"
    await mail.olga.click("🔁 Send again (2)")
    assert await mail.counts(one) == Counts(sent=3)
    assert mail.got(ann) == ["Once", "Once"], "as she wished"


async def test_sending_again_starts_nothing_else(tg: Sandbox, mail: Mail, clock: Any) -> None:
    """A server that died while a top-up's queue was made has left it behind: it was never started."""
    ann, newcomer = mail.people[0], tg.user("Newcomer")
    one = await mail.write("Once")
    tg.faults.lost_answer(method="sendMessage", chat=ann.id)
    await mail.olga.click("🚀 Start")
    await newcomer.follow(mail.ads.link("late"))
    async with mail.app.db.write() as tx:
        left = await broadcasts.get(tx, mail.olga.id, one)
        assert left is not None
        await recipients.enqueue(tx, left, clock.now())
    await mail.boards()
    await mail.olga.click("🔁 Send again (1)")
    assert mail.got(newcomer) == []
    assert mail.got(ann) == ["Once", "Once"]
    assert await mail.counts(one) == Counts(sent=3)


async def test_a_board_of_one_that_is_paused_counts_no_audience(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at every few seconds, perhaps for weeks, and an audience may have 100 000 people."""
    await mail.tariff(daily_cap=1)
    await mail.write()
    await mail.olga.click("🚀 Start")
    await mail.olga.click("⏸ Pause")

    async def count(*what: Any) -> int:
        raise AssertionError("nobody is shown this")

    monkeypatch.setattr(recipients, "audience_size", count)
    monkeypatch.setattr(recipients, "remaining", count)
    assert "⏸ Paused" in await mail.boards()


async def test_letting_the_unknown_be(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write("Once")
    tg.faults.lost_answer(method="sendMessage", chat=mail.people[0].id)
    await mail.olga.click("🚀 Start")
    await mail.boards()
    await mail.olga.click("Leave them (1)")
    assert await mail.counts(one) == Counts(sent=2, skipped=1)
    assert mail.got(mail.people[0]) == ["Once"]


async def test_changing_and_taking_back_what_was_sent(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write("Wrnog")
    await mail.olga.click("🚀 Start")
    await mail.boards()
    await mail.olga.click("✏️ Message")
    await mail.olga.send(mail.bot, "Right")
    await mail.olga.click("No button")
    assert mail.got(mail.people[0]) == ["Wrnog"]
    await mail.olga.click("✍️ Change what was sent")
    await mail.olga.click("Yes, change it")
    assert [mail.got(person) for person in mail.people] == [["Right"]] * 3
    await mail.olga.send(mail.bot, "/broadcasts")
    await mail.olga.click(f"Broadcast {one}")
    await mail.olga.click("↩️ Take it back")
    await mail.olga.click("Yes, take it back")
    assert [mail.got(person) for person in mail.people] == [[]] * 3


async def test_deleting(tg: Sandbox, mail: Mail) -> None:
    one = await mail.write()
    await mail.olga.click("🗑 Delete")
    await mail.olga.click("‹ Back")
    await mail.olga.click("🗑 Delete")
    await mail.olga.click("Yes, delete")
    assert "is deleted" in tg.last(mail.olga, bot=mail.bot).text
    await mail.olga.click("‹ Back")
    assert "You have no broadcasts yet" in tg.last(mail.olga, bot=mail.bot).text
    told = await mail.olga.click(tg.messages(mail.olga, bot=mail.bot)[-1], "➕ New broadcast")
    assert not told.text
    assert f"Broadcast {one + 1}" in tg.last(mail.olga, bot=mail.bot).text, "numbers are not used again"


async def test_without_broadcasts_on_the_tariff(tg: Sandbox, mail: Mail, service: Any) -> None:
    one = await mail.write()
    await mail.olga.send(service, "/tariff")
    await mail.olga.click("➕ An owner")
    await mail.olga.send(service, "soon")
    assert "Telegram id" in tg.last(mail.olga, bot=service).text
    await mail.olga.send(service, str(mail.olga.id))
    await mail.olga.click("🔕 Messages off")
    assert "Messages to leads: off" in tg.last(mail.olga, bot=service).text
    told = await mail.olga.click("🚀 Start")
    assert "Your tariff has no messages to leads" in str(told.text)
    assert await mail.status(one) is DRAFT
    await mail.olga.send(service, f"/tariff {mail.olga.id}")
    await mail.olga.click("🔔 Messages on")
    for button, wrong, right, words in (
        ("✏️ Name", "x" * 65, "Small", "Small"),
        ("✏️ Campaigns", "many", "3", "Campaigns: 3"),
        ("✏️ Daily cap", "-1", "2", "Broadcast messages a day: 2"),
        ("✏️ Paid until", "soon", "31.12.2199", "Paid until: 1 Jan 2200"),
    ):
        await mail.olga.send(service, f"/tariff {mail.olga.id}")
        await mail.olga.click(button)
        await mail.olga.send(service, wrong)
        assert words not in tg.last(mail.olga, bot=service).text
        await mail.olga.send(service, right)
        assert words in tg.last(mail.olga, bot=service).text
    await mail.olga.click("🚀 Start")
    assert await mail.counts(one) == Counts(queued=1, sent=2)
    await mail.olga.send(service, f"/tariff {mail.olga.id}")
    await mail.olga.click("🗑 Remove the tariff")
    assert "Broadcast messages a day: no limit" in tg.last(mail.olga, bot=service).text


async def test_tariffs_are_the_operators_business(tg: Sandbox, mail: Mail) -> None:
    """In a bot of her own even Olga sets none, and nobody else does anywhere."""
    await mail.olga.send(mail.bot, "/tariff")
    assert "You may not do that here" in tg.last(mail.olga, bot=mail.bot).text
    eve = mail.people[0]
    await eve.send(mail.bot, f"/tariff {eve.id}")
    assert "You may not do that here" in tg.last(eve, bot=mail.bot).text
    assert TEXT not in tg.last(eve, bot=mail.bot).text
