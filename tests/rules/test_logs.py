"""No secret reaches a log line, whoever logs it and however."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog

from bot import logs
from bot.app import App

TOKEN = "1234567890:AAFakeFakeFakeFakeFakeFakeFakeFake123"
KEY = "gh_" + "k" * 43
ACCESS = "accesstoken_abcdEFGH1234"
SECRETS = (TOKEN.partition(":")[2], KEY, "abcdEFGH1234", "hunter2", "whsec_c2VjcmV0")

Lines = Callable[[], str]


@contextmanager
def logging_as(log_format: str) -> Iterator[io.StringIO]:
    """The chain `serve` sets up, writing to memory; everything is as it was afterwards."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level, logging.raiseExceptions
    logs.configure(log_format)
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    try:
        yield written
    finally:
        root.handlers[:], root.level, logging.raiseExceptions = before
        structlog.reset_defaults()


@pytest.fixture(params=["console", "json"])
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """What was logged."""
    with logging_as(request.param) as written:
        yield written.getvalue


log = logging.getLogger("test")


def _raise() -> None:
    try:
        raise ValueError(f"no bot answers to {TOKEN}")
    except ValueError as error:
        raise RuntimeError(f"while {KEY} was asked") from error


def _exception() -> None:
    try:
        _raise()
    except RuntimeError:
        log.exception("failed with %s", ACCESS)


def _group() -> None:
    try:
        raise ExceptionGroup("several", [ValueError(TOKEN), RuntimeError(KEY)])
    except ExceptionGroup:
        log.error("failed", exc_info=True)


class Telling:
    """An object that shows a secret when it is printed."""

    def __repr__(self) -> str:
        return f"<Bot {TOKEN}>"

    __str__ = __repr__


@pytest.mark.parametrize(
    "tell",
    [
        lambda: log.info(f"https://api.telegram.org/bot{TOKEN}/getMe"),
        lambda: log.info("https://api.telegram.org/file/bot%s/x", TOKEN),
        lambda: log.info("encoded %s", TOKEN.replace(":", "%3A")),
        lambda: log.info("encoded %s", TOKEN.replace(":", "%3a")),
        lambda: log.info("%s and %s and %s", KEY, ACCESS, "whsec_c2VjcmV0"),
        lambda: log.info("%(one)s", {"one": TOKEN}),
        lambda: log.info("%s", {"token": "hunter2", "api_key": "hunter2"}),
        lambda: log.info("%r", [{"authorization": "Bearer hunter2"}, (KEY,)]),
        lambda: log.info("%s", Telling()),
        lambda: log.info("%s", TOKEN.encode()),
        lambda: log.info("x", extra={"bot_token": "hunter2", "what": TOKEN}),
        lambda: log.info("x", extra={"nested": {"deep": [{"secret_token": "hunter2"}, {KEY, ACCESS}]}}),
        lambda: log.info("x", extra={"thing": Telling(), "body": TOKEN.encode()}),
        lambda: log.info("GET /v1/bot123/hunter2/members?api_key=hunter2 HTTP/1.1"),
        lambda: log.info("X-API-Key: hunter2"),
        lambda: log.info("Api-Key: hunter2 Authorization: Bearer hunter2"),
        lambda: log.info('{"token": "hunter2", "X-Telegram-Bot-Api-Secret-Token": "hunter2"}'),
        _exception,
        _group,
        lambda: structlog.get_logger("other").info("see %s", TOKEN, key=KEY, secret="hunter2"),
        lambda: structlog.get_logger("other").info("see", where=[{"password": "hunter2"}]),
    ],
)
def test_secrets_are_starred(lines: Lines, tell: Callable[[], None]) -> None:
    tell()
    shown = lines()
    assert "***" in shown
    assert not [secret for secret in SECRETS if secret in shown]


def test_what_is_bound_to_a_task_is_starred(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(caller=KEY, token="hunter2"):
        log.info("hello")
    shown = lines()
    assert "hello" in shown
    assert KEY not in shown
    assert "hunter2" not in shown


def test_what_is_no_secret_stays(lines: Lines) -> None:
    log.info("at 12:30:45 bot %s asked for 3 tokens", 1234567890, extra={"bot": 7, "reason": "wrong token"})
    shown = lines()
    for word in ("12:30:45", "1234567890 asked for 3 tokens", "wrong token", "7"):
        assert word in shown


def test_a_line_that_cannot_be_written_is_not_printed_as_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as("json") as written:
        written.close()
        log.info("%s", TOKEN)
    assert capsys.readouterr() == ("", "")


def test_json_lines_are_json() -> None:
    with logging_as("json") as written:
        log.warning("привет", extra={"bot": 7})
        line = json.loads(written.getvalue())
    assert (line["event"], line["bot"], line["level"], line["logger"]) == ("привет", 7, "warning", "test")


async def test_a_request_that_is_no_http_shows_no_key(app: App, lines: Lines) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(app.url.rpartition(":")[2]))
    writer.write(f"GET /v1/bot1/{KEY}/x HTTP/9.9\r\nX-API-Key: {KEY}\r\n bad\x00header\r\n\r\n".encode())
    await writer.drain()
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.")
    assert KEY not in lines()
