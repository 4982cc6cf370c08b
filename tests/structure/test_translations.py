"""Catalogues: complete where they promise to be, fresh, and with the same placeholders and tags."""

import ast
import re
import string
from collections.abc import Iterator

import pytest

from texts import catalogues

COMPLETE = ("ru",)  # English is the source; the others are begun one by one


def calls_of_translators(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of `t(…)` and `t.plural(…)`, by whatever name of an object the translator goes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name in catalogues.KEYWORDS:
                yield node


@pytest.mark.parametrize("folder", catalogues.SOURCES)
def test_every_text_can_be_gathered(folder: str) -> None:
    """Babel reads the code and sees only literals, and nothing inside an f-string."""
    unseen = []
    for file in sorted((catalogues.ROOT / folder).rglob("*.py")):
        tree = ast.parse(file.read_text())
        formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        hidden = {id(call) for node in formatted for call in calls_of_translators(node)}
        for call in calls_of_translators(tree):
            sources = call.args[: 2 if getattr(call.func, "attr", "") == "plural" else 1]
            literal = sources and all(
                isinstance(one, ast.Constant) and isinstance(one.value, str) for one in sources
            )
            if id(call) in hidden or not literal:
                unseen.append(f"{file.relative_to(catalogues.ROOT)}:{call.lineno}")
    assert unseen == []


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+", text))


@pytest.mark.parametrize("language", catalogues.languages())
def test_catalogue_is_fresh(language: str) -> None:
    """Run `make translations` after changing texts."""
    assert catalogues.path(language).read_bytes() == catalogues.as_file(catalogues.merged(language))


@pytest.mark.parametrize("language", COMPLETE)
def test_every_text_is_translated(language: str) -> None:
    catalogue = catalogues.read(language)
    missing = []
    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        wanted = catalogue.num_plurals if message.pluralizable else 1
        if len(forms) != wanted or not all(forms):
            missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("language", catalogues.languages())
def test_translations_keep_placeholders_and_tags(language: str) -> None:
    for message in catalogues.read(language):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple | list) else [message.id]
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        for form in filter(None, forms):
            assert placeholders(form) <= placeholders(sources[-1]), message.id
            if not message.pluralizable:
                assert placeholders(form) == placeholders(sources[0]), message.id
            assert tags(form) == tags(sources[-1]), message.id


def test_there_is_something_to_translate() -> None:
    assert len(catalogues.template()) > 50
