"""Who has to leave a paid chat when he is found inside."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.memberships import Membership
from domain.movements import MovementKind
from domain.presence import Trace, is_our_ban, overstays

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN, OLGA, BOT = 1, 2, 3


def held(ended_at: datetime | None) -> Membership:
    return Membership(ANN, 1, 1, NOW - 30 * HOUR, None, 0, NOW, NOW, ended_at)


def trace(
    kind: MovementKind = MovementKind.JOIN, by: int = ANN, at: datetime = NOW, request: bool = False
) -> Trace:
    return Trace(kind, ANN, by, request, at)


@pytest.mark.parametrize(
    ("last", "leaves"),
    [
        (None, True),
        (trace(at=NOW - HOUR), True),
        (trace(by=OLGA, at=NOW - HOUR), True),  # invited once, then a member: she leaves with the membership
        (trace(at=NOW + HOUR), True),
        (trace(by=OLGA, at=NOW + HOUR), False),
        (trace(at=NOW + HOUR, request=True), False),
        (trace(MovementKind.KICK, BOT, NOW + HOUR), True),
    ],
)
def test_who_had_a_membership(last: Trace | None, leaves: bool) -> None:
    assert overstays([held(NOW)], last, None, BOT) is leaves
    assert not overstays([held(NOW), held(None)], last, NOW, BOT), "one that is not closed yet has its time"


@pytest.mark.parametrize(
    ("last", "leaves"),
    [
        (None, False),
        (trace(at=NOW - HOUR), False),  # before the guard
        (trace(), True),
        (trace(by=OLGA), False),
        (trace(request=True), False),
        (trace(MovementKind.KICK, BOT), True),
        (trace(MovementKind.KICK, OLGA), False),
        (trace(MovementKind.LEAVE), False),
    ],
)
def test_strangers_leave_only_where_links_are_for_one_use(last: Trace | None, leaves: bool) -> None:
    assert overstays([], last, NOW, BOT) is leaves
    assert not overstays([], last, None, BOT)


def test_only_our_own_ban_is_ours() -> None:
    assert not is_our_ban(None, None, BOT)
    assert is_our_ban(NOW, None, BOT)
    assert is_our_ban(NOW, trace(MovementKind.BAN, BOT), BOT)
    assert is_our_ban(NOW, trace(at=NOW - HOUR), BOT)
    assert not is_our_ban(NOW, trace(MovementKind.BAN, OLGA, NOW + HOUR), BOT)
    same_second = NOW.replace(microsecond=0)
    assert not is_our_ban(NOW.replace(microsecond=600_000), trace(MovementKind.BAN, OLGA, same_second), BOT)
