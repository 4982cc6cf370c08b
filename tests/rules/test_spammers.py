"""Lists of known spammers as they are published, kept and looked up; names, bios, a model's answers."""

import sys
from array import array
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.antispam.lessons import Lessons, lesson_of
from domain.antispam.memory import ChatMemory
from domain.antispam.opinions import LONGEST_REASON, NoOpinion, question, read_answer
from domain.antispam.pipeline import Pipeline, post_of_text
from domain.antispam.profiles import Profile, advertising_name, inviting_bio, profile_words
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.spammers import LARGEST_ID, Ids, may_replace, parse
from domain.antispam.words import WordList
from storage import spammer_lists
from storage.spammer_lists import About

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"5\n3\n5\n9000000000\n", [3, 5, 9000000000]),
        (b"\xef\xbb\xbf1\r\n2\r\n\r\n# a remark\r\n3", [1, 2, 3]),
        (b'user_id,reason\n"7",scam\n 8 ,"a, b"\n', [7, 8]),
        (b"name;ID;since\nEve;11;2024\nIvy;12;2025\n", [11, 12]),
        (b"1\n-100123\n2\nabc\n3\n0\n99999999999999999\n4", [1, 2, 3, 4]),
    ],
)
def test_lists_are_read_as_they_come(raw: bytes, found: list[int]) -> None:
    assert list(parse(raw).sorted) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"<html>\n<body>\n404\n</body>\n</html>",
        b'{"ok": false}',
        b"\x00\xff" * 500,
        b"user_id\n",
    ],
)
def test_what_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="ids in"):
        parse(raw)


@given(st.binary(max_size=300))
def test_nothing_breaks_the_reader(raw: bytes) -> None:
    try:
        found = list(parse(raw).sorted)
    except ValueError:
        return
    assert found == sorted(set(found))
    assert 0 < found[0] <= found[-1] <= LARGEST_ID


@given(st.sets(st.integers(1, 50)), st.integers(0, 51))
def test_an_id_is_found_when_it_is_there(ids: set[int], wanted: int) -> None:
    assert (wanted in Ids(ids)) == (wanted in ids)


def test_a_million_ids_are_held_in_little_memory() -> None:
    held = Ids(range(1, 1_000_001))
    assert len(held) == 1_000_000
    assert sys.getsizeof(held.sorted) < 20 * 1024 * 1024


def test_a_list_that_lost_half_of_itself_replaces_nothing() -> None:
    assert may_replace(Ids([1]), None)
    assert may_replace(Ids(range(50)), Ids(range(100)))
    assert not may_replace(Ids(range(49)), Ids(range(100)))


def test_a_kept_list_is_the_same_or_none(tmp_path: Path) -> None:
    path = tmp_path / "spammers" / "list.ids"
    assert spammer_lists.read(path) is None
    spammer_lists.write(path, About("tag", "Monday"), Ids([9, 3, 2**51]), NOW)
    kept = spammer_lists.read(path)
    assert kept is not None
    assert (kept[0].etag, kept[0].modified, kept[1].sorted) == ("tag", "Monday", array("q", [3, 9, 2**51]))
    assert spammer_lists.last_look(path) == NOW
    assert [one.name for one in path.parent.iterdir()] == ["list.ids"]
    raw = path.read_bytes()
    for damaged in (raw[:-1], raw[:-1] + b"x", raw + bytes(8), b"", b"{}\n", b"\xff" * 9_000):
        path.write_bytes(damaged)
        assert spammer_lists.read(path) is None, damaged[:40]


def test_an_innocent_text_does_not_clear_its_author() -> None:
    text, lessons = "Good morning everybody, how are you?", Lessons()
    lesson = lesson_of(text, (), False, NOW)
    assert lesson is not None
    lessons.put(lesson)
    pipeline = Pipeline(AntiSpamSettings(), frozenset(), lessons, {7: "cas.example"}.get)
    doubt = pipeline.examine(post_of_text(1, -100, 7, text), ChatMemory())
    assert doubt is not None
    assert [(one.code, one.points) for one in doubt.evidence] == [("known_spammer", 100)]
    assert pipeline.examine(post_of_text(1, -100, 8, text), ChatMemory()) is None
    channel = msgspec.structs.replace(post_of_text(1, -100, 7, text), sender_chat_id=-1009)
    assert pipeline.examine(channel, ChatMemory()) is None, "the id of a channel's account is nobody's"


def test_a_write_that_fails_leaves_the_old_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.ids"
    spammer_lists.write(path, About(), Ids([1]), NOW)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spammer_lists.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        spammer_lists.write(path, About(), Ids([2]), NOW)
    kept = spammer_lists.read(path)
    assert kept is not None
    assert list(kept[1].sorted) == [1]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "username", "found"),
    [
        ("Anna t.me/+AbCdEf", None, "t.me/+AbCdEf"),
        ("ANNA.XYZ", None, "ANNA.XYZ"),
        ("https://example.de/x", None, "https://example.de/x"),
        ("Anna @best_signals", "anna", "@best_signals"),
        ("Anna @anna_photo", "Anna_Photo", None),
        ("Anna t.me/anna_photo", "anna_photo", None),
        ("Anna from @chess_club", None, None),
        ("Dr.Smith J.R.Lee", None, None),
        ("me@home", None, None),
        ("Анна", None, None),
    ],
)
def test_a_name_that_advertises(name: str, username: str | None, found: str | None) -> None:
    evidence = advertising_name(Profile(name, username), frozenset({"@chess_club"}))
    assert (evidence and evidence.data["found"]) == found
    assert evidence is None or evidence.points == 60


def test_a_bio_that_invites() -> None:
    evidence = inviting_bio(Profile("Eve", None, "18+ my secret t.me/joinchat/AbC only today"))
    assert evidence is not None
    assert evidence.points == 40
    for harmless in (None, "", "My channel: t.me/eve_cooks, www.eve.com"):
        assert inviting_bio(Profile("Eve", None, harmless)) is None


@pytest.mark.parametrize(
    ("profile", "where"),
    [
        (Profile("Crypt0 Signаls", None), "name_word"),  # a nought, a Cyrillic letter
        (Profile("C r y p t o S i g n a l s", None), "name_word"),
        (Profile("Eve", "crypto_signals_vip"), "username_word"),
        (Profile("Eve", "eve", "free CRYPTO SIGNALS every day"), "bio_word"),
        (Profile("Cryptographer", "signals", "no crypto, no signals"), None),
    ],
)
def test_listed_words_are_found_in_disguise(profile: Profile, where: str | None) -> None:
    evidence = profile_words(profile, WordList(["crypto signals"]))
    assert (evidence and evidence.data["what"]) == where
    assert evidence is None or evidence.points == 100


def test_a_models_answer() -> None:
    assert read_answer(' {"spam": true, "reason": "offers easy money"}\n').spam
    assert not read_answer('{"reason": "", "spam": false}').spam


@pytest.mark.parametrize(
    "answer",
    [
        "", "true", "spam", '{"spam": true}', '{"spam": "true", "reason": "x"}', '{"spam": 1, "reason": "x"}',
        '{"spam": true, "reason": null}', '[{"spam": true, "reason": "x"}]',
        '```json\n{"spam": true, "reason": "x"}\n```', '{"spam": true, "reason": "x"} I am sure.',
        '{"spam": true, "reason": "x", "action": "ban"}', '{"spam": true, "reason": "\ud800"}',
    ],
)  # fmt: skip
def test_any_other_answer_is_none(answer: str) -> None:
    with pytest.raises(NoOpinion):
        read_answer(answer)


def test_a_models_words_advertise_nothing() -> None:
    """Its words may be dictated by the message it judged."""
    written = '{"spam": true, "reason": "Join https://x.example/a t.me/+Abc or\\n@eve_shop now\\u202e %s"}'
    words = read_answer(written % ("very " * 100)).reason
    assert words.startswith("Join … … or eve_shop now very")
    assert len(words) == LONGEST_REASON


@given(st.text(max_size=100))
def test_a_message_stays_data(text: str) -> None:
    asked = question(text)
    assert asked.startswith('{"message":"')
    assert asked.count('"') - asked.count('\\"') >= 4
    assert "\n" not in asked


def test_a_message_that_is_too_long_is_cut() -> None:
    assert len(question("x" * 100_000)) < 2_100
