"""Two owners: nobody sees or moves what is not his, whatever the call.

Every row of every table must have its way of trying: a new row without one fails here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from api.systems import SYSTEMS
from api.table import Endpoint
from bot.app import App
from sandbox import Sandbox
from storage.schema import metadata
from tests.api.conftest import Owner

TITLE = "Olga's secret channel"


@dataclass(slots=True)
class Hers:
    """What Olga owns, and Boris goes after."""

    bot_id: int
    token: str


# How Boris tries to reach what is Olga's: the parameters of his call.
ATTEMPTS: dict[str, Callable[[Hers], dict[str, Any]]] = {
    "get_api_bots_list_json": lambda hers: {},
    "post_api_bots_add_json": lambda hers: {"token": hers.token},
    "get_api_bots_chats_json": lambda hers: {"id": hers.bot_id},
    "post_api_bots_del_json": lambda hers: {"id": hers.bot_id},
}
ROWS = [pytest.param(row, id=row.operation_id) for api in SYSTEMS for row in api.endpoints]
TAKING_AN_ID = [
    pytest.param(row, id=row.operation_id)
    for api in SYSTEMS
    for row in api.endpoints
    if row.input is not None and "id" in row.input.__struct_fields__
]


@pytest.fixture
async def hers(app: App, tg: Sandbox, her: Owner) -> Hers:
    """A bot of Olga's, administrator of a channel."""
    chess = tg.bot("olgas_chess_bot", name="Olga's chess")
    number = (await her.api.post("/api/bots/add.json", token=chess.token))["data"]["id"]
    await her.person.add(chess, tg.channel(TITLE, her.person), rights="all")
    return Hers(number, chess.token)


async def everything(app: App) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with app.db.read() as tx:
        return {
            table.name: [tuple(row) for row in await tx.execute(select(table))]
            for table in metadata.sorted_tables
        }


def test_every_row_is_tried() -> None:
    missing = {row.operation_id for api in SYSTEMS for row in api.endpoints} ^ ATTEMPTS.keys()
    assert not missing, f"say in ATTEMPTS how a stranger would try: {missing}"


@pytest.mark.parametrize("row", ROWS)
async def test_nobody_reaches_what_is_not_his(
    app: App, tg: Sandbox, hers: Hers, him: Owner, row: Endpoint
) -> None:
    await app.house.activity.flush()
    before, calls = await everything(app), len(tg.calls)
    given = ATTEMPTS[row.operation_id](hers)
    how = {"params": given} if row.method == "GET" else {"data": given}
    answer = await him.api.call(row.method, row.path.format(**given), **how)
    told = msgspec.json.encode(answer).decode()
    assert TITLE not in told
    assert "chess" not in told
    assert answer["status"] == "error" or not answer.get("data"), "he has nothing, so he is shown nothing"
    assert await everything(app) == before, "nothing of hers has moved"
    moved = [call.method for call in tg.calls[calls:] if not call.method.lower().startswith("get")]
    assert not moved, "and her bot was made to do nothing"


@pytest.mark.parametrize("row", TAKING_AN_ID)
async def test_an_id_of_hers_looks_like_one_that_does_not_exist(
    app: App, hers: Hers, him: Owner, row: Endpoint
) -> None:
    given = ATTEMPTS[row.operation_id](hers)
    key = "params" if row.method == "GET" else "data"
    taken = await him.api.call(row.method, row.path, **{key: given})
    free = await him.api.call(row.method, row.path, **{key: given | {"id": 987_654}})
    assert taken == free
