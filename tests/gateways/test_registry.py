"""Every gateway is worded, and says sensible things about itself."""

import re
from collections.abc import Mapping

import aiohttp
import pytest

from delivery.gateways import all_gateways
from delivery.guard import GuardedSession
from domain.clock import SystemClock
from domain.gateways import Gateway, HookMaker
from domain.money import CURRENCIES
from domain.page import Button
from tests.gateways.fakes import FAKES
from texts import gateways as wording


class English:
    """Says everything as it is written."""

    locale = "en"

    def __call__(self, message: str, /, **values: object) -> str:
        return message.format_map(values)

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        return (one if n == 1 else many).format_map({"n": n, **values})


@pytest.fixture
def gateways(session: aiohttp.ClientSession) -> Mapping[str, Gateway]:
    """All of them."""
    guarded = GuardedSession(session, private=True)
    return all_gateways(session, SystemClock(), guarded=guarded)


def test_every_gateway_has_a_stand_in(gateways: Mapping[str, Gateway]) -> None:
    with_fields = {name for name, gateway in gateways.items() if gateway.traits.fields}
    assert {kind.name for kind in FAKES} == with_fields


def test_gateways_are_named_by_their_traits(gateways: Mapping[str, Gateway]) -> None:
    for name, gateway in gateways.items():
        traits = gateway.traits
        assert name == traits.name == name.lower()
        assert len(name) <= 24, "fits its column"
        assert traits.currencies is None or traits.currencies <= CURRENCIES, name
        assert Button(traits.display_name, action="x")
        hooks = [field.name for field in traits.fields if field.hook]
        assert not isinstance(gateway, HookMaker) or hooks, f"{name} makes a hook for nothing"
        if isinstance(gateway, HookMaker):
            assert gateway.events  # type: ignore[attr-defined]


def test_every_gateway_is_worded(gateways: Mapping[str, Gateway]) -> None:
    t = English()
    for gateway in gateways.values():
        traits = gateway.traits
        if not traits.fields:
            continue
        said = wording.guide(t, traits)
        hook = wording.hook_guide(t, traits, "https://bots.example.org/pay/abc?d=<e>", ("a.b", "c.d"))
        assert len(said) < 1000
        for text in (said, hook or ""):
            _balanced(text)
        if any(field.hook for field in traits.fields):
            assert hook is not None
            assert "abc?d=&lt;e&gt;" in hook
            assert "<code>c.d</code>" in hook
        for field in traits.fields:
            label = wording.label(t, traits, field)
            assert label == re.sub(r"[<>&]", "", label), "plain text"
            for value in field.choices:
                assert wording.choice(t, traits, field, value)


def _balanced(text: str) -> None:
    """Telegram refuses a message whose tags do not close."""
    opened: list[str] = []
    for closing, tag in re.findall(r"<(/?)(\w+)>", text):
        if closing:
            assert opened.pop() == tag, text
        else:
            opened.append(tag)
    assert not opened, text
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#)", text), "an & is written &amp;"
