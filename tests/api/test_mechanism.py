"""The endpoint table carries the envelope, keys and errors of every documented system."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from api.doorkeeper import CALLS_AT_ONCE, Doorkeeper
from api.membership.dialect import MembershipDialect
from api.membership.rows import BASE, KEYED, ROOT
from api.openapi import document
from api.serving import Calls, mount
from api.table import Api, Endpoint, Scope
from bot.app import App
from domain.actor import Actor
from domain.errors import Conflict, NotAllowed
from services.house import House
from tests.api.client import issue_key
from tests.api.conftest import Owner
from tests.api.dialects import Automation, Scan
from tests.clock import TestClock


class Toy(msgspec.Struct):
    """What the toy calls take: from the path, the query or the body."""

    word: Annotated[str, msgspec.Meta(max_length=10)]
    times: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1
    loud: bool = False


class Echo(msgspec.Struct):
    """What they answer."""

    said: str
    scope: int | None


async def echo(house: House, actor: Actor, given: Toy) -> Echo:
    if given.word == "boom":
        raise RuntimeError("the secret plan")
    if given.word == "taken":
        raise Conflict("taken")
    if given.word == "hers":
        raise NotAllowed
    said = given.word * given.times
    return Echo(said.upper() if given.loud else said, actor.bot_scope)


class Which(msgspec.Struct):
    """An object among the parameters."""

    loud: bool = False
    times: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1


class WithObject(msgspec.Struct):
    """A call with such an object."""

    which: Which | None = None


async def describe(house: House, actor: Actor, given: WithObject) -> Echo:
    which = given.which
    return Echo("none" if which is None else f"{which.loud} {which.times}", actor.bot_scope)


async def nothing(house: House, actor: Actor) -> Echo:
    return Echo("", actor.bot_scope)


def api(name: str, root: str, base: str, dialect: Any, *bases: str, **more: Any) -> Api:
    rows = (
        Endpoint("GET", f"{base}/words/{{word}}", Scope.BOT, echo, "Say a word", input=Toy, result=Echo),
        Endpoint("GET", f"{base}/words/none", Scope.BOT, nothing, "Say nothing", result=Echo),
        Endpoint("POST", f"{base}/words", Scope.BOT, echo, "Say", input=Toy, result=Echo, status=201),
        Endpoint("POST", f"{base}/objects", Scope.BOT, describe, "Say which", input=WithObject, result=Echo),
        Endpoint("DELETE", f"{base}/words", Scope.ACCOUNT, nothing, "Be silent", result=Echo),
    )
    spelt = [replace(row, aliases=tuple(row.path.replace(base, one) for one in bases)) for row in rows]
    return Api(name, "", (root,), dialect, tuple(spelt), **more)


MEMBERSHIP = api("Membership", ROOT, BASE, MembershipDialect(), KEYED, any_case=True)
AUTOMATION = api("Automation", "/api/v1/", "/api/v1", Automation())
SCAN = api("Scan", "/tgscan/v1/", "/tgscan/v1", Scan())


@pytest.fixture
async def toys(app: App) -> AsyncIterator[TestClient]:
    """A server of the three."""
    site, door = web.Application(client_max_size=256 * 1024), Doorkeeper(app.house)
    for one in (MEMBERSHIP, AUTOMATION, SCAN):
        mount(site, one, app.house, door)
    async with TestClient(TestServer(site)) as client:
        yield client


async def answer(client: TestClient, method: str, path: str, **how: Any) -> tuple[int, Any]:
    async with client.request(method, path, **how) as response:
        return response.status, await response.json()


async def test_membership_repeats_the_call(toys: TestClient, him: Owner) -> None:
    base = f"/v1/bot77/{him.api.key}"
    status, body = await answer(toys, "POST", f"{base}/WORDS", data={"word": "hi", "times": "2", "x": "y"})
    assert status == 201
    assert body.pop("request_id")
    assert body == {"ok": True, "method": "POST", "path": "/words", "code": 201,
                    "result": {"said": "hihi", "scope": None}}  # fmt: skip
    status, body = await answer(toys, "GET", f"{base}/Words/HeLLo?times=3&loud=true")
    assert (status, body["result"]["said"]) == (200, "HELLOHELLOHELLO")
    assert (await answer(toys, "GET", f"{base}/words/None"))[1]["result"]["said"] == ""


@pytest.mark.parametrize(
    ("method", "path", "form", "code"),
    [
        ("POST", "words", {}, 400), ("POST", "words", {"word": "x", "times": "9"}, 400),
        ("POST", "words", {"word": "x" * 11}, 400), ("POST", "words", {"word": "hers"}, 403),
        ("POST", "other", {}, 404), ("PATCH", "words", {}, 405), ("POST", "words/none", {}, 405),
        ("POST", "words", {"word": "taken"}, 409), ("POST", "words", {"word": "x" * 300_000}, 413),
        ("POST", "words", {"word": "boom"}, 500),
    ],
)  # fmt: skip
async def test_membership_has_a_status_for_every_error(
    toys: TestClient, him: Owner, method: str, path: str, form: dict[str, str], code: int
) -> None:
    async with toys.request(method, f"/v1/bot77/{him.api.key}/{path}", data=form) as response:
        body = await response.json()
        assert response.status == body["code"] == code
        assert ("Allow" in response.headers) == (code == 405)
    assert body["ok"] is False
    assert body["path"] == f"/{path}", "the key is not repeated"
    assert "plan" not in str(body)


async def test_membership_takes_the_key_in_a_header_as_well(toys: TestClient, him: Owner) -> None:
    key, path = him.api.key or "", "/v1/bot77/Words"
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        status, body = await answer(toys, "POST", path, data={"word": "hi"}, headers=headers)
        assert (status, body["path"]) == (201, "/words")
    assert (await answer(toys, "POST", path, data={"word": "hi"}))[0] == 401
    wrong = await answer(toys, "POST", "/v1/bot77/wrong/words", headers={"X-API-Key": key})
    assert wrong[0] == 401, "the key in the address is the one that counts"


@pytest.mark.parametrize(
    ("path", "code", "shown"),
    [
        # What could be a word and its parameter is that, and not a key and a word.
        ("words/words", 200, "/words/words"), ("wrong/words/hi", 401, "/words/hi"), ("wrong", 404, "/"),
        ("wrong/other", 404, "/other"), ("words//", 404, "//"), ("", 404, "/"), ("words/x%2Fy", 404, "/x/y"),
        ("words/a%20b?x=%26gh_abc&y=1", 200, "/words/a%20b?x=%26***&y=1"), ("words/%FF", 200, "/words/%25FF"),
    ],
)  # fmt: skip
async def test_membership_repeats_addresses_without_keys(
    toys: TestClient, him: Owner, path: str, code: int, shown: str
) -> None:
    url = toys.make_url("/v1/bot77/").human_repr() + path
    async with toys.session.get(URL(url, encoded=True), headers={"X-API-Key": him.api.key or ""}) as response:
        body = await response.json()
    assert (response.status, body["path"]) == (code, shown)


async def test_objects_in_forms(toys: TestClient, him: Owner) -> None:
    path = f"/v1/bot77/{him.api.key}/objects"
    for how in (
        {"json": {"which": {"loud": True, "times": "2"}}},
        {"data": {"which[loud]": "true", "which[times]": "2"}},
    ):
        assert (await answer(toys, "POST", path, **how))[1]["result"] == {"said": "True 2", "scope": None}
    assert (await answer(toys, "POST", path, json={"which": None}))[1]["result"]["said"] == "none"
    for how in ({"json": {"which": {"times": 9}}}, {"data": {"which[times]": "9"}}):
        status, body = await answer(toys, "POST", path, **how)
        assert (status, body["description"]) == (400, "which.times: expected `int` <= 3")
    for form in ({"which": "x", "which[times]": "2"}, {"which[times]": "2", "which": "x"}):
        assert (await answer(toys, "POST", path, data=form))[0] == 400


async def test_membership_says_which_parameter_and_why(toys: TestClient, him: Owner) -> None:
    path = f"/v1/bot77/{him.api.key}/words"
    assert (await answer(toys, "POST", path))[1]["description"] == "word: is required"
    _, body = await answer(toys, "POST", path, data={"word": "x", "times": "many"})
    assert body["description"] == "times: expected `int`, got `str`"
    _, body = await answer(toys, "POST", path, json={"word": "x", "times": 9})
    assert body["description"] == "times: expected `int` <= 3"


async def test_a_bots_key_opens_what_is_for_bots(app: App, toys: TestClient, him: Owner) -> None:
    key = await issue_key(app, him.person.id, "chess", bot_id=77)
    status, body = await answer(toys, "POST", f"/v1/bot77/{key}/words", data={"word": "hi"})
    assert (status, body["result"]["scope"]) == (201, 77), "services hold it to its bot"
    assert (await answer(toys, "DELETE", f"/v1/bot77/{key}/words"))[0] == 401
    assert (await answer(toys, "POST", "/v1/bot77/gh_wrong/words", data={"word": "hi"}))[0] == 401


async def test_automation_puts_success_beside_the_result(toys: TestClient, him: Owner) -> None:
    key = him.api.key or ""
    for how in ({"headers": {"X-API-Key": key}}, {"headers": {"Authorization": f"Bearer {key}"}},
                {"params": {"api_key": key}}):  # fmt: skip
        assert await answer(toys, "GET", "/api/v1/words/hi", **how) == (
            200, {"success": True, "said": "hi", "scope": None},
        )  # fmt: skip
    status, body = await answer(toys, "GET", "/api/v1/words/hi")
    assert status == 401
    assert body == {"error": "Unauthorised", "type": "about:blank", "status": 401, "detail": "Unauthorised"}


async def test_scan_words_everything_under_result(toys: TestClient, him: Owner) -> None:
    headers = {"Api-Key": him.api.key or ""}
    assert await answer(toys, "POST", "/tgscan/v1/words", data={"word": "hi"}, headers=headers) == (
        200, {"status": "ok", "result": {"said": "hi", "scope": None}},
    )  # fmt: skip
    status, body = await answer(toys, "POST", "/tgscan/v1/words", headers=headers)
    assert (status, body) == (400, {"status": "error", "result": {"message": "word: is required"}})
    assert (await answer(toys, "GET", "/tgscan/v1/WORDS/hi", headers=headers))[0] == 404, "case matters here"


async def test_one_pace_for_one_key_in_all_systems(toys: TestClient, him: Owner, clock: TestClock) -> None:
    clock.stand()
    key = him.api.key or ""
    for _ in range(CALLS_AT_ONCE):
        await answer(toys, "GET", "/tgscan/v1/words/hi", headers={"Api-Key": key})
    seen = [await answer(toys, "GET", "/api/v1/words/hi", headers={"X-API-Key": key}) for _ in range(30)]
    assert 429 in [status for status, _ in seen]


def test_a_table_that_contradicts_itself_is_refused() -> None:
    again = Endpoint("GET", "/api/v1/words/{word}", Scope.BOT, echo, "Say it again")
    with pytest.raises(ValueError, match="is in the table of Twice twice"):
        Calls(Api("Twice", "", ("/api/v1/",), Automation(), (*AUTOMATION.endpoints, again)))
    with pytest.raises(ValueError, match="is outside of Elsewhere"):
        Calls(Api("Elsewhere", "", ("/api/v2/",), Automation(), AUTOMATION.endpoints))


def test_parameters_are_described_where_they_are_read() -> None:
    described = document([MEMBERSHIP, AUTOMATION, SCAN])
    get = described["paths"]["/api/v1/words/{word}"]["get"]
    assert [(one["name"], one["in"], one["required"]) for one in get["parameters"]] == [
        ("word", "path", True), ("times", "query", False), ("loud", "query", False),
    ]  # fmt: skip
    post = described["paths"]["/tgscan/v1/words"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert (list(body["properties"]), body["required"]) == (["word", "times", "loud"], ["word"])
    assert "parameters" not in post
