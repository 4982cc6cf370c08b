"""Macros: every name has a value, and no value becomes more than a value."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import macros
from domain.campaigns import Campaign, CampaignStatus
from domain.creatives import Creative
from domain.errors import Invalid
from domain.leads import Lead, LeadStatus, Origin

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    12, 1, 7, -100123, "goAbCd", "May", CampaignStatus.ACTIVE, Creative(), 0, False, None, "USD", NOW
)
ORIGIN = Origin("fb.1?x=1&y", {"sub1": "one"}, 350_000, "blog", "https://t.me/+AbC")
LEAD = Lead(
    345, 1, 12, 7, -100123, 99, LeadStatus.APPROVE, 2, ORIGIN, False, None, NOW, NOW, NOW
)  # fmt: skip


def values() -> dict[str, str]:
    return macros.values_of(
        CAMPAIGN, LEAD, status=LeadStatus.APPROVE, at=NOW, event_id="e1", title="My chat",
        username="ann", first_name="Ann",
    )  # fmt: skip


def test_every_macro_has_a_value() -> None:
    found = values()
    assert found.keys() == set(macros.NAMES)
    assert found | {} == {
        "click": "fb.1?x=1&y", "status": "2", "campaign": "12", "user": "99", "lead": "345",
        "subscriber": "99", "username": "ann", "chat": "-100123", "time": str(int(NOW.timestamp())),
        "title": "My chat", "first_name": "Ann", "invite": "https://t.me/+AbC", "source": "blog",
        "sub1": "one", "sub2": "", "sub3": "", "sub4": "", "sub5": "", "event_id": "e1", "cost": "0.35",
    }  # fmt: skip
    assert macros.SAMPLES.keys() == set(macros.NAMES)


def test_a_url_is_filled_and_nothing_else() -> None:
    url = macros.fill_url("https://t.example/p?c={click}&s={status}&z={zone}&e={sub5}", values())
    assert url == "https://t.example/p?c=fb.1%3Fx%3D1%26y&s=2&z={zone}&e="


@given(st.text())
def test_no_value_breaks_out_of_its_place(value: str) -> None:
    value = value.encode("utf-8", "ignore").decode()
    url = macros.fill_url("https://t.example/p?a={click}&b=1", {"click": value})
    parts = urlsplit(url)
    assert (parts.hostname, parts.path) == ("t.example", "/p")
    assert parse_qs(parts.query, keep_blank_values=True) == {"a": [value], "b": ["1"]}


@pytest.mark.parametrize(
    "link",
    [
        "",
        "example.com",
        "javascript:alert(1)",
        "https://",
        "https://e.com/a b",
        "ftp://e.com/",
        "https://[::1",
    ],
)
def test_a_button_needs_an_address(link: str) -> None:
    with pytest.raises(Invalid) as refused:
        macros.check_button_link(link)
    assert refused.value.reason == "button_link"


def test_no_macro_names_the_server() -> None:
    macros.check_button_link("https://e.com/{click}?s={sub1}")
    macros.check_button_link("tg://resolve?domain=x")
    for link in ("https://{click}.e.com/", "https://{sub1}/x", "https://u:{click}@e.com/"):
        with pytest.raises(Invalid) as refused:
            macros.check_button_link(link)
        assert refused.value.reason in ("macro_in_host", "button_link")


@pytest.mark.parametrize(
    ("text", "micros", "said"),
    [("0.35", 350_000, "0.35"), ("12", 12_000_000, "12"), ("1,5", 1_500_000, "1.5"), ("0", 0, "0"),
     ("0.000001", 1, "0.000001"), ("100", 100_000_000, "100")],
)  # fmt: skip
def test_money_in_millionths(text: str, micros: int, said: str) -> None:
    assert macros.to_micros(text) == micros
    assert macros.from_micros(micros) == said


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "1e30", "1 2"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        macros.to_micros(text)
    assert refused.value.reason == "cost"
