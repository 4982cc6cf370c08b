"""Taking back what was given: the one place where access goes because the money went."""

from datetime import datetime, timedelta

from domain.bots import Bot
from domain.durations import Term, extend, parse
from domain.memberships import Membership
from services.endings import close_chats
from services.grants import read_settings, store
from services.work import Work
from storage import history, memberships
from storage.history import Grant


async def take_back(work: Work, bot: Bot, grant_id: int) -> Membership | None:
    """Undo one grant, within the unit of work: the membership becomes what it would be without it.

    Returns the membership as it is then, or None when the grant was taken back before.
    """
    revoked = await history.revoke(work.tx, bot.id, grant_id, work.now)
    if revoked is None:
        return None
    member_id, project_id = revoked.member_id, revoked.project_id
    await memberships.lock_member(work.tx, bot.id, member_id)
    current = await memberships.get(work.tx, bot.id, member_id, project_id)
    if current is None or current.ended_at is not None:
        return current  # it is over already
    grants = await history.standing(work.tx, bot.id, member_id, project_id)
    term = replay(grants, (await read_settings(work.tx, bot.id)).grace)
    if term is None or (term.end is not None and term.end <= work.now):
        closed = await memberships.close(work.tx, bot.id, member_id, project_id, work.now)
        if closed is not None:
            await close_chats(work, bot, closed, due=work.now)
        return closed
    return await store(work, bot.id, member_id, project_id, grants[-1].plan_id, current.started_at, term)


def replay(grants: list[Grant], grace: timedelta) -> Term | None:
    """The term that these grants add up to, each given at its time; None for none."""
    term: Term | None = None
    for grant in grants:
        goes_on = term is not None and _open(term, grace, grant.at)
        if grant.length:
            term = extend(term if goes_on else None, parse(grant.length), grant.at)
        else:
            term = Term(grant.end_at)
    return term


def _open(term: Term, grace: timedelta, at: datetime) -> bool:
    return term.end is None or term.end + grace > at
