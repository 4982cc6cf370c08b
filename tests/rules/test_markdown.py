"""Telegram Markdown: what is shown, what is refused and where, and what is made of sent messages."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import markdown
from domain.errors import Invalid
from domain.macros import NAMES
from domain.markdown import Span


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("plain & simple <b>", "plain &amp; simple &lt;b&gt;"),
        ("We miss you — here's 20% off 🎁", "We miss you — here's 20% off 🎁"),
        ("*bold* _italic_ `co<de`", "<b>bold</b> <i>italic</i> <code>co&lt;de</code>"),
        ("```print(1)```", "<pre>print(1)</pre>"),
        ("```py\nprint(1)```", '<pre><code class="language-py">print(1)</code></pre>'),
        ("[site](https://e.com/?a=1&b=2)", '<a href="https://e.com/?a=1&amp;b=2">site</a>'),
        ("[just brackets]", "just brackets"),
        (r"2 \* 3 \_ \` \[", "2 * 3 _ ` ["),
        ("a\\b", "a\\b"),
        ("** nothing", " nothing"),
        ("*a_b* _c*d_", "<b>a_b</b> <i>c*d</i>"),
        ("Hi {first_name}, {unknown}", "Hi &lt;Ann&gt;, {unknown}"),
        ("*{first_name}* _{sub1}_", "<b>&lt;Ann&gt;</b> "),
        ("[{first_name}](https://e.com/{click})", '<a href="https://e.com/a%2Fb%3Fc">&lt;Ann&gt;</a>'),
    ],
)
def test_what_is_shown(source: str, shown: str) -> None:
    values = {"first_name": "<Ann>", "click": "a/b?c"}
    assert markdown.to_html(source, values) == shown


@pytest.mark.parametrize(
    ("source", "reason", "line", "column"),
    [
        ("*bold", "markdown_open", 1, 1),
        ("one\ntwo _x", "markdown_open", 2, 5),
        ("a `b", "markdown_open", 1, 3),
        ("x ```y``", "markdown_open", 1, 3),
        ("[text", "markdown_open", 1, 1),
        ("[text](https://e.com", "markdown_open", 1, 7),
        ("snake_case", "markdown_open", 1, 6),
        ("[text](javascript:alert(1))", "markdown_link", 1, 8),
        ("[text](nowhere)", "markdown_link", 1, 8),
        ("[text](https://{username})", "markdown_link", 1, 8),  # with no username it would lead nowhere
        ("[text](https://{click}.example.com/)", "markdown_link", 1, 8),  # a lead's value chooses the server
        ("[text](https://example.com{sub1}?a)", "markdown_link", 1, 8),
        ("*{first_name}", "markdown_open", 1, 1),
    ],
)
def test_the_place_of_a_mistake_is_named(source: str, reason: str, line: int, column: int) -> None:
    with pytest.raises(Invalid) as refused:
        markdown.check(source)
    assert refused.value.reason == reason
    assert (refused.value.details["line"], refused.value.details["column"]) == (line, column)


def test_a_text_must_fit_with_the_widest_values() -> None:
    markdown.check("x" * 4096)
    markdown.check("x" * (1024 - 64) + "{click}", caption=True)
    with pytest.raises(Invalid) as refused:
        markdown.check("x" * (1024 - 63) + "{click}", caption=True)
    assert refused.value.details == {"field": "text", "reason": "too_long", "length": 1025, "limit": 1024}
    with pytest.raises(Invalid):
        markdown.check("🎁" * 2049)


def test_a_value_is_only_ever_shown() -> None:
    values = dict.fromkeys(NAMES, '"><b>*x*_y_[z](https://evil.example)')
    shown = markdown.to_html("*{click}* {sub2} [a](https://e.com/{sub3})", values)
    assert re.findall(r"<(\w+)", shown) == ["b", "a"]
    assert shown.count("href=") == 1
    assert "https://evil.example)" in html.unescape(re.sub("<[^>]+>", "", shown))


def _said(text: str, spans: list[Span]) -> str:
    return markdown.to_html(markdown.from_entities(text, spans), {})


def test_what_was_sent_is_said_again() -> None:
    text = "🎁 Bold, it*al*ic, site and snake_case"
    spans = [
        Span("bold", 3, 4),
        Span("italic", 9, 8),
        Span("underline", 9, 3),
        Span("text_link", 19, 4, "https://e.com/a"),
    ]
    assert _said(text, spans) == (
        '🎁 <b>Bold</b>, <i>it*al*ic</i>, <a href="https://e.com/a">site</a> and snake_case'
    )
    assert _said("a*b c", [Span("bold", 0, 3)]) == "<b>a</b>*<b>b</b> c"
    assert _said(" x ", [Span("bold", 0, 3)]) == " <b>x</b> "
    assert markdown.from_entities("Hi {first_name}_", []) == "Hi {first_name}\\_"


@given(
    st.text(st.sampled_from("ab_*`[]()\\{}🎁 \n<&"), max_size=40),
    st.lists(
        st.tuples(
            st.sampled_from(["bold", "italic", "code", "pre", "text_link", "spoiler"]),
            st.integers(0, 20),
            st.integers(1, 20),
        ),
        max_size=4,
    ),
)
def test_whatever_was_sent_can_be_read_again(text: str, places: list[tuple[str, int, int]]) -> None:
    units = len(text.encode("utf-16-le")) // 2
    edges = {0}
    for char in text:
        edges.add(max(edges) + len(char.encode("utf-16-le")) // 2)
    spans = [
        Span(kind, begin, size, "https://e.com")
        for kind, begin, size in places
        if begin in edges and begin + size in edges and begin + size <= units
    ]
    shown = html.unescape(re.sub("<[^>]+>", "", _said(text, spans)))
    if not any(span.type in ("text_link", "pre") for span in spans):  # those drop what would end them
        assert shown == text
