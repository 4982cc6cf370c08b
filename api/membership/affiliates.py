"""Affiliates: members whose link brings invitees."""

from typing import Annotated

import msgspec

from api.membership.rows import Id, OfBot, bot_of, row
from domain.actor import Actor
from services.house import House


class NewAffiliate(OfBot, kw_only=True):
    """Who becomes an affiliate."""

    member_id: Annotated[
        Id,
        msgspec.Meta(
            description="Telegram id of a member who has used the bot and not blocked it.",
            examples=[1111111111],
        ),
    ]
    affiliate_id: Annotated[
        str | None,
        msgspec.Meta(
            description="3 to 12 letters and digits, a letter first; nobody else's, whatever the case. "
            "Without one the member keeps his, or gets one made up.",
            examples=["abcd123"],
        ),
    ] = None


class Affiliate(msgspec.Struct):
    """An affiliate."""

    affiliate_id: str
    affiliate_link: str


async def register(house: House, actor: Actor, given: NewAffiliate) -> Affiliate:
    """Make a member an affiliate."""
    bot = await bot_of(house, actor, given)
    made = await house.affiliates.register(actor, bot.id, given.member_id, given.affiliate_id)
    return Affiliate(made.affiliate_id, made.link)


AFFILIATES = (
    row(
        "POST", "/affiliate", register, "Register an affiliate",
        input=NewAffiliate, result=Affiliate, section="Affiliates",
        details="Gives a member his link, or another id in place of the one he has. Affiliates that are "
        "switched off in the bot are answered with 400.",
        example=Affiliate("abcd123", "https://t.me/tgmembership_demobot?start=r_abcd123"),
        errors={
            "404": "The bot does not know this member, or the member has blocked it.",
            "409": "Somebody has this affiliate_id already.",
        },
    ),
)  # fmt: skip
