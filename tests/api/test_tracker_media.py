"""Uploading pictures and videos by the API, and sending them."""

import io
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.filestore import tiny_png
from tests.api.conftest import Owner
from tests.api.test_tracker_broadcasts import OK, ROOT, ads, draft
from tests.stories.tracker import Ads

__all__ = ["ads"]  # a fixture


async def upload(her: Owner, content: bytes, name: str = "holiday.png", field: str = "file") -> Any:
    """Upload a file."""
    form = aiohttp.FormData()
    form.add_field(field, io.BytesIO(content), filename=name)
    return await her.api.call("POST", "/api/media/upload.json", data=form)


async def test_uploading_and_sending_a_picture(
    tg: Sandbox, her: Owner, him: Owner, ads: Ads, service: Any
) -> None:
    first = await upload(her, tiny_png())
    assert first["data"]["type"] == 1
    assert await upload(her, tiny_png(), "again.mp4") == first, "the content says what it is"
    assert (await upload(him, tiny_png()))["data"] != first["data"], "to each his own"
    video = await upload(her, b"\0\0\0\x18ftypisom" + b"\0" * 64)
    assert video["data"]["type"] == 2
    ref = first["data"]["media"]
    one = await draft(her, media=ref, media_type=1, text="Look")
    his = await draft(him)
    wrong = {"status": "error", "error": "func"}
    assert await him.api.post(f"{ROOT}/edit.json", id=his, media=ref, media_type=1) == wrong
    assert await her.api.post(f"{ROOT}/edit.json", id=one, media=ref, media_type=2) == wrong
    assert await her.api.post(f"{ROOT}/edit.json", id=one, media=ref, text="x" * 1025) == wrong
    assert await her.api.post(f"{ROOT}/test.json", id=one) == OK
    await tg.settle()
    assert (tg.last(her.person, bot=service).text, tg.last(her.person, bot=service).photo) == ("Look", None)
    assert (await her.api.post(f"{ROOT}/start.json", id=one))["data"] == {"queued": 2}
    await tg.settle()
    assert len([call for call in tg.calls_of("sendPhoto") if call.params["photo"] == "<file.jpg>"]) == 1
    assert len(tg.calls_of("sendPhoto")) == 2


@pytest.mark.parametrize(
    ("content", "field"), [(b"", "file"), (b"GIF89a", "file"), (b"<html>", "file"), (b"\xff\xd8\xff", "")]
)
async def test_what_is_no_picture(her: Owner, content: bytes, field: str) -> None:
    wrong = {"status": "error", "error": "func"}
    if field:
        assert await upload(her, content) == wrong
    else:
        assert await her.api.post("/api/media/upload.json", file="not a file") == wrong
        headers = {"Content-Type": "multipart/form-data"}
        assert await her.api.call("POST", "/api/media/upload.json", data=content, headers=headers) == wrong


async def test_a_picture_that_is_too_big(her: Owner) -> None:
    wrong = {"status": "error", "error": "func"}
    assert await upload(her, tiny_png() + b"\0" * (10 * 1024 * 1024)) == wrong
    assert await upload(her, tiny_png() + b"\0" * (21 * 1024 * 1024)) == wrong
