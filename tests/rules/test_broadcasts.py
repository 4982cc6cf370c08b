"""What a broadcast still has to do, what a triggered block may be, and what a file is."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.broadcasts import Outlook, bits, statuses_of
from domain.creatives import Creative, MediaType, read_button
from domain.errors import Invalid, Refused
from domain.leads import LeadStatus
from domain.media import MEGABYTE, type_of
from domain.tariffs import UNLIMITED, Tariff
from domain.triggers import LONGEST_DELAY, Block, check_delay, read_delay

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "paid", "seconds", "stars"),
    [
        ({}, False, 0, 0),
        ({1: 1}, False, 1, 1),
        ({1: 30}, False, 1, 3),
        ({1: 31}, False, 2, 4),
        ({1: 3_000, 2: 600}, False, 100, 360),  # bots send side by side
        ({1: 100_000}, False, 3_334, 10_000),
        ({1: 100_000}, True, 100, 10_000),
    ],
)
def test_how_long_it_takes_and_what_it_costs(
    left: dict[int, int], paid: bool, seconds: int, stars: int
) -> None:
    outlook = Outlook(left)
    assert (outlook.seconds(paid), outlook.stars) == (seconds, stars)


@pytest.mark.parametrize(
    ("cap", "used", "left", "capped"),
    [(0, 10**6, 5, False), (500, 499, 5, False), (500, 500, 5, True), (500, 500, 0, False)],
)
def test_when_it_waits_for_tomorrow(cap: int, used: int, left: int, capped: bool) -> None:
    assert Outlook({1: left}, cap, used).capped is capped


def test_statuses_as_bits() -> None:
    assert bits([LeadStatus.CANCEL, LeadStatus.TRASH, LeadStatus.TRASH]) == 24
    assert statuses_of(24) == (LeadStatus.CANCEL, LeadStatus.TRASH)
    assert statuses_of(0) == ()
    for mask in range(32):
        assert bits(statuses_of(mask)) == mask


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("30s", 30), ("30 min", 1_800), ("2 hours", 7_200), ("1 день", 86_400),
        (" 1 week ", 604_800), ("366 days", LONGEST_DELAY),
    ],
)  # fmt: skip
def test_delays_as_people_write_them(text: str, seconds: int) -> None:
    assert read_delay(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "30", "-1 min", "1.5 h", "367 days", "2 months", "9999999 s", "5 m m"]
)
def test_what_is_no_delay(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_delay(text)
    assert caught.value.reason == "trigger_delay"


def test_a_delay_has_limits() -> None:
    assert check_delay(LONGEST_DELAY) == LONGEST_DELAY
    for wrong in (-1, LONGEST_DELAY + 1):
        with pytest.raises(Invalid):
            check_delay(wrong)


def test_a_block_that_says_nothing_stays_off() -> None:
    for creative in (Creative(), Creative(text="  \n"), Creative(button="Open", link="https://example.com")):
        with pytest.raises(Invalid):
            Block(LeadStatus.WAIT, creative=creative).turned(True)
    picture = Creative(media="ref", media_type=MediaType.PHOTO)
    assert Block(LeadStatus.WAIT, creative=picture).turned(True).on
    assert not Block(LeadStatus.WAIT, on=True).turned(False).on


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Open\nhttps://example.com", ("Open", "https://example.com")),
        ("Open it - https://example.com/?a={click}", ("Open it", "https://example.com/?a={click}")),
        ("A — B | https://example.com", ("A — B", "https://example.com")),
        ("Two words https://example.com", ("Two words", "https://example.com")),
        ("  Open \n\n https://example.com \n", ("Open", "https://example.com")),
    ],
)
def test_buttons_as_people_write_them(text: str, found: tuple[str, str]) -> None:
    assert read_button(text) == found


@pytest.mark.parametrize("text", ["", "Open", "https://example.com", "\n\n"])
def test_what_is_no_button(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_button(text)
    assert caught.value.reason == "button_form"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", MediaType.PHOTO),
        (b"\x89PNG\r\n\x1a\n", MediaType.PHOTO),
        (b"RIFF\0\0\0\0WEBPVP8 ", MediaType.PHOTO),
        (b"\0\0\0\x18ftypmp42", MediaType.VIDEO),
        (b"\0\0\0\x18ftypqt  ", MediaType.VIDEO),
    ],
)
def test_a_file_is_what_its_content_says(head: bytes, kind: MediaType) -> None:
    assert type_of(head + b"\0" * 100) is kind


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "media_kind"),
        (b"GIF89a", "media_kind"),
        (b"RIFF\0\0\0\0WAVEfmt ", "media_kind"),
        (b"\0\0\0\x18ftypheic", "media_kind"),
        (b"<script>", "media_kind"),
        (b"\xff\xd8\xff" + b"\0" * 10 * MEGABYTE, "media_big"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 20 * MEGABYTE, "media_big"),
    ],
    ids=["nothing", "gif", "wav", "heic", "html", "big photo", "big video"],
)
def test_what_is_neither(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        type_of(content)
    assert caught.value.reason == reason


def test_what_a_tariff_allows() -> None:
    over = Tariff(paid_until=NOW)
    for check in (over.check_paid, over.check_broadcasts):
        with pytest.raises(Refused) as caught:
            check(NOW)
        assert caught.value.reason == "unpaid"
    over.check_broadcasts(NOW - timedelta(seconds=1))
    with pytest.raises(Refused) as caught:
        Tariff(broadcasts=False).check_broadcasts(NOW)
    assert caught.value.reason == "broadcasts"
    small = Tariff(campaigns=2)
    small.check_campaigns(1, NOW)
    with pytest.raises(Refused) as caught:
        small.check_campaigns(2, NOW)
    assert caught.value.reason == "tariff_campaigns"
    UNLIMITED.check_campaigns(10**6, NOW)
    assert [one.writes(NOW) for one in (UNLIMITED, over, Tariff(broadcasts=False))] == [True, False, False]
