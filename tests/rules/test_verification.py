"""Questions to newcomers, and how a raid is told."""

import io
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from domain.antispam.settings import Mode, mode_at
from domain.errors import Invalid
from domain.movements import Movement, MovementKind
from domain.raids import MOST_RECENT, is_raid, recent
from domain.verification import (
    CHOICES,
    HEIGHT,
    LETTERS,
    QUESTIONS,
    WIDTH,
    WORD,
    Method,
    VerificationSettings,
    challenge,
    checked,
    from_document,
    picture,
)

SEEDS = st.integers(min_value=0, max_value=2**64)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(SEEDS)
def test_a_sum_has_one_right_answer_among_its_choices(seed: int) -> None:
    asked = challenge(Method.ARITHMETIC, random.Random(seed))
    a, sign, b = re.fullmatch(r"(\d+) ([+−]) (\d+)", asked.question).groups()  # type: ignore[union-attr]
    result = int(a) + int(b) if sign == "+" else int(a) - int(b)
    assert 4 <= len(asked.choices) <= 6
    assert len(set(asked.choices)) == len(asked.choices)
    assert [n for n, one in enumerate(asked.choices) if int(one) == result] == [asked.answer]
    assert all(int(one) >= 0 for one in asked.choices), "a minus sign would give the wrong ones away"
    assert [asked.is_right(n) for n in range(-1, 6)].count(True) == 1


@given(SEEDS)
def test_a_picture_has_one_right_word_among_its_choices(seed: int) -> None:
    asked = challenge(Method.PICTURE, random.Random(seed))
    assert len(set(asked.choices)) == CHOICES
    assert asked.choices[asked.answer] == asked.question
    assert all(len(one) == WORD and set(one) <= set(LETTERS) for one in asked.choices)
    assert all(set(one) & set(asked.question) for one in asked.choices), "no wrong one is obvious"


@pytest.mark.parametrize("seed", range(8))
def test_pictures_are_png_and_hold_letters(seed: int) -> None:
    data = picture("WXYA", random.Random(seed))
    image = Image.open(io.BytesIO(data))
    image.load()
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert len(data) < 60_000
    dark = sum(image.histogram()[:90])
    assert dark > 3_000, "there is something to read"
    each = WIDTH // WORD
    for place in range(WORD):
        part = image.crop((place * each, 0, (place + 1) * each, HEIGHT))
        assert sum(part.histogram()[:90]) > 400, f"letter {place} is not in the picture"
    assert picture("WXYA", random.Random(seed)) == data
    assert picture("ACEF", random.Random(seed)) != data


def test_no_two_questions_are_the_same() -> None:
    for method in QUESTIONS:
        assert len({challenge(method).nonce for _ in range(50)}) > 45
    places = {challenge(Method.ARITHMETIC).answer for _ in range(200)}
    assert places == set(range(CHOICES)), "the right one is anywhere"


def test_settings_have_defaults_and_limits() -> None:
    assert from_document({}) == VerificationSettings()
    assert VerificationSettings().method is Method.OFF
    assert checked({"method": "picture", "timeout_minutes": None}) == {
        "method": "picture",
        "timeout_minutes": None,
    }
    assert from_document({"method": "request"}).in_chat is Method.OFF
    assert from_document({"method": "request"}).in_lockdown is Method.BUTTON
    assert from_document({"method": "picture"}).in_lockdown is Method.PICTURE


@pytest.mark.parametrize(
    "change",
    [
        {"method": "riddle"}, {"method": 1}, {"question": "off"}, {"question": "request"},
        {"timeout_minutes": 0}, {"timeout_minutes": 61}, {"timeout_minutes": "5"}, {"raid_limit": 2},
        {"raid_limit": 51}, {"raid_minutes": 0}, {"raid_mode": "maybe"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        checked(change)


def test_a_new_chat_is_observed_for_a_day() -> None:
    day = START + timedelta(days=1)
    assert mode_at(Mode.AUTO, day - timedelta(seconds=1), START) is Mode.OBSERVE
    assert mode_at(Mode.AUTO, day, START) is Mode.ON
    assert mode_at(Mode.OFF, day, START) is Mode.OFF


def join(user_id: int, second: float) -> Movement:
    """Somebody comes so many seconds after the start."""
    at = START + timedelta(seconds=second)
    return Movement(
        1, 2, -1001, "supergroup", "Club", user_id, f"P{user_id}", None, None, False, MovementKind.JOIN,
        user_id, "unknown", None, None, False, at, user_id,
    )  # fmt: skip


def told(moments: list[float], limit: int, seconds: int) -> bool:
    """Whether joins at these moments, as they come, are ever a raid."""
    kept: list[Movement] = []
    for number, moment in enumerate(moments):
        kept = recent(kept, join(number, moment), seconds)
        if is_raid(kept, limit):
            return True
    return False


@given(
    st.lists(st.integers(min_value=0, max_value=200), max_size=60),
    st.integers(min_value=3, max_value=20),
    st.integers(min_value=5, max_value=30),
)
def test_a_raid_is_so_many_joins_in_any_window(moments: list[int], limit: int, seconds: int) -> None:
    moments = sorted(moments)
    windows = [sum(start <= m < start + seconds for m in moments) for start in moments]
    assert told([float(m) for m in moments], limit, seconds) is (max(windows, default=0) >= limit)


@given(st.permutations(range(12)))
def test_the_order_of_news_does_not_matter(order: list[int]) -> None:
    assert told([n * 0.5 for n in order], 10, 10)
    assert not told([n * 2.0 for n in order], 10, 10)


def test_one_person_who_comes_and_goes_is_no_raid() -> None:
    kept: list[Movement] = []
    for n in range(20):
        kept = recent(kept, join(7, n * 0.1), 10)
    assert len(kept) == 1
    for n in range(200):
        kept = recent(kept, join(n, 3.0), 10)
    assert len(kept) == MOST_RECENT
