"""The table of the tracker's specification, read off line by line: the simplest possible account of a lead.

It is told everything that was delivered, at once and in order; the application hears it in any order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.leads import LeadStatus

WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus
OUTSIDE = (None, CANCEL, TRASH)
# What happened → where somebody stood → where he stands then. What is missing changes nothing.
TABLE: dict[str, dict[LeadStatus | None, LeadStatus]] = {
    "start": {None: WAIT, CANCEL: WAIT, TRASH: WAIT},
    "request": {WAIT: HOLD, CANCEL: HOLD, TRASH: HOLD},
    "join": {WAIT: APPROVE, HOLD: APPROVE, CANCEL: APPROVE, TRASH: APPROVE},
    "leave": {WAIT: CANCEL, HOLD: CANCEL, APPROVE: CANCEL},
    "kick": {WAIT: TRASH, HOLD: TRASH, APPROVE: TRASH},
    "decline": {HOLD: TRASH},
}
BY_NAMED_LINK = {"request": HOLD, "join": APPROVE}  # makes a lead of somebody who is none


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a person did, or had done to him. `link` is "", "own" or the name of a link."""

    kind: str
    at: datetime
    update_id: int
    click: str = ""
    link: str = ""

    @property
    def source(self) -> str:
        """The name of the link, where it has one."""
        return "" if self.link == "own" else self.link


@dataclass(frozen=True, slots=True)
class Step:
    """Where a lead went, and what that is credited to."""

    status: LeadStatus
    at: datetime
    click: str
    source: str
    told: bool


@dataclass(slots=True)
class Account:
    """What it all comes to. `click` and `source` are what the next step is credited to."""

    window: timedelta
    steps: list[Step] = field(default_factory=list)
    already_member: bool = False
    inside: bool = False
    click: str = ""
    source: str = ""
    approved: datetime | None = None

    @property
    def status(self) -> LeadStatus | None:
        """Where the lead stands; None: it is none."""
        return self.steps[-1].status if self.steps else None

    def book(self, one: Happening) -> None:
        """Work one happening off, by the table."""
        before, after = self.status, TABLE[one.kind].get(self.status)
        if one.kind == "start":
            after = self._credit(one, after)
        elif one.kind in BY_NAMED_LINK and one.source:
            after = after if before is not None else BY_NAMED_LINK[one.kind]
            self.source = one.source
        if one.kind == "join":
            self.inside, self.already_member = True, self.already_member and after is None
        if one.kind in ("leave", "kick"):
            self.inside = False
        if after is not None:
            self.approved = one.at if after is APPROVE else self.approved
            self.steps.append(Step(after, one.at, self.click, self.source, self._told(one)))

    def _credit(self, one: Happening, after: LeadStatus | None) -> LeadStatus | None:
        if self.status is None:
            self.already_member = self.inside
        if self.status in (WAIT, HOLD) and one.click and one.click != self.click:
            after = WAIT
        if after is not None:
            self.click, self.source = one.click, ""
        return after

    def _told(self, one: Happening) -> bool:
        if one.kind not in ("leave", "kick"):
            return True
        return self.approved is not None and (not self.window or one.at - self.approved <= self.window)


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """By date; within a second (Telegram dates no finer) a start first, the rest as numbered, and a request,
    which has no number that is kept, before what it leads to."""
    rank = {"start": 0, "request": 1}
    return sorted(
        set(happenings),
        key=lambda one: (one.at, rank.get(one.kind, 2), one.update_id if one.kind != "request" else 0),
    )


def account(happenings: Iterable[Happening], window: timedelta) -> Account:
    """Work everything off in order."""
    found = Account(window)
    for one in in_order(happenings):
        found.book(one)
    return found
