"""Writing a broadcast: whom it is for, pictures, mistakes, second thoughts, and a restart amid it."""

from typing import Any

from domain.broadcasts import Counts
from domain.leads import LeadStatus
from sandbox import Sandbox
from storage import broadcasts
from storage.tables.broadcasts import media, media_file
from tests.stories.mail import Mail, mail
from tests.stories.tracker import Ads

__all__ = ["mail"]  # a fixture
VIDEO = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100


async def _count(mail: Mail, table: Any) -> int:
    async with mail.app.db.read() as tx:
        return len((await tx.execute(table.select())).all())


async def test_a_photo_is_uploaded_once(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    await olga.send(bot, "/broadcast")
    await olga.click("⬜ 👋 pressed Start")
    await olga.click("Next ›")
    await olga.send(bot, "Look, {first_name}", photo=True)
    await olga.click("No button")
    preview, panel = tg.messages(olga, bot=bot)[-2:]
    assert preview.photo
    assert preview.text == "Look, Olga"
    assert "🖼 With a photo" in panel.text
    await olga.click("🚀 Start")
    for person in mail.people:
        got = tg.last(person, bot=bot)
        assert (bool(got.photo), got.text) == (True, f"Look, {person.name}")
    sent = tg.calls_of("sendPhoto", bot=bot)
    uploads = [one for one in sent if one.params["photo"] == "<file.jpg>"]
    assert (len(sent), len(uploads)) == (4, 1), "the preview brings it to Telegram, its id does for the rest"
    assert (await _count(mail, media), await _count(mail, media_file)) == (1, 1)


async def test_a_video_in_the_second_bot_is_uploaded_by_that_bot(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    await mail.write("Soon")
    await olga.click("✏️ Message")
    await olga.send(bot, "Film", video=VIDEO)
    await olga.click("No button")
    assert "🎞 With a video" in tg.last(olga, bot=bot).text
    await olga.click("🚀 Start")
    assert [one.method for one in tg.calls if one.method == "sendVideo"] == ["sendVideo"] * 4


async def test_what_cannot_be_sent(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    await olga.send(bot, "/broadcast")
    await olga.click("Next ›")
    for wrong, words in (
        ({"text": "*bold"}, "The * in line 1, position 1 is never closed"),
        ({"text": "so\nmuch [here](nowhere)"}, "The link in line 2, position 13"),
        ({"sticker": True}, "Please send a text, a picture or a video"),
        ({"text": "x", "video": b"nothing of the kind"}, "Send a photo (JPEG, PNG, WebP) or a video (MP4)"),
        ({"text": "y" * 1025, "photo": True}, "1024"),
    ):
        await olga.send(bot, **wrong)
        assert words in tg.last(olga, bot=bot).text
    await olga.send(bot, "Good at last")
    for wrong_button, words in (
        ("Open", "Send the words on the button and its address"),
        ("Open\njavascript:alert(1)", "A button needs a web address"),
        ("Open\nhttps://{click}.example.com", "The name of the server may hold no placeholder"),
        ("x" * 65 + "\nhttps://example.com", "64"),
    ):
        await olga.send(bot, wrong_button)
        assert words in tg.last(olga, bot=bot).text
    await olga.send(bot, "Open - https://example.com")
    assert "Button: Open → https://example.com" in tg.last(olga, bot=bot).text


async def test_choosing_whom_it_is_for(tg: Sandbox, mail: Mail, clock: Any) -> None:
    olga, bot, (ann, ben, _) = mail.olga, mail.bot, mail.people
    tg.clock.advance(seconds=5)
    for person in (ann, ben):
        await person.join(via=await mail.ads.own_link())
    await olga.send(bot, "/broadcast")
    assert "👥 Now 2 people." in tg.last(olga, bot=bot).text, "it begins with those inside"
    await olga.click("⬜ 👋 pressed Start")
    assert "👥 Now 3 people." in tg.last(olga, bot=bot).text
    await olga.click("☑️ ✅ is inside")
    assert "👥 Now 1 person." in tg.last(olga, bot=bot).text
    await olga.click("⬜ ✅ is inside")
    await olga.click("📣 Campaigns")
    await olga.click("⬜ Spring")
    assert ["☑️ Spring"] in tg.last(olga, bot=bot).buttons
    await olga.click("‹ Back")
    assert "Of 1 campaign" in tg.last(olga, bot=bot).text
    await olga.click("📅 Dates")
    await olga.click("Came more than 7 days ago")
    assert "👥 Now 0 people." in tg.last(olga, bot=bot).text
    clock.advance(days=8)
    await olga.click("📅 Dates")
    await olga.click("Came in the last 7 days")
    assert "👥 Now 0 people." in tg.last(olga, bot=bot).text
    await olga.click("📅 Dates")
    await olga.click("Came at any time")
    await olga.click("📅 Dates")
    await olga.click("Status unchanged for 7 days")
    assert "👥 Now 3 people." in tg.last(olga, bot=bot).text
    await olga.click("📣 Campaigns")
    await olga.click("⬜ All campaigns")
    await olga.click("‹ Back")
    assert "Of 1 campaign" not in tg.last(olga, bot=bot).text


async def test_second_thoughts(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    await olga.send(bot, "/broadcast")
    await olga.click("Cancel")
    assert "is deleted" in tg.last(olga, bot=bot).text
    await olga.send(bot, "/broadcast")
    await olga.click("Next ›")
    await olga.click("Cancel")
    await olga.send(bot, "Nobody should get this")
    async with mail.app.db.read() as tx:
        assert await broadcasts.listing(tx, olga.id) == []
    await olga.send(bot, "/broadcast")
    await olga.click("Next ›")
    await olga.send(bot, "Hello")
    await olga.send(bot, "/cancel")
    await olga.send(bot, "Open\nhttps://example.com")
    async with mail.app.db.read() as tx:
        (left,) = await broadcasts.listing(tx, olga.id)
    assert (left.creative.text, left.creative.button) == ("Hello", ""), "what is written stays a draft"


async def test_a_name_and_paying_for_speed(tg: Sandbox, mail: Mail) -> None:
    olga, bot = mail.olga, mail.bot
    one = await mail.write()
    await olga.click("🏷 Name")
    await olga.send(bot, "x" * 129)
    assert "up to 128 characters" in tg.last(olga, bot=bot).text
    await olga.send(bot, "May win-back")
    assert tg.last(olga, bot=bot).text.startswith("May win-back")
    await olga.click("⚡ Paid: off")
    assert "for ⭐ 1 of the bot's Stars at most" in tg.last(olga, bot=bot).text
    await olga.click("🚀 Start")
    paid = [call.params.get("allow_paid_broadcast") for call in tg.calls_of("sendMessage", bot=bot)[-3:]]
    assert paid == [True] * 3
    assert await mail.counts(one) == Counts(sent=3)


async def test_a_restart_amid_the_conversation(tg: Sandbox, start_app: Any, olga: Any, service: Any) -> None:
    from tests.stories.estate import hurry
    from tests.stories.mail import open_mail

    options = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "paces": hurry}
    async with start_app(**options) as app:
        mail = await open_mail(tg, app, olga, service, 2)
        await olga.send(mail.bot, "/broadcast")
        await olga.click("⬜ 👋 pressed Start")
        await olga.click("Next ›")
    async with start_app(**options):
        await olga.send(mail.bot, "Here again")
    async with start_app(**options):
        await olga.send(mail.bot, "Open\nhttps://example.com")
    async with start_app(**options):
        await olga.click("🚀 Start")
        assert [mail.got(person) for person in mail.people] == [["Here again"]] * 2


async def test_nobody_writes_in_the_name_of_another(tg: Sandbox, mail: Mail) -> None:
    """Somebody who reads the bot is no owner in it."""
    eve, ads = mail.people[0], mail.ads
    assert isinstance(ads, Ads)
    await eve.send(mail.bot, "/broadcast")
    assert "You may not do that here" in tg.last(eve, bot=mail.bot).text
    await eve.send(mail.bot, "/broadcasts")
    assert "You may not do that here" in tg.last(eve, bot=mail.bot).text
    async with mail.app.db.read() as tx:
        assert await broadcasts.listing(tx, eve.id) == []
    assert await mail.jobs(LeadStatus.WAIT) == {}
