"""Features that act when a lead changes its status: all in the change's own unit of work."""

from dataclasses import dataclass
from typing import Protocol

from domain.campaigns import Campaign
from domain.leads import Entry, Lead
from services.work import Work


@dataclass(frozen=True, slots=True)
class LeadChange:
    """One step of a lead. `lead` is as it stands after all that was heard; `number` is the entry's.

    `current`: it is the step the lead stands in now. A step heard of late is told to the outside, but
    nobody is written to because of it. `event_id` is unique for ever.
    """

    campaign: Campaign
    lead: Lead
    entry: Entry
    number: int
    current: bool
    event_id: str


class LeadListener(Protocol):
    """A feature that wants to know."""

    async def changed(self, work: Work, change: LeadChange) -> None:
        """Do, within `work`, what the step calls for. Neither Telegram nor a URL is awaited here."""
        ...
