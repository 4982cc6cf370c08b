"""Members: who has a membership, how many there are, and access tokens for them."""

from typing import Annotated

import msgspec

from api.membership.rows import Id, OfBot, Turned, WhichMember, WhichPlan, WhichProject, bot_of, row
from domain.actor import Actor
from domain.tokens import token_link
from services.house import House


class Term(msgspec.Struct):
    """When a membership began and when it ends, in UNIX time; `end` null is for life."""

    start: int
    end: int | None


class MemberRow(msgspec.Struct):
    """A membership. `plan_id` 0: given by the owner without a plan; `project_id` 0: every paid chat."""

    member_id: int
    plan_id: int
    project_id: int
    membership: Term


class WhichMembers(Turned, kw_only=True):
    """Which memberships."""

    member_id: WhichMember = None
    plan_id: WhichPlan = None
    project_id: WhichProject = None
    limit: Annotated[int, msgspec.Meta(description="At most so many.", ge=1, le=1000)] = 100


class TokenToMake(OfBot, kw_only=True):
    """An access token to be made."""

    plan_id: Annotated[Id, msgspec.Meta(description="Id of the plan it opens.", examples=[14])]
    member_id: Annotated[
        Id | None,
        msgspec.Meta(
            description="Telegram id of the only member who may use it: somebody who has used the bot and "
            "not blocked it. Anybody may where there is none.",
            examples=[1111111111],
        ),
    ] = None


class TokenMade(msgspec.Struct):
    """An access token. It is not kept in this form: whoever loses it needs another one."""

    bot_username: str
    access_token: str
    link: str


async def list_members(house: House, actor: Actor, given: WhichMembers) -> list[MemberRow]:
    """The running memberships of the bot."""
    bot = await bot_of(house, actor, given)
    found = await house.subscribers.page(
        actor, bot.id, given.offset, given.limit,
        member_id=given.member_id, plan_id=given.plan_id, project_id=given.project_id,
    )  # fmt: skip
    return [
        MemberRow(
            member_id=one.member_id,
            plan_id=one.plan_id,
            project_id=one.project_id,
            membership=Term(
                start=int(one.started_at.timestamp()),
                end=None if one.end_at is None else int(one.end_at.timestamp()),
            ),
        )
        for one in found
    ]


async def make_token(house: House, actor: Actor, given: TokenToMake) -> TokenMade:
    """A new access token."""
    bot = await bot_of(house, actor, given)
    secret = await house.tokens.create(actor, bot.id, given.plan_id, given.member_id, reachable=True)
    return TokenMade(bot.username, secret, token_link(bot.username, secret))


MEMBERS = (
    row(
        "GET", "/members", list_members, "List members",
        input=WhichMembers, result=list[MemberRow], section="Members",
        details="Running memberships, one for each member and project, the longest running first.",
        example=[
            MemberRow(1111111111, 1, 1, Term(1721137290, 1721742090)),
            MemberRow(2222222222, 14, 2, Term(1721137296, 1721223696)),
            MemberRow(1111111111, 18, 3, Term(1721137382, 1721310182)),
        ],
    ),
    row(
        "POST", "/members/access_token", make_token, "Make an access token", "/members/accessToken",
        input=TokenToMake, result=TokenMade, section="Members", status=201,
        details="A one-use token that opens a plan without payment. Of the plan's rules it overrides "
        "`token_only` and `is_hidden` alone.",
        example=TokenMade(
            "tgmembership_demobot", "abcd123", "https://t.me/tgmembership_demobot?start=accesstoken_abcd123"
        ),
        errors={"404": "There is no such plan, or no such member."},
    ),
)  # fmt: skip
