"""What the tracker's API takes and tells about postbacks."""

from typing import Annotated

import msgspec

from api.tracker.bots import LARGEST_ID
from api.tracker.campaign_inputs import WhichCampaign
from api.tracker.fields import GivenStatus, Status
from domain.postbacks import GLOBAL
from domain.webhooks import State

MOST = 200  # rows of a list

GivenUrl = Annotated[
    str,
    msgspec.Meta(
        description="The URL to call, with macros; empty removes it.",
        examples=["https://tracker.example.org/postback?click={click}&status={status}"],
    ),
]


class CampaignTemplate(WhichCampaign, kw_only=True):
    """The URL of one status of a campaign."""

    status: GivenStatus
    url: GivenUrl = ""


class GlobalTemplate(msgspec.Struct):
    """The URL of one status for all campaigns that have none of their own."""

    status: GivenStatus
    url: GivenUrl = ""


class TestOf(msgspec.Struct):
    """What to call with sample values."""

    status: GivenStatus
    campaign: Annotated[
        int, msgspec.Meta(description="Campaign id; 0: the global URL.", ge=0, le=LARGEST_ID)
    ] = GLOBAL


class WhichPostback(msgspec.Struct):
    """One postback."""

    id: Annotated[int, msgspec.Meta(description="Postback id.", ge=1, le=LARGEST_ID, examples=[41])]


class WhichPostbacks(msgspec.Struct):
    """Which postbacks to list."""

    campaign: Annotated[int, msgspec.Meta(description="Campaign id.", ge=1, le=LARGEST_ID)] | None = None
    lead: Annotated[int, msgspec.Meta(description="Lead id.", ge=1, le=LARGEST_ID)] | None = None
    status: GivenStatus | None = None
    state: Annotated[State, msgspec.Meta(description="`waiting`, `delivered` or `dead`.")] | None = None
    before: (
        Annotated[int, msgspec.Meta(description="Ids below this one: the last of the page before.", ge=1)]
        | None
    ) = None
    limit: Annotated[int, msgspec.Meta(description="Rows at most.", ge=1, le=MOST)] = 50


class TemplateRow(msgspec.Struct):
    """The URL of one status."""

    status: Status
    url: Annotated[str, msgspec.Meta(description="As it was set here; empty: it was not.")]
    used: Annotated[
        str,
        msgspec.Meta(description="What is called: a campaign without any of its own uses the global ones."),
    ]


class PostbackRow(msgspec.Struct):
    """One call that was made or waits to be."""

    id: int
    campaign: Annotated[int, msgspec.Meta(description="0: a test of the global URL.")]
    lead: Annotated[int, msgspec.Meta(description="0: a test.")]
    status: Status
    event_id: str
    url: str
    state: Annotated[State, msgspec.Meta(description="`dead`: given up.")]
    attempts: int
    code: Annotated[int, msgspec.Meta(description="HTTP status of the last answer; 0: there was none.")]
    error: Annotated[
        str,
        msgspec.Meta(
            description="Why there was no answer: `denied` (an address in a private network), `timeout`, "
            "`unreachable`, `tls` or `broken`."
        ),
    ]
    due: Annotated[int, msgspec.Meta(description="When it is tried next, while it waits; else 0.")]
    created: Annotated[int, msgspec.Meta(description="Unix seconds.")]


class AttemptRow(msgspec.Struct):
    """One try. `answer` are the first 4 KiB of what came back."""

    number: int
    at: Annotated[int, msgspec.Meta(description="Unix seconds.")]
    code: int
    error: str
    answer: str
    ms: Annotated[int, msgspec.Meta(description="How long it took.")]


class FullPostbackRow(PostbackRow):
    """One call with its last tries, the newest first."""

    tries: list[AttemptRow]


class PresetRow(msgspec.Struct):
    """How a tracker wants to be called. `YOUR-…` is to be replaced, `[status]` becomes one of `words`."""

    name: str
    title: str
    url: str
    words: Annotated[
        dict[str, str], msgspec.Meta(description="By lead status; one that is missing has no use.")
    ]


class NewTest(msgspec.Struct):
    """A call that is on its way."""

    id: int
