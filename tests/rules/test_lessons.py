"""Lessons: known again in disguise, never by chance, cheap however many, and gone without a trace."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.antispam_disguises import all_disguises
from bench.antispam_rows import EXAMPLES, examples, read
from domain.antispam import checks, classifier
from domain.antispam.fingerprints import SAMPLE, Reading
from domain.antispam.lessons import MOST_LEAN, Lesson, Lessons, lesson_of
from domain.antispam.memory import INNOCENT, ChatMemory
from domain.antispam.pipeline import Pipeline, post_of_text
from domain.antispam.settings import AntiSpamSettings

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROWS = read(EXAMPLES.with_name("antispam_unseen.jsonl"))
SPAM = [row.text for row in ROWS if row.spam and len(Reading(row.text).letters) >= 60][:60]
HAM = [row.text for row in ROWS if not row.spam][:60]
PLAN = "Встречаемся в субботу у старой библиотеки, приносите доски и часы, будем играть до вечера"
NOTE = "The keys are with the porter, ask him on the ground floor and say hello from all of us there"
OFFER = "Ищу людей в команду, удаленная работа, доход от 500$ в неделю, обучение бесплатно, пишите + в лс"


def lesson(text: str, spam: bool = True, links: Sequence[str] = (), minute: int = 0) -> Lesson:
    found = lesson_of(text, links, spam, NOW + timedelta(minutes=minute))
    assert found is not None
    return found


def known(book: Lessons, text: str, *links: str) -> bool:
    return book.spam(Reading(text, links)) is not None


def says(book: Lessons) -> list[object]:
    """All that a book can be asked."""
    seen = [Reading(text) for text in (*SPAM[:12], *HAM[:12], PLAN, NOTE, OFFER)]
    return [[book.spam(one), book.ham(one), book.lean(one)] for one in seen] + [book.learned]


@settings(max_examples=60)
@given(
    st.sampled_from([*SPAM, PLAN]),
    st.sampled_from([" ", ".", "-", "\u200b", "*"]),
    st.text(max_size=400),
    st.sampled_from(HAM),
)
def test_neither_spaces_nor_padding_hide_a_text(text: str, between: str, before: str, after: str) -> None:
    book = Lessons([lesson(text)])
    assert known(book, "  ".join(between.join(word) for word in text.split()))
    assert known(book, f"{before}\n{text}\n{after}\n{after}")
    assert known(book, text.upper().replace("О", "0").replace("А", "A"))


@settings(max_examples=60)
@given(st.sampled_from([*SPAM, PLAN]), st.lists(st.integers(0, 59), max_size=3), st.characters())
def test_a_few_typos_do_not_hide_a_text(text: str, places: list[int], typo: str) -> None:
    changed = list(text)
    for place in places:
        changed[place] = typo
    assert known(Lessons([lesson(text)]), "".join(changed))


def test_disguises_hide_few() -> None:
    choice = random.Random(5)
    for name, disguise in all_disguises(HAM).items():
        found = [known(Lessons([lesson(text)]), disguise(text, choice)) for text in SPAM]
        assert sum(found) >= (0.6 if name == "leetspeak" else 0.85) * len(found), name


def test_nothing_is_known_by_chance() -> None:
    rows = [*ROWS, *examples(1, random.Random(2))]
    lessons = [lesson_of(row.text, (), True, NOW) for row in rows if row.spam]
    book = Lessons(one for one in lessons if one is not None)
    assert len(book) > 250
    innocent = [row.text for row in rows if not row.spam]
    assert len([text for text in innocent if known(book, text)]) <= len(innocent) / 500
    assert not known(Lessons([lesson(PLAN)]), f"{PLAN[:30]} {NOTE}"), "a third of it is not enough"


def test_short_texts_are_known_when_they_are_the_same() -> None:
    assert lesson_of("thanks!", (), True, NOW) is None
    assert lesson_of("+7 900 123-45-67", (), True, NOW) is None, "numbers are no words"
    book = Lessons([lesson("пишите мне")])
    assert known(book, "П и ш и т е   м н е !!!")
    assert not known(book, "пишите мне, если что-то найдёте")
    part = Lessons([lesson("Пишите мне в личные сообщения")])
    assert known(part, "Пишите мне в личные сообщения, друзья")
    assert not known(part, f"{PLAN}. {NOTE}. Пишите мне в личные сообщения"), "too small a part of it"


def test_an_innocent_text_that_leads_elsewhere_is_another_one() -> None:
    book = Lessons([lesson(PLAN, False, ["https://club.example/map/"])])

    def passes(text: str, *links: str) -> bool | None:
        found = book.ham(Reading(text, links))
        return None if found is None else found.same

    assert passes(PLAN, "http://www.club.example/map") is True
    assert passes(PLAN + " Приходите!", "https://club.example/map") is False
    assert passes(PLAN, "https://casino.example") is None
    assert passes(PLAN + " @casino_bot", "https://club.example/map") is None
    assert passes(PLAN + " 4276 1234 5678 9012", "https://club.example/map") is None, "a card to pay to"
    assert passes(PLAN + " Приходите! 8.900.123.45.67") is None, "a number to call"
    assert passes(PLAN, *["https://club.example/map"] * 40, "https://casino.example") is None, "the last one"
    assert passes(f"{PLAN}. {OFFER}") is None, "it holds more than that"


@settings(max_examples=15)
@given(st.permutations(range(12)), st.lists(st.booleans(), min_size=12, max_size=12))
def test_neither_order_nor_what_was_undone_leaves_a_trace(order: list[int], verdicts: list[bool]) -> None:
    texts = [*SPAM[:8], *HAM[:2], PLAN, NOTE]
    kept = [
        lesson(text, spam, minute=at) for at, (text, spam) in enumerate(zip(texts, verdicts, strict=True))
    ]
    book = Lessons(kept)
    other = Lessons(lesson(one, not kept[0].spam, minute=99) for one in (OFFER, texts[3]))
    says(other)  # weights are worked out now, and again later
    for at in order:
        other.put(kept[at])
    other.drop(lesson(OFFER).key)
    assert says(other) == says(book)
    other.put(lesson(OFFER, minute=20))
    assert says(other) != says(book)
    other.drop(lesson(OFFER).key)
    assert says(other) == says(book)


def test_only_the_newest_with_a_piece_count_and_the_dropped_make_room() -> None:
    crowd = [
        lesson(f"{PLAN} и ещё раз номер {'абвгдежзиклмнопрстуф'[at] * 2}", minute=at) for at in range(20)
    ]
    book = Lessons(crowd)
    found = book.spam(Reading(PLAN + "!!! да"))
    assert found is not None
    assert found.lesson.at >= crowd[4].at
    for one in crowd[2:]:
        book.drop(one.key)
    assert known(book, PLAN + "!!! да")


def test_what_is_kept_is_bounded_and_no_text() -> None:
    mark = lesson(" ".join(SPAM), links=[f"https://example.org/{n}" for n in range(100)]).mark
    assert (len(mark.sample), mark.size > 1_000) == (SAMPLE, True)
    assert len(mark.stems) <= 64
    assert len(mark.addresses) <= 32
    assert not [one for one in (*mark.sample, *mark.stems, *mark.addresses) if not isinstance(one, int)]


def test_the_classifier_leans_towards_what_was_taught_within_limits() -> None:
    hinted = [text for text in SPAM if classifier.judge(text).hint]
    book = Lessons(lesson(text, minute=at) for at, text in enumerate(hinted[:20]))
    assert max(book.lean(Reading(text)) for text in hinted) > 0.5
    assert all(abs(book.lean(Reading(text))) <= MOST_LEAN for text in (*SPAM, *HAM))
    plain = [text for text in HAM if not classifier.judge(text).hint]
    assert not [text for text in plain if classifier.judge(text, 9.0).hint], "it needs some suspicion itself"
    offers = [text for text in hinted if classifier.judge(text).spam]
    assert [text for text in offers if not classifier.judge(text, -MOST_LEAN).spam]


def pipeline(*lessons: Lesson, **changes: bool | tuple[str, ...]) -> Pipeline:
    return Pipeline(AntiSpamSettings(**changes), frozenset(), Lessons(lessons))  # type: ignore[arg-type]


def codes(checks: Pipeline, text: str, memory: ChatMemory | None = None, **fields: object) -> set[str]:
    post = msgspec.structs.replace(post_of_text(1, -1001, 7, text), **fields)
    doubt = checks.examine(post, memory or ChatMemory())
    return set() if doubt is None else {one.code for one in doubt.evidence}


def test_an_innocent_text_keeps_only_what_is_said_of_its_sending() -> None:
    invite = f"{OFFER} https://t.me/+AbCdEf123456"
    words: tuple[str, ...] = ("команду",)
    assert codes(pipeline(banned_words=words), invite) >= {"learned", "word", "invite"}
    same = pipeline(lesson(invite, False), banned_words=words, block_forwards=True)
    assert codes(same, invite) == set()
    assert codes(same, invite, forwarded=True, kind="story") == {"forward", "story"}
    near = f"{invite} сегодня же"
    assert codes(same, near) == {"word", "invite"}, "of its likes only guesses are forgiven"
    assert "learned" in codes(same, f"{near} @casino_bot")
    forwarded = msgspec.structs.replace(post_of_text(1, -1001, 7, invite), forwarded=True)
    plain = pipeline(lesson(invite, False))
    doubt = plain.examine(forwarded, ChatMemory())
    assert doubt is not None, "the words are innocent, the channel they were forwarded from may not be"
    assert checks.NEWCOMER_FORWARD in plain.as_newcomer(forwarded, doubt)
    both = pipeline(lesson(invite, False), lesson(near))
    assert "similar" in codes(both, near), "this very text is spam"
    assert codes(pipeline(lesson(invite), lesson(near, False)), near) == set()


def test_an_innocent_text_is_no_cover_for_words_that_were_called_spam() -> None:
    long = f"{PLAN}. {NOTE}. {HAM[0]} {HAM[1]} {HAM[2]} {HAM[3]}"
    advert = "Ищу людей в команду, удаленная работа с хорошим доходом, обучение бесплатно, пишите мне"
    for first, second in ((0, 1), (1, 0)):
        book = Lessons([lesson(long, False, minute=first), lesson(advert, minute=second)])
        seen = Reading(f"{long} {advert}")
        assert (found := book.spam(seen)) is not None
        assert book.ham(seen) is not None, "it is the innocent text, by and large"
        assert book.ham(seen, found) is None
    book = Lessons([lesson(NOTE), lesson(long, False)])
    seen = Reading(f"{long} ok")
    assert book.ham(seen, book.spam(seen)) is not None, "these words are part of the innocent text"


@pytest.mark.parametrize("on", [True, False])
def test_the_familiar_are_asked_about_lessons_where_the_check_is_on(on: bool) -> None:
    checks, memory = pipeline(lesson(PLAN), block_learned=on), ChatMemory()
    for number in range(1, INNOCENT + 1):
        memory.innocent(7, number)
    memory.regular(7)
    assert codes(checks, PLAN, memory, message_id=99) == ({"similar"} if on else set())
