"""Updates as Telegram sends them: group chatter, messages that ask for an answer, joins."""

import itertools
import random
from collections.abc import Iterator

import msgspec

_encode = msgspec.json.Encoder().encode
GROUPS = tuple(-1_001_000_000_000 - n for n in range(20))
_SENTENCES = (
    "good morning everybody, who is coming to the meeting tonight?",
    "I think the second variation is better, black has no real counterplay there",
    "lol",
    "Does anyone know whether the library is open on sunday? I could not find it on their page.",
    "ok, see you there then",
    "Мы вчера разбирали эту партию, там всё решает пешка на c5",
    "thanks!!! that helped a lot 🙏",
    "The bus was late again, so I missed the first half. Could somebody tell me what was decided about "
    "the summer camp, and who takes care of the tents this year?",
    "я завтра не смогу, давайте перенесём на четверг",
    "yes",
)
QUESTION = "hello bot, what is the keyword7 please?"


def chatter(count: int, seed: int = 1, text: str | None = None) -> Iterator[bytes]:
    """Messages of 500 people in 20 groups, `text` or ordinary sentences that call for nothing."""
    random_ = random.Random(seed)
    numbers = itertools.count(seed * 10_000_000)
    for _ in range(count):
        number = next(numbers)
        person = random_.randrange(500)
        words = text or random_.choice(_SENTENCES)
        yield _encode(
            {
                "update_id": number,
                "message": {
                    "message_id": number % 2_000_000_000,
                    "date": 1_790_000_000 + number % 100_000,
                    "chat": {"id": random_.choice(GROUPS), "type": "supergroup", "title": "Bench"},
                    "from": {
                        "id": 5_000_000 + person,
                        "is_bot": False,
                        "first_name": f"Person {person}",
                        "username": f"person_{person}",
                        "language_code": "en",
                    },
                    "text": f"{words} {number if text is None else ''}".strip(),
                },
            }
        )


def joins(count: int, seed: int = 1) -> Iterator[bytes]:
    """People joining 20 groups by a named invite link."""
    numbers = itertools.count(seed * 10_000_000)
    for _ in range(count):
        number = next(numbers)
        user = {"id": 100_000_000 + number, "is_bot": False, "first_name": f"Newcomer {number}"}
        yield _encode(
            {
                "update_id": number,
                "chat_member": {
                    "chat": {"id": GROUPS[number % len(GROUPS)], "type": "supergroup", "title": "Bench"},
                    "from": user,
                    "date": 1_790_000_000,
                    "old_chat_member": {"status": "left", "user": user},
                    "new_chat_member": {"status": "member", "user": user},
                    "invite_link": {
                        "invite_link": "https://t.me/+AbCdEfGhIjKl",
                        "creator": {"id": 1, "is_bot": False, "first_name": "Olga"},
                        "name": "Ads",
                        "creates_join_request": False,
                        "is_primary": False,
                        "is_revoked": False,
                    },
                },
            }
        )
