"""Updates as Telegram sends them: group chatter, messages that ask for an answer, joins."""

import random
from collections.abc import Iterator
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
GROUPS = tuple(-1_001_000_000_000 - n for n in range(20))
SENTENCES = (
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
QUESTION = "what is the keyword7 please?"
BUYERS, PRICE = 100, 500  # people with an open order, and what it costs in Stars


def _user(number: int) -> dict[str, Any]:
    return {
        "id": 5_000_000 + number,
        "is_bot": False,
        "first_name": f"Person {number}",
        "username": f"person_{number}",
        "language_code": "en",
        **({"is_premium": True} if number % 7 == 0 else {}),
    }


def _word(number: int) -> str:
    """A word nobody else says: people do not repeat each other to the letter."""
    return "".join(chr(97 + number // 26**place % 26) for place in range(6))


def _message(number: int, chat: dict[str, Any], person: int, words: str) -> dict[str, Any]:
    return {
        "message_id": number % 2_000_000_000,
        "from": _user(person),
        "chat": chat,
        "date": 1_700_000_000 + number,  # never backwards, whatever the round
        "text": words,
    }


_PHOTO = [
    {"file_id": "AgACAgIAAx0CZ" + "x" * 60 + str(n), "file_unique_id": "AQADt" + "y" * 10 + str(n),
     "file_size": 1500 * n, "width": 90 * n, "height": 67 * n}
    for n in (1, 4, 9, 14)
]  # fmt: skip


def chatter(count: int, seed: int = 1, text: str | None = None) -> Iterator[bytes]:
    """Messages of 500 people, 25 in each of 20 groups: `text`, or ordinary talk that calls for nothing.

    Ordinary talk is a mix as groups have it: three in ten answer somebody (Telegram then sends the whole
    other message along), one in ten is a photo with a caption.
    """
    random_ = random.Random(seed)
    for number in range(seed * 10_000_000, seed * 10_000_000 + count):
        person = random_.randrange(500)
        group = GROUPS[person % len(GROUPS)]
        chat = {"id": group, "type": "supergroup", "title": "Bench", "username": "bench"}
        words = f"{random_.choice(SENTENCES)} {text or ''} {_word(number)}"
        message = _message(number, chat, person, words)
        dice = random_.random() if text is None else 1.0
        if dice < 0.3:
            message["reply_to_message"] = _message(
                number - 1, chat, random_.randrange(500), random_.choice(SENTENCES)
            )
        elif dice < 0.4:
            message |= {"photo": _PHOTO, "caption": message.pop("text")}
        yield _encode({"update_id": number, "message": message})


def joins(count: int, seed: int = 1) -> Iterator[bytes]:
    """People joining 20 groups by a named invite link."""
    for number in range(seed * 10_000_000, seed * 10_000_000 + count):
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


def buyer(number: int) -> dict[str, Any]:
    """Somebody who is about to pay."""
    return {"id": 9_000_000 + number, "is_bot": False, "first_name": f"Buyer {number}"}


def order_key(number: int) -> str:
    """The invoice's payload of the n-th buyer."""
    return f"GH-BENCH-{number}"


def backlog(count: int, seed: int, buyers: int = BUYERS) -> Iterator[bytes]:
    """What has piled up: half chatter, a quarter joins, a quarter commands of people in private, and spread
    among them the questions whether `buyers` people may pay."""
    every = max(1, count // buyers)
    talk, newcomers = chatter(count, seed), joins(count, seed + 5_000)
    for number in range(count):
        if number % every == every // 2 and number // every < buyers:
            yield _pre_checkout(number // every, seed)
        kind = number % 4
        if kind < 2:
            yield next(talk)
        elif kind == 2:
            yield next(newcomers)
        else:
            yield _command(number, seed)


def _pre_checkout(number: int, seed: int) -> bytes:
    query = {
        "id": f"{seed}x{number}", "from": buyer(number), "currency": "XTR", "total_amount": PRICE,
        "invoice_payload": order_key(number),
    }  # fmt: skip
    return _encode({"update_id": 3_000_000_000 + seed * 10_000 + number, "pre_checkout_query": query})


def _command(number: int, seed: int) -> bytes:
    person = _user(number % 3_000)
    chat = {"id": person["id"], "type": "private", "first_name": person["first_name"]}
    message = _message(number, chat, number % 3_000, ("/start", "/help", "/plans")[number % 3])
    message["from"] = person
    message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(message["text"])}]
    return _encode({"update_id": 2_000_000_000 + seed * 100_000 + number, "message": message})
