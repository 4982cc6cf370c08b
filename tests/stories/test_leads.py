"""People follow ads: what they become, in which order Telegram may tell it, and what is counted."""

from typing import Any

import pytest

from bot.app import App
from domain.creatives import Creative
from domain.leads import LeadStatus
from sandbox import Sandbox
from services.campaign_making import NewCampaign
from tests.clock import TestClock
from tests.stories.membership import RIGHTS, Club
from tests.stories.tracker import Ads, actor_of, ads, open_ads

__all__ = ["ads"]  # a fixture
WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus


async def test_an_ad_leads_to_the_bot_and_the_bot_into_the_channel(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    await ann.follow(ads.link("click-1"))
    shown = tg.last(ann, bot=ads.bot)
    assert "Welcome" in shown.text
    assert await ads.steps(ann) == [(WAIT, True)]
    await ann.join(via=shown.url("➡️ Join"))
    assert ads.chat.has(ann)
    assert await ads.steps(ann) == [(WAIT, True), (APPROVE, True)]
    lead = await ads.lead(ann)
    assert lead is not None
    assert lead.origin.click == "click-1"
    assert len(tg.messages(ann, bot=ads.bot)) == 2, "one answer, though everything was told twice"


async def test_who_comes_by_the_button_without_a_start_is_organic(tg: Sandbox, ads: Ads) -> None:
    """Somebody passed the link on: nobody has clicked an ad."""
    eve = tg.user("Eve")
    await eve.join(via=await ads.own_link())
    assert ads.chat.has(eve)
    assert await ads.lead(eve) is None


async def test_a_named_link_makes_leads_without_a_start(tg: Sandbox, ads: Ads) -> None:
    blog = await ads.source("blog")
    ben = tg.user("Ben")
    await ben.join(via=blog.invite_link)
    lead = await ads.lead(ben)
    assert lead is not None
    assert (lead.status, lead.origin.source, lead.origin.click) == (APPROVE, "blog", "")
    assert await ads.steps(ben) == [(APPROVE, True)]


async def test_a_join_told_before_its_start_is_claimed_by_it(tg: Sandbox, ads: Ads) -> None:
    """Telegram sends `/start` and `chat_member` through different queues."""
    ann = tg.user("Ann")
    tg.delay_next("message", bot=ads.bot, minutes=1)
    await ann.follow(ads.link("c1"))
    tg.clock.advance(seconds=10)
    await ann.join(via=await ads.own_link())
    assert await ads.lead(ann) is None, "organic, as far as anybody knows"
    tg.clock.advance(minutes=1)
    await tg.settle()
    assert await ads.steps(ann) == [(WAIT, True), (APPROVE, True)]
    lead = await ads.lead(ann)
    assert lead is not None
    assert (lead.origin.click, lead.already_member) == ("c1", False)


async def test_a_start_never_claims_a_join_before_it(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    await ann.join(via=await ads.own_link())
    tg.clock.advance(minutes=5)
    await ann.follow(ads.link("c1"))
    assert await ads.steps(ann) == [(WAIT, True)], "no conversion is bought twice"
    lead = await ads.lead(ann)
    assert lead is not None
    assert lead.already_member


async def test_who_was_a_member_before_the_bot_came_is_looked_up_once(tg: Sandbox, ads: Ads) -> None:
    """The journal does not know him, Telegram does."""
    ann = tg.user("Ann")
    tg.lose_next("chat_member", bot=ads.bot)
    await ann.join(via=await ads.own_link())
    tg.clock.advance(minutes=5)
    before = len(tg.calls_of("getChatMember"))
    await ann.follow(ads.link("c1"))
    lead = await ads.lead(ann)
    assert lead is not None
    assert lead.already_member
    assert len(tg.calls_of("getChatMember")) - before in (1, 2), "asked at most once per delivery"
    await ann.follow(ads.link("c2"))
    assert [one.entry.origin.click for one in await ads.history(ann)] == ["c1", "c2"]


async def test_telegram_out_of_reach_makes_nobody_a_member(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    tg.faults.error(403, method="getChatMember", bot=ads.bot, count=None)
    await ann.follow(ads.link("c1"))
    lead = await ads.lead(ann)
    assert lead is not None
    assert not lead.already_member


async def test_another_click_is_another_wait_of_the_same_lead(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    for click in ("c1", "c1", "c2"):
        await ann.follow(ads.link(click))
        tg.clock.advance(seconds=5)
    assert await ads.steps(ann) == [(WAIT, True), (WAIT, True)]
    lead = await ads.lead(ann)
    assert lead is not None
    assert lead.origin.click == "c2"
    assert len(await ads.all_leads()) == 1
    await ann.join(via=await ads.own_link())
    tg.clock.advance(seconds=5)
    await ann.follow(ads.link("c3"))
    lead = await ads.lead(ann)
    assert lead is not None
    assert (lead.status, lead.origin.click) == (APPROVE, "c2"), "inside already: nothing was bought"


async def test_asking_being_let_in_and_leaving(tg: Sandbox, ads: Ads) -> None:
    door = await ads.source("door", asks=True)
    ann = tg.user("Ann")
    await ann.join(via=door.invite_link)
    assert await ads.steps(ann) == [(HOLD, True)]
    tg.clock.advance(seconds=5)
    await ads.olga.approve(ann, ads.chat)
    assert await ads.steps(ann) == [(HOLD, True), (APPROVE, True)]
    tg.clock.advance(seconds=5)
    await ann.leave(ads.chat)
    assert await ads.steps(ann) == [(HOLD, True), (APPROVE, True), (CANCEL, True)]
    tg.clock.advance(seconds=5)
    await ann.join(via=door.invite_link)
    tg.clock.advance(seconds=5)
    await ads.olga.approve(ann, ads.chat)
    tg.clock.advance(seconds=5)
    await ads.olga.ban(ann, ads.chat)
    assert [status for status, _ in await ads.steps(ann)] == [HOLD, APPROVE, CANCEL, HOLD, APPROVE, TRASH]
    assert len(await ads.all_leads()) == 1


@pytest.mark.parametrize("kicked", [False, True])
async def test_a_leave_after_the_window_is_noted_and_not_told(tg: Sandbox, ads: Ads, kicked: bool) -> None:
    await ads.change(unsub_window=3 * 86_400)
    ann, ben = tg.user("Ann"), tg.user("Ben")
    for person in (ann, ben):
        await person.follow(ads.link("c"))
        await person.join(via=await ads.own_link())
    tg.clock.advance(days=2)
    await (ads.olga.kick(ann, ads.chat) if kicked else ann.leave(ads.chat))
    tg.clock.advance(days=2)
    await (ads.olga.kick(ben, ads.chat) if kicked else ben.leave(ads.chat))
    out = TRASH if kicked else CANCEL
    assert (await ads.steps(ann))[-1] == (out, True)
    assert (await ads.steps(ben))[-1] == (out, False)


async def test_a_paused_campaign_takes_nobody_new_and_tells_nobody(tg: Sandbox, ads: Ads) -> None:
    ann, ben = tg.user("Ann"), tg.user("Ben")
    await ann.follow(ads.link("c"))
    await ads.app.house.campaigns.pause(ads.actor, ads.campaign_id)
    tg.clock.advance(seconds=5)
    await ann.join(via=await ads.own_link())
    assert await ads.steps(ann) == [(WAIT, True), (APPROVE, False)]
    await ben.follow(ads.link("c"))
    assert await ads.lead(ben) is None
    assert "Welcome" not in tg.last(ben, bot=ads.bot).text
    await ads.app.house.campaigns.resume(ads.actor, ads.campaign_id)
    await ben.follow(ads.link("c"))
    assert await ads.status(ben) is WAIT
    assert await ads.steps(ann) == [(WAIT, True), (APPROVE, False)], "nothing is told afterwards"


async def test_a_deleted_campaign_hears_nothing(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    await ann.follow(ads.link("c"))
    link = await ads.own_link()
    await ads.app.house.campaigns.delete(ads.actor, ads.campaign_id)
    tg.clock.advance(seconds=5)
    await ann.join(via=link)
    assert ads.chat.has(ann), "the links still lead into the channel"
    assert await ads.steps(ann) == [(WAIT, True)]
    await ann.follow(ads.link("d"))
    assert await ads.steps(ann) == [(WAIT, True)]


async def test_requests_by_the_campaign_are_let_in_where_it_says_so(tg: Sandbox, ads: Ads) -> None:
    await ads.app.house.campaigns.replace_own_link(ads.actor, ads.campaign_id, asks=True)
    await ads.change(auto_approve=True)
    ann, eve = tg.user("Ann"), tg.user("Eve")
    await ann.follow(ads.link("c"))
    await ann.join(via=await ads.own_link())
    assert ads.chat.has(ann)
    assert [status for status, _ in await ads.steps(ann)] == [WAIT, HOLD, APPROVE]
    stray = await ads.olga.create_link(ads.chat, request=True)
    await eve.join(via=stray)
    assert not ads.chat.has(eve), "a stranger's request is left to the administrators"
    assert ads.chat.requests == ["Eve"]


async def test_a_paid_chat_is_the_gates_business(tg: Sandbox, club: Club) -> None:
    """Whoever asks at the gate waits there, whatever the campaign says; a day later we decline."""
    app, olga = club.app, club.olga
    made = await app.house.campaigns.add(
        actor_of(app, olga), NewCampaign(club.bot_id, club.chat.id, "Paid", auto_approve=True, asks=True)
    )
    ads = Ads(app, tg, club.bot, club.bot_id, olga, club.chat, made.id, made.code)
    eve = tg.user("Eve")
    await eve.follow(ads.link("c"))
    await eve.join(via=await ads.own_link())
    assert not club.chat.has(eve)
    assert await ads.status(eve) is HOLD
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    gate_link = tg.last(ann, bot=club.bot).url("Join Chess club")
    ben = tg.user("Ben")
    await ben.follow(ads.link("d"))
    await ben.join(via=gate_link)
    assert await ads.status(ben) is HOLD


async def test_requests_we_decline_end_in_the_trash(tg: Sandbox, club: Club, clock: TestClock) -> None:
    app, olga = club.app, club.olga
    made = await app.house.campaigns.add(actor_of(app, olga), NewCampaign(club.bot_id, club.chat.id, "Paid"))
    ads = Ads(app, tg, club.bot, club.bot_id, olga, club.chat, made.id, made.code)
    ann, eve = tg.user("Ann"), tg.user("Eve")
    await ann.follow(await club.token(tg))
    gate_link = tg.last(ann, bot=club.bot).url("Join Chess club")
    await eve.follow(ads.link("c"))
    await eve.join(via=gate_link)
    clock.advance(days=1, minutes=5)
    await club.keep_time()
    await tg.settle()
    assert await ads.steps(eve) == [(WAIT, True), (HOLD, True), (TRASH, True)]


async def test_an_old_hold_is_flagged(tg: Sandbox, ads: Ads, clock: TestClock) -> None:
    """Somebody else's no sends no update."""
    door = await ads.source("door", asks=True)
    ann = tg.user("Ann")
    await ann.join(via=door.invite_link)
    await ads.olga.decline(ann, ads.chat)
    lead = await ads.lead(ann)
    assert lead is not None
    assert lead.status is HOLD
    clock.advance(days=6)
    assert not (await ads.app.house.leads.get(ads.actor, lead.id)).stale
    clock.advance(days=2)
    assert (await ads.app.house.leads.get(ads.actor, lead.id)).stale


async def test_a_bot_that_comes_back_finds_its_campaigns(tg: Sandbox, ads: Ads, service: Any) -> None:
    ann = tg.user("Ann")
    await ann.follow(ads.link("c"))
    await ads.app.house.bots.disconnect(ads.actor, ads.bot_id)
    await ads.olga.send(service, f"/connect {ads.bot.token}")
    tg.clock.advance(seconds=5)
    await ann.join(via=await ads.own_link())
    assert [status for status, _ in await ads.steps(ann)] == [WAIT, APPROVE]


async def test_a_group_that_becomes_a_supergroup_keeps_its_campaign(
    tg: Sandbox, app: App, olga: Any, service: Any
) -> None:
    group = tg.group("Chess club", olga, kind="group")
    await olga.add(service, group, rights=RIGHTS)
    bot = next(one for one in await app.house.directory.all() if one.is_service)
    made = await app.house.campaigns.add(actor_of(app, olga), NewCampaign(bot.id, group.id, "Group"))
    ads = Ads(app, tg, service, bot.id, olga, group, made.id, made.code)
    ann = tg.user("Ann")
    await ann.follow(ads.link("c"))
    link = await ads.own_link()
    await olga.upgrade(group)
    tg.clock.advance(seconds=5)
    assert (await ads.campaign()).chat_id == group.id
    await ann.join(via=link)
    assert [status for status, _ in await ads.steps(ann)] == [WAIT, APPROVE]


async def test_the_creative_is_what_people_are_told(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    creative = Creative(
        text="*Hi {first_name}*, your click was {click}", button="Go", link="https://example.com/?c={click}"
    )
    ads = await open_ads(tg, app, olga, service, creative=creative)
    ann = tg.user("<b>Ann")
    await ann.follow(ads.link("c1"))
    shown = tg.last(ann, bot=ads.bot)
    assert shown.text == "Hi <b>Ann, your click was c1"
    assert shown.url("Go") == "https://example.com/?c=c1"


async def test_a_code_nobody_has_is_an_ordinary_start(tg: Sandbox, ads: Ads) -> None:
    ann = tg.user("Ann")
    await ann.follow(ads.bot.link("goNobody1"))
    assert "Welcome" not in tg.last(ann, bot=ads.bot).text
    assert await ads.all_leads() == []
