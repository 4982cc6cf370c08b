"""Projects: the sets of chats that plans open."""

import msgspec

from api.membership.rows import Turned, WhichProject, bot_of, row
from domain.actor import Actor
from services.house import House


class ProjectOptions(msgspec.Struct):
    """How a project is listed. Higher `sort_order` comes first."""

    sort_order: int
    is_hidden: bool


class ProjectRow(msgspec.Struct):
    """A project."""

    project_id: int
    project_name: str
    options: ProjectOptions


class WhichProjects(Turned, kw_only=True):
    """Which projects."""

    project_id: WhichProject = None


async def list_projects(house: House, actor: Actor, given: WhichProjects) -> list[ProjectRow]:
    """The projects of the bot."""
    bot = await bot_of(house, actor, given)
    found = await house.projects.page(actor, bot.id, given.offset, given.limit, given.project_id)
    return [ProjectRow(one.id, one.name, ProjectOptions(one.sort_order, one.is_hidden)) for one in found]


PROJECTS = (
    row(
        "GET", "/projects", list_projects, "List projects",
        input=WhichProjects, result=list[ProjectRow], section="Projects",
        details="The bot's projects, hidden ones included. Plans of project 0 open every paid chat; it is "
        "not listed.",
        example=[
            ProjectRow(1, "Basketball", ProjectOptions(100, False)),
            ProjectRow(9, "Football", ProjectOptions(0, False)),
            ProjectRow(10, "Tennis", ProjectOptions(0, True)),
        ],
    ),
)  # fmt: skip
