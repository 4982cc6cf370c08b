"""Giving a membership: the one place where access begins, whatever it was given for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import calls
from domain.bots import Bot
from domain.durations import LIFETIME, Duration, Term, extend, parse
from domain.errors import NotFound, Refused
from domain.memberships import SETTINGS, Membership, Settings, next_notice
from domain.money import Money
from domain.orders import TOKEN, Kind, Order, Status, new_key
from domain.plans import Origin, Plan, refusal
from domain.presence import is_our_ban
from services.work import Work
from storage import (
    customers,
    gates,
    join_requests,
    journal,
    memberships,
    orders,
    plans,
    presence,
    projects,
    settings,
)
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody was given. `extended` when it added to a running membership; `let_in` are the chats
    where he had been waiting at the gate; `grant_id` is its line in the history."""

    membership: Membership
    extended: bool
    let_in: Sequence[int]
    grant_id: int


async def read_settings(tx: Tx, bot_id: int) -> Settings:
    """A bot's settings of memberships."""
    return Settings.read(await settings.get(tx, bot_id, settings.DEFAULT_CHAT, SETTINGS))


async def give_plan(
    work: Work, bot: Bot, member_id: int, plan_id: int, origin: Origin, source_id: int | None = None
) -> tuple[Plan, Given]:
    """Give a plan (for `Origin.TRIAL`: its trial) to a person, within the unit of work.

    Raises `NotFound` (member, plan), or `Refused` with the rule of the plan that says no.
    """
    await _hold(work, bot.id, member_id)
    plan = await plans.lock(work.tx, bot.id, plan_id)
    if plan is None:
        raise NotFound("plan")
    person = await customers.standing(work.tx, bot.id, member_id, plan.project_id, plan.id, work.now)
    if (reason := refusal(plan, person, origin, work.now)) is not None:
        raise Refused(reason, plan=plan.name)
    length = plan.trial or LIFETIME if origin is Origin.TRIAL else plan.duration
    given = await _give(work, bot, member_id, plan.project_id, plan.id, length, origin, source_id)
    if origin is Origin.TOKEN:
        await _note_order(work, bot.id, member_id, plan, given, TOKEN)
    return plan, given


async def give_paid(work: Work, bot: Bot, order: Order, member_id: int, payment_id: int) -> Given:
    """What an order gives for money that came. No rule says no any more: paid is paid."""
    await _hold(work, bot.id, member_id)
    await plans.lock(work.tx, bot.id, order.plan_id)  # who is counted among its customers waits
    length = parse(order.length)
    return await _give(
        work, bot, member_id, order.project_id, order.plan_id, length, Origin.PURCHASE, payment_id
    )


async def give_time(
    work: Work,
    bot: Bot,
    member_id: int,
    project_id: int,
    length: Duration,
    origin: Origin = Origin.GIFT,
    plan_id: int = 0,
) -> Given:
    """A gift of the owner, or an import: time in a project, whatever plans say. Without a plan (0) it goes
    by the one he had. Raises `NotFound` (member)."""
    await _hold(work, bot.id, member_id)
    old = await memberships.get(work.tx, bot.id, member_id, project_id)
    if old is not None and not plan_id:
        plan_id = old.plan_id
    return await _give(work, bot, member_id, project_id, plan_id, length, origin, None)


async def give_until(
    work: Work, bot: Bot, member_id: int, project_id: int, plan_id: int, end: datetime, origin: Origin
) -> Given:
    """Time in a project until a moment, whatever plans say; what somebody has already is never shortened
    here, that is for the caller to see to. Raises `NotFound` (member)."""
    await _hold(work, bot.id, member_id)
    old = await memberships.get(work.tx, bot.id, member_id, project_id)
    if old is not None and not plan_id:
        plan_id = old.plan_id
    return await _write(work, bot, member_id, project_id, plan_id, old, Term(end), "", origin, None)


async def _hold(work: Work, bot_id: int, member_id: int) -> None:
    if not await memberships.lock_member(work.tx, bot_id, member_id):
        raise NotFound("member")


async def _give(
    work: Work,
    bot: Bot,
    member_id: int,
    project_id: int,
    plan_id: int,
    length: Duration,
    origin: Origin,
    source_id: int | None,
) -> Given:
    old = await memberships.get(work.tx, bot.id, member_id, project_id)
    term = extend(old.term if old is not None and old.opens(work.now) else None, length, work.now)
    return await _write(work, bot, member_id, project_id, plan_id, old, term, str(length), origin, source_id)


async def _write(
    work: Work,
    bot: Bot,
    member_id: int,
    project_id: int,
    plan_id: int,
    old: Membership | None,
    term: Term,
    length: str,
    origin: Origin,
    source_id: int | None,
) -> Given:
    """Set somebody's membership to a term, with a line in the history. `length` is what was added to what
    he had (`old`); empty where the term was set to an end."""
    goes_on = old is not None and old.opens(work.now)
    started = old.started_at if old is not None and goes_on else work.now
    current = await store(work, bot.id, member_id, project_id, plan_id, started, term)
    begins = (old.end_at if old is not None and goes_on else None) or work.now
    grant_id = await memberships.note_grant(
        work.tx, bot.id, member_id, project_id,
        plan_id=plan_id, origin=origin, source_id=source_id, length=length, start_at=begins,
        end_at=term.end, now=work.now,
    )  # fmt: skip
    let_in = await _open_doors(work, bot, member_id, project_id)
    work.event(
        bot.owner_id, bot.id, "membership.extended" if goes_on else "membership.started",
        member=member_id, project=project_id, plan=plan_id, origin=origin.value, end=_unix(term.end),
    )  # fmt: skip
    return Given(current, goes_on, let_in, grant_id)


async def _note_order(work: Work, bot_id: int, member_id: int, plan: Plan, given: Given, way: str) -> None:
    """Access without money stands in the list of orders, too."""
    nothing = Money(0, plan.price.currency)
    await orders.create(
        work.tx, bot_id, new_key(work.now), kind=Kind.GIFT, status=Status.COMPLETED, member_id=member_id,
        plan_id=plan.id, plan_name=plan.name, project_id=plan.project_id, length=str(plan.duration),
        gateway=way, price=plan.price, amount=nothing, now=work.now, expires_at=work.now,
    )  # fmt: skip


async def store(
    work: Work, bot_id: int, member_id: int, project_id: int, plan_id: int, started: datetime, term: Term
) -> Membership:
    """Set somebody's membership to this term, with the bot's grace period and reminders."""
    rules = await read_settings(work.tx, bot_id)
    end = term.end
    notice = next_notice(end, rules.reminders, work.now)
    access_until = None if end is None else end + rules.grace
    await memberships.put(
        work.tx, bot_id, member_id, project_id,
        plan_id=plan_id, started_at=started, term=term, access_until=access_until,
        next_notice_at=notice[0] if notice else None, now=work.now,
    )  # fmt: skip
    return Membership(
        member_id, project_id, plan_id, started, term.anchor, term.months, end, access_until, None
    )


async def _open_doors(work: Work, bot: Bot, member_id: int, project_id: int) -> list[int]:
    """Whoever waits at a gate of these chats is let in, and nobody removes him or keeps him out any more."""
    opened = [chat_id for chat_id, _ in await projects.chats(work.tx, bot.id, project_id)]
    for chat_id in opened:
        await gates.settle(work.tx, bot.id, chat_id, member_id, gates.REMOVE)
    await lift_bans(work, bot, member_id, opened)
    let_in = await join_requests.approve_waiting(work.tx, bot.id, member_id, opened, work.now)
    for chat_id in let_in:
        work.send(bot.id, calls.approve_join(chat_id, member_id))
    return let_in


async def lift_bans(work: Work, bot: Bot, member_id: int, chat_ids: Sequence[int]) -> None:
    """Lift the bans by which somebody was removed from these chats when an earlier membership ended.

    A ban that anybody else has to do with stays.
    """
    for chat_id, banned_at in (await presence.bans(work.tx, bot.id, member_id, chat_ids)).items():
        last = await journal.last(work.tx, bot.id, chat_id, member_id)
        if is_our_ban(banned_at, last, bot.telegram_id):
            work.send(bot.id, calls.unban(chat_id, member_id))


def _unix(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
