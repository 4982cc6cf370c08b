"""The page's dictionaries: the same keys and places in both languages, nothing missing, nothing left over."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.services import CONTENT_KINDS

SANDBOX = Path(__file__).parents[2] / "sandbox"
STATIC = SANDBOX / "static"
DICTIONARIES = {"en", "ru", "ru_refusals"}
PLURAL_FORMS = {"en": 2, "ru": 3}

FROM_THE_SERVER = {
    *("creator", "administrator", "member", "restricted", "left", "kicked"),  # a member's status
    *("webhook", "polling"),  # how a bot listens
}
FAMILIES = ("content_", "service_", "f_", "sub_")
"""Beginnings of keys that are put together from what the server names."""

REFUSING = {"SandboxError": 0, "PaymentRefusedError": 0, "_require": 2}
"""Calls that hold a refusal's sentence, and at which argument."""


def dictionary(name: str) -> dict[str, str]:
    """Keys and texts of one of the page's dictionary files."""
    source = (STATIC / f"{name}.js").read_text()
    text = r'"(?:[^"\\]|\\.)*"'
    found = re.findall(rf"^  (\w+|{text}):\s+({text}),$", source, re.MULTILINE)
    return {json.loads(key) if key[0] == '"' else key: json.loads(value) for key, value in found}


def places(text: str) -> set[str]:
    """Names of the facts a text has a place for."""
    return set(re.findall(r"\{(\w+)\}", text))


def calls() -> Iterator[tuple[str, list[ast.expr]]]:
    """Every call in the sandbox's Python: the function's name and its positional arguments."""
    for path in SANDBOX.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                yield name, node.args


def refusals() -> set[str]:
    """Every sentence a person can be refused with."""
    found = (args[REFUSING[name]] for name, args in calls() if name in REFUSING)
    return {str(sentence.value) for sentence in found if isinstance(sentence, ast.Constant)}


def test_both_languages_have_the_same_words() -> None:
    english, russian = dictionary("en"), dictionary("ru")
    assert list(english) == list(russian)
    for key, text in english.items():
        assert places(text) == places(russian[key]), key
        if "|" in text:
            assert [t.count("|") + 1 for t in (text, russian[key])] == list(PLURAL_FORMS.values()), key


def test_every_word_is_used_and_every_used_word_exists() -> None:
    sources = [path for path in STATIC.iterdir() if path.suffix in (".js", ".html")]
    code = "\n".join(path.read_text() for path in sources if path.stem not in DICTIONARIES)
    english = dictionary("en")
    asked = {*re.findall(r'\b(?:t|plural|key)\("(\w+)"', code), *re.findall(r'data-i18n[\w-]*="(\w+)"', code)}
    assert asked <= set(english)
    named = set(re.findall(r'"(\w+)"', code)) | set(re.findall(r"\b(\w+): \[?", code))
    left_over = {key for key in english if key not in named and not key.startswith(FAMILIES)}
    assert left_over <= FROM_THE_SERVER


def test_every_refusal_is_said_in_russian() -> None:
    russian = dictionary("ru_refusals")
    assert set(russian) == refusals()
    for sentence, text in russian.items():
        assert places(text) <= places(sentence), sentence


@pytest.mark.parametrize("kind", CONTENT_KINDS)
def test_what_messages_carry_has_a_name(kind: str) -> None:
    assert f"content_{kind}" in dictionary("en")


def test_every_service_message_is_worded() -> None:
    posted = [args[3] for name, args in calls() if name == "post_service"]
    kinds = {str(kind.value) for kind in posted if isinstance(kind, ast.Constant)}
    kinds -= {"new_chat_members", "left_chat_member"}  # they reach the page as the next four
    kinds |= {"joined", "left", "added", "removed"}
    assert {f"service_{kind}" for kind in kinds} <= set(dictionary("en"))


def test_the_pages_modules_stay_readable() -> None:
    for path in STATIC.iterdir():
        lines = path.read_text().splitlines()
        assert len(lines) <= 250, path.name
        if path.suffix != ".html":
            assert max(map(len, lines)) <= 110, path.name
