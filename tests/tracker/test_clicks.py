"""The redirect of ads, on both engines."""

import pytest

from bot.i18n import Languages
from domain.actor import Actor
from domain.campaigns import LONGEST_CLICK, SUBS
from domain.errors import NotFound
from domain.postbacks import fill
from domain.urls import LONGEST_CALLED
from services.access import Access
from services.clicks import ClickService, read_click
from services.directory import BotDirectory
from storage.database import Database
from tests.clock import TestClock
from tests.delivery.office import Post


@pytest.mark.parametrize("code", ["go\x00", "goNobody1", "", "go" * 500, "göNobody"])
async def test_addresses_somebody_made_up_lead_nowhere(db: Database, clock: TestClock, code: str) -> None:
    """PostgreSQL takes no NUL in a text, and would fail where a 404 is due."""
    office = Post(db, clock)
    directory = BotDirectory(db, office.signals, office.vault)
    access = Access(db, clock, office.telegram, directory, frozenset())
    clicks = ClickService(access, db, office.work, clock, directory)
    house = Actor(0, Languages().translator())
    with pytest.raises(NotFound):
        await clicks.follow(house, code, {})


def test_no_click_makes_a_postback_too_long_to_be_called() -> None:
    """Whoever knows an ad's address could have the tracker's server taken for a dead one."""
    hostile = dict.fromkeys(("click", *SUBS), "🎁" * 600)
    click = read_click(hostile)
    template = "https://tracker.example.org/?" + "&".join(f"{name}={{{name}}}" for name in hostile)
    url = fill(template, {"click": click.click, **click.subs})
    assert len(url) <= LONGEST_CALLED
    assert click.click


def test_a_click_of_ordinary_signs_is_kept_whole() -> None:
    longest = "x" * LONGEST_CLICK
    assert read_click({"fbclid": longest + "y", "sub1": "ad/7 ü"}).click == longest
    assert read_click({"sub1": "ad/7 ü"}).subs == {"sub1": "ad/7 ü"}
