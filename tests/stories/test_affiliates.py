"""Members invite friends."""

from sandbox import Sandbox
from storage import affiliates, events
from tests.stories.membership import Club


async def link_of(tg: Sandbox, club: Club, name: str) -> tuple[object, str]:
    person = tg.user(name)
    await person.start(club.bot)
    await person.send(club.bot, "/affiliate")
    shown = tg.last(person, bot=club.bot)
    return person, next(line for line in shown.text.splitlines() if line.startswith("https://t.me/"))


async def invited_by(club: Club, person) -> affiliates.Counts:
    async with club.app.db.read() as tx:
        return await affiliates.counts(tx, club.bot_id, person.id)


async def test_a_friend_comes_by_a_link(tg: Sandbox, club: Club) -> None:
    ann, link = await link_of(tg, club, "Ann")
    assert "start=r_" in link
    assert tg.last(ann, bot=club.bot).url("📣 Share").startswith("https://t.me/share/url?url=https")
    ben = tg.user("Ben")
    await ben.follow(link)
    assert "Hello Ben! This is Club." in tg.last(ben, bot=club.bot).text
    await ben.follow(link)
    counts = await invited_by(club, ann)
    assert (counts.clicks, counts.visitors, counts.invited, counts.members) == (2, 1, 1, 0)
    await ben.follow(await club.token(tg))
    await ann.send(club.bot, "/affiliate")
    shown = tg.last(ann, bot=club.bot).text
    assert "Clicks: 2" in shown
    assert "Became members: 1" in shown
    async with club.app.db.read() as tx:
        kinds = [kind for kind, _ in await events.of_owner(tx, club.olga.id)]
    assert kinds.count("affiliate.joined") == 1


async def test_the_last_link_before_the_first_membership_wins(tg: Sandbox, club: Club) -> None:
    ann, anns = await link_of(tg, club, "Ann")
    ben, bens = await link_of(tg, club, "Ben")
    cid = tg.user("Cid")
    await cid.follow(anns)
    await cid.follow(bens)
    assert ((await invited_by(club, ann)).invited, (await invited_by(club, ben)).invited) == (0, 1)
    await cid.follow(await club.token(tg))
    await cid.follow(anns)
    assert ((await invited_by(club, ann)).invited, (await invited_by(club, ben)).invited) == (0, 1)


async def test_the_owner_may_let_the_first_link_win(tg: Sandbox, club: Club) -> None:
    ann, anns = await link_of(tg, club, "Ann")
    _, bens = await link_of(tg, club, "Ben")
    await club.olga.send(club.bot, "/affiliates")
    await club.olga.click("the last counts")
    assert ["Who used several links: the first counts"] in tg.last(club.olga, bot=club.bot).buttons
    cid = tg.user("Cid")
    await cid.follow(anns)
    await cid.follow(bens)
    assert (await invited_by(club, ann)).invited == 1


async def test_ones_own_link_counts_nothing(tg: Sandbox, club: Club) -> None:
    ann, link = await link_of(tg, club, "Ann")
    await ann.follow(link)  # type: ignore[attr-defined]
    assert "This is your own link" in tg.last(ann, bot=club.bot).text
    counts = await invited_by(club, ann)
    assert (counts.clicks, counts.invited) == (0, 0)


async def test_choosing_an_id(tg: Sandbox, club: Club) -> None:
    ann, old = await link_of(tg, club, "Ann")
    ben, _ = await link_of(tg, club, "Ben")
    await ann.click("✏️ Choose my own id")
    for bad in ("ab", "1abc", "a b c", "<b>abc</b>", "a" * 13, "🙂🙂🙂"):
        await ann.send(club.bot, bad)
        assert "begins with a letter" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "Queen")
    assert "start=r_Queen" in tg.last(ann, bot=club.bot).text
    await ben.click("✏️ Choose my own id")
    await ben.send(club.bot, "qUEEN")
    assert "Somebody has this id already" in tg.last(ben, bot=club.bot).text
    cid = tg.user("Cid")
    await cid.start(club.bot, "r_queen")
    await cid.follow(old)
    assert (await invited_by(club, ann)).clicks == 1, "the old link counts no more"


async def test_hostile_and_unknown_links_are_greeted_like_anybody(tg: Sandbox, club: Club) -> None:
    eve = tg.user("Eve <script>")
    for payload in ("r_nobody", "r_", "r_" + "x" * 60, "r_-_-"):
        await eve.start(club.bot, payload)
        assert "Hello Eve <script>!" in tg.last(eve, bot=club.bot).text


async def test_the_owners_list_and_document(tg: Sandbox, club: Club) -> None:
    _, link = await link_of(tg, club, "=Ann()")
    await tg.user("Ben").follow(link)
    await club.olga.send(club.bot, "/affiliates")
    assert "1. =Ann() ·" in tg.last(club.olga, bot=club.bot).text
    await club.olga.click("📄 CSV document")
    rows = (tg.last(club.olga, bot=club.bot).document or b"").decode("utf-8-sig").splitlines()
    assert rows[0].startswith("member_id,name,username,affiliate_id,clicks")
    assert ",'=Ann()," in rows[1]
    assert rows[1].endswith(",1,1,1,0")


async def test_it_can_be_switched_off(tg: Sandbox, club: Club) -> None:
    ann, link = await link_of(tg, club, "Ann")
    await club.olga.send(club.bot, "/affiliates")
    await club.olga.click("⏸ Switch off")
    await tg.user("Ben").follow(link)
    assert (await invited_by(club, ann)).clicks == 0
    await ann.send(club.bot, "/affiliate")
    assert "switched off here" in tg.last(ann, bot=club.bot).text
    await club.olga.click("▶️ Switch on")
    await ann.send(club.bot, "/affiliate")
    assert link in tg.last(ann, bot=club.bot).text
