"""A caller of the automation API, with the groups his bot keeps."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.api.client import Client, check_answer, documented
from tests.api.conftest import Owner

RIGHTS = ["delete_messages", "restrict_members", "invite_users"]


@dataclass(slots=True)
class Club:
    """Boris's bot in two groups, and his key."""

    app: App
    api: Client
    owner: Any
    bot: Any
    bot_id: int  # ours
    chess: Any
    go: Any

    async def call(
        self, method: str, path: str, *, key: str | None = "", headers: Any = None, **how: Any
    ) -> tuple[int, Any]:
        """Status and body; what is documented is checked against the document. Without `key` Boris's own is
        sent, with None there is none."""
        key = self.api.key if key == "" else key
        sent = {**({"X-API-Key": key} if key else {}), **(headers or {})}
        async with self.api.session.request(method, self.app.url + path, headers=sent, **how) as response:
            body = await response.json()
            known = documented(path.partition("?")[0])
            if known is not None and response.status != 405:
                check_answer(method, known, response.status, body)
            return response.status, body

    async def get(self, path: str, **query: Any) -> Any:
        """A GET that goes well; its body."""
        return self._good(await self.call("GET", path, params=query))

    async def post(self, path: str, **body: Any) -> Any:
        """A POST of JSON that goes well; its body."""
        return self._good(await self.call("POST", path, json=body))

    async def put(self, path: str, **body: Any) -> Any:
        """A PUT of JSON that goes well; its body."""
        return self._good(await self.call("PUT", path, json=body))

    async def delete(self, path: str, **query: Any) -> Any:
        """A DELETE that goes well; its body."""
        return self._good(await self.call("DELETE", path, params=query))

    async def refused(self, method: str, path: str, status: int, **how: Any) -> str:
        """The error of a call that must end with `status`."""
        got, body = await self.call(method, path, **how)
        assert got == status, body
        assert list(body) == ["error"]
        return str(body["error"])

    @staticmethod
    def _good(answer: tuple[int, Any]) -> Any:
        status, body = answer
        assert status == 200, body
        assert body["success"] is True
        return body


@pytest.fixture
async def clubs(tg: Sandbox, app: App, him: Owner) -> Club:
    """Boris's bot keeps two groups of his."""
    bot = tg.bot("boris_keeper_bot", name="Keeper")
    connected = await him.api.post("/api/bots/add.json", token=bot.token)
    await him.person.start(bot)
    chess, go = tg.group("Chess", him.person), tg.group("Go", him.person)
    for group in (chess, go):
        await him.person.add(bot, group, rights=RIGHTS)
    await tg.settle()
    return Club(app, him.api, him.person, bot, connected["data"]["id"], chess, go)
