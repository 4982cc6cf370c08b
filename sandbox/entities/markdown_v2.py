"""Telegram's MarkdownV2: nested entities, every reserved character escaped."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.entities.markdown import close_link, split_language
from sandbox.entities.span import Builder
from sandbox.model import Json

_RESERVED = "_*[]()~`>#+-=|{}.!"
_NAMES = {
    "_": ("Italic", "italic"),
    "__": ("Underline", "underline"),
    "*": ("Bold", "bold"),
    "~": ("Strikethrough", "strikethrough"),
    "||": ("Spoiler", "spoiler"),
    "[": ("TextUrl", "text_link"),
    "![": ("CustomEmoji", "custom_emoji"),
}


@dataclass(slots=True)
class _Open:
    mark: str
    start: int
    byte: int


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.out = Builder()
        self.stack: list[_Open] = []
        self.quote: int | None = None

    def run(self) -> tuple[str, list[Json]]:
        while self.position < len(self.source):
            if self._line_start() or self._escape() or self._code() or self._mark():
                continue
            char = self.source[self.position]
            if char in _RESERVED:
                raise ValueError(
                    f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
                )
            if char == "\n" and self.quote is not None and not self._quote_goes_on():
                self._close_quote()
            self.out.add(char)
            self.position += 1
        if self.quote is not None:
            self._close_quote()
        if self.stack:
            opened = self.stack[-1]
            raise ValueError(
                f"Can't find end of {_NAMES[opened.mark][0]} entity at byte offset {opened.byte}"
            )
        return self.out.result()

    def _at(self, text: str) -> bool:
        return self.source.startswith(text, self.position)

    def _byte(self) -> int:
        return len(self.source[: self.position].encode())

    def _line_start(self) -> bool:
        if self.position and self.source[self.position - 1] != "\n":
            return False
        if self._at("**>"):
            if self.quote is not None:
                self._close_quote()
            self.quote = self.out.offset
            self.position += 3
            return True
        if not self._at(">"):
            return False
        if self.quote is None:
            self.quote = self.out.offset
        self.position += 1
        return True

    def _quote_goes_on(self) -> bool:
        return self.source.startswith(">", self.position + 1)

    def _close_quote(self, kind: str = "blockquote") -> None:
        if self.quote is not None:
            self.out.close(kind, self.quote)
        self.quote = None

    def _escape(self) -> bool:
        after = self.source[self.position + 1 : self.position + 2]
        if not self._at("\\") or not after or not 0 < ord(after) < 127:
            return False
        self.out.add(after)
        self.position += 2
        return True

    def _code(self) -> bool:
        if not self._at("`"):
            return False
        mark, name = ("```", "Pre") if self._at("```") else ("`", "Code")
        end = self._find_unescaped(mark, self.position + len(mark))
        if end < 0:
            raise ValueError(f"Can't find end of {name} entity at byte offset {self._byte()}")
        body = self.source[self.position + len(mark) : end]
        language, body = split_language(body) if name == "Pre" else ("", body)
        start = self.out.offset
        self.out.add(_unescaped(body))
        extra = {"language": language} if language else {}
        self.out.close(name.lower(), start, **extra)
        self.position = end + len(mark)
        return True

    def _find_unescaped(self, mark: str, position: int) -> int:
        while position < len(self.source):
            if self.source[position] == "\\":
                position += 2
            elif self.source.startswith(mark, position):
                return position
            else:
                position += 1
        return -1

    def _mark(self) -> bool:
        if self._at("]") and self.stack and self.stack[-1].mark in ("[", "!["):
            self._close_bracket()
            return True
        if self._at("||") and self.quote is not None and self._ends_quote():
            self._close_quote("expandable_blockquote")
            self.position += 2
            return True
        mark = next((m for m in ("__", "||", "![", "_", "*", "~", "[") if self._at(m)), None)
        if mark is None:
            return False
        if self.stack and self.stack[-1].mark == mark:
            opened = self.stack.pop()
            self.out.close(_NAMES[mark][1], opened.start)
        elif mark == "__" and self.stack and self.stack[-1].mark == "_":
            # "__" closes an italic first when it is the innermost open entity.
            self.out.close("italic", self.stack.pop().start)
            mark = "_"
        else:
            self.stack.append(_Open(mark, self.out.offset, self._byte()))
        self.position += len(mark)
        return True

    def _ends_quote(self) -> bool:
        after = self.source[self.position + 2 : self.position + 3]
        return after in ("", "\n") and not any(o.mark == "||" for o in self.stack)

    def _close_bracket(self) -> None:
        opened = self.stack.pop()
        self.position += 1
        url = ""
        if self._at("("):
            end = self._find_unescaped(")", self.position + 1)
            if end < 0:
                raise ValueError(f"Can't find end of a URL at byte offset {self._byte()}")
            url = _unescaped(self.source[self.position + 1 : end])
            self.position = end + 1
        if opened.mark == "![":
            _, found, emoji_id = url.partition("tg://emoji?id=")
            if not found:
                raise ValueError("Custom emoji URL must have scheme tg")
            self.out.close("custom_emoji", opened.start, custom_emoji_id=emoji_id)
        elif url:
            close_link(self.out, opened.start, url)


def _unescaped(text: str) -> str:
    kept, position = [], 0
    while position < len(text):
        if text[position] == "\\" and position + 1 < len(text):
            position += 1
        kept.append(text[position])
        position += 1
    return "".join(kept)


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities.

    Raises:
        ValueError: Telegram's description of what is wrong.
    """
    return _Parser(source).run()
