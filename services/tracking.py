"""Turns what Telegram tells of people into the steps of leads, and tells the features that act on them."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.campaigns import Campaign
from domain.leads import Fact, FactKind, Lead, LeadStatus, Noted, Standing, reconcile, timeline
from services.lead_changes import LeadChange, LeadListener
from services.lead_facts import claimed
from services.work import Work
from storage import leads


class Tracking:
    """Leads as facts come in. `listeners` act on each new step within the fact's own unit of work."""

    def __init__(self, listeners: Sequence[LeadListener]) -> None:
        self._listeners = listeners

    async def hear(self, work: Work, campaign: Campaign, user_id: int, facts: Sequence[Fact]) -> Lead | None:
        """Take in what was told of somebody; returns his lead, None when he is none.

        The person must be held (`storage.leads.hold_person`). A paused campaign makes no new leads; those
        it has go on, and nobody is told. A deleted one hears nothing.
        """
        if not campaign.live:
            return None
        lead = await leads.of_person(work.tx, campaign.id, user_id)
        if lead is None:
            if not campaign.active:
                return None
            if not any(_makes_lead(fact) for fact in facts):
                # Movements are in the journal; requests would be forgotten before a start can claim them.
                waiting = [fact for fact in facts if fact.kind in (FactKind.REQUEST, FactKind.DECLINE)]
                await leads.add_facts(work.tx, campaign.id, user_id, waiting)
                return None
            created_at = min(fact.at for fact in facts)
            facts = [*facts, *await claimed(work.tx, campaign, user_id, created_at)]
            lead = await leads.create(
                work.tx,
                campaign.owner_id,
                campaign.id,
                campaign.bot_id,
                campaign.chat_id,
                user_id,
                created_at,
            )
        if not await leads.add_facts(work.tx, campaign.id, user_id, facts):
            return lead
        known = await leads.facts_of(work.tx, campaign.id, user_id)
        standing = timeline(known, timedelta(seconds=campaign.unsub_window))
        return await self._note(work, campaign, lead, standing)

    async def _note(self, work: Work, campaign: Campaign, lead: Lead, standing: Standing) -> Lead:
        """Write down the steps that follow by now, and tell of those that are new."""
        before = await leads.noted(work.tx, lead.id)
        notes = reconcile(before, standing.entries)
        await leads.correct(work.tx, notes.changed)
        numbers = {one.entry.key: one.number for one in before}
        numbers |= {one.entry.key: one.number for one in notes.changed}
        for number, entry in enumerate(notes.new, start=len(before) + 1):
            numbers[entry.key] = number
        lead = _standing(lead, standing, numbers)
        await leads.stand(work.tx, lead)
        for entry in notes.new:
            told = replace(entry, told=entry.told and campaign.active)
            one = Noted(0, numbers[entry.key], told, secrets.token_hex(16) if campaign.active else "")
            await leads.note(work.tx, lead, one, work.now)
            work.event(
                campaign.owner_id, campaign.bot_id, f"lead.{entry.status.name.lower()}",
                lead=lead.id, campaign=campaign.id, user=lead.user_id, click=entry.origin.click,
                source=entry.origin.source,
            )  # fmt: skip
            await self._tell(work, campaign, lead, one)
        for one in notes.late:
            await self._tell(work, campaign, lead, one)
        return lead

    async def _tell(self, work: Work, campaign: Campaign, lead: Lead, one: Noted) -> None:
        if not campaign.active:
            return
        change = LeadChange(campaign, lead, one.entry, one.number, one.number == lead.entry, one.event_id)
        for listener in self._listeners:
            await listener.changed(work, change)


def _makes_lead(fact: Fact) -> bool:
    return fact.kind is FactKind.START or fact.ours


def _standing(lead: Lead, standing: Standing, numbers: dict[str, int]) -> Lead:
    """The lead as the steps leave it."""
    last = standing.last
    if last is None:
        return lead
    approves = [entry.at for entry in standing.entries if entry.status is LeadStatus.APPROVE]
    return replace(
        lead,
        status=last.status,
        entry=numbers[last.key],
        origin=last.origin,
        already_member=standing.already_member,
        created_at=standing.entries[0].at,
        status_at=last.at,
        approved_at=approves[0] if approves else None,
    )
