"""What `/lock` understands, and what it does to a group's permissions."""

import pytest

from domain.errors import Invalid
from domain.locks import ALL, KINDS, permissions_of, read_kinds, with_taken


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("", [ALL]), ("all", [ALL]), ("media", ["media"]), ("Media, polls", ["media", "polls"]),
        ("previews links", ["links"]), ("опросы стикеры", ["polls", "stickers"]), ("ВСЁ", [ALL]),
    ],
)  # fmt: skip
def test_kinds_as_people_write_them(written: str, kinds: list[str]) -> None:
    assert read_kinds(written) == kinds


@pytest.mark.parametrize("written", ["nonsense", "media nonsense", "1h", "@ann", "can_send_polls"])
def test_other_words_are_refused(written: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_kinds(written)
    assert caught.value.reason == "lock_kind"
    assert caught.value.details["word"] in written


def test_everything_is_all_that_can_be_written() -> None:
    kinds = [kind for kind in KINDS if kind not in ("invites", "pins", "info", "topics")]
    assert permissions_of(kinds) == permissions_of([ALL])
    assert "can_invite_users" not in permissions_of([ALL])


def test_other_permissions_stay() -> None:
    current = {"can_send_polls": True, "can_send_photos": False, "can_pin_messages": True}
    locked = with_taken(current, frozenset({"can_send_polls"}), frozenset())
    assert locked == {**current, "can_send_polls": False}
    assert with_taken(locked, frozenset(), frozenset({"can_send_polls"})) == current
