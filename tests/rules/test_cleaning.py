"""What people write does no more than be read: labels, names, limits of buttons."""

from datetime import UTC, datetime

import pytest

from bot.i18n import Languages
from domain.antispam.evidence import Evidence
from domain.antispam.hits import Hit, State, unit_of
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.views import AntiSpamView
from domain.autoreplies import Rule
from domain.cleaning import is_visible, plain
from domain.errors import Invalid
from domain.page import CALLBACK_LIMIT, NO_LABEL, Button, Page
from domain.plans import check_plan_name, check_project_name
from domain.templates import check
from texts import antispam, antispam_panel, autoreplies

BLANK = ["", " ", "\u200b", "\u2060\u200b", "\u3164", "\u2800", "\u202e", "\x00\x1f"]
# The widest ids: Telegram's have 52 bits; ours would have to pass a million.
CHAT, BOT, RULE = -(2**52), 999_999, 10**12


@pytest.mark.parametrize("name", BLANK)
def test_a_label_is_never_empty(name: str) -> None:
    assert Button(name, action="a:b").text == NO_LABEL
    assert not is_visible(plain(name))


def test_a_label_turns_nothing_around() -> None:
    assert Button("\u202egnp.exe", action="a:b").text == "gnp.exe"
    assert Button("👩‍👩‍👧‍👦 🏳️‍🌈", action="a:b").text == "👩‍👩‍👧‍👦 🏳️‍🌈", "emojis stay whole"


@pytest.mark.parametrize("name", ["\u200b\u200b\u200b", "\u3164\u3164\u3164", "\u2800\u2800\u2800"])
def test_what_shows_nothing_is_no_name_and_no_text(name: str) -> None:
    with pytest.raises(Invalid):
        check_plan_name(name)
    with pytest.raises(Invalid):
        check_project_name(name)
    with pytest.raises(Invalid, match="empty_text"):
        check(name, "text")
    check(name + "{{name}}", "text")


def actions(*pages: Page) -> list[str]:
    return [button.action for page in pages for row in page.rows for button in row if button.action]


def test_the_widest_ids_fit_into_buttons() -> None:
    t, now = Languages().translator(), datetime.now(UTC)
    view = AntiSpamView(CHAT, "Chess", AntiSpamSettings(), {"mode": "on"}, AntiSpamSettings().mode)
    hit = Hit(
        CHAT, unit_of(1, "9" * 24), 1, None, 1, "Ann", "text", "spam", (Evidence("forward"),), Action.BAN,
        State.ACTED, now,
    )  # fmt: skip
    rule = Rule(id=RULE, chat_id=CHAT, keywords=("a",), responses=("b",))
    shown = [
        antispam.entry(t, BOT, hit, "Chess", explained=True),
        antispam_panel.log_page(t, view, [(CHAT, "Chess")]),
        *(page(t, view) for page in antispam_panel.PAGES.values()),
        autoreplies.rule(t, rule),
        autoreplies.panel(t, CHAT, False, "Chess", [rule]),
    ]
    assert max(len(action) for action in actions(*shown)) <= CALLBACK_LIMIT
    assert len(actions(*shown)) > 30
