"""Broadcasts: messages to many leads, and which step may follow which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from domain.creatives import Creative
from domain.leads import LeadStatus

LONGEST_NAME = 128
EVERY_STATUS = 31  # all bits of lead statuses
PACE, PAID_PACE = 30, 1000  # messages a second and bot, https://core.telegram.org/bots/faq
MESSAGES_A_STAR = 10  # paid messages above the free pace cost 0.1 Stars each (the same page)


class BroadcastStatus(IntEnum):
    """The numbers of the wire contract."""

    DRAFT = 0
    RUNNING = 1
    DONE = 2
    CANCELLED = 3
    PAUSED = 4


# What may be done in which status (the wire contract); everything else is a `Conflict("state")`.
STARTABLE = frozenset({BroadcastStatus.DRAFT, BroadcastStatus.DONE, BroadcastStatus.CANCELLED})
CANCELLABLE = frozenset({BroadcastStatus.RUNNING, BroadcastStatus.PAUSED})
RESETTABLE = frozenset({BroadcastStatus.DONE, BroadcastStatus.CANCELLED})
PAUSABLE = frozenset({BroadcastStatus.RUNNING})
RESUMABLE = frozenset({BroadcastStatus.PAUSED})
DELETABLE = frozenset(BroadcastStatus) - {BroadcastStatus.RUNNING}
DECIDABLE = frozenset({BroadcastStatus.RUNNING, BroadcastStatus.PAUSED, BroadcastStatus.DONE})  # to resend
EDITABLE_WHEN_SENT = frozenset(BroadcastStatus) - {BroadcastStatus.DRAFT}
RECALLABLE = frozenset({BroadcastStatus.PAUSED, BroadcastStatus.DONE, BroadcastStatus.CANCELLED})


class RecipientState(StrEnum):
    """How far one recipient's message is."""

    QUEUED = "queued"
    SENDING = "sending"  # the intent is committed: after a crash nobody knows
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  # unsubscribed, blocked the bot, or the broadcast was stopped
    UNKNOWN = "unknown"  # may have arrived: never sent again by itself


class FollowUp(StrEnum):
    """What is still to be done with a message that was sent."""

    EDIT = "edit"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for: bits of lead statuses, campaigns (none: all of the owner's), and dates
    (from inclusive, to exclusive; None: unbounded)."""

    statuses: int = 0
    campaigns: tuple[int, ...] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    status_from: datetime | None = None
    status_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Recipients by state."""

    queued: int = 0  # those being sent included
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.queued + self.sent + self.failed + self.skipped + self.unknown


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One broadcast. `reason` says why it paused by itself."""

    id: int
    owner_id: int
    name: str
    status: BroadcastStatus
    audience: Audience
    creative: Creative
    paid: bool
    reason: str | None
    board_bot_id: int | None
    board_chat_id: int | None
    started_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a broadcast still has to do: for each bot the messages to be sent, and how far the day's cap is
    used (`cap` 0: none)."""

    left: Mapping[int, int]
    cap: int = 0
    used: int = 0

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(self.left.values())

    @property
    def capped(self) -> bool:
        """True when the rest has to wait for the next UTC day."""
        return bool(self.cap) and self.used >= self.cap and self.messages > 0

    def seconds(self, paid: bool) -> int:
        """How long it takes at Telegram's pace; bots send side by side."""
        pace = PAID_PACE if paid else PACE
        return max((-(-messages // pace) for messages in self.left.values()), default=0)

    @property
    def stars(self) -> int:
        """The most a paid broadcast costs, in Stars: as if every message were one above the free pace."""
        return -(-self.messages // MESSAGES_A_STAR)


@dataclass(frozen=True, slots=True)
class Shown:
    """A broadcast with its figures. `audience` is how many people it is for as things are now, `remaining`
    how many of them it has not reached; None for one that runs, where nobody counts them."""

    broadcast: Broadcast
    counts: Counts
    outlook: Outlook
    audience: int | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """What of the tariff's daily cap (0: none) is used today, and how many messages wait to be sent."""

    cap: int
    used: int
    queued: int


def bits(statuses: Iterable[LeadStatus]) -> int:
    """Lead statuses as the bitmask of the wire contract."""
    return sum(1 << status for status in set(statuses))


def statuses_of(mask: int) -> tuple[LeadStatus, ...]:
    """The lead statuses of a bitmask."""
    return tuple(status for status in LeadStatus if mask >> status & 1)
