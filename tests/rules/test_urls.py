"""URLs of owners: which ones we would call at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.urls import LONGEST_URL, check_url

LONG = "https://example.org/" + "a" * LONGEST_URL


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org?a=b", "https://example.org/?a=b"),
        ("  https://example.org/hook?a=b&c=%20d \n", "https://example.org/hook?a=b&c=%20d"),
        ("HTTPS://Example.ORG/Hook", "https://example.org/Hook"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        ("https://example.org:443/", "https://example.org:443/"),
        ("https://пример.рф/крючок", "https://пример.рф/крючок"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://example.org/?", "https://example.org/"),
    ],
)
def test_good_ones(text: str, checked: str) -> None:
    assert check_url(text) == checked
    assert check_url(checked) == checked


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "url_missing"),
        ("   ", "url_missing"),
        (LONG, "url_too_long"),
        ("http://example.org/", "url_not_https"),
        ("ftp://example.org/", "url_not_https"),
        ("file:///etc/passwd", "url_not_https"),
        ("gopher://example.org/_x", "url_not_https"),
        ("unix:///run/x.sock", "url_not_https"),
        ("//example.org/", "url_not_https"),
        ("example.org/hook", "url_not_https"),
        ("javascript:alert(1)", "url_not_https"),
        ("https://user:password@example.org/", "url_credentials"),
        ("https://user@example.org/", "url_credentials"),
        ("https://example.org@127.0.0.1/", "url_credentials"),
        ("https://@example.org/", "url_credentials"),
        ("https://example.org/#part", "url_fragment"),
        ("https://example.org/#", "url_fragment"),
        ("https://", "url_malformed"),
        ("https:///path", "url_malformed"),
        ("https://./", "url_malformed"),
        ("https://.../", "url_malformed"),
        ("https://[fe80::1%25eth0]/", "url_malformed"),
        ("https://[::1", "url_malformed"),
        ("https://exa mple.org/", "url_malformed"),
        ("https://example.org/a\tb", "url_malformed"),
        ("https://example.org/a\nb", "url_malformed"),
        ("https://exam\u202eple.org/", "url_malformed"),
        ("https://example.org\\@127.0.0.1/", "url_malformed"),
        ("https://example.org/<script>", "url_malformed"),
        ("https://example.org:/", "url_malformed"),
        ("https://example.org:x/", "url_malformed"),
        ("https://example.org:99999/", "url_malformed"),
        ("https://" + "a" * 254 + "/", "url_malformed"),
        ("https://example.org:22/", "url_port"),
        ("https://example.org:25/", "url_port"),
        ("https://example.org:0/", "url_port"),
        ("https://example.org:1023/", "url_port"),
    ],
)
def test_bad_ones(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(text, field="where")
    assert (refused.value.field, refused.value.reason) == ("where", reason)


def test_development_may_do_without_tls() -> None:
    assert check_url("http://127.0.0.1:8000/hook", private=True) == "http://127.0.0.1:8000/hook"
    for text in ("ftp://127.0.0.1/", "http://user@127.0.0.1/", "http://127.0.0.1:22/"):
        with pytest.raises(Invalid):
            check_url(text, private=True)


@given(st.text() | st.text(alphabet="htps:/@#?[]%.\\127 aé①").map("https://".__add__))
@example("https://[")
@example("https://a\u2100b/")
def test_anything_is_either_refused_or_stays_as_it_is(text: str) -> None:
    try:
        checked = check_url(text)
    except Invalid:
        return
    assert checked.startswith("https://")
    assert check_url(checked) == checked
    assert not {"@", "#", "\\"} & set(checked.partition("://")[2].partition("/")[0])
