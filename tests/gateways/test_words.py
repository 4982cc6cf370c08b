"""Every gateway is explained to its owner: where its keys are, what each is called, where news go."""

import re
from collections import Counter

import aiohttp
import pytest

from bot.i18n import Languages
from delivery.gateways import all_gateways
from delivery.guard import GuardedSession
from domain.clock import SystemClock
from domain.gateways import Traits
from texts import gateways as wording

HOOK = "https://bots.example.org/pay/abc"
LABEL = 64  # characters that fit on a button


@pytest.fixture
async def traits(session: aiohttp.ClientSession) -> list[Traits]:
    made = all_gateways(session, SystemClock(), guarded=GuardedSession(session, private=False))
    assert all(name == gateway.traits.name for name, gateway in made.items())
    return [gateway.traits for gateway in made.values()]


async def test_every_gateway_is_explained(traits: list[Traits]) -> None:
    t = Languages().translator("en")
    for one in traits:
        for text in (wording.guide(t, one), wording.hook_guide(t, one, HOOK) or ""):
            tags = Counter(re.findall(r"<(/?)(b|code)>", text))
            assert tags["", "b"] == tags["/", "b"], one.name
            assert not re.search(r"&(?!amp;|lt;|gt;)", text), one.name
            assert len(text) < 1024, one.name
        assert HOOK in (wording.hook_guide(t, one, HOOK) or HOOK)


async def test_every_field_and_choice_has_a_name(traits: list[Traits]) -> None:
    t = Languages().translator("en")
    for one in traits:
        for field in one.fields:
            assert 0 < len(wording.label(t, one, field)) <= LABEL
            names = [wording.choice(t, one, field, value) for value in field.choices]
            assert all(0 < len(name) <= LABEL for name in names)
            assert len(set(names)) == len(names), "each can be told from the others"


async def test_what_gateways_say_of_themselves_fits(traits: list[Traits]) -> None:
    for one in traits:
        assert re.fullmatch(r"[a-z]{3,24}", one.name), "its column, and the API's names"
        assert one.digital_opt_in, "Telegram wants digital goods sold for Stars"
        assert len({field.name for field in one.fields}) == len(one.fields)
        assert any(field.secret for field in one.fields)
        assert not any(field.secret and field.choices for field in one.fields)
        assert all(re.fullmatch(r"[A-Z]{2,5}(\.[A-Z]{2,5})?", coin.token) for coin in one.coins)
