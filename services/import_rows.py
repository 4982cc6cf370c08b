"""What the words in a file of members mean: people, plans, projects, ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from domain import imports
from domain.errors import Invalid
from domain.imports import ALL_CHATS, Row, State
from domain.plans import EVERY_CHAT, Plan, Project
from storage import imports as stored
from storage import plans, projects
from storage.database import Tx
from storage.imports import Line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """Plans and projects by id and by name (in small letters), people by username, and what they hold:
    (member, project) → end."""

    plans: Mapping[str, Sequence[Plan]]
    projects: Mapping[str, Sequence[Project]]
    people: Mapping[str, int]
    ends: Mapping[tuple[int, int], datetime | None]


async def read_names(tx: Tx, bot_id: int, rows: Sequence[Row], now: datetime) -> Names:
    """All that the rows of a file can mean in a bot."""
    known_plans: dict[str, list[Plan]] = {}
    for plan in await plans.of_bot(tx, bot_id):
        for word in (str(plan.id), plan.name.casefold()):
            known_plans.setdefault(word, []).append(plan)
    known_projects: dict[str, list[Project]] = {}
    for project in await projects.of_bot(tx, bot_id):
        for word in (str(project.id), project.name.casefold()):
            known_projects.setdefault(word, []).append(project)
    named = {who for row in rows if isinstance(who := _who(row), str)}
    people = await stored.by_usernames(tx, bot_id, named)
    return Names(known_plans, known_projects, people, await stored.ends(tx, bot_id, now))


def understood(row: Row, names: Names, now: datetime) -> Line:
    """A row as it is to be worked off, or why it is not."""
    line = Line(row.number, row.who[:64], None)
    try:
        member_id = _member(row, names)
        plan_id, project_id = _what(row, names)
        until = imports.until(row.end, now)
    except Invalid as error:
        return replace(line, state=State.LEFT, reason=error.reason)
    length = "" if until.length is None else str(until.length)
    line = replace(
        line, member_id=member_id, plan_id=plan_id, project_id=project_id, length=length, end_at=until.end
    )
    held = (member_id, project_id)
    if held in names.ends and imports.has_already(names.ends[held], length, until.end):
        return replace(line, state=State.LEFT, reason="import_has")
    return line


def _member(row: Row, names: Names) -> int:
    """Whom a row is about: an id speaks for itself, a username only of somebody the bot has met."""
    who = imports.who(row.who)
    if isinstance(who, int):
        return who
    if who not in names.people:
        raise Invalid("who", "import_unknown")
    return names.people[who]


def _what(row: Row, names: Names) -> tuple[int, int]:
    """The plan (0 for none) and the project of a row. Raises `Invalid` (plan, project)."""
    plan = _one(names.plans, row.plan, "import_plan") if row.plan else None
    if row.project == ALL_CHATS:
        return plan.id if plan else 0, EVERY_CHAT
    if row.project:
        return plan.id if plan else 0, _one(names.projects, row.project, "import_project").id
    if plan is not None:
        return plan.id, plan.project_id
    only = {one.id for some in names.projects.values() for one in some}
    if len(only) != 1:
        raise Invalid("project", "import_what")
    return 0, only.pop()


def _one(known: Mapping[str, Sequence[T]], word: str, reason: str) -> T:
    found = known.get(word.casefold(), ())
    if len(found) != 1:
        raise Invalid("row", reason)
    return found[0]


def _who(row: Row) -> int | str | None:
    try:
        return imports.who(row.who)
    except Invalid:
        return None
