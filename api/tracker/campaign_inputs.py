"""What the calls about campaigns take."""

from typing import Annotated

import msgspec

from api.tracker.bots import LARGEST_ID
from domain.campaigns import LONGEST_NAME, LONGEST_WINDOW
from domain.creatives import LONGEST_BUTTON

Flag = Annotated[int, msgspec.Meta(ge=0, le=1, description="1 yes, 0 no.")]
CampaignId = Annotated[int, msgspec.Meta(description="Campaign id.", ge=1, le=LARGEST_ID, examples=[12])]
Seconds = Annotated[
    int,
    msgspec.Meta(
        ge=0, le=LONGEST_WINDOW, description="Seconds after a join within which a leave is told; 0: always."
    ),
]
Name = Annotated[
    str, msgspec.Meta(description="What you call it; nobody else sees it.", max_length=LONGEST_NAME)
]
Text = Annotated[str, msgspec.Meta(description="Telegram Markdown, macros allowed.", max_length=16_384)]
Caption = Annotated[str, msgspec.Meta(description="Caption of the button.", max_length=LONGEST_BUTTON)]
Address = Annotated[
    str,
    msgspec.Meta(
        description="URL of the button, macros allowed; empty: the campaign's own invite link.",
        max_length=2048,
    ),
]
MediaKind = Annotated[
    int,
    msgspec.Meta(ge=0, le=2, description="0 none, 1 photo, 2 video.", extra_json_schema={"enum": [0, 1, 2]}),
]
MediaRef = Annotated[str, msgspec.Meta(description="A ref of `media/upload`; empty: none.", max_length=32)]
Cost = Annotated[
    str, msgspec.Meta(description="All the money spent on it, as a decimal number; empty: not said.")
]


class WhichCampaign(msgspec.Struct):
    """One campaign of the account."""

    id: CampaignId


class WhichCampaigns(msgspec.Struct):
    """Which campaigns to list."""

    bot: Annotated[int, msgspec.Meta(description="Of this bot only.", ge=1, le=LARGEST_ID)] | None = None
    deleted: Flag = 0


class AddCampaign(msgspec.Struct):
    """What making a campaign takes."""

    bot: Annotated[int, msgspec.Meta(description="Bot id.", ge=1, le=LARGEST_ID, examples=[7])]
    chat: Annotated[
        int, msgspec.Meta(description="A chat of `bots/chats`.", examples=[-1001234567890], ge=-LARGEST_ID)
    ]
    name: Name = ""
    text: Text = ""
    media: MediaRef = ""
    media_type: MediaKind = 0
    button: Caption = ""
    link: Address = ""
    unsub_window: Seconds = 0
    auto_approve: Annotated[
        int, msgspec.Meta(ge=0, le=1, description="1: join requests of its leads are approved.")
    ] = 0
    request: Annotated[int, msgspec.Meta(ge=0, le=1, description="1: its own link asks to join.")] = 0
    cost: Cost = ""
    currency: Annotated[str, msgspec.Meta(description="Of the cost.", max_length=8, examples=["USD"])] = ""


class EditCampaign(msgspec.Struct):
    """What to change: what is left out stays as it is."""

    id: CampaignId
    name: Name | None = None
    text: Text | msgspec.UnsetType = msgspec.UNSET
    media: MediaRef | msgspec.UnsetType = msgspec.UNSET
    media_type: MediaKind | None = None
    button: Caption | msgspec.UnsetType = msgspec.UNSET
    link: Address | msgspec.UnsetType = msgspec.UNSET
    unsub_window: Seconds | None = None
    auto_approve: Flag | None = None
    cost: Cost | msgspec.UnsetType = msgspec.UNSET
    currency: Annotated[str, msgspec.Meta(description="Of the cost.", max_length=8)] | None = None
