"""Whatever comes as a body, the answer is one of the documented ones."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.inputs import LARGEST_BODY
from tests.api.conftest import Owner

ADD, DEL = "/api/bots/add.json", "/api/bots/del.json"
FUNC = {"status": "error", "error": "func"}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b""), (JSON, b"{"), (JSON, b"[]"), (JSON, b"7"), (JSON, b"null"), (JSON, b'"id"'),
        (JSON, b"\xff\xfe{}"), (JSON, b'{"id": 1e400}'), (JSON, b'{"id": NaN}'), (JSON, b'{"id": [7]}'),
        (JSON, b'{"id": {"id": 7}}'), (JSON, b'{"id": null}'), (JSON, b"[" * 100_000),
        (JSON, b'{"id":' * 20_000 + b"1" + b"}" * 20_000), (JSON, b'{"id": "' + b"9" * 5000 + b'"}'),
        (f"{JSON}; charset=nonsense", b"{}"),
        (FORM, b"id=%FF%FE"), (FORM, b"=;&&&=%"), (f"{FORM}; charset=nonsense", b"id=7"), (FORM, b"id[]=7"),
        (MULTIPART, b""), (MULTIPART, b"--x\r\n"), (MULTIPART, b"nothing of the kind"),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n7'),
        (MULTIPART, b"--x\r\nContent-Transfer-Encoding: nonsense\r\n"
                    b'Content-Disposition: form-data; name="id"\r\n\r\nx\r\n--x--\r\n'),
        ("multipart/form-data", b"id=7"), ("multipart/form-data; boundary=", b"--\r\n"),
        ("text/plain", b"id=7"), ("application/xml", b"<id>7</id>"), ("application/octet-stream", b"\x00"),
        ("not a type at all", b"id=7"),
    ],
)  # fmt: skip
async def test_an_unusable_body(him: Owner, kind: str, body: bytes) -> None:
    headers = {"Content-Type": kind}
    assert await him.api.call("POST", DEL, data=body, headers=headers) == FUNC


async def test_a_body_that_says_it_is_packed_and_is_not(him: Owner) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    assert await him.api.call("POST", DEL, data=b'{"id": 7}', headers=headers) == FUNC


async def test_a_packed_body_is_unpacked_to_the_limit_and_no_further(him: Owner) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    good = gzip.compress(json.dumps({"id": 7}).encode())
    answer = await him.api.call("POST", DEL, data=good, headers=headers)
    assert answer == {"status": "error", "error": "access"}
    bomb = gzip.compress(b'{"id": 7, "x": "' + b"x" * 50_000_000 + b'"}')
    assert len(bomb) < LARGEST_BODY
    assert await him.api.call("POST", DEL, data=bomb, headers=headers) == FUNC


@pytest.mark.parametrize("kind", [JSON, FORM, MULTIPART, "text/plain"])
@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in chunks"])
async def test_a_huge_body(him: Owner, kind: str, told: bool) -> None:
    body = b'{"id": 7, "x": "' + b"x" * 300 * 1024 + b'"}'

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 64 * 1024):
            yield body[start : start + 64 * 1024]

    data: Any = body if told else in_chunks()
    assert await him.api.call("POST", DEL, data=data, headers={"Content-Type": kind}) == FUNC


async def test_a_large_body_below_the_limit(him: Owner) -> None:
    answer = await him.api.call("POST", DEL, json={"id": 7, "x": "x" * 200 * 1024})
    assert answer == {"status": "error", "error": "access"}


async def test_the_body_wins_over_the_query_and_an_upload_is_no_text(him: Owner) -> None:
    wrong_token = {"status": "error", "error": "token"}
    assert await him.api.call("POST", ADD, params={"token": "x"}) == wrong_token
    assert await him.api.call("POST", f"{DEL}?id=x", json={"id": 7}) == {"status": "error", "error": "access"}
    body = (b'--x\r\nContent-Disposition: form-data; name="id"; filename="id"\r\n'
            b"Content-Type: text/plain\r\n\r\n7\r\n--x--\r\n")  # fmt: skip
    assert await him.api.call("POST", DEL, data=body, headers={"Content-Type": MULTIPART}) == FUNC
