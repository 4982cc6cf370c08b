"""Webhooks: what is told, how it is signed, and when it is tried again."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from domain.urls import Answer
from domain.webhooks import (
    DELAYS,
    GIVE_UP,
    JITTER,
    LONGEST_WAIT,
    PUBLIC,
    Fate,
    State,
    Why,
    fate,
    make_body,
    new_secret,
    public_event,
    request_headers,
    signature,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def answered(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, b"", False, 10)


def after(
    answer: Answer | None,
    attempts: int = 1,
    *,
    failures: int = 1,
    since: datetime | None = None,
    chance: float = 0.5,
) -> Fate:
    return fate(answer, attempts, failures, since, NOW, chance)


# Signatures


def test_the_signature_of_the_specification() -> None:
    """The test vector all libraries of Standard Webhooks share."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    sent = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", sent, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_documentation_verifies() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    headers = dict(re.findall(r"^(webhook-[a-z]+): (.+)$", page, re.MULTILINE))
    body = next(line for line in page.splitlines() if line.startswith('{"event"'))
    secret = next(iter(re.findall(r"`(whsec_[^`…]+)`", page)))
    sent = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert Receiver(secret).sign(headers["webhook-id"], sent, body) == headers["webhook-signature"]


def test_every_event_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    assert not [name for name in PUBLIC.values() if f"`{name}`" not in page]


@given(st.binary().map(lambda some: json.dumps(some.hex()).encode()), st.text(min_size=1).map(str.strip))
def test_receivers_with_the_reference_library_agree(body: bytes, name: str) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    made = make_body("test", {"name": name}, "event1", now)
    for payload in (body, made):
        headers = request_headers([secret], "event1", now, payload, 3)
        assert Receiver(secret).verify(payload, headers) == json.loads(payload)
        assert headers["Gatehouse-Attempt"] == "3"


def test_a_moment_is_the_same_in_every_zone() -> None:
    """Where the reference library itself is wrong, and so is no oracle."""
    secret = new_secret()
    here = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert signature(secret, "a", here, b"{}") == signature(secret, "a", NOW, b"{}")


def test_while_a_secret_is_changed_both_verify() -> None:
    new, old, other = new_secret(), new_secret(), new_secret()
    headers = request_headers([new, old], "event1", datetime.now(UTC), b"{}", 1)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (new, old):
        assert Receiver(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Receiver(other).verify(b"{}", headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp"])
def test_what_was_altered_does_not_verify(changed: str) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers, body = request_headers([secret], "event1", now, b'{"a":1}', 1), b'{"a":1}'
    if changed == "body":
        body = b'{"a":2}'
    elif changed == "webhook-id":
        headers["webhook-id"] = "event2"
    else:
        headers["webhook-timestamp"] = str(int(now.timestamp()) - 1)
    with pytest.raises(WebhookVerificationError):
        Receiver(secret).verify(body, headers)


def test_secrets_are_long_and_none_is_like_another() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith("whsec_") and len(one) == 50 for one in made)


# What is told


def test_a_body_has_what_the_document_promises() -> None:
    body = json.loads(make_body("order_created", {"order_key": "GH-1"}, "e1", NOW))
    assert body.pop("debug_id")
    assert body == {
        "event": "order_created", "event_id": "e1", "created": 1777636800, "data": {"order_key": "GH-1"},
    }  # fmt: skip


def test_every_promised_event_has_a_name() -> None:
    promised = {
        *(f"order_{what}" for what in ("created", "completed", "refunded", "expired")),
        *(f"membership_{what}" for what in ("started", "extended", "cancelled", "terminated", "expiring")),
        "member_joined", "member_left", "token_redeemed", "coupon_used",
        *(f"affiliate_{what}" for what in ("registered", "earned", "paid")),
    }  # fmt: skip
    assert promised <= set(PUBLIC.values())


def test_events_are_told_in_the_words_of_the_api() -> None:
    told = public_event("membership.started", {"member": 5, "project": 0, "plan": 2, "end": None})
    assert told == ("membership_started", {"member_id": 5, "project_id": 0, "plan_id": 2, "end": None})
    assert public_event("chat.join", {"chat": -1, "user": 5, "source": "Ads"}) == (
        "member_joined", {"chat_id": -1, "member_id": 5, "source": "Ads"},
    )  # fmt: skip
    left = [public_event(f"chat.{how}", {"chat": -1, "user": 5}) for how in ("leave", "kick", "ban")]
    assert [(name, data["how"]) for name, data in filter(None, left)] == [
        ("member_left", "left"), ("member_left", "removed"), ("member_left", "banned"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("bot.connected", {}),
        ("spam.acted", {}),
        ("chat.unban", {"user": 5}),
        ("chat.join", {"user": 5, "is_bot": True}),
        ("chat.ban", {"user": 5, "was_inside": False}),  # he was never there, so he did not leave
        ("webhook.disabled", {}),
    ],
)
def test_what_concerns_nobody_outside(kind: str, data: dict[str, object]) -> None:
    assert public_event(kind, data) is None


# When it is tried again


def test_ten_attempts_in_three_days() -> None:
    fates = [after(answered(500), attempt) for attempt in range(1, 11)]
    assert [one.state for one in fates] == [State.WAITING] * 9 + [State.DEAD]
    waits = [one.due_at - NOW for one in fates[:9]]
    assert waits == list(DELAYS)
    assert list(accumulate(waits))[-1] == timedelta(hours=75, minutes=35, seconds=5)


@given(st.integers(1, 9), st.floats(0, 1))
def test_jitter_is_a_fifth_at_most(attempt: int, chance: float) -> None:
    wait = after(None, attempt, chance=chance).due_at - NOW
    assert DELAYS[attempt - 1] * (1 - JITTER) <= wait <= DELAYS[attempt - 1] * (1 + JITTER)


def test_jitter_is_there() -> None:
    assert len({after(None, 3, chance=chance / 10).due_at for chance in range(11)}) == 11


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_has_arrived(status: int) -> None:
    assert after(answered(status), 10, failures=99, since=NOW - 2 * GIVE_UP).state is State.DELIVERED


@pytest.mark.parametrize("status", [100, 300, 301, 302, 303, 307, 308, 400, 404, 429, 500, 503])
def test_everything_else_has_not(status: int) -> None:
    assert after(answered(status)).state is State.WAITING


def test_gone_is_gone() -> None:
    one = after(answered(410))
    assert (one.state, one.disable) == (State.DEAD, Why.GONE)


@pytest.mark.parametrize(
    ("since", "disable"),
    [(None, None), (NOW - GIVE_UP + timedelta(seconds=1), None), (NOW - GIVE_UP, Why.FAILING)],
)
def test_five_days_of_failures_are_enough(since: datetime | None, disable: Why | None) -> None:
    one = after(answered(500), since=since)
    assert one.disable is disable
    assert (one.state is State.DEAD) == (disable is not None)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("3600", HOUR),
        (" 7200 ", 2 * HOUR),
        (format_datetime(NOW + 3 * HOUR, usegmt=True), 3 * HOUR),
        ("1", DELAYS[0]),  # never sooner than it would be anyway
        ("999999999999", LONGEST_WAIT),
        (format_datetime(NOW - HOUR, usegmt=True), DELAYS[0]),
        ("Fri, 01 May 2026 13:00:00 -0000", HOUR),
        ("-5", DELAYS[0]),
        ("1.5", DELAYS[0]),
        ("١٢", DELAYS[0]),
        ("soon", DELAYS[0]),
        ("Fri, 99 May 2026 99:00:00 GMT", DELAYS[0]),
        ("", DELAYS[0]),
    ],
)
def test_retry_after_is_honoured(asked: str, waits: timedelta) -> None:
    assert after(answered(503, retry_after=asked)).due_at - NOW == waits


@given(st.text())
def test_any_retry_after_can_be_read(text: str) -> None:
    one = after(answered(429, retry_after=text))
    assert NOW + DELAYS[0] <= one.due_at <= NOW + LONGEST_WAIT


def test_the_circuit_breaker() -> None:
    pauses = [after(None, failures=n).pause_until - NOW for n in range(1, 12)]
    seconds = [pause.total_seconds() for pause in pauses]
    assert seconds == [0, 0, 30, 60, 120, 240, 300, 300, 300, 300, 300]
    assert after(answered(200), failures=50).pause_until == NOW


def test_who_is_overloaded_gets_nothing_at_all_meanwhile() -> None:
    assert after(answered(429, retry_after="3600")).pause_until == NOW + HOUR
    assert after(answered(503, retry_after="3600")).pause_until == NOW + HOUR
    assert after(answered(500, retry_after="3600")).pause_until == NOW, "that was about one delivery"
