"""Reading files of members, whatever has written them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.durations import LIFETIME, days
from domain.errors import Invalid
from domain.imports import HEADER, MOST_ROWS, Row, has_already, read, until, who, written
from domain.sheets import to_csv

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 2, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    "document",
    [
        b"member_id,end_at,plan\n5,30 days,Gold\n",
        "\ufeffID;До;Тариф\r\n5;30 days;Gold\r\n".encode(),
        "Участник\tСрок\tПлан\n5\t30 days\tGold".encode("cp1251"),
        b'"member_id","started_at","end_at","plan"\n"5","2020-01-01","30 days","Gold"\n\n',
        b"\nuser_id , till , plan\n'5 , 30 days , Gold\n".replace(b"'5", b"5"),
    ],
)
def test_any_spreadsheet_will_do(document: bytes) -> None:
    [row] = read(document)
    assert (row.who, row.end, row.plan) == ("5", "30 days", "Gold")


def test_without_a_header_the_order_counts() -> None:
    assert read(b"@ann,lifetime,Gold,Chess\n\n6,1 month") == [
        Row(1, "@ann", "lifetime", "Gold", "Chess"),
        Row(3, "6", "1 month"),
    ]


def test_an_id_is_better_than_a_name_that_may_have_moved() -> None:
    rows = read(b"username,member_id,end\nann,5,1 day\nbob,,1 day\n")
    assert [row.who for row in rows] == ["5", "bob"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "import_empty"),
        (b"\n\n,,\n", "import_empty"),
        (b"member_id,end\n", "import_empty"),
        (b"\x00\x01", "import_text"),
        (b"5,1 day\n" * (MOST_ROWS + 1), "import_rows"),
        (b'5,"' + b"x" * 200_000 + b'"', "import_text"),
    ],
)
def test_what_is_no_file_of_members(document: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(document)
    assert refused.value.reason == reason


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    try:
        rows = read(document)
    except Invalid:
        return
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers)), "a row is known by its line"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5", 5), ("4503599627370495", 4_503_599_627_370_495), ("@Ann_1", "ann_1"), ("Ann_1", "ann_1"),
        ("https://t.me/Ann_1", "ann_1"), ("t.me/ann_1", "ann_1"),
    ],
)  # fmt: skip
def test_who(text: str, found: int | str) -> None:
    assert who(text) == found


@pytest.mark.parametrize(
    "text", ["", "0", "-100123", "4503599627370496", "٥", "a", "a b", "@", "1ann", "9" * 40]
)
def test_who_is_nobody(text: str) -> None:
    with pytest.raises(Invalid):
        who(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-08-01", "2026-08-02T00:00:00+00:00"),
        ("01.08.2026", "2026-08-02T00:00:00+00:00"),
        ("2026-08-01 12:30", "2026-08-01T12:30:00+00:00"),
        ("2026-08-01T12:30:00+02:00", "2026-08-01T10:30:00+00:00"),
        ("2026-08-01T12:30:00Z", "2026-08-01T12:30:00+00:00"),
    ],
)
def test_until_a_moment(text: str, end: str) -> None:
    found = until(text, NOW)
    assert (found.length, found.end) == (None, datetime.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "length"), [("30 days", days(30)), ("lifetime", LIFETIME), ("навсегда", LIFETIME)]
)
def test_until_so_long(text: str, length: object) -> None:
    found = until(text, NOW)
    assert (found.length, found.end) == (length, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "import_end"), ("soon", "import_end"), ("2026-13-01", "import_end"),
        ("9999-12-31", "import_end"), ("0001-01-01T00:00:00+05:00", "import_end"),
        ("2026-01-05T12:00:00", "import_past"), ("31.12.2025", "import_past"),
    ],
)  # fmt: skip
def test_until_is_nothing(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        until(text, NOW)
    assert refused.value.reason == reason


@given(
    moments,
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    st.integers(1, 2**52 - 1),
)
def test_what_we_write_we_read(end: datetime, name: str, member_id: int) -> None:
    row = (member_id, "ann_1", name, name or "Chess", "Gold", written(NOW), written(end))
    [found] = read(to_csv(HEADER, [row]))
    assert who(found.who) == member_id
    assert until(found.end, NOW).end == end
    assert found.plan == "Gold"
    assert until(written(None), NOW).length == LIFETIME


@given(moments, moments)
def test_an_import_makes_nothing_shorter(held: datetime, end: datetime) -> None:
    assert has_already(held, "", end) == (end <= held)
    assert has_already(held, "30 days", None), "nor does it add, so that a file can be read twice"
    assert not has_already(held, "lifetime", None)
    assert has_already(None, "", end)
    assert has_already(None, "lifetime", None)


def test_a_date_stands_for_its_whole_day() -> None:
    found = until("2026-01-05", NOW)
    assert found.end is not None
    assert found.end - NOW == timedelta(hours=12)
