"""Wording about postbacks, for the owner of campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.actor import Translator
from domain.campaigns import Campaign
from domain.leads import LeadStatus
from domain.page import Button, Page, page
from domain.postbacks import GLOBAL, PRESETS, Postback, Preset
from domain.webhooks import Attempt, State
from texts.deliveries import mark, outcome, tries
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, code, esc, shorten
from texts.pager import pager

_SHOWN_URL, _SHOWN_NAME = 300, 60  # characters
_LONGEST_COPY = 256  # characters, https://core.telegram.org/bots/api#copytextbutton
_NUMBERS = dict(zip(LeadStatus, ("0️⃣", "1️⃣", "2️⃣", "3️⃣", "4️⃣"), strict=True))

REASONS |= {
    "postback_placeholder": lambda t, e: t(
        "Put your own value in place of {word}, then send it again.", word=e.details["word"]
    ),
    "postback_missing": lambda t, e: t("There is no address for this status yet. Set one first."),
    "no_postback": lambda t, e: t(
        "This postback is not there any more. Send /postbacks to see what is kept."
    ),
    "no_preset": lambda t, e: t("I do not know this tracker any more. Choose another one."),
}


class PanelLike(Protocol):
    """The templates of a campaign, or the global ones."""

    @property
    def campaign(self) -> Campaign | None: ...

    @property
    def own(self) -> Mapping[LeadStatus, str]: ...

    @property
    def used(self) -> Mapping[LeadStatus, str]: ...

    @property
    def dead(self) -> int: ...

    @property
    def campaign_id(self) -> int: ...


class LogLike(Protocol):
    """A page of what was called."""

    @property
    def campaign(self) -> Campaign | None: ...

    @property
    def postbacks(self) -> Sequence[Postback]: ...

    @property
    def page(self) -> int: ...

    @property
    def more(self) -> bool: ...


class SentLike(Protocol):
    """One postback with its last attempts."""

    @property
    def postback(self) -> Postback: ...

    @property
    def attempts(self) -> Sequence[Attempt]: ...


def status_name(t: Translator, status: LeadStatus) -> str:
    """A lead's status with its number, as the API knows it."""
    match status:
        case LeadStatus.WAIT:
            words = t("has pressed Start")
        case LeadStatus.HOLD:
            words = t("asks to join")
        case LeadStatus.APPROVE:
            words = t("is inside")
        case LeadStatus.CANCEL:
            words = t("has left")
        case LeadStatus.TRASH:
            words = t("was removed or declined")
    return f"{_NUMBERS[status]} {words}"


def _title(t: Translator, campaign: Campaign | None) -> str:
    if campaign is None:
        return bold(t("Postbacks of all campaigns"))
    return bold(t("Postbacks of {campaign}", campaign=shorten(campaign.name, _SHOWN_NAME)))


def panel(t: Translator, shown: PanelLike) -> Page:
    """The five templates."""
    at = shown.campaign_id
    lines = [_title(t, shown.campaign), ""]
    if shown.campaign is None:
        lines += [t("They hold for every campaign that has none of its own."), ""]
    elif shown.own:
        lines += [t("The campaign has its own; the ones for all campaigns are not called for it."), ""]
    elif shown.used:
        lines += [t("It has none of its own: the ones for all campaigns are called."), ""]
    else:
        lines += [t("A postback tells your tracker what became of a click: I call an address of yours."), ""]
    for status in LeadStatus:
        lines.append(status_name(t, status))
        if status in shown.used:
            lines.append(code(shorten(shown.used[status], _SHOWN_URL)))
    if shown.dead:
        lines += ["", t.plural("{n} call was given up.", "{n} calls were given up.", shown.dead)]
    choose = [Button(number, action=f"postbacks:status:{at}:{status}") for status, number in _NUMBERS.items()]
    rows = [choose, [Button(t("🧩 Ready for my tracker"), action=f"postbacks:presets:{at}")]]
    rows.append([Button(t("📜 Calls"), action=f"postbacks:log:{at}:0")])
    if shown.dead:
        rows.append([Button(t("🔁 Call them again"), action=f"postbacks:failed:{at}")])
    if shown.campaign is not None:
        rows.append([Button(t("‹ Campaign"), action=f"campaigns:open:{at}")])
    return page("\n".join(lines), *rows)


def one_status(t: Translator, shown: PanelLike, status: LeadStatus) -> Page:
    """The template of one status."""
    at = f"{shown.campaign_id}:{int(status)}"
    lines = [_title(t, shown.campaign), status_name(t, status), ""]
    own, used = shown.own.get(status), shown.used.get(status)
    if used is None:
        lines.append(t("Nothing is called."))
    else:
        lines.append(code(used))
        if own is None:
            lines += ["", t("It is the one for all campaigns.")]
    rows = [[Button(t("✏️ Change") if own else t("➕ Set an address"), action=f"postbacks:ask:{at}")]]
    if used is not None:
        rows.append([Button(t("🧪 Call it with samples"), action=f"postbacks:test:{at}")])
    if own is not None:
        rows.append([Button(t("🗑 Remove"), action=f"postbacks:clear:{at}")])
    rows.append([Button(t("‹ Back"), action=f"postbacks:of:{shown.campaign_id}")])
    return page("\n".join(lines), *rows)


def ask_url(t: Translator, shown: PanelLike, status: LeadStatus) -> Page:
    """Which address is called at a status?"""
    lines = [
        status_name(t, status),
        "",
        t("Send me the address to call, as in {example}", example=code(_example(status))),
        "",
        t("Macros: {names}", names=code(_MACROS)),
    ]
    copied = []
    if (known := shown.used.get(status)) and len(known) <= _LONGEST_COPY:
        copied = [Button(t("📋 Copy the one in use"), copy=known)]
    return page("\n".join(lines), copied, _cancel(t))


_MACROS = (
    "{click} {status} {campaign} {user} {lead} {username} {first_name} {chat} {title} {time} {invite} "
    "{source} {sub1} … {sub5} {cost} {event_id}"
)


def _example(status: LeadStatus) -> str:
    return f"https://tracker.example.org/postback?click={{click}}&status={status.name.lower()}"


def presets(t: Translator, shown: PanelLike) -> Page:
    """Which tracker?"""
    buttons = [
        Button(_preset_title(t, one), action=f"postbacks:preset:{shown.campaign_id}:{one.name}")
        for one in PRESETS
    ]
    paired = [buttons[index : index + 2] for index in range(0, len(buttons), 2)]
    back = [Button(t("‹ Back"), action=f"postbacks:of:{shown.campaign_id}")]
    return page(t("Which tracker do you use? I show you the address it wants."), *paired, back)


def _preset_title(t: Translator, preset: Preset) -> str:
    return t("Any other") if preset.name == "other" else preset.title


def ask_preset(t: Translator, shown: PanelLike, preset: Preset) -> Page:
    """A preset to be filled in and sent back."""
    words = ", ".join(f"{int(status)} → {word}" for status, word in preset.words.items())
    lines = [
        bold(_preset_title(t, preset)),
        code(preset.url),
        "",
        t(
            "Copy it, put your own values in place of the words that begin with {begin}, and send it to me.",
            begin="YOUR-",
        ),
        t("I set all statuses at once; {mark} becomes: {words}", mark=code("[status]"), words=esc(words)),
        t("Compare it with the address that your tracker shows you: domains and paths differ."),
    ]
    return page("\n".join(lines), [Button(t("📋 Copy"), copy=preset.url)], _cancel(t))


def _cancel(t: Translator) -> list[Button]:
    return [Button(t("Cancel"), action="start:cancel")]


def _outcome(t: Translator, one: Postback) -> str:
    return outcome(t, one.state, one.code, one.error)


def _name(t: Translator, one: Postback) -> str:
    who = t("lead {number}", number=one.lead_id) if one.lead_id else t("test")
    return f"{_NUMBERS[one.status]} {who}"


def log(t: Translator, shown: LogLike) -> Page:
    """What was called, the newest first."""
    campaign_id = GLOBAL if shown.campaign is None else shown.campaign.id
    at = f"postbacks:log:{campaign_id}"
    lines = [_title(t, shown.campaign), ""]
    if not shown.postbacks:
        lines.append(t("Nothing was called yet."))
    rows = []
    for one in shown.postbacks:
        lines.append(f"{_outcome(t, one)} · {_name(t, one)} · {moment(t, one.created_at)}")
        rows.append(Button(f"{mark(one.state)} {_name(t, one)}", action=f"postbacks:call:{one.id}"))
    paired = [rows[index : index + 2] for index in range(0, len(rows), 2)]
    bottom = [
        Button(t("🔄 Refresh"), action=f"{at}:{shown.page}"),
        Button(t("‹ Back"), action=f"postbacks:of:{campaign_id}"),
    ]
    return page("\n".join(lines), *paired, pager(at, shown.page, shown.more), bottom)


def call(t: Translator, shown: SentLike) -> Page:
    """One call with its attempts."""
    one = shown.postback
    lines = [bold(_name(t, one)), code(shorten(one.url, 2 * _SHOWN_URL)), _outcome(t, one)]
    if one.state is State.WAITING and shown.attempts:
        lines.append(t("Next attempt: {moment}", moment=moment(t, one.due_at)))
    lines += tries(t, shown.attempts)
    return page(
        "\n".join(lines),
        [Button(t("🔁 Call again"), action=f"postbacks:again:{one.id}")],
        [Button(t("‹ Back"), action=f"postbacks:log:{one.campaign_id}:0")],
    )
