"""Postbacks: which URL is called at which status, and the log of the calls."""

from typing import Any

from api.table import Endpoint, Scope
from api.tracker.campaign_inputs import WhichCampaign
from api.tracker.postback_rows import (
    AttemptRow,
    CampaignTemplate,
    FullPostbackRow,
    GlobalTemplate,
    NewTest,
    PostbackRow,
    PresetRow,
    TemplateRow,
    TestOf,
    WhichPostback,
    WhichPostbacks,
)
from domain.actor import Actor
from domain.leads import LeadStatus
from domain.postbacks import GLOBAL, PRESETS, Filter, Postback
from domain.webhooks import Attempt, State
from services.house import House
from services.postbacks import Panel


def _templates(panel: Panel) -> list[TemplateRow]:
    return [
        TemplateRow(int(status), panel.own.get(status, ""), panel.used.get(status, ""))
        for status in LeadStatus
    ]


def _row(one: Postback) -> PostbackRow:
    return PostbackRow(**_fields(one))


def _fields(one: Postback) -> dict[str, Any]:
    return {
        "id": one.id, "campaign": one.campaign_id, "lead": one.lead_id, "status": int(one.status),
        "event_id": one.event_id, "url": one.url, "state": one.state, "attempts": one.attempts,
        "code": one.code or 0, "error": one.error or "",
        "due": int(one.due_at.timestamp()) if one.state is State.WAITING else 0,
        "created": int(one.created_at.timestamp()),
    }  # fmt: skip


def _attempt(one: Attempt) -> AttemptRow:
    answer = (one.answer or b"").decode(errors="replace")
    return AttemptRow(
        one.number, int(one.at.timestamp()), one.status or 0, one.error or "", answer, one.took_ms
    )


async def of_campaign(house: House, actor: Actor, given: WhichCampaign) -> list[TemplateRow]:
    """A campaign's URLs."""
    return _templates(await house.postbacks.panel(actor, given.id))


async def set_campaign(house: House, actor: Actor, given: CampaignTemplate) -> None:
    """Set one of them."""
    await house.postbacks.set(actor, given.id, LeadStatus(given.status), given.url)


async def of_all(house: House, actor: Actor) -> list[TemplateRow]:
    """The URLs of all campaigns that have none of their own."""
    return _templates(await house.postbacks.panel(actor, GLOBAL))


async def set_all(house: House, actor: Actor, given: GlobalTemplate) -> None:
    """Set one of them."""
    await house.postbacks.set(actor, GLOBAL, LeadStatus(given.status), given.url)


async def log(house: House, actor: Actor, given: WhichPostbacks) -> list[PostbackRow]:
    """Calls, the newest first."""
    status = None if given.status is None else LeadStatus(given.status)
    which = Filter(given.campaign, given.lead, status, given.state, given.before)
    return [_row(one) for one in await house.postbacks.search(actor, which, given.limit)]


async def get(house: House, actor: Actor, given: WhichPostback) -> FullPostbackRow:
    """One call."""
    found = await house.postbacks.get(actor, given.id)
    return FullPostbackRow(**_fields(found.postback), tries=[_attempt(one) for one in found.attempts])


async def redeliver(house: House, actor: Actor, given: WhichPostback) -> None:
    """Call it again."""
    await house.postbacks.redeliver(actor, given.id)


async def test(house: House, actor: Actor, given: TestOf) -> NewTest:
    """Call a URL with sample values."""
    return NewTest(await house.postbacks.test(actor, given.campaign, LeadStatus(given.status)))


async def presets(house: House, actor: Actor) -> list[PresetRow]:
    """Ready URLs for the usual trackers."""
    return [
        PresetRow(one.name, one.title, one.url, {str(int(key)): word for key, word in one.words.items()})
        for one in PRESETS
    ]


_EXAMPLE_URL = "https://tracker.example.org/postback?click={click}&status={status}"
_EXAMPLE_CALLED = "https://tracker.example.org/postback?click=abc123&status=2"
_EXAMPLE_TEMPLATES = [
    TemplateRow(int(status), _EXAMPLE_URL if status is LeadStatus.APPROVE else "", "")
    for status in LeadStatus
]
_EXAMPLE_TEMPLATES[2].used = _EXAMPLE_URL
_EXAMPLE_ROW: dict[str, Any] = {
    "id": 41, "campaign": 12, "lead": 345, "status": 2, "event_id": "9f0c1e5b7a3d4c2f8e6b1a0d9c8b7a6f",
    "url": _EXAMPLE_CALLED, "state": State.DELIVERED, "attempts": 1, "code": 200, "error": "", "due": 0,
    "created": 1717500000,
}  # fmt: skip
_CAMPAIGN = {"access": "The campaign isn't yours."}
_POSTBACK = {"access": "The postback isn't yours."}
_PRESET = PRESETS[0]

POSTBACKS = (
    Endpoint(
        "GET", "/api/camp/postbacks.json", Scope.ACCOUNT, of_campaign,
        "Get a campaign's postbacks", input=WhichCampaign, result=list[TemplateRow], section="Postbacks",
        details="All five statuses. A campaign with any URL of its own uses only its own.",
        example=_EXAMPLE_TEMPLATES, errors=_CAMPAIGN,
    ),
    Endpoint(
        "POST", "/api/camp/postbacks.json", Scope.ACCOUNT, set_campaign,
        "Set a campaign's postback", input=CampaignTemplate, section="Postbacks",
        details="The URL of one status. It is called with GET, macros percent-encoded; https only, no macro "
        "in the host.",
        errors=_CAMPAIGN,
    ),
    Endpoint(
        "GET", "/api/postback/global.json", Scope.ACCOUNT, of_all,
        "Get the global postbacks", result=list[TemplateRow], section="Postbacks",
        details="They hold for every campaign that has none of its own.",
        example=_EXAMPLE_TEMPLATES, errors={"access": "This account may not own bots here."},
    ),
    Endpoint(
        "POST", "/api/postback/global.json", Scope.ACCOUNT, set_all,
        "Set a global postback", input=GlobalTemplate, section="Postbacks",
        details="One status at a time. An empty URL removes it.",
        errors={"access": "This account may not own bots here."},
    ),
    Endpoint(
        "GET", "/api/postback/log.json", Scope.ACCOUNT, log,
        "List calls", input=WhichPostbacks, result=list[PostbackRow], section="Postbacks",
        details="What was called or waits to be, the newest first.",
        example=[PostbackRow(**_EXAMPLE_ROW)], errors={"access": "This account may not own bots here."},
    ),
    Endpoint(
        "GET", "/api/postback/get.json", Scope.ACCOUNT, get,
        "Get one call", input=WhichPostback, result=FullPostbackRow, section="Postbacks",
        details="With its last tries, the newest first.",
        example=FullPostbackRow(
            **_EXAMPLE_ROW, tries=[AttemptRow(1, 1717500001, 200, "", "OK", 87)]
        ),
        errors=_POSTBACK,
    ),
    Endpoint(
        "POST", "/api/postback/redeliver.json", Scope.ACCOUNT, redeliver,
        "Call again", input=WhichPostback, section="Postbacks",
        details="The same URL with the same event id, whatever became of it before.",
        errors=_POSTBACK,
    ),
    Endpoint(
        "POST", "/api/postback/test.json", Scope.ACCOUNT, test,
        "Call with samples", input=TestOf, result=NewTest, section="Postbacks",
        details="Calls the URL that is used for a status, with sample values; `get.json` tells what came.",
        example=NewTest(41),
        errors={**_CAMPAIGN, "state": "There is no URL for this status."},
    ),
    Endpoint(
        "GET", "/api/postback/presets.json", Scope.ACCOUNT, presets,
        "List presets", result=list[PresetRow], section="Postbacks",
        details="Ready URLs for the usual trackers.",
        example=[
            PresetRow(
                _PRESET.name, _PRESET.title, _PRESET.url,
                {str(int(key)): word for key, word in _PRESET.words.items()},
            )
        ],
    ),
)  # fmt: skip
