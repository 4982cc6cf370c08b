"""The figures of campaigns, as Olga sees them in the chat."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.app import App
from domain.errors import NotFound
from domain.tracker_stats import Period, Span
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories.tracker import Ads, actor_of, ads, open_ads

__all__ = ["ads"]  # a fixture


async def test_what_came_of_an_ad(tg: Sandbox, ads: Ads) -> None:
    blog = await ads.source("blog")
    await ads.change(cost_micros=3_000_000, currency="USD")
    ann, ben, cat = tg.user("Ann"), tg.user("Ben"), tg.user("Cat")
    await ann.follow(ads.link("c1"))
    await ann.join(via=await ads.own_link())
    await ben.follow(ads.link("c2"))
    await cat.join(via=blog.invite_link)
    await cat.leave(ads.chat)
    await ads.olga.send(ads.bot, "/stats")
    shown = tg.last(ads.olga, bot=ads.bot)
    assert shown.photo, "with a chart"
    assert "All campaigns: 7 days" in shown.text
    assert "3 started · 2 came in · 1 left · CR 66.7%" in shown.text
    assert "start link: 2 → 1 (50%)" in shown.text
    assert "blog: 1 → 1 (100%)" in shown.text
    assert "Spent: 3 USD, 3 USD for each who is inside" in shown.text
    assert "Still inside" not in shown.text, "it is too early to know"


async def test_choosing_campaign_and_period(tg: Sandbox, ads: Ads) -> None:
    await tg.user("Ann").follow(ads.link("c1"))
    olga = ads.olga
    await olga.send(ads.bot, "/stats")
    await olga.click("Another campaign")
    assert "Which campaign?" in tg.last(olga, bot=ads.bot).text
    await olga.click("Spring")
    assert "Spring: 7 days" in tg.last(olga, bot=ads.bot).text
    count = len(tg.messages(olga, bot=ads.bot))
    await olga.click("30 days")
    assert "Spring: 30 days" in tg.last(olga, bot=ads.bot).text
    assert len(tg.messages(olga, bot=ads.bot)) == count, "the picture is turned into the other one"
    await olga.send(ads.bot, "/campaigns")
    await olga.click("▶️ Spring")
    await olga.click("📈 Figures")
    assert "Spring: 7 days" in tg.last(olga, bot=ads.bot).text


async def test_who_is_still_inside(tg: Sandbox, ads: Ads, clock: TestClock) -> None:
    """Figures follow Telegram's dates, whenever we hear of them."""
    people = [tg.user(name) for name in ("Ann", "Ben", "Cat", "Dan")]
    for one in people:
        await one.follow(ads.link(one.name))
        await one.join(via=await ads.own_link())
    tg.clock.advance(hours=12)
    await people[0].leave(ads.chat)
    tg.clock.advance(days=2)
    await ads.olga.ban(people[1], ads.chat)
    clock.advance(days=8)
    found = await ads.app.house.stats.retention(ads.actor, ads.campaign_id, Span())
    assert [(one.days, one.of, one.kept) for one in found] == [(1, 4, 3), (7, 4, 2), (30, 0, 0)]
    await ads.olga.send(ads.bot, "/stats")
    shown = tg.last(ads.olga, bot=ads.bot).text
    assert "after 1 day: 75% of 4" in shown
    assert "after 7 days: 50% of 4" in shown
    assert "after 30 days" not in shown


async def test_days_and_sources_for_programs(tg: Sandbox, ads: Ads) -> None:
    stats = ads.app.house.stats
    ann = tg.user("Ann")
    await ann.follow(ads.link("c1"))
    await ann.join(via=await ads.own_link())
    days = await stats.days(ads.actor, None, Span())
    assert len(days) == 30
    assert (days[-1].figures.starts, days[-1].figures.confirms) == (1, 1)
    assert sum(one.figures.starts for one in days) == 1
    (source,) = await stats.sources(ads.actor, ads.campaign_id, Span())
    assert (source.source, source.figures.kept) == ("", 1)


async def test_the_picture_is_one(tg: Sandbox, ads: Ads) -> None:
    for period in Period:
        _, chart = await ads.app.house.stats.report(ads.actor, None, period)
        assert Image.open(io.BytesIO(chart)).size == (1080, 540)


async def test_nothing_to_count_yet(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    await olga.start(service)
    await olga.send(service, "/stats")
    assert "make a campaign with /campaigns first" in tg.last(olga, bot=service).text


async def test_nobody_elses_figures(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    ads = await open_ads(tg, app, olga, service)
    other = actor_of(app, olga)
    with pytest.raises(NotFound, match="campaign"):
        await app.house.stats.summary(other, ads.campaign_id + 1, Span())
    with pytest.raises(NotFound, match="campaign"):
        await app.house.stats.report(other, ads.campaign_id + 1, Period.WEEK)


async def test_a_caption_fits_however_long_the_names(tg: Sandbox, ads: Ads) -> None:
    await ads.change(name="N" * 128)
    for number in range(9):
        link = await ads.source(f"{number} " + "s" * 28)
        await tg.user(f"P{number}").join(via=link.invite_link)
    await ads.olga.send(ads.bot, "/stats")
    shown = tg.last(ads.olga, bot=ads.bot)
    assert "… and 3 more" in shown.text
    assert len(shown.text) <= 1024
