"""Telegram HTML, placeholders and link buttons, as they are checked before they are saved."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import formatting, link_rows, templates
from domain.cleaning import is_visible
from domain.errors import Invalid
from domain.greetings import fitted
from sandbox.entities.html import parse_html


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("plain & simple", "plain & simple"),
        ("<b>a</b><i>b</i>", "ab"),
        ("<B>a</B>", "a"),
        ("<b>a<i>b</i></b> &lt;3 &#128081;", "ab <3 👑"),
        ('<a href="https://example.com/?a=1&amp;b=2">x</a>', "x"),
        ("<a href='tg://user?id={{id}}'>{{name}}</a>", "{{name}}"),
        ('<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>', "xy"),
        ('<pre><code class="language-python">x</code></pre>', "x"),
        ("<blockquote expandable>x</blockquote>", "x"),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', "👍"),
        ("1 > 0", "1 > 0"),
    ],
)
def test_good_html_is_let_pass(html: str, seen: str) -> None:
    assert formatting.plain(html) == seen
    parse_html(html)


@pytest.mark.parametrize(
    ("html", "reason", "tag", "line", "column"),
    [
        ("a\nb <center>x</center>", "html_tag", "center", 2, 3),
        ("<b>x", "html_unclosed", "b", 1, 1),
        ("x</b>", "html_unopened", "/b", 1, 2),
        ("<b><i>x</b></i>", "html_crossed", "/b", 1, 8),
        ("I <3 you", "html_stray", "<", 1, 3),
        ("<b", "html_stray", "<", 1, 1),
        ("<a>x</a>", "html_link", "a", 1, 1),
        ('<a href="javascript:alert(1)">x</a>', "html_link", "a", 1, 1),
        ('<b onclick="x">x</b>', "html_attribute", "b", 1, 1),
        ('<span class="big">x</span>', "html_attribute", "span", 1, 1),
        ('<tg-emoji emoji-id="x">x</tg-emoji>', "html_attribute", "tg-emoji", 1, 1),
        ("<br/>", "html_tag", "br", 1, 1),
        ("<b>x</b x>", "html_unopened", "/b", 1, 5),
    ],
)
def test_the_wrong_tag_and_its_place_are_told(
    html: str, reason: str, tag: str, line: int, column: int
) -> None:
    with pytest.raises(Invalid) as caught:
        formatting.plain(html, "welcome_text")
    error = caught.value
    assert (error.field, error.reason) == ("welcome_text", reason)
    assert (error.details["tag"], error.details["line"], error.details["column"]) == (tag, line, column)


@given(st.text(alphabet="<>/abi &;\"'=#x1{}\n👑", max_size=60))
def test_whatever_passes_is_html_for_telegram(html: str) -> None:
    try:
        seen = formatting.plain(html)
    except Invalid:
        return
    assert parse_html(html)[0] == seen


@given(st.text(max_size=200), st.integers(2, 50))
def test_cutting_keeps_the_limit(text: str, limit: int) -> None:
    assert formatting.length(formatting.cut(text, limit)) <= limit


def test_values_are_put_in_once() -> None:
    values = {"name": "{{chat}}", "chat": "Club"}
    assert templates.fill("{{ Name }} in {{chat}} {{what}}", values) == "{{chat}} in Club {{what}}"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("Hi {{nmae}}", "placeholder"),
        ('<a href="https://x.com/{{name}}">x</a>', "placeholder_in_tag"),
        ("  \n ", "empty_text"),
        ("<b></b>", "empty_text"),
        ("a" * 4097, "too_long"),
        ("👑" * 2049, "too_long"),
        ("a" * 4033 + "{{name}}", "too_long"),
    ],
)
def test_what_a_template_cannot_be(template: str, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        templates.check(template, "text")
    assert caught.value.reason == reason


@pytest.mark.parametrize("template", ["a" * 4096, "a" * 4032 + "{{name}}", "<b>" * 50 + "a" + "</b>" * 50])
def test_limits_are_measured_after_parsing(template: str) -> None:
    templates.check(template, "text")


def test_the_allowed_placeholders_are_named() -> None:
    with pytest.raises(Invalid) as caught:
        templates.check("{{x}} {{y}}", "text", allowed=("chat", "count"))
    assert caught.value.details == {
        "field": "text", "reason": "placeholder", "unknown": "{{x}} {{y}}", "allowed": "{{chat}} {{count}}",
    }  # fmt: skip


def test_a_crowd_is_named_as_far_as_there_is_room() -> None:
    def values(shown: int) -> dict[str, str]:
        return {"name": ", ".join(["x" * 64] * shown)}

    assert formatting.length(fitted("{{name}}", 1024, values, 50, "") or "") == 64 * 10 + 2 * 9
    assert formatting.length(fitted("{{name}}" + "a" * 960, 1024, values, 50, "") or "") == 1024
    assert fitted("{{name}}" + "a" * 1000, 1024, values, 50, "") is None


def test_rules_give_way_before_the_greeting_does() -> None:
    assert fitted("Hi {{rules}}", 10, lambda shown: {}, 1, "be kind to all") == "Hi "


@pytest.mark.parametrize("name", ["", " ", "\u3164", "\u200b\u200d", "\u2800 \u2060", "\ufe0f"])
def test_names_made_to_look_empty(name: str) -> None:
    assert not is_visible(name)
    assert is_visible(name + "я")


GOOD = [
    ("Site - https://example.com", [[("Site", "https://example.com")]]),
    ("A - https://a.io | B — t.me/b\n\nC: www.c.org/x?y=1", [
        [("A", "https://a.io"), ("B", "https://t.me/b")], [("C", "https://www.c.org/x?y=1")]]),
    ("My-Shop - https://a-b.example:8443/c-d", [[("My-Shop", "https://a-b.example:8443/c-d")]]),
    ("Пример - https://пример.рф/", [[("Пример", "https://пример.рф/")]]),
]  # fmt: skip


@pytest.mark.parametrize(("written", "rows"), GOOD)
def test_buttons_are_read(written: str, rows: list[list[tuple[str, str]]]) -> None:
    parsed = link_rows.parse(written)
    assert [[(one.text, one.url) for one in row] for row in parsed] == rows
    assert link_rows.parse(link_rows.written(parsed)) == parsed
    assert link_rows.from_document(link_rows.to_document(parsed)) == parsed


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "tg://resolve?domain=x", "http://example.com", "https://", "https://x",
        "https://user:pw@example.com", "https://bank.com@evil.com", "https://example.com:0", "ftp://a.io",
        "https://exa mple.com", "https://example.com/\u202e", "HTTP://EXAMPLE.COM",
        "https://example.com:99999", "https://[::1]/", "data:text/html,x", "https://a.io/" + "x" * 600,
    ],
)  # fmt: skip
def test_unsafe_addresses_are_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        link_rows.address(url)
    assert caught.value.reason == "button_url"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[{"text": "", "url": "https://a.io"}]], "button_label"),
        ([[{"text": "x" * 65, "url": "https://a.io"}]], "button_label"),
        ([[{"text": "x", "url": "https://a.io"}] * 5], "button_count"),
        ([[{"text": "x", "url": "https://a.io"}]] * 11, "button_count"),
        ([[{"text": "x"}]], "malformed"),
        ([["x"]], "malformed"),
        (7, "malformed"),
    ],
)
def test_rows_from_an_api_are_checked(rows: object, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        link_rows.from_document(rows)
    assert caught.value.reason == reason


@given(st.text(max_size=80))
def test_reading_buttons_never_crashes(written: str) -> None:
    with suppress(Invalid):
        rows = link_rows.parse(written)
        assert all(one.url.lower().startswith("https://") for row in rows for one in row)
