"""The anti-spam is set up, by those who may, and nobody else."""

from typing import Any

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import moderated
from tests.stories.moderated import bot_id, log_of, person, protect, said

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded

INVITE = "Come here: https://t.me/+AbCdEf123456"


async def test_only_who_may_restrict_presses_with_effect(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    """The log is kept in a group that strangers and a demoted administrator can read, too."""
    staff = tg.group("Staff", olga)
    await olga.add(service, staff, rights="all")
    dora, eve = tg.user("Dora"), tg.user("Eve")
    for one in (dora, eve):
        await one.join(staff)
    await dora.join(guarded)
    await olga.promote(dora, guarded)
    await protect(app, olga, guarded, log_chat=staff.id)
    await ann.send(guarded, INVITE)
    entry = tg.last(staff)
    await olga.demote(dora, guarded)
    for one in (eve, dora):
        for button in ("Not spam", "Ban", "Why"):
            answer = await one.click(entry, button)
            assert "You may not do that here" in (answer.text or "")
    assert guarded.has(ann)
    assert not [text for text in said(tg, guarded) if "restored" in text]


async def test_garbage_on_buttons_is_a_kind_answer(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    await ann.send(guarded, INVITE)
    entry = log_of(tg, olga, service)[-1]
    for data in (
        "antispam:ham", "antispam:ham:x:y:z", "antispam:ham:1:2:m3", "antispam:ban:99999:1:m1",
        f"antispam:why:1:{guarded.id}:nothing", "antispam:set:0:banned_words:x:main", "antispam:set:0",
        f"antispam:set:{guarded.id}:mode:purple:main", f"antispam:ask:{guarded.id}:token",
        "antispam:panel:" + "9" * 19, "antispam:set:0:log_chat:-5:log",
    ):  # fmt: skip
        answer = await olga.press_callback(entry, {"text": "?", "callback_data": data})
        assert answer.text, data


async def test_a_new_chat_is_observed_for_a_day(
    tg: Sandbox, app: App, olga, service, group, clock: TestClock
) -> None:
    ann = tg.user("Ann")
    await ann.join(group)
    first = await ann.send(group, INVITE)
    assert not first.deleted
    assert "I only observe" in log_of(tg, olga, service)[-1].text
    clock.advance(hours=25)
    second = await ann.send(group, INVITE + "2")
    assert second.deleted


async def test_the_admin_says_go(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    await olga.send(group, "/antispam")
    await olga.click("Open the settings")
    panel = tg.last(olga, bot=service)
    assert "Anti-spam of Chess Club" in panel.text
    await olga.click(panel, "Protect")
    assert "State: 🟢 protects" in panel.text
    spam = await ann.send(group, INVITE)
    assert spam.deleted


async def test_the_panel_sets_everything_up(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    await olga.start(service, f"antispam_{guarded.id}")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "Checks")
    await olga.click(panel, "⬜ Links")
    assert any("✅ Links" in row for row in panel.buttons)
    assert (await ann.send(guarded, "see https://example.com/x")).deleted
    await olga.click(panel, "⚙️")
    await olga.click(panel, "Messages: 8")
    await olga.send(service, "many")
    assert "does not fit" in tg.last(olga, bot=service).text
    await olga.send(service, "5")
    assert any("Messages: 5" in row for row in tg.last(olga, bot=service).buttons)
    await olga.start(service, f"antispam_{guarded.id}")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "Allowed addresses")
    await olga.click(panel, "Write anew")
    await olga.send(service, "not a domain")
    assert "I do not understand" in tg.last(olga, bot=service).text
    await olga.send(service, "https://www.example.com/page\n@Friends")
    assert "example.com\n@friends" in tg.last(olga, bot=service).text
    assert not (await ann.send(guarded, "see https://sub.example.com/x")).deleted
    await olga.start(service, f"antispam_{guarded.id}")
    await olga.click("Banned words")
    await olga.click("Write anew")
    await olga.send(service, "casino*\neasy money")
    assert (await ann.send(guarded, "best C-A-$-I-N-0 here")).deleted
    await olga.start(service, f"antispam_{guarded.id}")
    await olga.click("Try a text")
    await olga.send(service, "еasy mоnеy for all")
    assert "a banned word: easy money" in tg.last(olga, bot=service).text
    await olga.start(service, f"antispam_{guarded.id}")
    await olga.click("What is done")
    await olga.click("Delete and ban")
    await olga.click("Notice stays: for 30 seconds")
    await olga.send(service, "2m")
    view = await app.house.antispam.get(person(app, olga), await bot_id(app), guarded.id)
    assert (view.settings.action, view.settings.notice_seconds) == ("ban", 120)
    await olga.start(service, f"antispam_{guarded.id}")
    await olga.click("Use the settings of all chats")
    view = await app.house.antispam.get(person(app, olga), await bot_id(app), guarded.id)
    assert view.own == {}


async def test_the_log_can_be_kept_in_a_group(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    staff = tg.group("Staff", olga)
    await olga.add(service, staff, rights="all")
    await olga.send(staff, "/antispam log here")
    assert "log of all chats is kept here" in tg.last(staff).text
    await ann.send(guarded, INVITE)
    assert "Spam in Chess Club" in tg.last(staff).text
    await olga.start(service, f"antispam_{guarded.id}")
    await olga.click("Log")
    await olga.click("Private chat of the bot's owner")
    bob = tg.user("Bob")
    await bob.join(guarded)
    await bob.send(guarded, INVITE)
    assert log_of(tg, olga, service)


async def test_strangers_and_foreign_admins_cannot_open_the_panel(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    eve = tg.user("Eve")
    own = tg.group("Eve's", eve)
    await eve.add(service, own, rights="all")
    await eve.start(service, f"antispam_{guarded.id}")
    assert "You may not do that here" in tg.last(eve, bot=service).text
    await eve.start(service, "antispam_0")
    assert "You may not do that here" in tg.last(eve, bot=service).text
    await eve.start(service, f"antispam_{own.id}")
    mine = tg.last(eve, bot=service)
    for data in (
        f"antispam:set:{guarded.id}:mode:off:main", "antispam:set:0:mode:off:main",
        f"antispam:set:{own.id}:log_chat:{guarded.id}:log", f"antispam:reset:{guarded.id}",
        f"antispam:ask:{guarded.id}:banned_words",
    ):  # fmt: skip
        answer = await eve.press_callback(mine, {"text": "?", "callback_data": data})
        assert "You may not do that here" in (answer.text or ""), data


async def test_ban_lists_of_the_api(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    actor, bot = person(app, olga), await bot_id(app)
    await app.house.bans.ban(actor, bot, 0, ann.id, reason="shouting")
    await tg.settle()
    assert guarded.status(ann) == "kicked"
    await app.house.bans.unban(actor, bot, 0, ann.id)
    await tg.settle()
    assert guarded.status(ann) == "left"


async def test_a_trial_has_no_side_effect(tg: Sandbox, app: App, olga, guarded, ann) -> None:
    trial: Any = None
    for _ in range(5):
        trial = await app.house.antispam.check(
            person(app, olga), await bot_id(app), guarded.id, "buy at t.me/+abcdef now", 123
        )
    assert trial.spam
    assert trial.score >= 100
    assert "invite" in [one.code for one in trial.evidence]
