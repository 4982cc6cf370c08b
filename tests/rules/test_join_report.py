"""Joins and leaves put together, and their chart."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.charts import DOWN, HEIGHT, SERIES, WIDTH, stacked_bars
from domain.join_report import REST, Period, Slot, report

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
TODAY = datetime(2026, 5, 20, tzinfo=UTC)


def picture(slots: list[Slot], decimals: int = 0) -> Image.Image:
    image = Image.open(io.BytesIO(stacked_bars(slots, decimals)))
    image.load()
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    return image


@pytest.mark.parametrize(
    ("period", "slots", "first", "last"),
    [
        (Period.TODAY, 16, "00", "15"),
        (Period.WEEK, 7, "05-14", "05-20"),
        (Period.MONTH, 30, "04-21", "05-20"),
    ],
)
def test_periods(period: Period, slots: int, first: str, last: str) -> None:
    found = report(period, NOW, [], [])
    assert (len(found.slots), found.slots[0].label, found.slots[-1].label) == (slots, first, last)
    assert found.net == 0


def test_the_largest_sources_have_names_the_others_are_one() -> None:
    came = [(TODAY, name, people) for people, name in enumerate("abcdefgh", start=1)]
    found = report(Period.WEEK, NOW, came, [(TODAY - timedelta(days=1), 4)])
    assert found.sources == (("h", 8), ("g", 7), ("f", 6), ("e", 5), ("d", 4), (REST, 6))
    assert found.slots[-1].joined == (8, 7, 6, 5, 4, 6)
    assert (found.joined, found.left, found.net, found.slots[-2].left) == (36, 4, 32, 4)


def test_six_sources_need_no_rest() -> None:
    found = report(Period.TODAY, NOW, [(TODAY, name, 1) for name in "abcdef"], [])
    assert [name for name, _ in found.sources] == list("abcdef")


def test_colours_stand_where_their_people_are() -> None:
    image = picture([Slot("01", (5, 5), 0), Slot("02", (0, 0), 10)])
    colours = {colour for _, colour in image.getcolors(WIDTH * HEIGHT) or []}
    assert {SERIES[0], SERIES[1], DOWN} <= colours
    assert not {SERIES[2], SERIES[5]} & colours


def test_an_empty_chart_is_a_picture_too() -> None:
    picture([])
    picture([Slot("00", (), 0)])


def test_cents_change_the_scale_and_not_the_bars() -> None:
    slots = [Slot("07-16", (1234, 500), 0), Slot("07-17", (0, 99), 0)]
    whole, cents = picture(slots), picture(slots, decimals=2)
    assert whole.tobytes() != cents.tobytes(), "the numbers beside the bars are other ones"
    right = (WIDTH // 4, 0, WIDTH, HEIGHT)
    assert whole.crop(right).tobytes() == cents.crop(right).tobytes()


@pytest.mark.parametrize("decimals", [0, 2, 8])
def test_long_numbers_have_room_beside_the_bars(decimals: int) -> None:
    image = picture([Slot("2024", (10**15,), 0)], decimals)
    edge = {image.getpixel((0, y)) for y in range(HEIGHT)}
    assert edge == {(255, 255, 255)}, "no number is cut off"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 10**6), max_size=6), st.integers(0, 10**6)), min_size=1, max_size=30
    )
)
def test_any_numbers_can_be_drawn(numbers: list[tuple[list[int], int]]) -> None:
    picture([Slot("00", tuple(joined), left) for joined, left in numbers])
