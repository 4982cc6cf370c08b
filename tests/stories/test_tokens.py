"""Access tokens: made, passed on, redeemed once."""

import asyncio

import pytest

from bot.app import App
from domain.errors import Conflict, NotAllowed, NotFound, Refused
from sandbox import Sandbox
from storage import events, memberships, tokens
from tests.stories.membership import Club


async def kinds_of(club: Club) -> list[str]:
    async with club.app.db.read() as tx:
        return [kind for kind, _ in await events.of_owner(tx, club.olga.id)]


async def test_a_token_opens_the_chat(tg: Sandbox, club: Club) -> None:
    link = await club.token(tg)
    sent = tg.last(club.olga, bot=club.bot)
    assert sent.photo is not None, "the link comes with its QR picture"
    assert sent.html.count("<code>") == 2
    ann = tg.user("Ann")
    await ann.follow(link)
    assert "Welcome! You have Gold" in tg.last(ann, bot=club.bot).text
    await ann.click("Join Chess club")
    assert club.chat.has(ann)
    kinds = await kinds_of(club)
    assert kinds.count("membership.started") == kinds.count("token.redeemed") == 1
    assert kinds.count("token.created") == 1


async def test_of_two_who_use_it_at_once_one_gets_in(tg: Sandbox, club: Club) -> None:
    link = await club.token(tg)
    ann, ben = tg.user("Ann"), tg.user("Ben")
    with tg.no_settle():
        await asyncio.gather(ann.follow(link), ben.follow(link))
    await tg.settle()
    texts = sorted(tg.last(who, bot=club.bot).text[:17] for who in (ann, ben))
    assert texts == ["This access token", "🎉 Welcome! You ha"]
    assert (await kinds_of(club)).count("token.redeemed") == 1


async def test_a_second_token_adds_a_month(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    async with club.app.db.read() as tx:
        before = await memberships.get(tx, club.bot_id, ann.id, club.project_id)
    await ann.follow(await club.token(tg))
    assert "goes on: Gold" in tg.last(ann, bot=club.bot).text
    async with club.app.db.read() as tx:
        after = await memberships.get(tx, club.bot_id, ann.id, club.project_id)
    assert before is not None
    assert after is not None
    assert (after.anchor_at, after.months) == (before.anchor_at, 2)
    assert (await kinds_of(club)).count("membership.extended") == 1


async def test_a_token_for_one_person_refuses_others_and_stays_unused(tg: Sandbox, club: Club) -> None:
    ann, ben = tg.user("Ann", username="ann"), tg.user("Ben")
    await ann.start(club.bot)
    link = await club.token(tg, "Gold @ann for 7 days")
    assert "Only Ann can use it" in tg.last(club.olga, bot=club.bot).text
    await ben.follow(link)
    assert "made out to somebody else" in tg.last(ben, bot=club.bot).text
    await ann.follow(link)
    assert "Welcome!" in tg.last(ann, bot=club.bot).text


async def test_why_a_token_opens_nothing(tg: Sandbox, club: Club, clock) -> None:
    ann, ben = tg.user("Ann"), tg.user("Ben")
    expiring, used, closed = [await club.token(tg, args) for args in ("Gold for 2 days", "Gold", "Gold")]
    await ann.follow(used)
    await ann.follow(used)
    assert "You have used this access token already" in tg.last(ann, bot=club.bot).text
    await ben.follow(used)
    assert "has been used already" in tg.last(ben, bot=club.bot).text
    await ben.send(club.bot, "/redeem nothing-like-a-token")
    assert "I do not know this access token" in tg.last(ben, bot=club.bot).text
    clock.advance(days=3)
    await ben.follow(expiring)
    assert "has expired" in tg.last(ben, bot=club.bot).text
    await club.change_plan(enabled=False)
    await ben.follow(closed)
    assert "not offered any more" in tg.last(ben, bot=club.bot).text
    await club.change_plan(enabled=True)
    await ben.follow(closed)
    assert "Welcome!" in tg.last(ben, bot=club.bot).text


async def test_the_rules_of_a_plan_hold_and_the_token_survives(tg: Sandbox, club: Club) -> None:
    ann, ben = tg.user("Ann"), tg.user("Ben")
    first, second = await club.token(tg), await club.token(tg)
    await club.change_plan(max_customers=1, token_only=True, is_hidden=True)
    await ann.follow(first)
    assert "Welcome!" in tg.last(ann, bot=club.bot).text, "a token overrides both"
    await ben.follow(second)
    assert "All places" in tg.last(ben, bot=club.bot).text
    await club.change_plan(max_customers=2, invitee_only=1)
    await ben.follow(second)
    assert "invited by a friend" in tg.last(ben, bot=club.bot).text
    await club.change_plan(invitee_only=0)
    await ben.follow(second)
    assert "Welcome!" in tg.last(ben, bot=club.bot).text


async def test_nobody_guesses_tokens(tg: Sandbox, club: Club, clock) -> None:
    link = await club.token(tg)
    eve = tg.user("Eve")
    for number in range(10):
        await eve.send(club.bot, f"/redeem guess-number-{number}")
        assert "I do not know" in tg.last(eve, bot=club.bot).text
    await eve.follow(link)
    assert "Please try again in an hour" in tg.last(eve, bot=club.bot).text
    clock.advance(minutes=61)
    await eve.follow(link)
    assert "Welcome!" in tg.last(eve, bot=club.bot).text


async def test_tokens_are_listed_without_their_secret_and_deleted(tg: Sandbox, club: Club) -> None:
    link = await club.token(tg)
    olga = club.olga
    await olga.send(club.bot, "/tokens")
    shown = tg.last(olga, bot=club.bot)
    assert f"…{link[-4:]} · Gold · 🎟 unused" in shown.text
    assert link[-20:] not in shown.text
    await olga.click(f"…{link[-4:]}")
    await olga.click("🗑 Delete")
    assert "no access tokens yet" in tg.last(olga, bot=club.bot).text
    ann = tg.user("Ann")
    await ann.follow(link)
    assert "I do not know this access token" in tg.last(ann, bot=club.bot).text


async def test_long_lists_have_pages(tg: Sandbox, club: Club) -> None:
    await club.app.house.tokens.listing(club.app.house.actor, club.bot_id, 0)
    for _ in range(12):
        await club.app.house.tokens.create(club.app.house.actor, club.bot_id, club.plan_id)
    await club.olga.send(club.bot, "/tokens")
    assert tg.last(club.olga, bot=club.bot).text.count("unused") == 10
    await club.olga.click("▶️")
    assert tg.last(club.olga, bot=club.bot).text.count("unused") == 2
    await club.olga.click("◀️")
    assert tg.last(club.olga, bot=club.bot).text.count("unused") == 10


async def test_many_tokens_come_as_a_file(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/plans")
    await club.olga.click("Gold")
    await club.olga.click("🎟 Many tokens")
    for wrong in ("0", "501", "many", "-3"):
        await club.olga.send(club.bot, wrong)
        assert "a number from 1 to 500" in tg.last(club.olga, bot=club.bot).text
    await club.olga.send(club.bot, "500")
    sent = tg.last(club.olga, bot=club.bot)
    links = (sent.document or b"").decode().split()
    assert len(set(links)) == 500
    assert "500 access tokens for Gold" in sent.text
    ann = tg.user("Ann")
    await ann.follow(links[137])
    assert "Welcome!" in tg.last(ann, bot=club.bot).text


async def test_a_token_can_be_typed(tg: Sandbox, club: Club) -> None:
    link = await club.token(tg)
    ann = tg.user("Ann")
    await ann.start(club.bot)
    await ann.send(club.bot, "/redeem")
    await ann.send(club.bot, link)
    assert "Welcome!" in tg.last(ann, bot=club.bot).text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("Silver", "This plan is not there any more"),
        ("Gold @nobody", "I do not know this person"),
        ("999999999999999999999", "This plan is not there any more"),
        ("Gold for 0 days", "I did not understand how long"),
        ("' OR 1=1 --", "This plan is not there any more"),
    ],
)
async def test_what_token_does_not_understand(tg: Sandbox, club: Club, args: str, words: str) -> None:
    await club.olga.send(club.bot, f"/token {args}")
    assert words in tg.last(club.olga, bot=club.bot).text


async def test_strangers_make_no_tokens(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.start(club.bot)
    for command in ("/token Gold", "/token", "/tokens"):
        await ann.send(club.bot, command)
        assert "You may not do that here" in tg.last(ann, bot=club.bot).text
    async with club.app.db.read() as tx:
        assert await tokens.listing(tx, club.bot_id, 0, 10) == []


async def test_another_owners_token_is_not_there(app: App, club: Club) -> None:
    tokens_ = app.house.tokens
    olga, service_bot = app.house.actor, next(b for b in await app.house.directory.all() if b.is_service)
    await tokens_.create(olga, club.bot_id, club.plan_id)
    (mine, *_), _more = await tokens_.listing(olga, club.bot_id, 0)
    with pytest.raises(NotFound):
        await tokens_.get(olga, service_bot.id, mine.id)
    with pytest.raises(NotFound):
        await tokens_.delete(olga, service_bot.id, mine.id)
    with pytest.raises(NotFound):
        await tokens_.create(olga, service_bot.id, club.plan_id)
    eve = olga.__class__(4242, olga.t)
    for call in (
        tokens_.create(eve, club.bot_id, club.plan_id),
        tokens_.delete(eve, club.bot_id, mine.id),
        tokens_.listing(eve, club.bot_id, 0),
    ):
        with pytest.raises(NotAllowed):
            await call


async def test_errors_of_the_service_are_typed(app: App, club: Club) -> None:
    house = app.house
    with pytest.raises(Conflict):
        await house.tokens.create_many(house.actor, club.bot_id, "5")
    secret = await house.tokens.create(house.actor, club.bot_id, club.plan_id)
    nobody = house.actor.__class__(987_654, house.actor.t)
    with pytest.raises(NotFound):
        await house.tokens.redeem(nobody, club.bot_id, secret)
    await club.change_plan(enabled=False)
    with pytest.raises(Refused):
        await house.tokens.redeem(nobody, club.bot_id, secret)
