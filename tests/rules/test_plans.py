"""Who may take a plan, when members are reminded, and what ids look like."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import durations
from domain.affiliates import check_affiliate_id, new_affiliate_id
from domain.errors import Invalid
from domain.memberships import AT_THE_END, NOTICE, REMINDERS, due_notice, next_notice, removal_due
from domain.money import Money
from domain.plans import (
    InviteeOnly,
    Newcomers,
    Origin,
    Plan,
    PlanOptions,
    SingleUse,
    Standing,
    check_plan_name,
    refusal,
)
from domain.sheets import to_csv
from domain.tokens import new_secret, read_secret, token_link

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLAN = Plan(
    1, 0, "Gold", durations.parse("1 month"), Money(999, "USD"), durations.days(3), PlanOptions(), 0, 0, True
)
STRANGER = Standing(holds=False, held=False, took=False, tried=False, invited=False, customers=0)
HOLDER = replace(STRANGER, holds=True, held=True)
FORMER = replace(STRANGER, held=True)


def option(**values: Any) -> Plan:
    return replace(PLAN, options=replace(PLAN.options, **values))


RULES = [
    (option(newcomers=Newcomers.ONLY_NEW), FORMER, STRANGER, "plan_newcomers"),
    (option(newcomers=Newcomers.ONLY_RETURNING), STRANGER, FORMER, "plan_returning"),
    (option(singleuse=SingleUse.ONCE), replace(FORMER, took=True), FORMER, "plan_once"),
    (option(singleuse=SingleUse.HOLDERS), FORMER, HOLDER, "plan_holders"),
    (option(singleuse=SingleUse.FORMER), HOLDER, FORMER, "plan_former"),
    (option(singleuse=SingleUse.FORMER), STRANGER, FORMER, "plan_former"),
    (option(invitee_only=InviteeOnly.INVITED), STRANGER, replace(STRANGER, invited=True), "plan_invited"),
    (
        option(invitee_only=InviteeOnly.NOT_INVITED), replace(STRANGER, invited=True), STRANGER,
        "plan_not_invited",
    ),
    (
        replace(PLAN, max_customers=2), replace(STRANGER, customers=2), replace(HOLDER, customers=1),
        "plan_sold_out",
    ),
]  # fmt: skip


@pytest.mark.parametrize("origin", [Origin.PURCHASE, Origin.TOKEN])
@pytest.mark.parametrize(("plan", "refused", "welcome", "reason"), RULES)
def test_the_same_rules_stand_at_every_door(
    plan: Plan, refused: Standing, welcome: Standing, reason: str, origin: Origin
) -> None:
    assert refusal(plan, refused, origin, NOW) == reason
    assert refusal(plan, welcome, origin, NOW) is None


def test_a_token_overrides_two_options_only() -> None:
    assert refusal(option(token_only=True), STRANGER, Origin.PURCHASE, NOW) == "plan_token_only"
    assert refusal(option(token_only=True, is_hidden=True), STRANGER, Origin.TOKEN, NOW) is None
    assert refusal(replace(PLAN, enabled=False), STRANGER, Origin.TOKEN, NOW) == "plan_disabled"
    over = replace(PLAN, duration=durations.parse("30.04.2026"))
    assert refusal(over, STRANGER, Origin.TOKEN, NOW) == "plan_over"


def test_a_gift_overrides_all() -> None:
    assert refusal(replace(PLAN, enabled=False), HOLDER, Origin.GIFT, NOW) is None


def test_a_trial_is_for_those_who_are_new() -> None:
    assert refusal(PLAN, STRANGER, Origin.TRIAL, NOW) is None
    assert refusal(PLAN, replace(STRANGER, tried=True), Origin.TRIAL, NOW) == "trial_once"
    assert refusal(PLAN, HOLDER, Origin.TRIAL, NOW) == "trial_holder"
    assert refusal(replace(PLAN, trial=None), STRANGER, Origin.TRIAL, NOW) == "trial_none"


@pytest.mark.parametrize("name", ["VIP", "Gold plan 2", "Ёлка", "A" * 24, "  Gold   plan "])
def test_good_names(name: str) -> None:
    assert check_plan_name(name) == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "ab", "1st", "_ab", "A" * 25, "   ", "<b>x"])
def test_bad_names(name: str) -> None:
    with pytest.raises(Invalid):
        check_plan_name(name)


def test_reminders_come_in_their_turn() -> None:
    end = NOW + timedelta(days=30)
    moments = []
    since = NOW
    while (found := next_notice(end, REMINDERS, since)) is not None:
        since = found[0]
        moments.append(found[1])
    assert moments == [timedelta(days=3), timedelta(days=1), timedelta(hours=2), AT_THE_END]


def test_who_takes_two_days_hears_nothing_of_three() -> None:
    found = next_notice(NOW + timedelta(days=2), REMINDERS, NOW)
    assert found == (NOW + timedelta(days=1), timedelta(days=1))
    assert next_notice(None, REMINDERS, NOW) is None


def test_after_a_long_silence_only_the_nearest_word_is_said() -> None:
    agreed = NOW - timedelta(days=30)
    assert due_notice(NOW + timedelta(hours=1), REMINDERS, NOW, agreed) == timedelta(hours=2)
    assert due_notice(NOW, REMINDERS, NOW, agreed) == AT_THE_END
    assert due_notice(NOW + timedelta(days=9), REMINDERS, NOW, agreed) is None
    assert due_notice(NOW + timedelta(days=2), REMINDERS, NOW, NOW) is None, "agreed just now"


def test_a_missed_end_is_told_before_the_removal() -> None:
    assert removal_due(NOW - timedelta(minutes=1), NOW) == NOW
    assert removal_due(NOW - timedelta(hours=5), NOW) == NOW + NOTICE


@pytest.mark.parametrize("bad", ["", "ab", "1ab", "a" * 13, "a-b", "a b", "été", "abc\n1", "r_abc"])
def test_bad_affiliate_ids(bad: str) -> None:
    with pytest.raises(Invalid):
        check_affiliate_id(bad)


def test_generated_ids_and_tokens_fit_their_links() -> None:
    for _ in range(200):
        assert check_affiliate_id(new_affiliate_id())
        secret = new_secret()
        assert read_secret(token_link("club_bot", secret)) == secret == read_secret(f" {secret}\n")
        assert len(f"accesstoken_{secret}") <= 64
    assert read_secret("' OR 1=1 --") is None
    assert read_secret("") is None


def test_a_sheet_runs_no_formulas() -> None:
    rows = to_csv(["name"], [['=HYPERLINK("http://evil")'], ["Ann"], [-5]]).decode("utf-8-sig").split("\r\n")
    assert rows == ["name", '"\'=HYPERLINK(""http://evil"")"', "Ann", "-5", ""]
