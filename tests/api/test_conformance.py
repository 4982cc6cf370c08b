"""Schemathesis throws what it can think of at the running application; every answer is as documented."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.app import App
from domain.urls import NoAnswer
from tests.api.client import DOCUMENT
from tests.api.conftest import Owner
from tests.api.membership import Shop

CHECKS: list[Callable[..., Any]] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 12  # of each call, in each mode


def _parts() -> dict[str, list[tuple[str, str]]]:
    """All calls, (path, method), by the part of the API they belong to: one application serves a part."""
    parts = defaultdict(list)
    for path, methods in DOCUMENT["paths"].items():
        part = "/".join(path.split("/")[:3])
        parts[part] += [(path, method) for method in methods]
    return parts


PARTS = _parts()


class Nobody:
    """Answers no webhook: nothing here leaves this machine."""

    async def request(self, *_: Any, **__: Any) -> Any:
        raise NoAnswer("unreachable")


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("part", PARTS)
async def test_answers_are_as_documented(
    app: App,
    him: Owner,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    mode: schemathesis.GenerationMode,
) -> None:
    monkeypatch.setattr(app.house.webhooks, "_caller", Nobody())
    for path, method in PARTS[part]:
        try:
            await asyncio.to_thread(_throw, app, him, shop, SCHEMA[path][method], mode)
        except Exception as error:
            error.add_note(f"at {method} {path}")
            raise


def _throw(app: App, him: Owner, shop: Shop, operation: Any, mode: schemathesis.GenerationMode) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def throw(case: Any) -> None:
        if "bot_id" in (case.path_parameters or {}):
            case.path_parameters["bot_id"] = shop.bot.id  # with another one everything would be 403
        response = case.call(base_url=app.url, headers={"X-API-Key": him.api.key})
        case.validate_response(response, checks=CHECKS)

    throw()
