"""Telegram's HTML style, as strict as Telegram and with its error words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.entities.span import Builder
from sandbox.model import Json

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "span": "spoiler",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ENTITY = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|([a-z]+));?")
_ATTRIBUTE = re.compile(r"\s*([^\s=<>/\"']+)(?:\s*(=)\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
USER_LINK = re.compile(r"tg://user\?id=(\d+)/?")


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities.

    Raises:
        ValueError: Telegram's description of what is wrong, with a byte offset.
    """
    out = Builder()
    stack: list[_Open] = []
    position = 0
    while position < len(source):
        char = source[position]
        if char == "<":
            if source.startswith("</", position):
                position = _end_tag(source, position, out, stack)
            else:
                position = _start_tag(source, position, out, stack)
        elif char == "&":
            text, position = _entity(source, position)
            out.add(text)
        else:
            end = position + 1
            while end < len(source) and source[end] not in "<&":
                end += 1
            out.add(source[position:end])
            position = end
    if stack:
        raise ValueError(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    return out.result()


def _offset(source: str, position: int) -> int:
    return len(source[:position].encode())


def _start_tag(source: str, begin: int, out: Builder, stack: list[_Open]) -> int:
    match = re.compile(r"[^\s>/]*").match(source, begin + 1)
    tag = match.group().lower() if match else ""
    position = begin + 1 + len(tag)
    if position >= len(source):
        raise ValueError(f"Unclosed start tag at byte offset {_offset(source, begin)}")
    if tag not in _KINDS:
        raise ValueError(f'Unsupported start tag "{tag}" at byte offset {_offset(source, begin)}')
    opened = _Open(tag, out.offset)
    while position < len(source) and source[position] != ">":
        position = _attribute(source, position, opened, begin)
    if position >= len(source):
        raise ValueError(f"Unclosed start tag at byte offset {_offset(source, begin)}")
    if tag == "span" and opened.attributes.get("class") != "tg-spoiler":
        raise ValueError(f'Tag "span" must have class "tg-spoiler" at byte offset {_offset(source, begin)}')
    stack.append(opened)
    return position + 1


def _attribute(source: str, position: int, opened: _Open, begin: int) -> int:
    if source[position].isspace() or source[position] == "/":
        return position + 1
    match = _ATTRIBUTE.match(source, position)
    if match is None:
        raise ValueError(
            f'Empty attribute name in the tag "{opened.tag}" at byte offset {_offset(source, position)}'
        )
    name, _, double, single, bare = match.groups()
    value = next((text for text in (double, single, bare) if text is not None), "")
    opened.attributes[name.lower()] = _ENTITY.sub(_decoded, value)
    return match.end()


def _end_tag(source: str, begin: int, out: Builder, stack: list[_Open]) -> int:
    if not stack:
        raise ValueError(f"Unexpected end tag at byte offset {_offset(source, begin)}")
    end = source.find(">", begin)
    if end < 0:
        raise ValueError(f"Unclosed end tag at byte offset {_offset(source, begin)}")
    tag = source[begin + 2 : end].strip().lower()
    opened = stack.pop()
    if tag and tag != opened.tag:
        raise ValueError(
            f"Unmatched end tag at byte offset {_offset(source, begin)}, "
            f'expected "</{opened.tag}>", found "</{tag}>"'
        )
    _close(out, opened, stack)
    return end + 1


def _close(out: Builder, opened: _Open, stack: list[_Open]) -> None:
    kind = _KINDS[opened.tag]
    extra: Json = {}
    attributes = opened.attributes
    if opened.tag == "a":
        url = attributes.get("href") or out.text[-(out.offset - opened.start) :]
        user = USER_LINK.fullmatch(url)
        if user is not None:
            kind, extra = "text_mention", {"user_id": int(user.group(1))}
        elif "." in url or "://" in url:
            extra = {"url": whole_url(url)}
        else:
            return
    elif opened.tag == "blockquote" and "expandable" in attributes:
        kind = "expandable_blockquote"
    elif opened.tag == "tg-emoji":
        extra = {"custom_emoji_id": attributes.get("emoji-id", "")}
    elif opened.tag == "tg-time":
        extra = {"unix_time": int(attributes.get("unix", "0") or 0)}
    elif opened.tag == "code" and stack and stack[-1].tag == "pre":
        language = attributes.get("class", "")
        if language.startswith("language-") and stack[-1].start == opened.start:
            stack[-1].attributes["language"] = language.removeprefix("language-")
            return
    elif opened.tag == "pre" and "language" in attributes:
        extra = {"language": attributes["language"]}
    out.close(kind, opened.start, **extra)


def whole_url(url: str) -> str:
    """The URL as Telegram stores it: with a scheme, and a slash after a bare host."""
    if "://" not in url and not url.startswith(("mailto:", "tel:")):
        url = f"http://{url}"
    scheme, separator, rest = url.partition("://")
    if scheme in ("http", "https") and not any(mark in rest for mark in "/?#"):
        rest += "/"
    return f"{scheme}{separator}{rest}"


def _entity(source: str, position: int) -> tuple[str, int]:
    match = _ENTITY.match(source, position)
    if match is None:
        return "&", position + 1
    return _decoded(match), match.end()


def _decoded(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        # An unknown name stays as it is written.
        return _NAMED.get(name, match.group())
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 else match.group()
