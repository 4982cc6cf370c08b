"""Traits of a text's look, as the classifier weighs them. Each is a name; none of them says much alone."""

import re
from collections.abc import Iterator

from domain.antispam.folding import alike

EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b06\u2757]")
_URL = re.compile(
    r"https?:/|www\.|\b[\w-]{1,63}\.(?:com|net|org|ru|me|info|top|xyz|shop|site|io|club|ua|biz|co)\b", re.I
)
_INVITE = re.compile(r"(?:t\.me|telegram\.me|telegram\.dog)/(?:\+|joinchat|addlist)|tg://", re.I)
_TELEGRAM = re.compile(r"\bt\.me/|telegram\.me/|wa\.me/|bit\.ly|tinyurl", re.I)
_NAME = re.compile(r"(?<![\w.])@[A-Za-z]\w{3,}")
_PHONE = re.compile(r"(?<!\w)\+?\d(?:[\s()-]{0,2}\d){8,13}(?!\w)")
_MONEY = re.compile(r"[$€£₽₴₹¥₸₺]\s?\d|\d\s?(?:[$€£₽₴₹¥₸₺]|руб|грн|usd|usdt|eur|тыс|тис|k\b|к\b)", re.I)
_HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u3164]"
)
_LATIN, _CYRILLIC = "a-zA-Z", "\u0400-\u04ff"
_MIXED = re.compile(f"[{_LATIN}][{_CYRILLIC}]|[{_CYRILLIC}][{_LATIN}]")
_STRANGE = re.compile(
    "[\u0250-\u02af\u1d00-\u1d7f\u13a0-\u13ff\ua4d0-\ua4ff\U0001d400-\U0001d7ff\u2c80-\u2cff\uff21-\uff5a]"
)
_LEET = re.compile(r"(?i)[^\W\d_][0134@$!]+[^\W\d_]")
# What repeats in these is bounded, or followed by what it cannot match: no text takes long.
_APART = re.compile(r"(?:(?<=\s)|^)(?:[^\W_][ .*_-]{1,3}){3}[^\W_](?!\w)")
_STEPS = ((1, "one"), (2, "some"), (4, "many"), (8, "very_many"))
STYLE = frozenset(  # kinds of traits that say how a text looks, and nothing of what it says
    ("emoji", "exclaim", "line", "capitals", "shouted", "tiny", "short", "middle", "long", "endless")
)
_COUNTED = ("url", "name", "money", "emoji", "exclaim", "line", "mixed", "leet")
NAMES = (
    *(f"{kind}_{step}" for kind in _COUNTED for _, step in _STEPS),
    "invite", "telegram", "phone", "hidden", "strange", "apart", "percent", "plus",
    "capitals", "shouted", "digits", "tiny", "short", "middle", "long", "endless",
)  # fmt: skip


_PLAIN = {
    code: plain
    for code in (
        *range(0x250, 0x590),
        *range(0x1D00, 0x1D80),
        *range(0x1D400, 0x1D800),
        *range(0xFF01, 0xFF5F),
    )
    if (plain := alike(chr(code))).isascii() and len(plain) == 1
}  # an address may be written in letters that look alike


def _step(kind: str, count: int) -> Iterator[str]:
    for least, step in _STEPS:
        if count >= least:
            yield f"{kind}_{step}"


def traits(text: str) -> list[str]:
    """Names of the traits a text has."""
    found = [*_addresses(text), *_step("exclaim", text.count("!")), *_step("line", text.count("\n"))]
    digits = sum(map(text.count, "0123456789"))
    if digits:
        found += _numbers(text, digits)
    if not text.isascii():
        found += _strange(text)
    if "%" in text:
        found.append("percent")
    if "+" in text:
        found.append("plus")
    if _APART.search(text):
        found.append("apart")
    found += _shape(text)
    return found


def _addresses(text: str) -> Iterator[str]:
    if not text.isascii() and ("." in text or "@" in text):
        text = text.translate(_PLAIN)
    if "." in text or "://" in text:
        yield from _step("url", len(_URL.findall(text)))
        if _INVITE.search(text):
            yield "invite"
        if _TELEGRAM.search(text):
            yield "telegram"
    if "@" in text:
        yield from _step("name", len(_NAME.findall(text)))


def _numbers(text: str, digits: int) -> Iterator[str]:
    yield from _step("money", len(_MONEY.findall(text)))
    yield from _step("leet", len(_LEET.findall(text)))
    if digits >= 9 and _PHONE.search(text):
        yield "phone"
    if 5 * digits >= len(text):
        yield "digits"


def _strange(text: str) -> Iterator[str]:
    yield from _step("emoji", len(EMOJI.findall(text)))
    yield from _step("mixed", len(_MIXED.findall(text)))
    if _HIDDEN.search(text):
        yield "hidden"
    if _STRANGE.search(text):
        yield "strange"


def _shape(text: str) -> Iterator[str]:
    size = len(text)
    for most, name in ((15, "tiny"), (40, "short"), (120, "middle"), (400, "long")):
        if size <= most:
            yield name
            break
    else:
        yield "endless"
    if size >= 15:
        capitals = sum(map(str.isupper, text[:400]))
        if 4 * capitals >= min(size, 400):
            yield "capitals"
        if 2 * capitals >= min(size, 400):
            yield "shouted"
