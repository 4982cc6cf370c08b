"""Webhooks: where events of the bot are sent."""

from typing import Annotated

import msgspec

from api.membership.rows import OfBot, bot_of, row
from domain.actor import Actor
from services.house import House


class WhichUrl(OfBot, kw_only=True):
    """The URL of a webhook."""

    url: Annotated[
        str,
        msgspec.Meta(
            description="It begins with https:// and answers a POST with HTTP 200.",
            examples=["https://example.com/"],
        ),
    ]


class WebhookRow(msgspec.Struct):
    """A webhook. What is sent to it is signed with the secret, as Standard Webhooks are."""

    url: str
    secret: str


async def register(house: House, actor: Actor, given: WhichUrl) -> list[WebhookRow]:
    """Send events there."""
    bot = await bot_of(house, actor, given)
    found = await house.webhooks.register(actor, bot.id, given.url)
    return [WebhookRow(one.url, one.secret) for one in found]


async def remove(house: House, actor: Actor, given: WhichUrl) -> None:
    """Send events there no longer."""
    bot = await bot_of(house, actor, given)
    await house.webhooks.remove(actor, bot.id, given.url)


WEBHOOKS = (
    row(
        "POST", "/webhook", register, "Register a webhook",
        input=WhichUrl, result=list[WebhookRow], section="Webhooks", status=201,
        details="Sends a test to the URL, and from now on every event of the bot. A URL that is registered "
        "already is answered with the secret it has.",
        example=[WebhookRow("https://example.com/", "whsec_abcd123")],
        errors={"409": "The bot has as many webhooks as it may have."},
    ),
    row(
        "DELETE", "/webhook", remove, "Remove a webhook",
        input=WhichUrl, section="Webhooks", status=204, in_body=True,
        details="What was not delivered yet is not sent any more. The answer is HTTP 200 with the body "
        '`{"ok": true, "code": 204}`, since HTTP 204 has no body. The URL may also stand in the query.',
        errors={"404": "The bot has no webhook with this URL."},
    ),
)  # fmt: skip
