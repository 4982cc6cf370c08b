"""Leads: what a campaign's link has brought somebody to, read off what Telegram told of him.

Telegram delivers `/start`, join requests and movements through different queues, so they come in any order,
twice, or not at all. Nothing here depends on the order in which we hear of them: the facts are kept, and the
steps somebody took (`timeline`) follow from the facts, by their dates. A fact that comes late adds the step
it stands for, and a step is told once (`reconcile`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

STALE = timedelta(days=7)  # a request declined by somebody else sends no update: such holds are old ones


class LeadStatus(IntEnum):
    """Where a lead stands: the numbers of the wire contract."""

    WAIT = 0  # has pressed Start
    HOLD = 1  # asks to join
    APPROVE = 2  # is inside
    CANCEL = 3  # left by himself
    TRASH = 4  # was removed, or his request was declined


class FactKind(StrEnum):
    """What Telegram told."""

    START = "start"
    REQUEST = "request"
    JOIN = "join"
    LEAVE = "leave"
    REMOVE = "remove"  # kicked or banned: by somebody else
    DECLINE = "decline"  # of his request, by us


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody comes from. `subs` are sub1 … sub5, `cost` millionths of the campaign's currency,
    `source` the name of an invite link (empty: none), `invite` that link."""

    click: str = ""
    subs: Mapping[str, str] = field(default_factory=dict)
    cost_micros: int | None = None
    source: str = ""
    invite: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing Telegram told of somebody and a campaign's chat, dated by Telegram.

    `key` names it for ever: told again, it is the same fact. `update_id` orders facts of the same second.
    `member` of a start: he was inside already, as far as we could find out.
    """

    key: str
    kind: FactKind
    at: datetime
    update_id: int
    origin: Origin = field(default_factory=Origin)
    actor_id: int = 0
    member: bool = False

    @property
    def ours(self) -> bool:
        """Whether it makes a lead by itself: a request or join through one of the campaign's named links.

        The campaign's own link, which the bot hands out after a start, does not: the start is on its way.
        """
        return bool(self.origin.source) and self.kind in (FactKind.REQUEST, FactKind.JOIN)


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of a lead: he entered `status` by the fact `key`.

    `told`: the step is one that postbacks tell of (a leave counts only within the window). `origin` is what
    the step is attributed to: the newest start or link at or before it, never a later one.
    """

    key: str
    status: LeadStatus
    at: datetime
    origin: Origin
    actor_id: int
    told: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What the facts come to: all steps in order of their dates, and where the lead stands now."""

    entries: tuple[Entry, ...]
    already_member: bool
    inside: bool

    @property
    def last(self) -> Entry | None:
        """The step the lead stands in; None when the facts make no lead."""
        return self.entries[-1] if self.entries else None


def sort_key(fact: Fact) -> tuple[datetime, bool, int]:
    """Facts in the order they happened. Telegram dates in whole seconds: within one, a start comes first
    (it may claim a join of the same second), and the rest in the order of their updates."""
    return fact.at, fact.kind is not FactKind.START, fact.update_id


def timeline(facts: Iterable[Fact], window: timedelta) -> Standing:
    """The steps that follow from all facts known. Duplicates (by `key`) count once; the order given does not
    matter. `window` is how long after an approve a leave is still told; zero: always.

    A person becomes a lead by a start, or by a request or join through one of the campaign's named links.
    What he did before that is nobody's conversion.
    """
    walk = _Walk(window)
    for fact in sorted({fact.key: fact for fact in facts}.values(), key=sort_key):
        walk.take(fact)
    return Standing(tuple(walk.entries), walk.already, walk.inside)


class _Walk:
    """One person's way through the facts, in the order they happened."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self.entries: list[Entry] = []
        self.inside = self.already = False
        self._origin = Origin()
        self._approved_at: datetime | None = None

    def take(self, fact: Fact) -> None:
        """Go one fact further."""
        match fact.kind:
            case FactKind.START:
                self._start(fact)
            case FactKind.REQUEST | FactKind.JOIN:
                self._come(fact)
            case FactKind.LEAVE | FactKind.REMOVE:
                self._go(fact)
            case FactKind.DECLINE:
                if self._status is LeadStatus.HOLD:
                    self._enter(fact, LeadStatus.TRASH)

    @property
    def _status(self) -> LeadStatus | None:
        return self.entries[-1].status if self.entries else None

    def _enter(self, fact: Fact, status: LeadStatus, *, told: bool = True) -> None:
        self.entries.append(Entry(fact.key, status, fact.at, self._origin, fact.actor_id, told))

    def _start(self, fact: Fact) -> None:
        if self._status is None:
            self.inside = self.already = self.inside or fact.member
        if self._status is LeadStatus.APPROVE:
            return  # he is inside already: another click changes nothing
        waits = self._status in (LeadStatus.WAIT, LeadStatus.HOLD)
        another = bool(fact.origin.click) and fact.origin.click != self._origin.click
        if another or not waits:
            self._origin = fact.origin
            self._enter(fact, LeadStatus.WAIT)

    def _come(self, fact: Fact) -> None:
        joined = fact.kind is FactKind.JOIN
        if self._status is None and not fact.ours:
            self.inside = self.inside or joined  # organic: nobody's conversion
            return
        self._origin = _through_link(self._origin, fact.origin)
        if joined:
            self.inside, self.already = True, False
            if self._status is not LeadStatus.APPROVE:
                self._approved_at = fact.at
                self._enter(fact, LeadStatus.APPROVE)
        elif self._status not in (LeadStatus.HOLD, LeadStatus.APPROVE):
            self._enter(fact, LeadStatus.HOLD)

    def _go(self, fact: Fact) -> None:
        self.inside = False
        if self._status in (None, LeadStatus.CANCEL, LeadStatus.TRASH):
            return
        since = None if self._approved_at is None else fact.at - self._approved_at
        told = since is not None and (not self._window or since <= self._window)
        left = fact.kind is FactKind.LEAVE
        self._enter(fact, LeadStatus.CANCEL if left else LeadStatus.TRASH, told=told)


def _through_link(origin: Origin, link: Origin) -> Origin:
    """The origin, with the invite link somebody came by; what a start said stays."""
    if not link.invite:
        return origin
    return Origin(origin.click, origin.subs, origin.cost_micros, link.source or origin.source, link.invite)


@dataclass(frozen=True, slots=True)
class Noted:
    """A step that was noted before: `stands` is False when it does not follow from what is known by now.

    Of its origin only the click and the source are kept. `entry.told` says whether it was told of. Without
    an `event_id` it was noted while the campaign was paused, and nobody will ever be told.
    """

    id: int
    number: int
    entry: Entry
    event_id: str
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Notes:
    """What the steps known by now do to those noted before.

    `changed` are noted steps as they are now (another attribution, another fact behind the same step, or one
    that does not stand any more), `new` the ones to note and to tell. `late` are noted ones that turn out to
    be worth telling only now: a leave that was heard of before its join.
    """

    changed: tuple[Noted, ...]
    new: tuple[Entry, ...]
    late: tuple[Noted, ...] = ()


def reconcile(noted: Iterable[Noted], entries: Iterable[Entry]) -> Notes:
    """Compare the steps noted before with those that follow now.

    A fact heard of late may stand for the very step another fact was taken for: two joins without a leave
    between them are one approve, the earlier one. Then the noted step is that one now, and nobody is told
    twice. A step that was told and does not follow any more is kept, as one that does not stand.
    """
    known = {one.entry.key: one for one in noted}
    now = {entry.key: entry for entry in entries}
    gone = [one for key, one in known.items() if key not in now and one.stands]
    changed: list[Noted] = []
    late: list[Noted] = []
    new: list[Entry] = []
    for key, entry in now.items():
        before = known.get(key) or next((one for one in gone if _same_step(one.entry, entry)), None)
        if before is None:
            new.append(entry)
            continue
        if before in gone:
            gone.remove(before)
        tell = entry.told and not before.entry.told and bool(before.event_id)
        after = replace(before, entry=_brief(entry, told=before.entry.told or tell), stands=True)
        changed += [after] if after != before else []
        late += [replace(after, entry=replace(entry, told=True))] if tell else []
    changed += [replace(one, stands=False) for one in gone]
    return Notes(tuple(changed), tuple(new), tuple(late))


def _brief(entry: Entry, *, told: bool) -> Entry:
    """The step as it is noted: of its origin only the click and the source."""
    return replace(entry, origin=Origin(entry.origin.click, source=entry.origin.source), told=told)


_OUT = frozenset({LeadStatus.CANCEL, LeadStatus.TRASH})


def _same_step(before: Entry, after: Entry) -> bool:
    """Whether two facts were taken for one step: to be out is one, whoever opened the door, and a start is
    one as long as it brings the same click."""
    if {before.status, after.status} <= _OUT:
        return True
    if before.status is LeadStatus.WAIT and before.origin.click != after.origin.click:
        return False
    return before.status is after.status


@dataclass(frozen=True, slots=True)
class Lead:
    """One person of one campaign, as he stands."""

    id: int
    owner_id: int
    campaign_id: int
    bot_id: int
    chat_id: int
    user_id: int
    status: LeadStatus
    entry: int
    origin: Origin
    already_member: bool
    unsubscribed_at: datetime | None
    created_at: datetime
    status_at: datetime
    approved_at: datetime | None

    def stale(self, now: datetime) -> bool:
        """True for a request that has waited so long that somebody else must have declined it."""
        return self.status is LeadStatus.HOLD and now - self.status_at >= STALE
