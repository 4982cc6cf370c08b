"""What can be set about welcome and goodbye."""

from typing import Any

import pytest

from domain.errors import Invalid
from domain.welcome import (
    LONGEST_DELAY,
    Media,
    Side,
    check_fits,
    checked,
    fields_of,
    from_document,
)


def test_the_names_of_the_automation_api_work() -> None:
    document = checked({"welcome_text": "Welcome {{name}}!", "welcome_enabled": True, "goodbye_text": "Bye"})
    settings = from_document(document)
    assert settings.welcome.enabled
    assert settings.welcome.texts == ("Welcome {{name}}!",)
    assert settings.goodbye.texts == ("Bye",)
    assert not settings.goodbye.enabled


def test_none_and_an_empty_text_make_a_field_inherit() -> None:
    assert checked({"welcome_text": None, "goodbye_text": "", "rules_text": None}) == {
        "welcome_texts": None, "goodbye_texts": None, "rules_text": None,
    }  # fmt: skip


def test_everything_comes_back_from_a_document() -> None:
    document = checked(
        {
            "welcome_media": {"kind": "photo", "file_id": "abc"}, "welcome_buttons": "A - https://a.io",
            "welcome_delete_after": 60, "welcome_thread_id": 7, "welcome_back_text": "Again!",
            "welcome_only_newcomer": True, "clean_service": True, "rules_text": "Be kind in {{chat}}",
            "rules_button": False,
        }
    )  # fmt: skip
    settings = from_document(document)
    assert settings.welcome.media == Media("photo", "abc")
    assert settings.welcome.buttons[0][0].url == "https://a.io"
    assert (settings.welcome.delete_after, settings.welcome.thread_id) == (60, 7)
    assert (settings.back_text, settings.only_newcomer, settings.clean_service) == ("Again!", True, True)
    assert (settings.rules_text, settings.rules_button) == ("Be kind in {{chat}}", False)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("welcome_enabled", "yes", "malformed"),
        ("welcome_enabled", 1, "malformed"),
        ("welcome_text", 7, "malformed"),
        ("welcome_text", "<x>", "html_tag"),
        ("welcome_texts", ["a"] * 11, "variants"),
        ("welcome_delete_after", -1, "number"),
        ("welcome_delete_after", LONGEST_DELAY + 1, "number"),
        ("welcome_delete_after", True, "number"),
        ("welcome_media", {"kind": "voice", "file_id": "x"}, "malformed"),
        ("welcome_media", "x", "malformed"),
        ("welcome_buttons", "A - http://a.io", "button_url"),
        ("rules_text", "{{name}}", "placeholder"),
        ("rules_text", "a" * 3501, "too_long"),
        ("farewell", "x", "unknown_field"),
    ],
)
def test_what_is_refused(field: str, value: Any, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked({field: value})
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_captions_are_shorter_than_texts() -> None:
    long = checked({"welcome_text": "a" * 1025})
    check_fits(from_document(long))
    with pytest.raises(Invalid) as caught:
        check_fits(from_document(long | checked({"welcome_media": {"kind": "video", "file_id": "x"}})))
    assert caught.value.reason == "caption_too_long"


def test_every_field_belongs_to_one_side() -> None:
    welcome, goodbye = fields_of(Side.WELCOME), fields_of(Side.GOODBYE)
    assert not set(welcome) & set(goodbye)
    assert checked(dict.fromkeys((*welcome, *goodbye)))
