"""Postbacks, as rules: which templates are taken, what they become, what follows from an answer."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.errors import Invalid
from domain.leads import LeadStatus
from domain.macros import SAMPLES
from domain.postbacks import PRESETS, check_template, fate, fill, origin
from domain.urls import LONGEST_URL, Answer
from domain.webhooks import DELAYS, GIVE_UP, State

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GOOD = "https://tracker.example.org/postback?click={click}&status={status}"


@pytest.mark.parametrize(
    "template",
    [
        GOOD,
        f"  {GOOD}\n",
        "https://tracker.example.org",
        "https://tracker.example.org:8443/{campaign}/{status}?x={click}",
        "https://tracker.example.org/?unknown={payout}&odd={}&half={",
        "https://TRACKER.example.org/a?first={first_name}&title={title}",
        "https://[2606:4700::1]/{click}",
    ],
)
def test_templates_that_are_taken(template: str) -> None:
    assert check_template(template) == template.strip()


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "url_missing"),
        ("tracker.example.org/?c={click}", "url_not_https"),
        ("http://tracker.example.org/", "url_not_https"),
        ("javascript:alert(1)", "url_not_https"),
        ("{click}", "macro_in_host"),
        ("{invite}/postback", "macro_in_host"),
        ("https://{click}/", "macro_in_host"),
        ("https://{sub1}.example.org/postback", "macro_in_host"),
        ("https://example.org:{sub1}/", "macro_in_host"),
        ("https://{sub1}@example.org/", "macro_in_host"),
        ("https://example.org{sub1}?a=b", "macro_in_host"),
        ("https://example.org{unknown}#x", "macro_in_host"),
        ("{scheme}://example.org/", "macro_in_host"),
        ("https://user:pass@example.org/{click}", "url_credentials"),
        ("https://example.org/{click}#top", "url_fragment"),
        ("https://example.org:22/{click}", "url_port"),
        ("https://example.org\\@evil.example/", "url_malformed"),
        ("https:///{click}", "url_malformed"),
        ("https://example.org/a b", "url_malformed"),
        ("https://YOUR-DOMAIN/postback?subid={click}", "postback_placeholder"),
        ("https://example.org/YOUR-KEY/postback?subid={click}", "postback_placeholder"),
        ("https://example.org/" + "x" * LONGEST_URL, "url_too_long"),
    ],
)
def test_templates_that_are_not(template: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_template(template)
    assert (refused.value.field, refused.value.reason) == ("url", reason)


def test_development_calls_its_own_machine() -> None:
    assert check_template("http://127.0.0.1:9000/{click}", private=True) == "http://127.0.0.1:9000/{click}"


def test_values_cannot_leave_their_place() -> None:
    hostile = "a&status=9#/../?x=%26 é\r\nHost: evil"
    url = fill("https://t.example/{click}/p?c={click}&s={status}", {**SAMPLES, "click": hostile})
    parts = urlsplit(url)
    assert (parts.netloc, parts.fragment) == ("t.example", "")
    assert parts.path.count("/") == 2
    assert parse_qs(parts.query) == {"c": [hostile], "s": ["2"]}
    assert url.isascii()


def test_unknown_macros_stay_and_empty_ones_are_nothing() -> None:
    url = fill("https://t.example/?a={payout}&b={sub5}&c={Click}", {"sub5": ""})
    assert parse_qs(urlsplit(url).query, keep_blank_values=True) == {
        "a": ["{payout}"], "b": [""], "c": ["{Click}"],
    }  # fmt: skip
    assert "{" not in url, "URLs want them encoded"


def test_a_server_is_one_whatever_is_called_on_it() -> None:
    assert origin("https://T.example/a?b=1") == origin("https://t.example/c") == "https://t.example"
    assert origin("https://t.example:8443/a") != origin("https://t.example/a")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.name)
def test_a_preset_works_once_its_words_are_replaced(preset: object) -> None:
    for status in LeadStatus:
        template = preset.template(status)  # type: ignore[attr-defined]
        if template is None:
            continue
        with pytest.raises(Invalid, match="postback_placeholder"):
            check_template(template)
        for word in ("YOUR-DOMAIN", "YOUR-KEY", "YOUR-AID", "YOUR-TID"):
            template = template.replace(word, "t.example" if word == "YOUR-DOMAIN" else "abc1")
        check_template(template)
        assert "{click}" in template
        assert "[status]" not in template
        assert len(template) <= 256, "one button copies it"
    assert preset.template(LeadStatus.APPROVE)  # type: ignore[attr-defined]


def test_ten_tries_and_nothing_is_switched_off() -> None:
    failed = Answer(500, {}, b"", False, 5)
    for attempt in range(1, len(DELAYS) + 1):
        found = fate(failed, attempt, attempt, NOW, 0.5)
        assert (found.state, found.due_at) == (State.WAITING, NOW + DELAYS[attempt - 1])
    last = fate(failed, 10, 10, NOW, 0.5)
    assert (last.state, last.disable) == (State.DEAD, None)


@pytest.mark.parametrize("status", [301, 302, 304, 400, 404, 500])
def test_only_2xx_is_an_arrival(status: int) -> None:
    assert fate(Answer(status, {}, b"", False, 5), 1, 1, NOW, 0.5).state is State.WAITING
    assert fate(Answer(204, {}, b"", False, 5), 1, 1, NOW, 0.5).state is State.DELIVERED


def test_gone_ends_that_one_alone() -> None:
    found = fate(Answer(410, {}, b"", False, 5), 1, 1, NOW, 0.5)
    assert found.state is State.DEAD
    assert found.pause_until == NOW, "the next one to the same server goes out"


def test_a_server_that_failed_for_weeks_is_still_tried() -> None:
    """Webhooks are switched off after five days; for a postback each is a new one."""
    assert timedelta(hours=120) == GIVE_UP
    found = fate(None, 1, 4000, NOW, 0.5)
    assert found.state is State.WAITING
    assert found.pause_until > NOW, "the circuit breaker spares it meanwhile"


def test_retry_after_is_obeyed() -> None:
    found = fate(Answer(429, {"retry-after": "600"}, b"", False, 5), 1, 1, NOW, 0.5)
    assert found.due_at == found.pause_until == NOW + timedelta(minutes=10)
