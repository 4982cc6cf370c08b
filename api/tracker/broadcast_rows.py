"""Broadcasts as the wire contract shows and takes them."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from api.tracker.bots import LARGEST_ID
from api.tracker.campaign_inputs import MediaKind
from api.tracker.fields import Moment
from domain.broadcasts import (
    EVERY_STATUS,
    LONGEST_NAME,
    Audience,
    Broadcast,
    BroadcastStatus,
    Shown,
)
from domain.creatives import LONGEST_BUTTON, Creative, MediaType
from domain.errors import Invalid

MOST_CAMPAIGNS = 1_000
BroadcastId = Annotated[int, msgspec.Meta(description="Broadcast id.", ge=1, le=LARGEST_ID, examples=[5])]
Mask = Annotated[
    int,
    msgspec.Meta(
        ge=0, le=EVERY_STATUS, description="Lead statuses: bit 0 wait … bit 4 trash.", examples=[24]
    ),
]


class BroadcastRow(msgspec.Struct):
    """A broadcast, as the list shows it. Times are unix seconds, 0 unset."""

    id: int
    name: str
    status: Annotated[
        int,
        msgspec.Meta(
            description="0 draft · 1 running · 2 done · 3 cancelled · 4 paused.",
            extra_json_schema={"enum": [0, 1, 2, 3, 4]},
        ),
    ]
    statuses: int
    campaigns: Annotated[list[int], msgspec.Meta(description="Its campaigns; empty: all of yours.")]
    total: int
    sent: int
    queued: int
    failed: int
    started: int
    created: int


class FullBroadcast(msgspec.Struct):
    """A broadcast with its scope, filters and body."""

    id: int
    name: str
    status: int
    statuses: int
    campaigns: list[int]
    created_from: int
    created_to: int
    status_from: int
    status_to: int
    text: str
    media: str
    media_type: int
    button: str
    link: str
    total: Annotated[int, msgspec.Meta(description="How many it is for: counted now, unless it runs.")]
    remaining: Annotated[int, msgspec.Meta(description="How many of them are not reached yet.")]
    queued: int
    sent: int
    failed: int
    skipped: Annotated[
        int, msgspec.Meta(description="Unsubscribed or blocked the bot since they were queued.")
    ]
    unknown: Annotated[int, msgspec.Meta(description="May have arrived or not: see `broadcast/unknown`.")]
    paid: Annotated[int, msgspec.Meta(description="1: sent faster, for the bot's Stars.")]
    reason: Annotated[str, msgspec.Meta(description="Why it paused by itself, in Telegram's words.")]
    started: int
    created: int


class NewBroadcast(msgspec.Struct):
    """A new draft."""

    name: Annotated[
        str, msgspec.Meta(description="Display name.", max_length=LONGEST_NAME, examples=["May win-back"])
    ] = ""


class EditBroadcast(msgspec.Struct):
    """All that is said of a broadcast: what is left out becomes empty."""

    id: BroadcastId
    name: Annotated[str, msgspec.Meta(description="Display name.", max_length=LONGEST_NAME)] = ""
    statuses: Mask = 0
    campaigns: (
        Annotated[str, msgspec.Meta(description="Comma-separated campaign ids; empty: all of yours.")]
        | int
        | list[int]
    ) = ""
    created_from: Moment = 0
    created_to: Moment = 0
    status_from: Moment = 0
    status_to: Moment = 0
    text: Annotated[str, msgspec.Meta(description="Telegram Markdown.", max_length=16_384)] = ""
    media: Annotated[str, msgspec.Meta(description="A ref of `media/upload`.", max_length=32)] = ""
    media_type: MediaKind = 0
    button: Annotated[str, msgspec.Meta(description="Caption.", max_length=LONGEST_BUTTON)] = ""
    link: Annotated[str, msgspec.Meta(description="URL, macros allowed.", max_length=2048)] = ""
    paid: Annotated[int, msgspec.Meta(ge=0, le=1, description="1: faster, for the bot's Stars.")] = 0


class WhichBroadcast(msgspec.Struct):
    """One broadcast of the account."""

    id: BroadcastId


class Decision(msgspec.Struct):
    """What becomes of messages nobody knows the fate of."""

    id: BroadcastId
    action: Annotated[
        str, msgspec.Meta(pattern="^(resend|skip)$", description="`resend` or `skip`.", examples=["skip"])
    ]


class Queued(msgspec.Struct):
    """How many messages were enqueued; 0: there was nobody new, and nothing has changed."""

    queued: int


class Messages(msgspec.Struct):
    """How many messages it is about."""

    messages: int


class QuotaRow(msgspec.Struct):
    """The daily limit."""

    cap: Annotated[int, msgspec.Meta(description="Manual messages a UTC day; 0 unlimited.")]
    used: Annotated[int, msgspec.Meta(description="Manual messages sent today.")]
    queued: Annotated[int, msgspec.Meta(description="Messages waiting to be sent, triggered ones as well.")]


def row(shown: Shown) -> BroadcastRow:
    """A broadcast with its counters."""
    one, counts = shown.broadcast, shown.counts
    return BroadcastRow(
        id=one.id,
        name=one.name,
        status=int(one.status),
        statuses=one.audience.statuses,
        campaigns=list(one.audience.campaigns),
        total=counts.total,
        sent=counts.sent,
        queued=counts.queued,
        failed=counts.failed,
        started=seconds(one.started_at),
        created=seconds(one.created_at),
    )


def full(shown: Shown) -> FullBroadcast:
    """A broadcast with everything."""
    one, counts = shown.broadcast, shown.counts
    running = one.status is BroadcastStatus.RUNNING
    return FullBroadcast(
        id=one.id,
        name=one.name,
        status=int(one.status),
        **_said(one),
        total=counts.total if running else shown.audience or 0,
        remaining=counts.queued if running else shown.remaining or 0,
        queued=counts.queued,
        sent=counts.sent,
        failed=counts.failed,
        skipped=counts.skipped,
        unknown=counts.unknown,
        paid=int(one.paid),
        reason=one.reason or "",
        started=seconds(one.started_at),
        created=seconds(one.created_at),
    )


def _said(one: Broadcast) -> dict[str, Any]:
    said, creative = one.audience, one.creative
    return {
        "statuses": said.statuses,
        "campaigns": list(said.campaigns),
        "created_from": seconds(said.created_from),
        "created_to": seconds(said.created_to),
        "status_from": seconds(said.status_from),
        "status_to": seconds(said.status_to),
        "text": creative.text,
        "media": creative.media,
        "media_type": int(creative.media_type),
        "button": creative.button,
        "link": creative.link,
    }


def audience(given: EditBroadcast) -> Audience:
    """Whom it is for. Raises `Invalid` (campaigns)."""
    return Audience(
        given.statuses,
        _ids(given.campaigns),
        _moment(given.created_from),
        _moment(given.created_to),
        _moment(given.status_from),
        _moment(given.status_to),
    )


def creative(given: EditBroadcast) -> Creative:
    """What it says."""
    return Creative(given.text, given.media, MediaType(given.media_type), given.button, given.link)


def _ids(written: str | int | list[int]) -> tuple[int, ...]:
    words = written if isinstance(written, list) else str(written).split(",")
    found = {str(word).strip() for word in words} - {""}
    if len(found) > MOST_CAMPAIGNS or not all(word.isascii() and word.isdigit() for word in found):
        raise Invalid("campaigns")
    ids = tuple(sorted(int(word) for word in found))
    if ids and ids[-1] > LARGEST_ID:
        raise Invalid("campaigns")
    return ids


def _moment(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def seconds(at: datetime | None) -> int:
    """A moment in unix seconds; 0 for none."""
    return int(at.timestamp()) if at is not None else 0
