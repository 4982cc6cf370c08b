"""Broadcasts: drafted, edited, started and all that follows."""

from collections.abc import Awaitable, Callable

from api.table import Endpoint, Scope
from api.tracker.broadcast_rows import (
    BroadcastRow,
    Decision,
    EditBroadcast,
    FullBroadcast,
    Messages,
    NewBroadcast,
    Queued,
    QuotaRow,
    WhichBroadcast,
    audience,
    creative,
    full,
    row,
)
from api.tracker.campaigns import Made
from domain.actor import Actor
from services.broadcasts import BroadcastService
from services.house import House


async def list_broadcasts(house: House, actor: Actor) -> list[BroadcastRow]:
    """The account's broadcasts, the newest first."""
    return [row(one) for one in await house.broadcasts.listing(actor)]


async def quota(house: House, actor: Actor) -> QuotaRow:
    """The daily limit."""
    found = await house.broadcasts.quota(actor)
    return QuotaRow(found.cap, found.used, found.queued)


async def get_broadcast(house: House, actor: Actor, given: WhichBroadcast) -> FullBroadcast:
    """One broadcast."""
    return full(await house.broadcasts.get(actor, given.id))


async def add_broadcast(house: House, actor: Actor, given: NewBroadcast) -> Made:
    """A new draft."""
    return Made(await house.broadcasts.add(actor, given.name))


async def edit_broadcast(house: House, actor: Actor, given: EditBroadcast) -> None:
    """Replace a broadcast's fields."""
    await house.broadcasts.edit(
        actor, given.id, given.name, audience(given), creative(given), bool(given.paid)
    )


async def start_broadcast(house: House, actor: Actor, given: WhichBroadcast) -> Queued:
    """Enqueue who was not reached yet, and run."""
    return Queued(await house.broadcasts.start(actor, given.id))


async def decide_unknown(house: House, actor: Actor, given: Decision) -> Messages:
    """What becomes of messages nobody knows the fate of."""
    resend = given.action == "resend"
    return Messages(await house.broadcasts.decide_unknown(actor, given.id, resend=resend))


async def edit_sent(house: House, actor: Actor, given: WhichBroadcast) -> Messages:
    """Change what was sent."""
    return Messages(await house.broadcasts.edit_sent(actor, given.id))


async def recall(house: House, actor: Actor, given: WhichBroadcast) -> Messages:
    """Delete what was sent."""
    return Messages(await house.broadcasts.recall(actor, given.id))


def _doing(
    action: Callable[[BroadcastService, Actor, int], Awaitable[None]],
) -> Callable[[House, Actor, WhichBroadcast], Awaitable[None]]:
    """The call that does this to one broadcast."""

    async def call(house: House, actor: Actor, given: WhichBroadcast) -> None:
        await action(house.broadcasts, actor, given.id)

    return call


_UNPAID = {"unpaid": "Your subscription is inactive.", "access": "This account may not own bots here."}
_ONE = {**_UNPAID, "access": "There is no broadcast of yours with this id."}
_TARIFF = {**_ONE, "broadcasts": "The broadcasts feature is not on your tariff."}
_EXAMPLE = BroadcastRow(
    id=5, name="May win-back", status=1, statuses=24, campaigns=[], total=1240, sent=800, queued=440,
    failed=0, started=1717500000, created=1717490000,
)  # fmt: skip
_FULL = FullBroadcast(
    id=5, name="May win-back", status=2, statuses=24, campaigns=[12, 18], created_from=0, created_to=0,
    status_from=1714521600, status_to=1717113600, text="We miss you — here's 20% off 🎁", media="",
    media_type=0, button="Claim", link="https://example.com/back?click={click}", total=1300, remaining=60,
    queued=0, sent=1240, failed=0, skipped=0, unknown=0, paid=0, reason="", started=1717500000,
    created=1717490000,
)  # fmt: skip
_SECTION = "Broadcasts"
_ROOT = "/api/broadcast"
_LOOKING = (
    Endpoint(
        "GET", f"{_ROOT}/list.json", Scope.ACCOUNT, list_broadcasts,
        "List broadcasts", result=list[BroadcastRow], section=_SECTION, example=[_EXAMPLE], errors=_UNPAID,
        details="The newest first, with live counters.",
    ),
    Endpoint(
        "GET", f"{_ROOT}/quota.json", Scope.ACCOUNT, quota,
        "Daily limit", result=QuotaRow, section=_SECTION, example=QuotaRow(500, 120, 440), errors=_UNPAID,
        details="How many manual messages your tariff allows in a UTC day (0: any number), how many went out "
        "today, and how many wait.",
    ),
    Endpoint(
        "GET", f"{_ROOT}/get.json", Scope.ACCOUNT, get_broadcast,
        "Get a broadcast", input=WhichBroadcast, result=FullBroadcast, section=_SECTION, example=_FULL,
        errors=_ONE,
        details="For one that does not run, `total` and `remaining` are counted anew.",
    ),
)  # fmt: skip
_WRITING = (
    Endpoint(
        "POST", f"{_ROOT}/add.json", Scope.ACCOUNT, add_broadcast,
        "Create a draft", input=NewBroadcast, result=Made, section=_SECTION, example=Made(5), errors=_UNPAID,
        details="An empty draft: edit it, then start it.",
    ),
    Endpoint(
        "POST", f"{_ROOT}/edit.json", Scope.ACCOUNT, edit_broadcast,
        "Edit a broadcast", input=EditBroadcast, section=_SECTION,
        details="Replaces all its fields and its campaigns, in any state. The body is looked up when each "
        "message is sent, so an edit counts for what is still to be sent.",
        errors={
            **_ONE,
            "access": "There is no broadcast of yours with this id, or a campaign is not yours.",
            "func": "A parameter is missing or unusable; texts are checked as Telegram would.",
        },
    ),
    Endpoint(
        "POST", f"{_ROOT}/del.json", Scope.ACCOUNT, _doing(BroadcastService.delete),
        "Delete a broadcast", input=WhichBroadcast, section=_SECTION,
        details="With its scope, queue and recipients.",
        errors={**_ONE, "state": "It runs: stop it first."},
    ),
    Endpoint(
        "POST", f"{_ROOT}/test.json", Scope.ACCOUNT, _doing(BroadcastService.test),
        "Send a broadcast to yourself", input=WhichBroadcast, section=_SECTION,
        details="By the service bot: the text and the button alone.",
        errors={
            **_ONE,
            "state": "You have not started the service bot, so it may not write to you.",
            "func": "A parameter is missing or invalid, or it says nothing.",
        },
    ),
)  # fmt: skip
_RUNNING = (
    Endpoint(
        "POST", f"{_ROOT}/start.json", Scope.ACCOUNT, start_broadcast,
        "Start (always a top-up)", input=WhichBroadcast, result=Queued, section=_SECTION,
        details="Enqueues only people it has not reached. With nobody new, `queued` is 0 and its status "
        "stays.",
        example=Queued(60),
        errors={
            **_TARIFF,
            "state": "It runs or is paused.",
            "func": "A parameter is missing or invalid, or it says nothing.",
        },
    ),
    Endpoint(
        "POST", f"{_ROOT}/pause.json", Scope.ACCOUNT, _doing(BroadcastService.pause),
        "Pause", input=WhichBroadcast, section=_SECTION,
        details="What is not sent yet is kept.",
        errors={**_ONE, "state": "It does not run."},
    ),
    Endpoint(
        "POST", f"{_ROOT}/resume.json", Scope.ACCOUNT, _doing(BroadcastService.resume),
        "Resume", input=WhichBroadcast, section=_SECTION,
        details="Goes on exactly where it stopped.",
        errors={**_TARIFF, "state": "It is not paused."},
    ),
    Endpoint(
        "POST", f"{_ROOT}/cancel.json", Scope.ACCOUNT, _doing(BroadcastService.cancel),
        "Stop", input=WhichBroadcast, section=_SECTION,
        details="Drops what is not sent yet. Who was reached stays reached: a later start leaves him out.",
        errors={**_ONE, "state": "It is neither running nor paused."},
    ),
    Endpoint(
        "POST", f"{_ROOT}/reset.json", Scope.ACCOUNT, _doing(BroadcastService.reset),
        "Reset", input=WhichBroadcast, section=_SECTION,
        details="A draft again that has reached nobody; name, filters and body stay.",
        errors={**_ONE, "state": "It is neither done nor cancelled."},
    ),
)  # fmt: skip
_AFTERWARDS = (
    Endpoint(
        "POST", f"{_ROOT}/unknown.json", Scope.ACCOUNT, decide_unknown,
        "Decide on messages of unknown fate", input=Decision, result=Messages, section=_SECTION,
        details="The line to Telegram broke, or the server did, while they were sent: nobody knows whether "
        "they arrived. They are never sent again by themselves.",
        example=Messages(2),
        errors={**_TARIFF, "state": "It is a draft or cancelled: nothing is sent again."},
    ),
    Endpoint(
        "POST", f"{_ROOT}/edit_sent.json", Scope.ACCOUNT, edit_sent,
        "Edit what was sent", input=WhichBroadcast, result=Messages, section=_SECTION,
        details="Messages that were sent become what the broadcast says now.",
        example=Messages(1240),
        errors={
            **_TARIFF,
            "state": "It is a draft.",
            "func": "A parameter is missing or invalid, or it says nothing.",
        },
    ),
    Endpoint(
        "POST", f"{_ROOT}/recall.json", Scope.ACCOUNT, recall,
        "Recall what was sent", input=WhichBroadcast, result=Messages, section=_SECTION,
        details="Deletes the messages. Telegram lets bots delete what is younger than 48 hours.",
        example=Messages(1240),
        errors={**_TARIFF, "state": "It is a draft, or runs: pause or stop it first."},
    ),
)  # fmt: skip
BROADCASTS = _LOOKING + _WRITING + _RUNNING + _AFTERWARDS
