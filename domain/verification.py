"""Verification of newcomers: what can be set about it, and the questions that are asked."""

import io
import random
import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from PIL import Image, ImageDraw, ImageFont

from domain.antispam.settings import Mode
from domain.errors import Invalid

MOST_WRONG = 3  # wrong answers until somebody is removed
CHOICES = 5  # answers offered, the right one among them
LETTERS = "ACEFHJKLMNPRTUVWXY"  # no two of them look alike, and none looks like a digit
WORD = 4  # letters of a picture
WIDTH, HEIGHT = 480, 200  # pixels of a picture


class Method(StrEnum):
    """How newcomers are verified."""

    OFF = "off"
    BUTTON = "button"
    ARITHMETIC = "arithmetic"
    PICTURE = "picture"
    REQUEST = "request"  # they ask to be let in, and answer in private before they are


QUESTIONS = (Method.BUTTON, Method.ARITHMETIC, Method.PICTURE)


class VerificationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings with their defaults. `question` is what is asked of those who request to join.

    A raid is `raid_limit` joins within `raid_seconds`; the chat is then locked down for `raid_minutes`.
    `raid_mode` is like the anti-spam's: a new chat is only observed during its first day.
    """

    method: Method = Method.OFF
    question: Method = Method.ARITHMETIC
    timeout_minutes: Annotated[int, Meta(ge=1, le=60)] = 5
    raid_mode: Mode = Mode.AUTO
    raid_limit: Annotated[int, Meta(ge=3, le=50)] = 10
    raid_seconds: Annotated[int, Meta(ge=5, le=300)] = 10
    raid_minutes: Annotated[int, Meta(ge=1, le=1440)] = 10

    @property
    def in_chat(self) -> Method:
        """What is asked of those who are in the chat already."""
        return self.method if self.method in QUESTIONS else Method.OFF

    @property
    def in_lockdown(self) -> Method:
        """What everybody is asked during a raid, also where verification is off."""
        return self.in_chat if self.in_chat is not Method.OFF else Method.BUTTON


FIELDS: tuple[str, ...] = VerificationSettings.__struct_fields__


def from_document(document: Mapping[str, Any]) -> VerificationSettings:
    """Settings from a stored document; a field that is missing has its default. Raises `Invalid`."""
    known = {name: value for name, value in document.items() if name in FIELDS}
    try:
        settings = msgspec.convert(known, VerificationSettings)
    except msgspec.ValidationError:
        raise Invalid("settings", "verification_value") from None
    if settings.question not in QUESTIONS:
        raise Invalid("question", "verification_value")
    return settings


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes in the form they are stored in; None makes a field inherit again.

    Raises `Invalid` for a field that is unknown (`unknown_field`) or a value out of range
    (`verification_value`).
    """
    if unknown := [name for name in changes if name not in FIELDS]:
        raise Invalid(unknown[0], "unknown_field")
    given = {name: value for name, value in changes.items() if value is not None}
    settings = from_document(given)
    stored = {name: msgspec.to_builtins(getattr(settings, name)) for name in given}
    return {name: stored.get(name) for name in changes}


class Challenge(msgspec.Struct, frozen=True):
    """A question with the answers offered. `nonce` tells it from an older one; `answer` is an index.

    `question` is what is asked: a sum, the letters of the picture, or nothing for the bare button.
    """

    method: Method
    nonce: str
    question: str
    choices: tuple[str, ...]
    answer: int

    def is_right(self, choice: int) -> bool:
        """Whether the answer with this index is the right one."""
        return choice == self.answer


def challenge(method: Method, chance: random.Random | None = None) -> Challenge:
    """A new question of one of the `QUESTIONS`."""
    chance = chance or secrets.SystemRandom()
    nonce = f"{chance.getrandbits(24):06x}"
    match method:
        case Method.ARITHMETIC:
            question, right, wrong = _sum(chance)
        case Method.PICTURE:
            question, right, wrong = _word(chance)
        case _:
            return Challenge(Method.BUTTON, nonce, "", ("",), 0)
    choices = [right, *wrong]
    chance.shuffle(choices)
    return Challenge(method, nonce, question, tuple(choices), choices.index(right))


def _sum(chance: random.Random) -> tuple[str, str, list[str]]:
    """A sum or difference of small numbers, its result, and results of those who only guess."""
    a, b = chance.randint(3, 12), chance.randint(2, 9)
    if chance.random() < 0.5 or b >= a:
        question, right = f"{a} + {b}", a + b
    else:
        question, right = f"{a} − {b}", a - b
    near = [n for n in range(max(0, right - 6), right + 7) if n != right]
    return question, str(right), [str(n) for n in chance.sample(near, CHOICES - 1)]


def _word(chance: random.Random) -> tuple[str, str, list[str]]:
    """Letters, and others that have only some of them in common."""
    right = "".join(chance.sample(LETTERS, WORD))
    wrong: set[str] = set()
    while len(wrong) < CHOICES - 1:
        letters = list(right)
        for place in chance.sample(range(WORD), 2):
            letters[place] = chance.choice(LETTERS)
        if (word := "".join(letters)) != right:
            wrong.add(word)
    return right, right, sorted(wrong)


def picture(word: str, chance: random.Random | None = None) -> bytes:
    """Letters as a PNG picture: each turned and moved a little, with lines across."""
    chance = chance or secrets.SystemRandom()
    paper = Image.new("L", (WIDTH, HEIGHT), 245)
    draw = ImageDraw.Draw(paper)
    for _ in range(220):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        draw.ellipse((x, y, x + 5, y + 5), fill=chance.randint(150, 230))
    font, each = ImageFont.load_default(110), WIDTH // len(word)
    for place, letter in enumerate(word):
        stamp = Image.new("L", (each + 40, HEIGHT), 0)
        middle = (stamp.width / 2, HEIGHT / 2 + chance.randint(-20, 20))
        ImageDraw.Draw(stamp).text(middle, letter, fill=255, font=font, anchor="mm")
        stamp = stamp.rotate(chance.uniform(-24, 24), resample=Image.Resampling.BICUBIC)
        paper.paste(chance.randint(20, 80), (place * each - 20, 0), stamp)
    for _ in range(4):
        ends = (0, chance.randrange(HEIGHT), WIDTH, chance.randrange(HEIGHT))
        draw.line(ends, fill=chance.randint(60, 140), width=4)
    out = io.BytesIO()
    paper.save(out, "PNG", optimize=True)
    return out.getvalue()
