"""The checks, one by one: what they find, what they leave alone, and in which disguises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.antispam import sanctions
from domain.antispam.checks import tempts_newcomers
from domain.antispam.evidence import Evidence, is_spam, score
from domain.antispam.folding import readings, squeeze
from domain.antispam.links import Link, allow_entry, is_allowed, parse_link
from domain.antispam.memory import ChatMemory, Memories
from domain.antispam.orders import Order, duration_of, parse_order
from domain.antispam.pipeline import Pipeline, post_of_text
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings, Mode, checked, from_document, read
from domain.antispam.words import WordList
from domain.errors import Invalid
from domain.post import Post

CHAT = -1001
ALL_OFF = {f"block_{name}": False for name in (
    "flood", "duplicates", "newcomers", "links", "invites", "mentions", "forwards", "via_bot", "words",
    "mixed", "learned", "stories", "contacts", "keyboards", "channels",
)}  # fmt: skip


def post(text: str = "hello", **fields: Any) -> Post:
    base = post_of_text(1, CHAT, 7, text)
    return msgspec.structs.replace(base, **fields)


def codes(check: str, one: Post, **settings: Any) -> list[str]:
    """What a single check finds."""
    setup = AntiSpamSettings(**{**ALL_OFF, f"block_{check}": True, **settings})
    doubt = Pipeline(setup).examine(one, ChatMemory())
    return [] if doubt is None else [evidence.code for evidence in doubt.evidence if evidence.points > 20]


@pytest.mark.parametrize(
    ("check", "hit", "miss"),
    [
        ("links", post("see example.com"), post("see you at 5.30")),
        ("links", post("here", links=("http://a.example/x",)), post("https://t.me/c/1/5", chat_id=-1001)),
        ("invites", post("t.me/+AbC"), post("t.me/durov")),
        ("invites", post("https://telegram.me/joinchat/AbC"), post("t.me/joinchats")),
        ("invites", post("x", links=("tg://join?invite=AbC",)), post("x", links=("tg://resolve?domain=a",))),
        ("invites", post("t.me/addlist/abc"), post("t.me/addstickers/abc")),
        ("forwards", post(forwarded=True), post()),
        ("via_bot", post(via_bot=True), post()),
        ("stories", post("", kind="story"), post("", kind="photo")),
        ("contacts", post("", kind="contact"), post("", kind="location")),
        ("keyboards", post(buttons=True), post()),
        ("channels", post(sender_chat_id=-100555), post()),
        ("mixed", post("Зapaботок для всех"), post("заработок в IT-отделе, PDFка и чатGPT")),
        ("mixed", post("срoчно"), post("plain english text")),
    ],
)
def test_a_check_finds_and_leaves_alone(check: str, hit: Post, miss: Post) -> None:
    assert len(codes(check, hit)) == 1
    assert codes(check, miss) == []


@pytest.mark.parametrize(
    "text",
    [
        "casino", "CASINO!", "c a s i n o", "c.a.s.i.n.o", "ca\u200bsi\u2060no",
        "ｃａｓｉｎｏ", "𝐜𝐚𝐬𝐢𝐧𝐨", "cásínó",
        "cаsіnо", "ca5in0", "c@sino", "C A $ I N 0", "🅲🅰🆂🅸🅽🅾", "best casino, now", "buy,c@sino,now", "СASINО",
    ],
)  # fmt: skip
def test_disguises_of_a_banned_word(text: str) -> None:
    assert WordList(["casino"]).find(text, squeeze(text)) == "casino"


@pytest.mark.parametrize(
    "text", ["cas in ohio", "occasional", "casinos", "has in or", "", "👍", "casi no", "45 51"]
)
def test_what_is_no_banned_word(text: str) -> None:
    assert WordList(["casino", "as"]).find(text, squeeze(text)) is None


def test_banned_phrases_and_wildcards() -> None:
    words = WordList(["easy money", "зараб*", "*coin", "1488"])
    expected = {
        "EASY  MONEY": "easy money", "e a s y m o n e y": "easy money", "easymoney": None, "money easy": None,
        "Зарабатывай": "зараб*", "подзаработок": None, "bitcoin": "*coin", "coins": None, "14 88": None,
        "1488": "1488", "i4bb": None,
    }  # fmt: skip
    assert {text: words.find(text, squeeze(text)) for text in expected} == expected


@given(st.text(max_size=200))
def test_folding_is_idempotent_and_never_fails(text: str) -> None:
    once = squeeze(text)
    assert squeeze(once) == once
    assert all(char.isalnum() for char in once)
    for reading in readings(text):
        assert reading.startswith(" ")
        assert reading.endswith(" ")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.text(max_size=60))
def test_word_lists_never_fail(word: str, text: str) -> None:
    WordList([word, "casino"]).find(text, squeeze(text))


@given(st.text(max_size=80))
def test_any_address_can_be_read(url: str) -> None:
    assert isinstance(parse_link(url), Link)
    is_allowed(parse_link(url), frozenset({"example.com"}), CHAT)
    allow_entry(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.com/x", True), ("sub.example.com", True), ("https://example.com.evil.org", False),
        ("https://evil.org/example.com", False), ("https://example.com@evil.org", False),
        ("notexample.com", False), ("t.me/Friends/5", True), ("friends.t.me", True), ("t.me/friends2", False),
        ("t.me/+abc", False), ("tg://resolve?domain=friends", True), ("https://t.me/c/1/99", True),
        ("https://t.me/c/2/99", False), ("//example.com", True), ("HTTPS://EXAMPLE.COM:443/", True),
    ],
)  # fmt: skip
def test_the_allow_list(url: str, allowed: bool) -> None:
    listed = frozenset({"example.com", "@friends"})
    assert is_allowed(parse_link(url), listed, -1001) is allowed


def test_flood_counts_a_message_once_and_an_album_as_one() -> None:
    memory = ChatMemory()
    assert [memory.burst(7, n, 100 + n, 10) for n in (1, 2, 3)] == [1, 2, 3]
    assert memory.burst(7, 2, 102, 10) == 2, "redelivered: judged as at its time"
    assert memory.burst(7, 3, 103, 10) == 3
    assert memory.burst(8, 4, 103, 10) == 1
    assert memory.burst(7, 5, 113, 10) == 1, "the window has passed"
    assert [memory.burst(7, n, 113, 10, "album") for n in (6, 7, 8)] == [2, 2, 2]


def test_repeats_know_people_and_redelivery() -> None:
    memory = ChatMemory()
    assert memory.repeats("text", 1, 1, 100, 60).count == 1
    assert memory.repeats("text", 2, 2, 110, 60).people == 2
    again = memory.repeats("text", 1, 1, 100, 60)
    assert (again.count, again.people) == (1, 1)
    assert memory.repeats("text", 3, 3, 170, 60).count == 1


def test_memory_is_bounded() -> None:
    memories = Memories(most=3)
    for chat in range(10):
        memories.of(1, chat)
    memory = memories.of(1, 9)
    for number in range(5_000):
        memory.burst(number, number, number, 10)
        memory.repeats(str(number), number, number, number, 10)
        memory.album(str(number), number)
        memory.met(f"name{number}", number, "x")
    assert len(memories._chats) == 3
    assert len(memory._authors) <= 2_000
    assert len(memory._texts) <= 1_000
    assert len(memory._albums) <= 200


def test_style_alone_is_never_spam() -> None:
    pipeline = Pipeline(AntiSpamSettings())
    shouting = post("WELL DONE " * 300 + "🔥" * 50)
    assert pipeline.examine(shouting, ChatMemory()) is None
    picture = msgspec.structs.replace(shouting, kind="photo")
    doubt = pipeline.examine(picture, ChatMemory())
    assert doubt is not None
    assert not doubt.certain
    assert is_spam(pipeline.as_newcomer(picture, doubt))


def test_a_newcomer_with_a_strange_word_is_enough() -> None:
    pipeline = Pipeline(AntiSpamSettings())
    one = post("Вcтретимся у подъезда в семь")
    doubt = pipeline.examine(one, ChatMemory())
    assert doubt is not None
    assert doubt.newcomer
    assert not doubt.certain
    assert score(pipeline.as_newcomer(one, doubt)) == 100


def test_regulars_and_channels_are_no_newcomers() -> None:
    pipeline, memory = Pipeline(AntiSpamSettings()), ChatMemory()
    link = post("example.com")
    assert tempts_newcomers(link)
    assert pipeline.examine(link, memory) is not None
    memory.regular(7)
    assert pipeline.examine(link, memory) is None


def test_edited_messages_do_not_flood() -> None:
    pipeline, memory = Pipeline(AntiSpamSettings(flood_limit=2)), ChatMemory()
    for _ in range(10):
        assert pipeline.examine(post("fixed a typo, sorry", edited=True), memory) is None


def test_the_first_day_is_observed() -> None:
    since = datetime(2026, 5, 1, tzinfo=UTC)
    auto = AntiSpamSettings()
    assert auto.mode_at(since + timedelta(hours=23), since) is Mode.OBSERVE
    assert auto.mode_at(since + timedelta(hours=24), since) is Mode.ON
    assert AntiSpamSettings(mode=Mode.OFF).mode_at(since, since) is Mode.OFF


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"colour": 1}, "colour", "unknown_field"),
        ({"flood_limit": 1}, "flood_limit", "antispam_value"),
        ({"flood_limit": "8"}, "flood_limit", "antispam_value"),
        ({"action": "hug"}, "action", "antispam_value"),
        ({"warn_action": "warn"}, "warn_action", "antispam_value"),
        ({"mute_seconds": 5}, "mute_seconds", "antispam_value"),
        ({"block_links": "yes"}, "block_links", "antispam_value"),
        ({"banned_words": ["!"]}, "banned_words", "banned_word"),
        ({"banned_words": [f"word{n}" for n in range(501)]}, "banned_words", "antispam_many"),
        ({"allowed_links": ["not a domain"]}, "allowed_links", "allowed_link"),
    ],
)
def test_bad_settings_name_the_field(changes: Any, field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(changes)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_settings_are_stored_clean() -> None:
    stored = checked(
        {"banned_words": ["easy  money", "easy money"], "allowed_links": ["https://A.example/x", "@Bob_1"],
         "action": "ban", "flood_limit": None}
    )  # fmt: skip
    assert stored == {
        "banned_words": ["easy money"], "allowed_links": ["a.example", "@bob_1"], "action": "ban",
        "flood_limit": None,
    }  # fmt: skip
    assert from_document({"banned_words": ["a1"], "something_old": 5}).banned_words == ("a1",)


def test_values_as_people_write_them() -> None:
    assert read("mute_seconds", "1d12h") == 129_600
    assert read("flood_seconds", "10 сек") == 10
    assert read("ban_seconds", "навсегда") == read("warn_seconds", "for ever") == 0
    assert read("flood_limit", " 5 ") == 5
    assert read("banned_words", "one\n\n two ") == ("one", "two")
    assert read("banned_words", "-") == ()
    with pytest.raises(Invalid):
        read("flood_limit", "2h")


@pytest.mark.parametrize(
    ("args", "replied", "order"),
    [
        ("@ann 2h rude", False, Order("@ann", 7200, "rude")),
        ("2h 30m rude words", True, Order(None, 9000, "rude words")),
        ("3 times warned", True, Order(None, 0, "3 times warned")),
        ("123456789 1w", False, Order("123456789", 604_800, "")),
        ("@ann 10 минут за спам", False, Order("@ann", 600, "за спам")),
        ("1 час 30 мин. мат", True, Order(None, 5400, "мат")),
        ("2 days of rest", True, Order(None, 172_800, "of rest")),
        ("2 с матом", True, Order(None, 0, "2 с матом")),
        ("30сек", True, Order(None, 30, "")),
        ("@ann навсегда спам", False, Order("@ann", 0, "спам")),
        ("", True, Order(None)),
    ],
)
def test_orders(args: str, replied: bool, order: Order) -> None:
    assert parse_order(args, replied=replied, timed=True) == order


@pytest.mark.parametrize(
    ("args", "replied", "reason"),
    [
        ("", False, "order_target"), ("2h", False, "order_target"), ("rude", False, "order_target"),
        ("@ann 10x", False, "order_duration"), ("29s", True, "order_duration"),
        ("367d", True, "order_duration"), ("99999w", True, "order_duration"),
        ("2 месяца", True, "order_duration"), ("10хв", True, "order_duration"),
    ],
)  # fmt: skip
def test_bad_orders(args: str, replied: bool, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_order(args, replied=replied, timed=True)
    assert refused.value.reason == reason


@given(st.text(max_size=60), st.booleans(), st.booleans())
def test_orders_are_read_or_refused(args: str, replied: bool, timed: bool) -> None:
    try:
        order = parse_order(args, replied=replied, timed=timed)
    except Invalid:
        return
    assert order.who is not None or replied


def test_durations() -> None:
    assert [duration_of(text) for text in ("10m", "1d 2h", "1D", "x", "", "10", "1h x")] == [
        600, 93_600, 86_400, None, None, None, None,
    ]  # fmt: skip
    assert [duration_of(text) for text in ("10 мин", "2 ч", "3 д", "1 нед", "30 с", "1ч30м", "1 месяц")] == [
        600, 7200, 259_200, 604_800, 30, 5400, None,
    ]  # fmt: skip


def test_sanctions_by_chat_and_author() -> None:
    supergroup, basic = -1_001_000_000_001, -5_000
    assert [call.method for call in sanctions.punish(Action.KICK, supergroup, 7)] == ["unbanChatMember"]
    assert [call.method for call in sanctions.punish(Action.KICK, basic, 7)] == ["banChatMember"]
    assert sanctions.punish(Action.MUTE, basic, 7) == []
    for action in (Action.MUTE, Action.KICK, Action.BAN):
        assert [call.method for call in sanctions.punish(action, supergroup, -100_7)] == ["banChatSenderChat"]
    assert sanctions.punish(Action.WARN, supergroup, 7) == []
    assert sanctions.pardon(Action.KICK, supergroup, 7) == []


def test_scores_add_up() -> None:
    assert not is_spam(())
    assert not is_spam([Evidence("mixed", 60), Evidence("emojis", 20)])
    assert is_spam([Evidence("mixed", 60), Evidence("emojis", 20), Evidence("capitals", 20)])
