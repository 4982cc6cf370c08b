"""Telegram's HTML, checked as strictly as Telegram does before it is saved.

Rules: https://core.telegram.org/bots/api#html-style. A text that Telegram cannot parse would fail when it
is sent, with nobody there to read the error; so it is refused with the place of the mistake.
"""

import re

from domain.errors import Invalid

MOST_RAW = 16_384  # characters of source looked at; every limit of Telegram lies far below

TAGS = (
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "tg-emoji",
    "tg-time", "code", "pre", "blockquote",
)  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "span": {"class"},
    "code": {"class"},
    "pre": {"language"},
    "blockquote": {"expandable"},
    "tg-emoji": {"emoji-id"},
    "tg-time": {"unix", "format"},
}
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'=]+)))?""")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_LINK = re.compile(r"(?:https?://|tg://|ton://|mailto:|tel:)\S+|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?", re.I)


def length(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units of a text before escaping, with an ellipsis where something is missing."""
    if length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while length(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def plain(html: str, field: str = "text") -> str:
    """What people will see of Telegram HTML.

    Raises `Invalid` for `field` with the reason `html_…` and the details `tag`, `line` and `column` (from
    1) when Telegram would refuse the text.
    """
    if len(html) > MOST_RAW:
        raise Invalid(field, "too_long", length=len(html), limit=MOST_RAW)
    parts: list[str] = []
    opened: list[tuple[str, int]] = []
    position = 0
    while (begin := html.find("<", position)) >= 0:
        parts.append(_decode(html[position:begin]))
        match = _TAG.match(html, begin)
        if match is None:
            raise _flaw(html, begin, field, "html_stray", "<")
        if match[1]:
            _close(html, match, opened, field)
        else:
            _check_opening(html, match, field)
            opened.append((match[2].lower(), begin))
        position = match.end()
    parts.append(_decode(html[position:]))
    if opened:
        raise _flaw(html, opened[-1][1], field, "html_unclosed", opened[-1][0])
    return "".join(parts)


def _close(html: str, match: re.Match[str], opened: list[tuple[str, int]], field: str) -> None:
    tag = match[2].lower()
    if not opened or match[3].strip():
        raise _flaw(html, match.start(), field, "html_unopened", f"/{tag}")
    expected = opened.pop()[0]
    if tag != expected:
        raise _flaw(html, match.start(), field, "html_crossed", f"/{tag}", expected=f"/{expected}")


def _check_opening(html: str, match: re.Match[str], field: str) -> None:
    tag = match[2].lower()
    if tag not in TAGS:
        raise _flaw(html, match.start(), field, "html_tag", tag)
    attributes: dict[str, str] = {}
    rest, position = match[3].rstrip(), 0
    while position < len(rest):
        one = _ATTRIBUTE.match(rest, position)
        if one is None or one[1].lower() not in _ATTRIBUTES.get(tag, ()):
            raise _flaw(html, match.start(), field, "html_attribute", tag)
        attributes[one[1].lower()] = _decode(next((v for v in one.groups()[1:] if v is not None), ""))
        position = one.end()
    if not _sensible(tag, attributes):
        raise _flaw(html, match.start(), field, "html_link" if tag == "a" else "html_attribute", tag)


def _sensible(tag: str, attributes: dict[str, str]) -> bool:
    match tag:
        case "a":
            return _LINK.fullmatch(attributes.get("href", "")) is not None
        case "span":
            return attributes.get("class") == "tg-spoiler"
        case "code":
            return attributes.get("class", "language-").startswith("language-")
        case "tg-emoji":
            return attributes.get("emoji-id", "").isdigit()
        case "tg-time":
            return attributes.get("unix", "").isdigit()
        case _:
            return True


def _flaw(html: str, position: int, field: str, reason: str, tag: str, **details: object) -> Invalid:
    before = html[:position]
    column = position - (before.rfind("\n") + 1) + 1
    return Invalid(field, reason, tag=tag, line=before.count("\n") + 1, column=column, **details)


def _decode(text: str) -> str:
    return _ENTITY.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]
