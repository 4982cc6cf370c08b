"""The table of statuses, line by line; and what a fact that comes late does to steps noted before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.leads import Fact, FactKind, LeadStatus, Noted, Origin, reconcile, timeline

WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus
BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
KINDS = {
    "s": FactKind.START, "r": FactKind.REQUEST, "j": FactKind.JOIN, "l": FactKind.LEAVE,
    "k": FactKind.REMOVE, "d": FactKind.DECLINE,
}  # fmt: skip


def facts(story: str) -> list[Fact]:
    """`s:a j:blog l@90`: what happened, minute by minute or at a second; starts with their click, requests
    and joins with the name of their link."""
    found = []
    for number, word in enumerate(story.split(), start=1):
        happened, _, second = word.partition("@")
        letter, _, detail = happened.partition(":")
        kind = KINDS[letter]
        origin = Origin(click=detail) if kind is FactKind.START else Origin(source=detail, invite=detail)
        at = BEGIN + timedelta(seconds=int(second) if second else 60 * number)
        found.append(Fact(f"f{number}", kind, at, number, origin))
    return found


@pytest.mark.parametrize(
    ("story", "steps"),
    [
        ("s:a", [WAIT]),
        ("s:a s:a", [WAIT]),
        ("s:a s:b", [WAIT, WAIT]),
        ("s:a s", [WAIT]),  # no click is not another click
        ("r", []),
        ("j", []),
        ("r:blog", [HOLD]),
        ("j:blog", [APPROVE]),
        ("s:a r j", [WAIT, HOLD, APPROVE]),
        ("s:a r s:a", [WAIT, HOLD]),
        ("s:a r s:b", [WAIT, HOLD, WAIT]),
        ("s:a j s:b", [WAIT, APPROVE]),  # inside already: another click changes nothing
        ("s:a j j", [WAIT, APPROVE]),
        ("s:a j l", [WAIT, APPROVE, CANCEL]),
        ("s:a j k", [WAIT, APPROVE, TRASH]),
        ("s:a j l l", [WAIT, APPROVE, CANCEL]),
        ("s:a j l k", [WAIT, APPROVE, CANCEL]),
        ("s:a j l j", [WAIT, APPROVE, CANCEL, APPROVE]),
        ("s:a j l s:a", [WAIT, APPROVE, CANCEL, WAIT]),
        ("s:a r d", [WAIT, HOLD, TRASH]),
        ("s:a d", [WAIT]),
        ("s:a r d r j", [WAIT, HOLD, TRASH, HOLD, APPROVE]),
        ("s:a k", [WAIT, TRASH]),  # banned before he came
        ("j s:a", [WAIT]),
        ("j l s:a j", [WAIT, APPROVE]),
        ("l k d", []),
    ],
)
def test_statuses_follow_from_what_happened(story: str, steps: list[LeadStatus]) -> None:
    found = facts(story)
    assert [entry.status for entry in timeline(found, timedelta(0)).entries] == steps
    assert timeline(reversed(found), timedelta(0)) == timeline(found, timedelta(0)), "the order told"
    assert timeline(found * 2, timedelta(0)) == timeline(found, timedelta(0)), "told twice"


@pytest.mark.parametrize(
    ("story", "already"),
    [("j s:a", True), ("j l s:a", False), ("s:a", False), ("j s:a j", False), ("j s:a l", True)],
)
def test_who_was_inside_before(story: str, already: bool) -> None:
    assert timeline(facts(story), timedelta(0)).already_member is already


def test_telegram_may_be_asked_about_that() -> None:
    start = Fact("f1", FactKind.START, BEGIN, 1, member=True)
    assert timeline([start], timedelta(0)).already_member
    join = Fact("f2", FactKind.JOIN, BEGIN, 2)
    found = timeline([start, join], timedelta(0))
    assert [entry.status for entry in found.entries] == [WAIT, APPROVE], "he had not been, as it turns out"
    assert not found.already_member


def test_of_one_second_the_start_comes_first() -> None:
    found = timeline(facts("j@60 s:a@60"), timedelta(0))
    assert [(entry.status, entry.origin.click) for entry in found.entries] == [(WAIT, "a"), (APPROVE, "a")]


@pytest.mark.parametrize(
    ("story", "window", "told"),
    [
        ("s:a@0 j@10 l@70", 60, True),
        ("s:a@0 j@10 l@71", 60, False),
        ("s:a@0 j@10 k@71", 60, False),
        ("s:a@0 j@10 l@9999999", 0, True),
        ("s:a@0 j@10 l@20 j@500 l@520", 60, True),  # the window begins anew
        ("s:a@0 l@20", 60, False),  # never was a conversion
        ("s:a@0 r@10 d@9999", 60, True),
    ],
)
def test_a_leave_is_told_within_the_window(story: str, window: int, told: bool) -> None:
    last = timeline(facts(story), timedelta(seconds=window)).last
    assert last is not None
    assert last.told is told


def test_a_link_adds_its_source_and_keeps_the_click() -> None:
    last = timeline(facts("s:a j:blog"), timedelta(0)).last
    assert last is not None
    assert (last.origin.click, last.origin.source) == ("a", "blog")


def noted(story: str, *, event_id: str = "e") -> list[Noted]:
    """The steps of a story as they were noted."""
    found = timeline(facts(story), timedelta(0)).entries
    return [
        Noted(
            number, number, replace(one, origin=Origin(one.origin.click, source=one.origin.source)), event_id
        )
        for number, one in enumerate(found, start=1)
    ]


def test_an_earlier_join_is_the_same_approve() -> None:
    before = noted("s:a j@500")
    known = [*facts("s:a j@500"), Fact("f9", FactKind.JOIN, BEGIN + timedelta(seconds=300), 9)]
    notes = reconcile(before, timeline(known, timedelta(0)).entries)
    assert notes.new == ()
    (changed,) = notes.changed
    assert (changed.id, changed.entry.key, changed.stands) == (2, "f9", True)


def test_a_start_that_turns_out_to_be_none_stands_no_more() -> None:
    before = noted("s:a@500")
    known = [*facts("s:a@500"), *(replace(one, key="f9") for one in facts("j:blog@300"))]
    notes = reconcile(before, timeline(known, timedelta(0)).entries)
    assert [one.status for one in notes.new] == [APPROVE]
    assert [one.stands for one in notes.changed] == [False]


@pytest.mark.parametrize(("event_id", "told"), [("e", 1), ("", 0)])
def test_a_leave_heard_before_its_join_is_told_with_it(event_id: str, told: int) -> None:
    """Unless it was noted while the campaign was paused."""
    before = noted("s:a@1 l@90", event_id=event_id)
    known = [*facts("s:a@1 l@90"), Fact("f9", FactKind.JOIN, BEGIN + timedelta(seconds=30), 9)]
    notes = reconcile(before, timeline(known, timedelta(0)).entries)
    assert [one.status for one in notes.new] == [APPROVE]
    assert [one.entry.status for one in notes.late] == [CANCEL] * told
