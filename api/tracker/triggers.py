"""Triggered blocks: what a campaign says to its leads by itself, by status."""

from typing import Annotated

import msgspec

from api.table import Endpoint, Scope
from api.tracker.campaign_inputs import CampaignId, MediaKind
from api.tracker.fields import GivenStatus
from domain.actor import Actor
from domain.creatives import LONGEST_BUTTON
from domain.leads import LeadStatus
from domain.triggers import LONGEST_DELAY, Block
from services.house import House
from services.triggers import Changes


class WhichCampaignBlocks(msgspec.Struct):
    """A campaign's blocks."""

    id: CampaignId


class BlockRow(msgspec.Struct):
    """The block of one status. `delay` is in seconds after the lead enters it."""

    status: int
    on: int
    delay: int
    text: str
    media: str
    media_type: Annotated[int, msgspec.Meta(description="0 none · 1 photo · 2 video.")]
    button: str
    link: str


class SaveBlock(msgspec.Struct):
    """What to change in a block: what is left out stays as it is."""

    id: CampaignId
    status: GivenStatus
    on: Annotated[int, msgspec.Meta(ge=0, le=1, description="1 to enable, 0 to disable.")] | None = None
    delay: (
        Annotated[
            int,
            msgspec.Meta(ge=0, le=LONGEST_DELAY, description="Seconds after entering the status."),
        ]
        | None
    ) = None
    text: (
        Annotated[str, msgspec.Meta(description="Telegram Markdown, macros allowed.", max_length=16_384)]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    media: (
        Annotated[str, msgspec.Meta(description="A ref of `media/upload`; empty: none.", max_length=32)]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    media_type: MediaKind | None = None
    button: (
        Annotated[str, msgspec.Meta(description="Caption.", max_length=LONGEST_BUTTON)] | msgspec.UnsetType
    ) = msgspec.UNSET
    link: (
        Annotated[
            str,
            msgspec.Meta(
                description="URL of the button, macros allowed; empty: the campaign's own invite link.",
                max_length=2048,
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET


class WhichBlock(msgspec.Struct):
    """One block of a campaign."""

    id: CampaignId
    status: GivenStatus


async def list_blocks(house: House, actor: Actor, given: WhichCampaignBlocks) -> list[BlockRow]:
    """The five blocks of a campaign."""
    return [_row(one) for one in await house.triggers.blocks(actor, given.id)]


async def save_block(house: House, actor: Actor, given: SaveBlock) -> None:
    """Write a block."""
    changes = Changes(
        on=None if given.on is None else bool(given.on),
        delay=given.delay,
        text=_said(given.text),
        media=_said(given.media),
        media_type=given.media_type,
        button=_said(given.button),
        link=_said(given.link),
    )
    await house.triggers.save(actor, given.id, LeadStatus(given.status), changes)


async def test_block(house: House, actor: Actor, given: WhichBlock) -> None:
    """Send a block to oneself."""
    await house.triggers.test(actor, given.id, LeadStatus(given.status))


def _said(value: str | msgspec.UnsetType) -> str | None:
    return None if isinstance(value, msgspec.UnsetType) else value


def _row(one: Block) -> BlockRow:
    creative = one.creative
    return BlockRow(
        status=int(one.status),
        on=int(one.on),
        delay=one.delay,
        text=creative.text,
        media=creative.media,
        media_type=int(creative.media_type),
        button=creative.button,
        link=creative.link,
    )


_NOT_YOURS = "There is no campaign of yours with this id."
_UNPAID = "Your subscription is inactive."
_OFF = [BlockRow(status, 0, 0, "", "", 0, "", "") for status in range(1, 5)]
TRIGGERS = (
    Endpoint(
        "GET", "/api/camp/broadcast.json", Scope.ACCOUNT, list_blocks,
        "Get a campaign's triggered blocks", input=WhichCampaignBlocks, result=list[BlockRow],
        section="Triggered blocks",
        details="All five; a status without a block comes back as the zero block.",
        example=[
            BlockRow(0, 1, 1800, "Welcome! Tap below to continue 👇", "", 0, "Open",
                     "https://example.com/l?click={click}"),
            *_OFF,
        ],
        errors={"access": _NOT_YOURS},
    ),
    Endpoint(
        "POST", "/api/camp/broadcast.json", Scope.ACCOUNT, save_block,
        "Save one block", input=SaveBlock, section="Triggered blocks",
        details="What is left out stays as it is. A block that is off may always be written, and turned off.",
        errors={
            "access": _NOT_YOURS,
            "broadcasts": "It would be on, and your tariff has no broadcasts.",
            "unpaid": f"It would be on. {_UNPAID}",
            "func": "A parameter is missing or unusable: a text Telegram would not take, a block that is on "
            "and says nothing.",
        },
    ),
    Endpoint(
        "POST", "/api/camp/btest.json", Scope.ACCOUNT, test_block,
        "Send a block to yourself", input=WhichBlock, section="Triggered blocks",
        details="By the service bot: the text and the button alone.",
        errors={
            "access": _NOT_YOURS,
            "unpaid": _UNPAID,
            "state": "You have not started the service bot, so it may not write to you.",
            "func": "A parameter is missing or invalid, or the block says nothing.",
        },
    ),
)  # fmt: skip
