"""Olga keeps her campaigns in the chat, and ads lead people on through our redirect."""

from typing import Any

import aiohttp
import pytest

from bot.app import App
from domain.campaigns import CampaignStatus
from domain.leads import LeadStatus
from sandbox import Sandbox
from services.clicks import KEEP
from tests.clock import TestClock
from tests.stories.membership import RIGHTS
from tests.stories.tracker import Ads, actor_of, ads, open_ads

__all__ = ["ads"]  # a fixture


@pytest.fixture
async def bot(tg: Sandbox, app: App, olga: Any, service: Any) -> Any:
    """A bot of Olga's, in two of her channels."""
    bot = tg.bot("ads_bot")
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    for title in ("News", "Offers"):
        await olga.add(bot, tg.channel(title, olga), rights=RIGHTS)
    return bot


async def test_a_campaign_is_made_in_a_conversation(tg: Sandbox, app: App, olga: Any, bot: Any) -> None:
    await olga.send(bot, "/campaigns")
    await olga.click("➕ New campaign")
    assert tg.last(olga, bot=bot).buttons[:2] == [["News"], ["Offers"]]
    await olga.click("News")
    await olga.send(bot, "Spring")
    await olga.send(bot, "Hello *you*")
    shown = tg.last(olga, bot=bot)
    assert "Spring" in shown.text
    copied = (await olga.click("📋 Copy the start link")).copied
    assert copied is not None
    assert copied.startswith("https://t.me/ads_bot?start=go")
    ann = tg.user("Ann")
    await ann.follow(f"{copied}-click1")
    assert tg.last(ann, bot=bot).html == "Hello <b>you</b>"
    await olga.send(bot, "/campaigns")
    await olga.click("➕ New campaign")
    assert tg.last(olga, bot=bot).buttons[0] == ["Offers"], "News has its campaign"


async def test_the_conversation_survives_a_restart_and_can_be_left(
    tg: Sandbox, start_app: Any, service: Any, olga: Any
) -> None:
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**settings):
        await olga.start(service)
        for title in ("News", "Offers"):
            await olga.add(service, tg.channel(title, olga), rights=RIGHTS)
        await olga.send(service, "/campaigns")
        await olga.click("➕ New campaign")
        await olga.click("News")
    async with start_app(**settings) as app:
        await olga.click("Like the chat")
        await olga.click("Use a short greeting")
        (made,) = await app.house.campaigns.all(actor_of(app, olga))
        assert made.campaign.name == "News"
        await olga.send(service, "/campaigns")
        await olga.click("➕ New campaign")
        await olga.click("Offers")
        await olga.click("Cancel")
        await olga.send(service, "Summer")
        assert len(await app.house.campaigns.all(actor_of(app, olga))) == 1


async def test_the_service_bot_asks_for_the_bot_first(
    tg: Sandbox, app: App, olga: Any, service: Any, bot: Any
) -> None:
    await olga.send(service, "/campaigns")
    await olga.click("➕ New campaign")
    assert ["@ads_bot"] in tg.last(olga, bot=service).buttons
    await olga.click("@ads_bot")
    await olga.click("Offers")
    await olga.click("Like the chat")
    await olga.click("Use a short greeting")
    (made,) = await app.house.campaigns.all(actor_of(app, olga))
    assert made.campaign.name == "Offers"
    await olga.send(bot, "/campaigns")
    assert tg.last(olga, bot=bot).buttons[0] == ["▶️ Offers · 0"]


async def test_the_panel_changes_everything(tg: Sandbox, ads: Ads) -> None:
    olga, bot = ads.olga, ads.bot

    async def panel() -> Any:
        await olga.send(bot, "/campaigns")
        await olga.click("Spring")
        return tg.last(olga, bot=bot)

    await panel()
    await olga.click("✏️ Leaves count")
    await olga.send(bot, "3 days")
    assert "for 3 days after the join" in tg.last(olga, bot=bot).text
    await olga.click("✏️ Cost")
    await olga.send(bot, "much")
    assert "Send the cost as a number" in tg.last(olga, bot=bot).text
    await olga.send(bot, "250 EUR")
    assert "Spent: 250 EUR" in tg.last(olga, bot=bot).text
    await olga.click("✏️ Button")
    await olga.send(bot, "Go\nhttps://example.com/?c={click}")
    await olga.click("✏️ Greeting")
    await olga.send(bot, "*never closed")
    assert "*" in tg.last(olga, bot=bot).text
    await olga.send(bot, "Hi {first_name}")
    await olga.click("👁 Preview")
    shown = tg.last(olga, bot=bot)
    assert (shown.text, shown.url("Go")) == ("Hi Anna", "https://example.com/?c=abc123")
    await panel()
    await olga.click("left to you")
    assert (await ads.campaign()).auto_approve
    await olga.click("⏸ Pause")
    assert "Paused" in tg.last(olga, bot=bot).text
    await olga.click("▶️ Resume")
    assert (await ads.campaign()).active
    await olga.click("🗑 Delete")
    await olga.click("‹ Back")
    assert (await ads.campaign()).live, "it asks first"
    await olga.click("🗑 Delete")
    await olga.click("🗑 Delete")
    assert (await ads.campaign()).status is CampaignStatus.DELETED


async def test_a_picture_greets(tg: Sandbox, ads: Ads) -> None:
    olga, bot = ads.olga, ads.bot
    await olga.send(bot, "/campaigns")
    await olga.click("Spring")
    await olga.click("✏️ Greeting")
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    await olga.send(bot, "Look, {first_name}", photo=picture)
    ann = tg.user("Ann")
    await ann.follow(ads.link("c1"))
    shown = tg.last(ann, bot=bot)
    assert (shown.photo, shown.text) == (picture, "Look, Ann")


async def test_links_by_source_in_the_chat(tg: Sandbox, ads: Ads) -> None:
    olga, bot = ads.olga, ads.bot
    await olga.send(bot, "/campaigns")
    await olga.click("Spring")
    await olga.click("🔗 Links")
    await olga.click("➕ Link by request")
    await olga.send(bot, "blog")
    link = (await olga.click("📋 Copy")).copied
    ann = tg.user("Ann")
    await ann.join(via=link)
    assert await ads.status(ann) is LeadStatus.HOLD
    await olga.click("🗑 Revoke")
    await tg.settle()
    assert tg.calls_of("revokeChatInviteLink")[-1].params["invite_link"] == link
    assert ["✋ blog"] not in tg.last(olga, bot=bot).buttons
    before = await ads.own_link()
    await olga.click("Ask to join instead")
    await tg.settle()
    await tg.settle()
    alive = [one["url"] for one in ads.chat.links if one["creator"] == ads.bot.id and not one["revoked"]]
    assert alive == [await ads.own_link()], "what the press told again has made is taken back"
    assert before not in alive
    ben = tg.user("Ben")
    await ben.follow(ads.link("c1"))
    await ben.join(via=await ads.own_link())
    assert await ads.status(ben) is LeadStatus.HOLD


async def test_leads_are_looked_through(tg: Sandbox, ads: Ads) -> None:
    olga, bot = ads.olga, ads.bot
    people = [tg.user(f"Person {number}") for number in range(10)]
    for person in people:
        await person.follow(ads.link(f"c-{person.id}"))
    tg.clock.advance(seconds=5)
    await people[0].join(via=await ads.own_link())
    await olga.send(bot, "/leads")
    assert "10 leads" in tg.last(olga, bot=bot).text
    await olga.click("▶️")
    assert "👋 Person 1" in [row[0] for row in tg.last(olga, bot=bot).buttons]
    await olga.click("✅")
    assert "1 lead" in tg.last(olga, bot=bot).text
    await olga.click("✅ Person 0")
    shown = tg.last(olga, bot=bot)
    assert f"Click: c-{people[0].id}" in shown.text
    assert shown.text.index("pressed Start") < shown.text.index("is inside")
    await olga.click("‹ Back")
    await olga.click("All campaigns ▾")
    await olga.click("Spring")
    assert "10 leads" in tg.last(olga, bot=bot).text


async def follow(app: App, path: str, **query: str) -> tuple[int, str]:
    """Somebody clicks an ad: the status and where it leads."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{app.url}{path}", params=query, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers.get("Location", "")


async def test_the_redirect_keeps_what_does_not_fit_a_start_link(tg: Sandbox, app: App, ads: Ads) -> None:
    click = "fb." + "x" * 200
    status, address = await follow(
        app, f"/go/{ads.code}", fbclid=click, sub1="ad/7", sub5="ü", cost="0.35", next="https://evil.example"
    )
    assert status == 302
    assert address.startswith(f"https://t.me/ads_bot?start={ads.code}--")
    assert len(address.partition("start=")[2]) <= 64
    ann = tg.user("Ann")
    await ann.follow(address)
    lead = await ads.lead(ann)
    assert lead is not None
    assert (lead.origin.click, lead.origin.subs) == (click, {"sub1": "ad/7", "sub5": "ü"})
    assert lead.origin.cost_micros == 350_000


@pytest.mark.parametrize("name", ["click", "clickid", "click_id", "fbclid", "gclid"])
async def test_click_ids_by_every_name(app: App, ads: Ads, name: str) -> None:
    where = f"https://t.me/ads_bot?start={ads.code}-abc_1"
    assert await follow(app, f"/go/{ads.code}", **{name: "abc_1"}) == (302, where)


async def test_the_redirect_leads_nowhere_else(tg: Sandbox, app: App, ads: Ads) -> None:
    assert (await follow(app, "/go/goNobody1"))[0] == 404
    assert (await follow(app, "/go/https://evil.example"))[0] == 404
    assert await follow(app, f"/go/{ads.code}") == (302, f"https://t.me/ads_bot?start={ads.code}")
    await app.house.campaigns.pause(ads.actor, ads.campaign_id)
    assert await follow(app, f"/go/{ads.code}", click="c") == (302, "https://t.me/ads_bot")
    await app.house.campaigns.delete(ads.actor, ads.campaign_id)
    assert await follow(app, f"/go/{ads.code}", click="c") == (302, "https://t.me/ads_bot")
    await app.house.bots.disconnect(ads.actor, ads.bot_id)
    assert (await follow(app, f"/go/{ads.code}"))[0] == 404


async def test_an_address_that_clicks_too_fast_waits(app: App, ads: Ads) -> None:
    answers = [(await follow(app, f"/go/{ads.code}"))[0] for _ in range(70)]
    assert set(answers) == {302, 429}
    assert answers[:60] == [302] * 60


async def test_clicks_nobody_followed_are_forgotten(
    tg: Sandbox, app: App, ads: Ads, clock: TestClock
) -> None:
    _, address = await follow(app, f"/go/{ads.code}", sub1="late")
    house = app.house
    clock.advance(days=KEEP.days - 1)
    assert await house.clicks.forget(house.actor) == 0
    clock.advance(days=2)
    assert await house.clicks.forget(house.actor) == 1
    ann = tg.user("Ann")
    await ann.follow(address)
    lead = await ads.lead(ann)
    assert lead is not None, "he is a lead all the same"
    assert lead.origin.subs == {}


async def test_no_link_without_the_right_to_invite(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    await open_ads(tg, app, olga, service)
    private = tg.channel("Private", olga)
    await olga.add(service, private, rights=["restrict_members"])
    await olga.send(service, "/campaigns")
    await olga.click("➕ New campaign")
    await olga.click("@gatehouse_bot")
    await olga.click("Private")
    await olga.click("Like the chat")
    answer = await olga.click("Use a short greeting")
    assert answer.alert
    assert "right to invite" in (answer.text or "")
    await olga.promote(service, private, rights=RIGHTS)
    await olga.click("Use a short greeting")
    assert "Private" in tg.last(olga, bot=service).text
    assert len(await app.house.campaigns.all(actor_of(app, olga))) == 2
