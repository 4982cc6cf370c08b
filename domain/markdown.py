"""Telegram Markdown, as the tracker's contract has it for texts: read, checked, and made from what was sent.

`*bold*`, `_italic_`, `` `code` ``, ```` ```blocks``` ```` and `[links](https://…)`, none within another; a
backslash before `_`, `*`, `` ` `` or `[` makes it an ordinary sign
(https://core.telegram.org/bots/api#markdown-style). Macros (`domain.macros`) are units of their own: the `_`
of `{first_name}` begins nothing.

It is sent as HTML, so what Telegram would refuse is refused when it is saved, with the place of the mistake.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from domain.errors import Invalid
from domain.formatting import length
from domain.macros import MACRO, WIDEST, fill_html, fill_url

TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024  # UTF-16 units after parsing, as Telegram counts
_MOST_RAW = 16_384  # characters of source looked at
_TAGS = {"*": "b", "_": "i", "`": "code"}
_SIGNS = "_*`["
_LANGUAGE = re.compile(r"([A-Za-z0-9_+-]+)\n")
_SERVER = re.compile(r"[/?#]")  # what ends the part of an address that names the server
_TEST = "x"


def to_html(text: str, values: Mapping[str, str], field: str = "text") -> str:
    """The text in Telegram's HTML with its macros filled in.

    Raises `Invalid` for `field` with the reason `markdown_open` (an entity that nothing ends; `sign`, `line`
    and `column` from 1 name the place) or `markdown_link` (a link with an address Telegram would not take).
    """
    return _Reader(text, values, field).read()


def check(text: str, field: str = "text", *, caption: bool = False) -> None:
    """Raise `Invalid` for `field` unless the text can be sent with any values. Reasons: those of `to_html`
    and `too_long` (`length` and `limit`, with the widest values). A `caption` is shorter."""
    if len(text) > _MOST_RAW:
        raise Invalid(field, "too_long", length=len(text), limit=_MOST_RAW)
    widest = {name: _TEST * width for name, width in WIDEST.items()}
    seen = length(_visible(to_html(text, widest, field)))
    limit = CAPTION_LIMIT if caption else TEXT_LIMIT
    if seen > limit:
        raise Invalid(field, "too_long", length=seen, limit=limit)


def _visible(html: str) -> str:
    stripped = re.sub(r"<[^>]*>", "", html)
    return stripped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class _Reader:
    """One pass over the source."""

    def __init__(self, text: str, values: Mapping[str, str], field: str) -> None:
        self._text, self._values, self._field = text, values, field
        self._at = 0

    def read(self) -> str:
        parts: list[str] = []
        text = self._text
        while self._at < len(text):
            sign = text[self._at]
            if sign == "\\" and text[self._at + 1 : self._at + 2] in tuple(_SIGNS):
                parts.append(text[self._at + 1])
                self._at += 2
            elif macro := MACRO.match(text, self._at):
                parts.append(fill_html(macro[1], self._values))
                self._at = macro.end()
            elif text.startswith("```", self._at):
                parts.append(self._block())
            elif sign in _TAGS:
                parts.append(self._entity(sign))
            elif sign == "[":
                parts.append(self._link())
            else:
                parts.append(escape(sign, quote=False))
                self._at += 1
        return "".join(parts)

    def _entity(self, sign: str) -> str:
        end = self._end(sign, self._at + 1)
        inside = self._fill(self._text[self._at + 1 : end])
        self._at = end + 1
        return f"<{_TAGS[sign]}>{inside}</{_TAGS[sign]}>" if inside else ""

    def _block(self) -> str:
        end = self._text.find("```", self._at + 3)
        if end < 0:
            raise self._open("```")
        source = self._text[self._at + 3 : end]
        self._at = end + 3
        if language := _LANGUAGE.match(source):
            inside = self._fill(source[language.end() :])
            return f'<pre><code class="language-{language[1]}">{inside}</code></pre>' if inside else ""
        inside = self._fill(source)
        return f"<pre>{inside}</pre>" if inside else ""

    def _link(self) -> str:
        end = self._end("]", self._at + 1)
        label = self._fill(self._text[self._at + 1 : end])
        if self._text[end + 1 : end + 2] != "(":
            self._at = end + 1
            return label
        close = self._text.find(")", end + 2)
        if close < 0:
            raise self._open("(", end + 1)
        template = self._text[end + 2 : close].strip()
        url = fill_url(template, self._values)
        # No value may decide where it leads, and an empty one must not leave it without a server.
        if not _is_link(url) or MACRO.search(_SERVER.split(template.partition("://")[2])[0]):
            raise Invalid(self._field, "markdown_link", **self._place(end + 2))
        self._at = close + 1
        return f'<a href="{escape(url)}">{label}</a>' if label else ""

    def _end(self, sign: str, begin: int) -> int:
        """Where the entity that began before `begin` ends; macros inside are passed over."""
        at = begin
        while at < len(self._text):
            if macro := MACRO.match(self._text, at):
                at = macro.end()
            elif self._text[at] == sign:
                return at
            else:
                at += 1
        raise self._open(self._text[self._at])

    def _fill(self, source: str) -> str:
        parts: list[str] = []
        at = 0
        for macro in MACRO.finditer(source):
            parts += [escape(source[at : macro.start()], quote=False), fill_html(macro[1], self._values)]
            at = macro.end()
        return "".join([*parts, escape(source[at:], quote=False)])

    def _open(self, sign: str, at: int | None = None) -> Invalid:
        return Invalid(self._field, "markdown_open", sign=sign, **self._place(self._at if at is None else at))

    def _place(self, at: int) -> dict[str, int]:
        before = self._text[:at]
        return {"line": before.count("\n") + 1, "column": at - (before.rfind("\n") + 1) + 1}


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https", "tg") and bool(parts.netloc) and not re.search(r"\s", url)


@dataclass(frozen=True, slots=True)
class Span:
    """An entity of a message, as Telegram marks it: `offset` and `length` in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None


_MARKS = {"bold": "*", "italic": "_", "code": "`", "pre": "```"}


def from_entities(text: str, spans: Sequence[Span]) -> str:
    """What somebody sent, as Telegram Markdown. There is nothing within another in it, so of spans that
    overlap the first counts, and what it cannot say (spoilers, underlines) is lost."""
    units = text.encode("utf-16-le")
    parts: list[str] = []
    at = 0
    for span in sorted(spans, key=lambda one: (one.offset, -one.length)):
        if span.offset < at or not (span.type in _MARKS or (span.type == "text_link" and span.url)):
            continue
        parts.append(_escaped(units[2 * at : 2 * span.offset].decode("utf-16-le")))
        at = span.offset + span.length
        inside = units[2 * span.offset : 2 * at].decode("utf-16-le")
        parts.append(_marked(span, inside))
    parts.append(_escaped(units[2 * at :].decode("utf-16-le")))
    return "".join(parts)


def _marked(span: Span, inside: str) -> str:
    if span.type == "text_link":
        return f"[{inside.replace(']', '')}]({(span.url or '').replace(')', '%29')})"
    mark = _MARKS[span.type]
    lead = inside[: len(inside) - len(inside.lstrip())]
    tail = inside[len(inside.rstrip()) :] if inside.strip() else ""
    core = inside.strip()
    if not core:
        return inside
    if span.type == "pre":
        return f"{lead}```\n{core.replace('```', '')}\n```{tail}"
    # Within an entity nothing can be escaped: it is closed before its own sign, and opened again after it.
    pieces = core.split(mark)
    joined = f"\\{mark}".join(f"{mark}{piece}{mark}" if piece else "" for piece in pieces)
    return f"{lead}{joined}{tail}"


def _escaped(text: str) -> str:
    parts: list[str] = []
    at = 0
    for macro in MACRO.finditer(text):
        parts += [re.sub(r"([_*`\[])", r"\\\1", text[at : macro.start()]), macro[0]]
        at = macro.end()
    return "".join([*parts, re.sub(r"([_*`\[])", r"\\\1", text[at:])])
