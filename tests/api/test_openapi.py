"""The OpenAPI document: valid, complete, the same everywhere; and its page."""

import json
import subprocess
import sys
from pathlib import Path

import aiohttp
import jsonschema_rs
import pytest
import schemathesis

from api.openapi import document
from api.systems import SYSTEMS
from bot.app import App
from tests.api.client import DOCUMENT, check_answer
from tests.api.conftest import Owner
from tests.browser import DESKTOP, PHONE, OpenPage, browser, open_page

__all__ = ["browser", "open_page"]
ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_the_document_is_valid() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_row_is_described_once() -> None:
    rows = {(row.method.lower(), row.path) for api in SYSTEMS for row in api.endpoints}
    assert rows == {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    numbers = [row.operation_id for api in SYSTEMS for row in api.endpoints]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_call_is_explained(method: str, path: str, operation: dict) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"], "every call needs a key"
    inputs = [*operation.get("parameters", [])]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        inputs += [{"name": name, **schema} for name, schema in content["schema"]["properties"].items()]
    assert all(one.get("description") for one in inputs), "every parameter says what it is"
    shown = 0
    for response in operation["responses"].values():
        examples = response["content"]["application/json"]["examples"]
        shown += len(examples)
        for example in examples.values():
            assert example["summary"]
            jsonschema_rs.validate(
                {**response["content"]["application/json"]["schema"], "components": DOCUMENT["components"]},
                example["value"],
            )
    assert shown > 1, "good and bad outcomes are shown"


def test_a_wrong_answer_would_be_noticed() -> None:
    """The other tests rely on this check."""
    with pytest.raises(jsonschema_rs.ValidationError):
        check_answer("GET", "/api/bots/list.json", 200, {"status": "ok"})
    with pytest.raises(AssertionError, match="not documented"):
        check_answer("GET", "/api/bots/list.json", 500, {})


async def test_served_and_printed_alike(app: App, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{app.url}/openapi.json") as response:
        served = await response.json()
        assert response.content_type == "application/json"
    assert served == document(SYSTEMS, app.settings.public_url)
    printed = subprocess.run(  # noqa: ASYNC221 - nothing else happens in this test
        [sys.executable, "run.py", "openapi"], cwd=ROOT, capture_output=True, check=True
    )
    assert json.loads(printed.stdout) == document(SYSTEMS)


async def test_the_page_asks_nobody_else(app: App, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{app.url}/docs") as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "http://" not in page
    assert "https://" not in page
    for part in ("docs.css", "docs.js"):
        async with session.get(f"{app.url}/docs/{part}") as response:
            assert response.status == 200
    for part in ("docs.html", "../table.py", "%2e%2e/table.py", "docs.js/..", "docs.py"):
        async with session.get(aiohttp.client.URL(f"{app.url}/docs/{part}", encoded=True)) as response:
            assert response.status == 404


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_shows_every_call(
    app: App, him: Owner, open_page: OpenPage, size: tuple[int, int], scheme: str
) -> None:
    page = await open_page(f"{app.url}/docs", size=size, scheme=scheme)
    await page.wait_for_selector(".call")
    calls = page.locator(".call")
    assert await calls.count() == len(OPERATIONS)
    add = page.locator("#post_api_bots_add_json")
    await add.locator("summary").click()
    words = await add.inner_text()
    for shown in (
        "Connect a bot",
        "Authorization: Bearer KEY",
        "token",
        "required",
        '"error": "webhook"',
        "My Tracking Bot",
    ):
        assert shown in words
    assert f"{app.settings.public_url}/api/bots/add.json" in words
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "nothing to scroll sideways"
    await page.fill("#filter", "disconnect")
    assert await page.locator(".call:visible").count() >= 1
    assert not await page.locator("#get_api_bots_chats_json").is_visible()


@pytest.mark.browser
async def test_a_link_to_a_call_opens_it(app: App, open_page: OpenPage) -> None:
    page = await open_page(f"{app.url}/docs#get_api_bots_chats_json")
    await page.wait_for_selector("#get_api_bots_chats_json[open]")
