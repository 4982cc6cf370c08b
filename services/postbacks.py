"""Postbacks: which URL is called at which status, what is called when a lead changes, and the log of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from domain.actor import Actor
from domain.campaigns import Campaign
from domain.errors import Conflict, NotFound
from domain.leads import LeadStatus
from domain.macros import SAMPLES, values_of
from domain.postbacks import GLOBAL, PRESETS, Filter, Postback, Preset, check_template, fill, origin
from domain.webhooks import Attempt
from services.access import Access, Guarded, Permission, needs
from services.lead_changes import LeadChange
from services.work import POSTBACKS, UnitOfWork, Work
from storage import campaigns, chats, people, postbacks
from storage.database import Database, Tx
from texts import postbacks as wording

PAGE = 10  # of the log in the chat
SHOWN_ATTEMPTS = 5
URL, PRESET = "postbacks:url", "postbacks:preset"  # steps of conversations


@dataclass(frozen=True, slots=True)
class Panel:
    """The templates of a campaign (None: the global ones). `used` are those that are called: its own, or the
    global ones while it has none. `dead` postbacks were given up."""

    campaign: Campaign | None
    own: Mapping[LeadStatus, str]
    used: Mapping[LeadStatus, str]
    dead: int

    @property
    def campaign_id(self) -> int:
        return GLOBAL if self.campaign is None else self.campaign.id


@dataclass(frozen=True, slots=True)
class Log:
    """A page (from 0) of postbacks of a campaign, or of all (None), and whether there are more."""

    campaign: Campaign | None
    postbacks: Sequence[Postback]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """One postback with its last attempts, the newest first."""

    postback: Postback
    attempts: Sequence[Attempt]


class PostbackWriter:
    """`LeadListener`: writes the postback of each step that is told of, in the step's own unit of work."""

    async def changed(self, work: Work, change: LeadChange) -> None:
        campaign, entry = change.campaign, change.entry
        if not (entry.told and campaign.active):
            return
        used = await postbacks.in_use(work.tx, campaign.owner_id, campaign.id)
        template = used.get(entry.status)
        if template is None:
            return
        url = fill(template, await _values(work.tx, change))
        written = await postbacks.write(
            work.tx, campaign.owner_id, origin(url), url, change.event_id, work.now,
            campaign_id=campaign.id, status=entry.status, lead_id=change.lead.id, entry=change.number,
        )  # fmt: skip
        if written is not None:
            work.signal(POSTBACKS, None)


async def _values(tx: Tx, change: LeadChange) -> dict[str, str]:
    """What the macros stand for: a step heard of late is told by what it was attributed to."""
    campaign, lead, entry = change.campaign, change.lead, change.entry
    chat = await chats.get(tx, campaign.bot_id, campaign.chat_id)
    person = await people.get(tx, campaign.bot_id, lead.user_id)
    return values_of(
        campaign,
        replace(lead, origin=entry.origin),
        status=entry.status,
        at=entry.at,
        event_id=change.event_id,
        title=chat.title if chat else "",
        username=person.username if person else None,
        first_name=person.first_name if person else "",
    )


class PostbackService(Guarded):
    """Postbacks for their owner. A campaign id 0 (`GLOBAL`) stands for the templates of all campaigns that
    have none of their own. `private` lets URLs of development pass (ALLOW_PRIVATE_URLS).

    Every call raises `NotFound` (campaign) for a campaign that is not the actor's.
    """

    def __init__(self, access: Access, db: Database, work: UnitOfWork, *, private: bool = False) -> None:
        super().__init__(access)
        self._db, self._work, self._private = db, work, private

    @needs(Permission.ACCOUNT)
    async def panel(self, actor: Actor, campaign_id: int) -> Panel:
        """The templates."""
        async with self._db.read() as tx:
            return await _panel(tx, actor, campaign_id)

    @needs(Permission.ACCOUNT)
    async def set(self, actor: Actor, campaign_id: int, status: LeadStatus, url: str) -> None:
        """Set the template of one status; an empty one removes it. Raises `Invalid` (url, see
        `domain.postbacks.check_template`)."""
        url = check_template(url, private=self._private) if url.strip() else ""
        async with self._work(actor) as work:
            await self._keep(work, actor, campaign_id, {status: url})

    @needs(Permission.ACCOUNT)
    async def ask(self, actor: Actor, campaign_id: int, status: LeadStatus) -> None:
        """Ask for the template of one status."""
        async with self._work(actor) as work:
            shown = await _panel(work.tx, actor, campaign_id)
            await work.ask(URL, {"campaign": campaign_id, "status": int(status)})
            work.show(wording.ask_url(actor.t, shown, status))

    @needs(Permission.ACCOUNT)
    async def set_asked(self, actor: Actor, text: str) -> None:
        """The template that was asked for. Raises as `set` does."""
        url = check_template(text, private=self._private)
        async with self._work(actor) as work:
            asked = await work.asked(URL)
            await self._keep(work, actor, asked["campaign"], {LeadStatus(asked["status"]): url})

    @needs(Permission.ACCOUNT)
    async def ask_preset(self, actor: Actor, campaign_id: int, name: str) -> None:
        """Ask for a preset with the owner's own domain and key. Raises `NotFound` (preset)."""
        preset = find_preset(name)
        async with self._work(actor) as work:
            shown = await _panel(work.tx, actor, campaign_id)
            await work.ask(PRESET, {"campaign": campaign_id, "preset": preset.name})
            work.show(wording.ask_preset(actor.t, shown, preset))

    @needs(Permission.ACCOUNT)
    async def set_preset(self, actor: Actor, text: str) -> None:
        """Set the templates of all statuses the preset has a word for: `[status]` becomes that word.

        Raises as `set` does.
        """
        check_template(text.replace("[status]", "approve"), private=self._private)
        async with self._work(actor) as work:
            asked = await work.asked(PRESET)
            preset = replace(find_preset(asked["preset"]), url=text.strip())
            found = {status: preset.template(status) or "" for status in LeadStatus}
            await self._keep(work, actor, asked["campaign"], found)

    async def _keep(
        self, work: Work, actor: Actor, campaign_id: int, templates: Mapping[LeadStatus, str]
    ) -> None:
        await _campaign(work.tx, actor, campaign_id)
        for status, url in templates.items():
            await postbacks.put_template(work.tx, actor.user_id, campaign_id, status, url)
        await work.end_dialog()
        work.show(wording.panel(actor.t, await _panel(work.tx, actor, campaign_id)))

    @needs(Permission.ACCOUNT)
    async def test(self, actor: Actor, campaign_id: int, status: LeadStatus) -> int:
        """Call the URL of a status with sample values, as any other one is called; returns the postback's
        id. Raises `Conflict` (postback_missing) when there is none for it."""
        async with self._work(actor) as work:
            shown = await _panel(work.tx, actor, campaign_id)
            template = shown.used.get(status)
            if template is None:
                raise Conflict("postback_missing")
            event_id = uuid4().hex
            own = {"status": str(int(status)), "campaign": str(campaign_id), "event_id": event_id}
            url = fill(template, {**SAMPLES, **own})
            written = await postbacks.write(
                work.tx, actor.user_id, origin(url), url, event_id, work.now,
                campaign_id=campaign_id, status=status,
            )  # fmt: skip
            assert written is not None  # noqa: S101 - the event is new
            await postbacks.again(work.tx, actor.user_id, written, work.now)
            await self._go(work, actor, shown.campaign)
        return written

    @needs(Permission.ACCOUNT)
    async def log(self, actor: Actor, campaign_id: int, page: int) -> Log:
        """What was called or waits to be, the newest first; of all campaigns with `GLOBAL`."""
        async with self._db.read() as tx:
            return await _log(tx, actor, await _campaign(tx, actor, campaign_id), page)

    @needs(Permission.ACCOUNT)
    async def search(self, actor: Actor, which: Filter, limit: int) -> Sequence[Postback]:
        """Postbacks by a filter, the newest first. A campaign that is not the actor's has none."""
        async with self._db.read() as tx:
            return await postbacks.log(tx, actor.user_id, which, limit)

    @needs(Permission.ACCOUNT)
    async def get(self, actor: Actor, postback_id: int) -> Sent:
        """One postback with its last attempts. Raises `NotFound` (postback)."""
        async with self._db.read() as tx:
            found = await postbacks.get(tx, actor.user_id, postback_id)
            if found is None:
                raise NotFound("postback")
            tried = await postbacks.attempts(tx, actor.user_id, postback_id, SHOWN_ATTEMPTS)
        return Sent(found, tried)

    @needs(Permission.ACCOUNT)
    async def redeliver(self, actor: Actor, postback_id: int) -> None:
        """Call a URL once more, exactly as it was. Raises `NotFound` (postback)."""
        async with self._work(actor) as work:
            found = await postbacks.get(work.tx, actor.user_id, postback_id)
            if found is None or not await postbacks.again(work.tx, actor.user_id, postback_id, work.now):
                raise NotFound("postback")
            await self._go(work, actor, await campaigns.get(work.tx, actor.user_id, found.campaign_id))

    @needs(Permission.ACCOUNT)
    async def redeliver_dead(self, actor: Actor, campaign_id: int) -> int:
        """Call everything that was given up once more, of all campaigns with `GLOBAL`; returns how much."""
        async with self._work(actor) as work:
            campaign = await _campaign(work.tx, actor, campaign_id)
            count = await postbacks.all_dead_again(work.tx, actor.user_id, campaign_id or None, work.now)
            await self._go(work, actor, campaign)
        return count

    async def _go(self, work: Work, actor: Actor, campaign: Campaign | None) -> None:
        """Something is to be sent at once, and somebody watches."""
        work.signal(POSTBACKS, None)
        work.show(wording.log(actor.t, await _log(work.tx, actor, campaign, 0)))


def find_preset(name: str) -> Preset:
    """A preset by its name. Raises `NotFound` (preset)."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise NotFound("preset")


async def _campaign(tx: Tx, actor: Actor, campaign_id: int) -> Campaign | None:
    """The actor's campaign; None stands for all. Raises `NotFound` (campaign)."""
    if campaign_id == GLOBAL:
        return None
    found = await campaigns.get(tx, actor.user_id, campaign_id)
    if found is None or not found.live:
        raise NotFound("campaign")
    return found


async def _panel(tx: Tx, actor: Actor, campaign_id: int) -> Panel:
    campaign = await _campaign(tx, actor, campaign_id)
    return Panel(
        campaign,
        await postbacks.templates(tx, actor.user_id, campaign_id),
        await postbacks.in_use(tx, actor.user_id, campaign_id),
        await postbacks.count_dead(tx, actor.user_id, campaign_id or None),
    )


async def _log(tx: Tx, actor: Actor, campaign: Campaign | None, page: int) -> Log:
    which = Filter(None if campaign is None else campaign.id)
    rows = await postbacks.log(tx, actor.user_id, which, PAGE + 1, page * PAGE)
    return Log(campaign, rows[:PAGE], page, len(rows) > PAGE)
