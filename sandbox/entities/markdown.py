"""Telegram's legacy Markdown: one level, ``*bold*``, ``_italic_``, code, links."""

from __future__ import annotations

from sandbox.entities.html import USER_LINK, whole_url
from sandbox.entities.span import Builder
from sandbox.model import Json

_SIMPLE = {"*": "bold", "_": "italic", "`": "code"}


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities.

    Raises:
        ValueError: Telegram's description of what is wrong, with a byte offset.
    """
    out = Builder()
    position = 0
    while position < len(source):
        char = source[position]
        if char == "\\" and source[position + 1 : position + 2] in tuple("_*`["):
            out.add(source[position + 1])
            position += 2
        elif char in "_*`[":
            position = _entity(source, position, out)
        else:
            out.add(char)
            position += 1
    return out.result()


def _entity(source: str, begin: int, out: Builder) -> int:
    char = source[begin]
    if source.startswith("```", begin):
        end = source.find("```", begin + 3)
        _must(end >= 0, source, begin)
        language, body = split_language(source[begin + 3 : end])
        start = out.offset
        out.add(body)
        out.close("pre", start, **({"language": language} if language else {}))
        return end + 3
    mark = "]" if char == "[" else char
    end = source.find(mark, begin + 1)
    _must(end >= 0, source, begin)
    start = out.offset
    out.add(source[begin + 1 : end])
    if char != "[":
        out.close(_SIMPLE[char], start)
        return end + 1
    if source[end + 1 : end + 2] != "(":
        return end + 1
    closing = source.find(")", end + 2)
    _must(closing >= 0, source, begin)
    close_link(out, start, source[end + 2 : closing])
    return closing + 1


def _must(found: bool, source: str, begin: int) -> None:
    if not found:
        offset = len(source[:begin].encode())
        raise ValueError(f"Can't find end of the entity starting at byte offset {offset}")


def split_language(body: str) -> tuple[str, str]:
    """The language named right after three backticks, and the code below it."""
    first, newline, rest = body.partition("\n")
    if newline and first and not any(char.isspace() for char in first):
        return first, rest
    return "", body.removeprefix("\n") if newline and not first else body


def close_link(out: Builder, start: int, url: str) -> None:
    """A link or a mention of a person by id; an address that is none leaves plain text."""
    user = USER_LINK.fullmatch(url)
    if user is not None:
        out.close("text_mention", start, user_id=int(user.group(1)))
    elif "." in url or "://" in url:
        out.close("text_link", start, url=whole_url(url))
