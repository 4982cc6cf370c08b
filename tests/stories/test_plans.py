"""Projects and plans: made in the chat, seen by members, changed by their owner."""

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import plans
from tests.stories.membership import Club, open_club


async def stored(club: Club) -> list[plans.Plan]:
    async with club.app.db.read() as tx:
        return await plans.of_bot(tx, club.bot_id)


async def test_an_owner_makes_a_project_and_a_plan(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/projects")
    await olga.click("➕ New project")
    await olga.send(bot, "Tennis")
    await olga.click("▫️ Chess club")
    assert ["✅ Chess club", "🙋"] in tg.last(olga, bot=bot).buttons
    await olga.send(bot, "/newplan")
    await olga.send(bot, "x")
    assert "3 to 24 characters" in tg.last(olga, bot=bot).text
    await olga.send(bot, "Silver")
    await olga.click("3 months")
    await olga.send(bot, "cheap")
    assert "I did not understand the price" in tg.last(olga, bot=bot).text
    await olga.send(bot, "4,50 eur")
    await olga.click("Tennis")
    await olga.click("For: newcomers and old members")
    await olga.click("✏️ Customers")
    await olga.send(bot, "20")
    await olga.click("✏️ Trial")
    await olga.send(bot, "3 days")
    assert "Customers at a time: 20" in tg.last(olga, bot=bot).text
    await olga.click("✅ Create the plan")
    assert "The plan Silver is there: 3 months, €4.50" in tg.last(olga, bot=bot).text
    made = (await stored(club))[-1]
    assert (str(made.duration), str(made.price), str(made.trial)) == ("3 months", "4.50 EUR", "3 days")
    assert (made.options.newcomers, made.max_customers) == (1, 20)


async def test_the_conversation_survives_a_restart(tg: Sandbox, start_app, service, olga) -> None:
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as app:
        club = await open_club(tg, app, olga, service)
        await olga.send(club.bot, "/newplan")
        await olga.send(club.bot, "Silver")
        await olga.click("1 week")
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as app:
        await olga.send(club.bot, "5 USD")
        await olga.click("🌐 All paid chats")
        await olga.click("✅ Create the plan")
        assert "The plan Silver is there: 1 week, $5.00" in tg.last(olga, bot=club.bot).text


async def test_it_can_be_cancelled_at_any_step(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    steps = [("Silver", None), (None, "1 week"), ("5 USD", None), (None, "🌐 All paid chats")]
    for stop in range(len(steps) + 1):
        await olga.send(bot, "/newplan")
        for typed, tapped in steps[:stop]:
            await (olga.send(bot, typed) if typed else olga.click(tapped))
        await olga.click("Cancel")
        assert "Nothing was changed" in tg.last(olga, bot=bot).text
    assert [plan.name for plan in await stored(club)] == ["Gold"]


async def test_buttons_of_an_old_message_are_told_so(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/newplan")
    await club.olga.send(club.bot, "Silver")
    old = tg.last(club.olga, bot=club.bot)
    await club.olga.send(club.bot, "/cancel")
    answer = await club.olga.click(old, "1 week")
    assert "We are past that step" in (answer.text or "")


async def test_a_member_sees_what_there_is(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.start(club.bot)
    await ann.click("Plans")
    assert "Gold · 1 month · $9.99" in tg.last(ann, bot=club.bot).text
    await ann.click("Gold")
    shown = tg.last(ann, bot=club.bot).text
    assert "• Chess club" in shown
    assert "Choose how to pay" in shown
    await club.change_plan(is_hidden=True)
    await ann.send(club.bot, "/plans")
    assert "no plans to choose from" in tg.last(ann, bot=club.bot).text
    await ann.start(club.bot, f"plan_{club.plan_id}")
    assert "Gold" in tg.last(ann, bot=club.bot).text, "whoever has the link sees a hidden plan"
    await club.change_plan(enabled=False)
    await ann.start(club.bot, f"plan_{club.plan_id}")
    assert "not there any more" in tg.last(ann, bot=club.bot).text


async def test_hidden_projects_and_plans_for_others_are_not_in_the_list(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.start(club.bot)
    await club.change_plan(newcomers=2)
    await ann.click("Plans")
    assert "no plans to choose from" in tg.last(ann, bot=club.bot).text
    await club.change_plan(newcomers=0)
    await club.olga.send(club.bot, "/projects")
    await club.olga.click("📁 Chess")
    await club.olga.click("🙈 Hide from members")
    await ann.send(club.bot, "/plans")
    assert "no plans to choose from" in tg.last(ann, bot=club.bot).text


async def test_a_trial_is_had_once(tg: Sandbox, club: Club, clock) -> None:
    await club.change_plan(trial="3 days")
    ann = tg.user("Ann")
    await ann.start(club.bot, f"plan_{club.plan_id}")
    panel = tg.last(ann, bot=club.bot)
    await ann.click("🎁 Try it free: 3 days")
    assert "Welcome! You have Gold" in tg.last(ann, bot=club.bot).text
    await ann.click("Join Chess club")
    assert club.chat.has(ann)
    clock.advance(days=4)
    answer = await ann.click(panel, "🎁 Try it free")
    assert "You had your trial" in (answer.text or "")


async def test_an_owner_changes_a_plan(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/plans")
    await olga.click("Gold")
    for field, value in (("Name", "Platin"), ("Duration", "1 year"), ("Price", "20"), ("Trial", "1 week")):
        await olga.click(f"✏️ {field}")
        await olga.send(bot, value)
    await olga.click("Bought: any number of times")
    await olga.click("⏸ Disable")
    (plan,) = await stored(club)
    assert (plan.name, str(plan.duration), str(plan.price), str(plan.trial)) == (
        "Platin", "1 year", "20.00 USD", "1 week",
    )  # fmt: skip
    assert (plan.options.singleuse, plan.enabled) == (1, False)
    await olga.click("🗑 Delete")
    await olga.click("Yes, delete")
    assert await stored(club) == []


async def test_a_plan_somebody_had_is_not_deleted(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    await club.olga.send(club.bot, "/plans")
    await club.olga.click("Gold")
    assert "1 person has it now" in tg.last(club.olga, bot=club.bot).text
    await club.olga.click("🗑 Delete")
    answer = await club.olga.click("Yes, delete")
    assert "Disable it instead" in (answer.text or "")
    assert len(await stored(club)) == 1


async def test_names_are_no_markup(tg: Sandbox, club: Club) -> None:
    await club.change_plan(name="X<b>&\u202eevil")
    ann = tg.user("Ann")
    await ann.start(club.bot)
    await ann.click("Plans")
    assert "X<b>&evil" in tg.last(ann, bot=club.bot).text
    await club.olga.rename(club.chat, "<i>Chess</i> & co")
    await ann.click("X<b>")
    assert "<i>Chess</i> & co" in tg.last(ann, bot=club.bot).text


OWNERS = [
    "plans:manage", "plans:edit:{plan}", "plans:turn:{plan}:newcomers", "plans:ask:{plan}:price",
    "plans:enable:{plan}:0", "plans:up:{plan}", "plans:project:{plan}", "plans:opens:{plan}:0",
    "plans:drop:{plan}", "plans:dropped:{plan}", "newplan:begin", "newplan:create", "newplan:turn:newcomers",
    "newplan:project:0", "newplan:ask:trial", "newplan:duration:1 week", "projects:list",
    "projects:open:{project}", "projects:new", "projects:rename:{project}", "projects:hide:{project}:1",
    "projects:chat:{project}:{chat}", "projects:gate:{project}:{chat}", "tokens:new", "tokens:for:{plan}",
    "tokens:many:{plan}", "tokens:list:0", "tokens:open:1", "tokens:drop:1", "subscribers:list:0",
    "subscribers:open:{ann}", "subscribers:ask", "subscribers:gift:{ann}:0", "subscribers:give:{ann}:0:30",
    "subscribers:days:{ann}:0", "subscribers:end:{ann}:0", "subscribers:ended:{ann}:0", "subscribers:rules",
    "subscribers:grace:3", "subscribers:remind:72", "affiliates:list:0", "affiliates:export",
    "affiliates:turn:0",
    "affiliates:first:1",
]  # fmt: skip


async def test_no_button_of_the_owner_works_for_others(tg: Sandbox, club: Club) -> None:
    ann = tg.user("Ann")
    await ann.start(club.bot)
    ids = {"plan": club.plan_id, "project": club.project_id, "chat": club.chat.id, "ann": ann.id}
    before = await stored(club)
    panel = tg.last(ann, bot=club.bot)
    for action in OWNERS:
        answer = await ann.press_callback(panel, {"text": "x", "callback_data": action.format(**ids)})
        assert "You may not do that here" in (answer.text or ""), action
    assert await stored(club) == before
    for command in ("/projects", "/newplan", "/members", "/affiliates"):
        await ann.send(club.bot, command)
        assert "You may not do that here" in tg.last(ann, bot=club.bot).text, command


@pytest.mark.parametrize("garbage", ["", ":x", ":99999999999999999999", ":1:2:3:4:5", ":²"])
async def test_garbage_is_answered_in_words(tg: Sandbox, club: Club, garbage: str) -> None:
    verbs = {":".join(action.split(":")[:2]) for action in OWNERS} | {
        "plans:show", "plans:list", "memberships:enter", "memberships:try", "memberships:list",
    }  # fmt: skip
    quiet = {
        "plans:manage", "plans:list", "newplan:begin", "projects:list", "projects:new", "tokens:new",
        "subscribers:ask", "subscribers:rules", "affiliates:export", "memberships:list",
    }  # fmt: skip
    panel = tg.last(club.olga, bot=club.bot)
    tg.redeliver_everything = False  # nothing here takes effect, so once is enough
    for verb in sorted(verbs - quiet):
        button = {"text": "x", "callback_data": verb + garbage}
        answer = await club.olga.press_callback(panel, button)
        assert answer.answered, f"{verb}{garbage}"
    assert all(update.attempts == 1 for update in club.bot.updates[-len(verbs - quiet) :])


async def test_another_bots_plan_is_not_there(tg: Sandbox, app: App, club: Club, service) -> None:
    """Olga's other bot knows nothing of the club's ids."""
    await club.olga.start(service)
    panel = tg.last(club.olga, bot=service)
    for action in (
        f"plans:edit:{club.plan_id}",
        f"plans:show:{club.plan_id}",
        f"plans:dropped:{club.plan_id}",
        f"plans:enable:{club.plan_id}:0",
        f"projects:open:{club.project_id}",
        f"projects:hide:{club.project_id}:1",
        f"tokens:for:{club.plan_id}",
    ):
        answer = await club.olga.press_callback(panel, {"text": "x", "callback_data": action})
        assert "not there any more" in (answer.text or ""), action
    (plan,) = await stored(club)
    assert plan.enabled
