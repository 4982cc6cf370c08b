"""Postbacks: URLs of trackers that are called (GET) when a lead enters a status.

A campaign has up to five templates, one for each status; a campaign with none uses the owner's global ones.
How trackers want to be called is taken from their documentation: docs.keitaro.io (postback), docs.binom.org
(postback-url), doc.voluum.com (S2S postback URL), help.redtrack.io (click id parameter, conversion types),
help.bemob.com (conversion tracking; there also the `visitor_id` of PropellerAds).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from domain import webhooks
from domain.errors import Invalid
from domain.leads import LeadStatus
from domain.macros import SAMPLES, fill_url
from domain.urls import LONGEST_URL, Answer, check_url
from domain.webhooks import Fate, State

GLOBAL = 0  # stands for the campaign of templates that hold for all campaigns without any of their own

_PLACEHOLDER = re.compile(r"YOUR-[A-Z]+")
_HOST_ENDS = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class Postback:
    """One call that is made or to be made. `lead_id` 0: a test. `code` (of HTTP) and `error` are those of
    its last attempt; `status` is the lead's."""

    id: int
    endpoint_id: int
    campaign_id: int
    lead_id: int
    status: LeadStatus
    event_id: str
    url: str
    state: State
    attempts: int
    due_at: datetime
    created_at: datetime
    code: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which postbacks of an owner; None: all. `before`: ids below this one."""

    campaign_id: int | None = None
    lead_id: int | None = None
    status: LeadStatus | None = None
    state: State | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """How a tracker wants to be called. `[status]` in `url` stands for its own word for a status; a status
    without a word is one this tracker has no use for. `YOUR-…` is for the owner to replace."""

    name: str
    title: str
    url: str
    words: Mapping[LeadStatus, str]

    def template(self, status: LeadStatus) -> str | None:
        """The template for a status; None when the tracker has no use for it."""
        word = self.words.get(status)
        return None if word is None else self.url.replace("[status]", word)


_OURS = {status: status.name.lower() for status in LeadStatus}
_SALES = {
    LeadStatus.WAIT: "lead",
    LeadStatus.HOLD: "lead",
    LeadStatus.APPROVE: "sale",
    LeadStatus.CANCEL: "rejected",
    LeadStatus.TRASH: "rejected",
}
PRESETS = (
    Preset(
        "keitaro", "Keitaro", "https://YOUR-DOMAIN/YOUR-KEY/postback?subid={click}&status=[status]", _SALES
    ),
    Preset("binom", "Binom", "https://YOUR-DOMAIN/click.php?cnv_id={click}&cnv_status=[status]", _OURS),
    Preset(
        "voluum", "Voluum", "https://YOUR-DOMAIN/postback?cid={click}&txid={lead}-[status]&et=[status]", _OURS
    ),
    Preset("redtrack", "RedTrack", "https://YOUR-DOMAIN/postback?clickid={click}&type=[status]", _OURS),
    Preset("bemob", "BeMob", "https://YOUR-DOMAIN/postback?cid={click}&txid={lead}&status=[status]", _OURS),
    Preset(
        "propellerads",
        "PropellerAds",
        "https://ad.propellerads.com/conversion.php?aid=YOUR-AID&pid=&tid=YOUR-TID&visitor_id={click}",
        {LeadStatus.APPROVE: "approve"},
    ),
    Preset(
        "other",
        "Any other",
        "https://YOUR-DOMAIN/postback?click={click}&status=[status]&user={user}&time={time}&event={event_id}",
        _OURS,
    ),
)


def check_template(text: str, *, private: bool = False, field: str = "url") -> str:
    """The template, when what becomes of it is a URL we would call.

    Raises `Invalid` for `field` as `domain.urls.check_url` does, and with the reasons `macro_in_host` (no
    value may decide which server is called) and `postback_placeholder` (a preset that was not filled in).
    """
    text = text.strip()
    if len(text) > LONGEST_URL:
        raise Invalid(field, "url_too_long", limit=LONGEST_URL)
    if (found := _PLACEHOLDER.search(text)) is not None:
        raise Invalid(field, "postback_placeholder", word=found[0])
    before, _, rest = text.partition("//")
    if "{" in _HOST_ENDS.split(before)[0] + _HOST_ENDS.split(rest)[0]:
        raise Invalid(field, "macro_in_host")
    check_url(fill(text, SAMPLES), private=private, field=field, longest=2 * LONGEST_URL)
    return text


def fill(template: str, values: Mapping[str, str]) -> str:
    """The URL that is called. A macro nobody knows stays, with its braces encoded as URLs want them."""
    return fill_url(template, values).replace("{", "%7B").replace("}", "%7D")


def origin(url: str) -> str:
    """The server a URL leads to, as scheme://host:port: what has a queue of its own."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def request_headers(event_id: str, attempt: int) -> dict[str, str]:
    """The headers of one attempt, by which a receiver knows a call it has had before."""
    return {"Gatehouse-Event": event_id, "Gatehouse-Attempt": str(attempt)}


def fate(answer: Answer | None, attempts: int, failures: int, now: datetime, chance: float) -> Fate:
    """What follows from an attempt: as for webhooks, but a server is never switched off. A 410 ends that one
    postback, and days of failures end nothing but what was tried ten times."""
    return webhooks.fate(answer, attempts, failures, None, now, chance)
