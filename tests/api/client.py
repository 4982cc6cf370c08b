"""A caller of the HTTP APIs. Every documented answer it gets is checked against the OpenAPI document."""

import re
from typing import Any

import aiohttp
import jsonschema_rs

from api.openapi import document
from api.systems import SYSTEMS
from bot.app import App
from services.accounts import PREFIX
from services.vault import digest
from storage import accounts

DOCUMENT = document(SYSTEMS)
_PATTERNS = {
    re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))): path
    for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
}


def documented(path: str) -> str | None:
    """The address in the document that an address of a call is; None for one that is not there."""
    return next((known for pattern, known in _PATTERNS.items() if pattern.fullmatch(path)), None)


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """The answer is one the document promises."""
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {path} answers {status}, which is not documented"
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": DOCUMENT["components"]}, body)


class Client:
    """Calls an application with one key."""

    def __init__(self, app: App, session: aiohttp.ClientSession, key: str | None) -> None:
        self.app, self.session, self.key = app, session, key

    async def get(self, path: str, **query: Any) -> Any:
        """A GET; the body as JSON."""
        return await self.call("GET", path, params=query)

    async def post(self, path: str, **form: Any) -> Any:
        """A POST of a form; the body as JSON."""
        return await self.call("POST", path, data=form)

    async def call(self, method: str, path: str, **how: Any) -> Any:
        """Any call. `how` goes to aiohttp."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= how.pop("headers", {})
        async with self.session.request(method, self.app.url + path, headers=headers, **how) as response:
            body = await response.json()
            known = documented(path.partition("?")[0])
            if known is not None and method.lower() in DOCUMENT["paths"][known]:
                check_answer(method, known, response.status, body)
            return body


async def issue_key(app: App, owner_id: int, name: str, bot_id: int | None = None) -> str:
    """A key of an owner (or of one of his bots), as `/apikey` would make it."""
    key = f"{PREFIX}{name}".ljust(46, "x")
    async with app.db.write() as tx:
        await accounts.ensure(tx, owner_id, app.clock.now())
        await accounts.issue_key(tx, digest(key), key[-4:], owner_id, bot_id, app.clock.now())
    return key
