"""Spam comes, and goes; mistakes are undone."""

import asyncio

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import moderated
from tests.stories.moderated import bot_id, log_of, person, protect, said

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded

INVITE = "Come here: https://t.me/+AbCdEf123456"


async def test_spam_is_removed_with_a_reason_and_an_undo(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    spam = await ann.send(guarded, INVITE)
    assert spam.deleted
    notice = tg.last(guarded)
    assert "A message of Ann was removed: an invite to another chat" in notice.text
    assert "warned (1 of 3)" in notice.text
    entry = log_of(tg, olga, service)[-1]
    assert "Spam in Chess Club" in entry.text
    assert INVITE in entry.text
    await olga.click(entry, "Why")
    assert "100" in entry.text
    answer = await olga.click(entry, "Not spam")
    assert answer.text == "Restored"
    assert "Not spam, says Olga" in entry.text
    assert entry.buttons == [["❓ Why"]]
    back = tg.last(guarded)
    assert "Ann:" in back.text
    assert INVITE in back.text
    assert "restored by Olga" in back.text
    again = await ann.send(guarded, INVITE)
    assert not again.deleted, "she is believed from now on"


async def test_undoing_works_once_and_says_so(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    bob = tg.user("Bob")
    await bob.join(guarded)
    await olga.promote(bob, guarded)
    await bob.start(service)
    staff = tg.group("Staff", olga)
    await olga.add(service, staff, rights="all")
    await bob.join(staff)
    await protect(app, olga, guarded, log_chat=staff.id)
    await ann.send(guarded, INVITE)
    entry = tg.last(staff)
    buttons = entry.inline_keyboard
    with tg.no_settle():
        answers = [await one.press_callback(entry, buttons[0][0]) for one in (olga, bob)]
    await tg.settle()
    assert len([text for text in said(tg, guarded) if "restored by" in text]) == 1
    assert sorted("has restored this already" in (answer.text or "") for answer in answers) == [False, True]
    late = await bob.press_callback(entry, buttons[0][1])
    assert "has restored this already" in (late.text or "")
    assert guarded.has(ann), "what is restored cannot be banned by an old button"


async def test_a_day_later_it_is_too_late(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    await ann.send(guarded, INVITE)
    entry = log_of(tg, olga, service)[-1]
    clock.advance(hours=25)
    answer = await olga.click(entry, "Not spam")
    assert "More than 24 hours" in (answer.text or "")


@pytest.mark.parametrize(
    ("action", "status"),
    [("delete", "member"), ("warn", "member"), ("mute", "restricted"), ("kick", "left"), ("ban", "kicked")],
)
async def test_every_action(
    tg: Sandbox, app: App, olga, service, guarded, ann, action: str, status: str
) -> None:
    await protect(app, olga, guarded, action=action)
    spam = await ann.send(guarded, INVITE)
    assert spam.deleted
    assert guarded.status(ann) == status
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    expected = {"kick": "left", "ban": "left"}.get(action, "member")
    assert guarded.status(ann) == expected


async def test_three_warnings_lead_to_a_mute(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    for number in (1, 2):
        await ann.send(guarded, f"{INVITE}{number}")
        assert f"warned ({number} of 3)" in tg.last(guarded).text
        clock.advance(minutes=2)
    await ann.send(guarded, INVITE)
    assert "muted for 1 day" in tg.last(guarded).text
    assert guarded.status(ann) == "restricted"
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert guarded.status(ann) == "member"


async def test_ban_button(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    """In observe mode nothing is done, but Olga can do it."""
    await protect(app, olga, group, mode="observe")
    spam = await ann.send(group, INVITE)
    assert not spam.deleted
    assert said(tg, group)[-1] == INVITE, "observing is silent in the group"
    entry = log_of(tg, olga, service)[-1]
    assert "I only observe. I would: delete the message and warn the author" in entry.text
    await olga.click(entry, "Ban")
    assert "Banned by Olga" in entry.text
    assert spam.deleted
    assert group.status(ann) == "kicked"
    actor, bot = person(app, olga), await bot_id(app)
    assert [ban.user_id for ban in await app.house.bans.list(actor, bot, group.id)] == [ann.id]
    await olga.click(entry, "Not spam")
    assert group.status(ann) == "left"
    assert await app.house.bans.list(actor, bot, group.id) == []


async def test_an_edited_message_is_checked_again(tg: Sandbox, app: App, olga, guarded, ann) -> None:
    message = await ann.send(guarded, "Hello everybody")
    assert not message.deleted
    await ann.edit(message, INVITE)
    assert message.deleted


async def test_an_album_counts_once(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    photos = await ann.send_album(guarded, 5, caption=INVITE)
    assert all(photo.deleted for photo in photos)
    assert len(log_of(tg, olga, service)) == 1
    assert "warned (1 of 3)" in tg.last(guarded).text
    await protect(app, olga, guarded, flood_limit=2)
    await ann.send_album(guarded, 4)
    assert len(log_of(tg, olga, service)) == 1, "four pictures of one album are one message"


async def test_flood(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    await protect(app, olga, guarded, flood_limit=3, action="mute")
    sent = [await ann.send(guarded, f"message {number}") for number in range(4)]
    assert [message.deleted for message in sent] == [False, False, False, True]
    assert guarded.status(ann) == "restricted"
    assert "4 messages within" in log_of(tg, olga, service)[-1].text


async def test_one_text_by_several_people(tg: Sandbox, app: App, guarded) -> None:
    people = [tg.user(name) for name in ("Uma", "Vic", "Wes")]
    for one in people:
        await one.join(guarded)
    texts = ["Earn a lot with us today!", "Earn a lot with us today", "EARN A L0T with us — t0day!!"]
    sent = [await one.send(guarded, text) for one, text in zip(people, texts, strict=True)]
    assert [message.deleted for message in sent] == [False, False, True]


async def test_who_goes_on_is_reported_once_a_minute(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    await protect(app, olga, guarded, action="delete")
    for number in range(3):
        spam = await ann.send(guarded, f"{INVITE}{number}")
        assert spam.deleted
    assert len(log_of(tg, olga, service)) == 1
    clock.advance(minutes=2)
    await ann.send(guarded, INVITE)
    assert len(log_of(tg, olga, service)) == 2


async def test_newcomers_and_old_members(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    link = "Look at https://example.com"
    assert not (await ann.send(guarded, link)).deleted
    newcomer = tg.user("Nick")
    await newcomer.join(guarded)
    assert (await newcomer.send(guarded, link)).deleted
    assert "newcomer" in log_of(tg, olga, service)[-1].text
    for _ in range(3):
        await newcomer.send(guarded, "Good point")
    assert not (await newcomer.send(guarded, "My games: https://chess.example")).deleted


async def test_those_who_are_never_touched(tg: Sandbox, app: App, olga, guarded, ann) -> None:
    """The owner, an anonymous administrator, posts of the linked channel."""
    assert not (await olga.send(guarded, INVITE)).deleted
    await olga.promote(ann, guarded)
    assert not (await ann.send(guarded, INVITE)).deleted
    await ann.set_anonymous(guarded)
    assert not (await ann.send(guarded, INVITE)).deleted
    channel = tg.channel("News", olga, discussion=guarded)
    await olga.post(channel, INVITE)
    assert said(tg, guarded)[-1] == INVITE
    await ann.set_anonymous(guarded, False)
    await olga.demote(ann, guarded)
    assert (await ann.send(guarded, INVITE)).deleted, "she is an administrator no more"


async def test_a_channel_that_speaks_is_banned_as_one(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    await protect(app, olga, guarded, block_channels=True, action="ban")
    ads = tg.channel("Ads", ann)
    spam = await ann.send(guarded, "Buy!", as_channel=ads)
    assert spam.deleted
    assert ads.id in guarded.chat.banned_senders
    assert "Ads" in log_of(tg, olga, service)[-1].text
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert ads.id not in guarded.chat.banned_senders


async def test_hostile_names_and_texts_stay_text(tg: Sandbox, app: App, olga, service, guarded) -> None:
    eve = tg.user("<b>Eve</b> & \u202eco")
    await eve.join(guarded)
    await eve.send(guarded, f"</blockquote><a href='https://evil.example'>x</a> {INVITE}")
    entry = log_of(tg, olga, service)[-1]
    assert "<b>Eve</b> & co" in entry.text
    assert "</blockquote><a href=" in entry.text
    await olga.click(entry, "Not spam")
    assert "</blockquote><a href=" in tg.last(guarded).text


async def test_mentions_of_outsiders(tg: Sandbox, app: App, olga, guarded, ann) -> None:
    await protect(app, olga, guarded, block_mentions=True)
    tg.channel("Scam", olga, username="scam_channel")
    assert not (await ann.send(guarded, "thanks @olga_who_is_a_person")).deleted
    assert (await ann.send(guarded, "join @scam_channel")).deleted
    assert (await ann.send(guarded, "try @best_prices_bot")).deleted


async def test_a_crowd_waits_for_one_guard(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    bot = await bot_id(app)
    await protect(app, olga, guarded, flood_limit=9)
    assert app.house.guards.get(bot, guarded.id) is None, "what changed is not believed any more"
    loaded = await asyncio.gather(*(app.house.guards.load(bot, guarded.id) for _ in range(20)))
    assert len({id(guard) for guard in loaded}) == 1
    await protect(app, olga, guarded)
    before = app.house.guards.get(bot, guarded.id)
    app.signals.dispatch("chat", [bot, 0])
    assert before is None
    assert app.house.guards.get(bot, guarded.id) is None


async def test_nobody_is_punished_while_telegram_does_not_say_who_leads(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    clock.advance(minutes=11)  # the list of administrators is not fresh any more
    await protect(app, olga, guarded, flood_limit=9)
    tg.faults.error(method="getChatAdministrators", count=None)
    assert not (await ann.send(guarded, INVITE)).deleted


async def test_a_restart_in_between_changes_nothing(tg: Sandbox, start_app, olga, service) -> None:
    owner = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**owner) as app:
        await olga.start(service)
        club = tg.group("Chess Club", olga)
        await olga.add(service, club, rights="all")
        await protect(app, olga, club, mode="on")
        bob = tg.user("Bob")
        await bob.join(club)
        await bob.send(club, INVITE)
        entry = log_of(tg, olga, service)[-1]
    async with start_app(**owner):
        await olga.click(entry, "Not spam")
        assert "restored by Olga" in tg.last(club).text
        assert not (await bob.send(club, INVITE)).deleted
