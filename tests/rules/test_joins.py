"""What kind of movement a change is, and where a join came from."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.joins import ChatName, MemberChange, Standing, movement_of, source_of, standing_of

INSIDE, OUTSIDE = Standing(inside=True), Standing(inside=False)
BANNED = Standing(inside=False, banned=True)
ADMIN = Standing(inside=True, admin=True, rights=frozenset({"can_manage_chat"}))

JOIN = MemberChange(
    chat=ChatName(-100, "supergroup", "Chess club"),
    user_id=7,
    first_name="Ann",
    last_name=None,
    username=None,
    language_code=None,
    is_bot=False,
    actor_id=7,
    old=OUTSIDE,
    new=INSIDE,
    at=datetime(2026, 5, 1, tzinfo=UTC),
    update_id=1,
)


@pytest.mark.parametrize(
    ("old", "new", "by_self", "kind"),
    [
        (OUTSIDE, INSIDE, True, "join"),
        (OUTSIDE, ADMIN, False, "join"),
        (BANNED, INSIDE, False, "join"),
        (INSIDE, OUTSIDE, True, "leave"),
        (INSIDE, OUTSIDE, False, "kick"),
        (ADMIN, OUTSIDE, True, "leave"),
        (INSIDE, BANNED, False, "ban"),
        (OUTSIDE, BANNED, False, "ban"),
        (BANNED, OUTSIDE, False, "unban"),
        (INSIDE, ADMIN, False, None),
        (ADMIN, INSIDE, False, None),
        (BANNED, BANNED, False, None),
        (OUTSIDE, OUTSIDE, False, None),
    ],
)
def test_movements(old: Standing, new: Standing, by_self: bool, kind: str | None) -> None:
    assert movement_of(old, new, by_self=by_self) == kind


@pytest.mark.parametrize(
    ("member", "inside", "admin"),
    [
        ({"status": "creator"}, True, True),
        ({"status": "administrator", "can_manage_chat": True, "can_pin_messages": False}, True, True),
        ({"status": "member"}, True, False),
        ({"status": "restricted", "is_member": True}, True, False),
        ({"status": "restricted", "is_member": False}, False, False),
        ({"status": "left"}, False, False),
        ({"status": "kicked", "until_date": 0}, False, False),
        ({"status": "something new"}, False, False),
    ],
)
def test_standings(member: dict[str, object], inside: bool, admin: bool) -> None:
    standing = standing_of(member)
    assert (standing.inside, standing.admin) == (inside, admin)
    assert "can_pin_messages" not in standing.rights or standing.creator


LINK = "https://t.me/+AbCdEf"


@pytest.mark.parametrize(
    ("how", "source"),
    [
        ({"invite_link": LINK, "link_name": "Ads"}, "Ads"),
        ({"invite_link": LINK, "link_name": "Ads", "link_asks": True, "actor_id": 1}, "Ads"),
        ({"invite_link": LINK}, "t.me/+AbCdEf"),
        ({"invite_link": LINK, "link_name": "  "}, "t.me/+AbCdEf"),
        ({"invite_link": LINK, "link_name": "folder"}, "t.me/+AbCdEf"),
        ({"invite_link": LINK, "link_name": "@chess"}, "t.me/+AbCdEf"),
        ({"via_folder": True}, "folder"),
        ({"via_request": True, "actor_id": 1}, "request"),
        ({"actor_id": 1}, "added"),
        ({"chat": ChatName(-100, "supergroup", "Chess club", "chess")}, "@chess"),
        ({}, "unknown"),
    ],
)
def test_sources(how: dict[str, object], source: str) -> None:
    assert source_of(replace(JOIN, **how)) == source  # type: ignore[arg-type]


def test_a_source_fits_its_column() -> None:
    assert len(source_of(replace(JOIN, invite_link="https://t.me/+" + "x" * 100))) == 64
    assert len(source_of(replace(JOIN, invite_link=LINK, link_name="x" * 100))) == 64
