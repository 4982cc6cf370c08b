"""Formatting, as strict as Telegram and with its words."""

from typing import Any

import pytest

from sandbox.entities import detect, formatted, to_html
from sandbox.errors import TelegramError


def spans(entities: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(entity["type"], entity["offset"], entity["length"]) for entity in entities]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 1), ("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", [("italic", 0, 1), ("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", [("strikethrough", n, 1) for n in range(3)]),
        (
            '<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>',
            "ab",
            [("spoiler", 0, 1), ("spoiler", 1, 1)],
        ),
        ("<code>a</code><pre>b</pre>", "ab", [("code", 0, 1), ("pre", 1, 1)]),
        ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("🏟<b>🏟</b>", "🏟🏟", [("bold", 2, 2)]),
        ("&lt;&gt;&amp;&quot;&#65;&#x42;&unknown;", '<>&"AB&unknown;', []),
        ("<b></b>x", "x", []),
        ("  <b> a </b>  ", "a", [("bold", 0, 1)]),
        ("<B>a</B>", "a", [("bold", 0, 1)]),
    ],
)
def test_html(source: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    got, entities = formatted(source, "HTML")
    assert (got, spans(entities)) == (text, expected)


def test_html_links_mentions_emoji_and_languages() -> None:
    _, link = formatted('<a href="https://example.org">x</a>', "HTML")
    assert link == [{"type": "text_link", "offset": 0, "length": 1, "url": "https://example.org/"}]
    _, mention = formatted('<a href="tg://user?id=7">x</a>', "HTML")
    assert mention[0]["type"] == "text_mention"
    _, emoji = formatted('<tg-emoji emoji-id="5">👍</tg-emoji>', "HTML")
    assert emoji == [{"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5"}]
    _, pre = formatted('<pre><code class="language-python">x</code></pre>', "HTML")
    assert pre == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("ж<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("1 < 2 and 3", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_errors(source: str, words: str) -> None:
    with pytest.raises(TelegramError) as caught:
        formatted(source, "HTML")
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        (
            "*a* _b_ __c__ ~d~ ||e||",
            "a b c d e",
            [
                ("bold", 0, 1),
                ("italic", 2, 1),
                ("underline", 4, 1),
                ("strikethrough", 6, 1),
                ("spoiler", 8, 1),
            ],
        ),
        ("*a _b_*", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
        (r"1\.5 \*x\*", "1.5 *x*", []),
        ("`a*b`", "a*b", [("code", 0, 3)]),
        ("```python\nx```", "x", [("pre", 0, 1)]),
        ("> quoted\n>more\nplain", "quoted\nmore\nplain", [("blockquote", 0, 11)]),
        ("**> hidden\n>more||", "hidden\nmore", [("expandable_blockquote", 0, 11)]),
        ("![👍](tg://emoji?id=5)", "👍", [("custom_emoji", 0, 2)]),
        (r"[a](https://b.org/\))", "a", [("text_link", 0, 1)]),
    ],
)
def test_markdown_v2(source: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    got, entities = formatted(source, "MarkdownV2")
    assert (got, spans(entities)) == (text, expected)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```", "Can't find end of Pre entity at byte offset 9"),
    ],
)
def test_markdown_v2_errors(source: str, words: str) -> None:
    with pytest.raises(TelegramError) as caught:
        formatted(source, "MarkdownV2")
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


def test_legacy_markdown() -> None:
    text, entities = formatted("*a* _b_ `c` [d](https://x.org/) \\*", "Markdown")
    assert text == "a b c d *"
    assert spans(entities) == [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1), ("text_link", 6, 1)]
    with pytest.raises(TelegramError, match="Can't find end of the entity starting at byte offset 2"):
        formatted("a *b", "Markdown")


def test_unknown_parse_mode() -> None:
    with pytest.raises(TelegramError, match="unsupported parse_mode"):
        formatted("x", "XML")


def test_detection() -> None:
    text = "🏟 /start@gate_bot @ann #tag $USD a@b.org https://x.org/a, t.me/b and/or 5.5 e.g. /no/path"
    found = [
        (
            e["type"],
            text.encode("utf-16-le")[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"),
        )
        for e in detect(text)
    ]
    assert found == [
        ("bot_command", "/start@gate_bot"),
        ("mention", "@ann"),
        ("hashtag", "#tag"),
        ("cashtag", "$USD"),
        ("email", "a@b.org"),
        ("url", "https://x.org/a"),
        ("url", "t.me/b"),
    ]


def test_no_detection_inside_code_and_links() -> None:
    _, entities = formatted('<code>/start</code> <a href="https://a.org">b.org</a>', "HTML")
    assert [entity["type"] for entity in entities] == ["code", "text_link"]


@pytest.mark.parametrize(
    "html",
    [
        "<b>a <i>b</i></b> &lt;c&gt;",
        '<a href="https://a.org/">x</a> <code>y</code>',
        "<blockquote expandable>🏟</blockquote>",
        "<b><i>same</i></b>",
    ],
)
def test_back_to_html(html: str) -> None:
    assert to_html(*formatted(html, "HTML")) == html
