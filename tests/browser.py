"""A real Chromium for page tests: the fixtures ``browser`` and ``open_page``.

A test module takes them over by name, as ``tests/sandbox/test_page.py`` does. Without a Chromium in
PATH such tests are skipped, visibly. One Chromium serves all tests of a process, each in a profile of
its own that knows nothing of the others. A page fails its test when anything reached the console as
an error, when a script threw, or when it asked any server but its own.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

BINARIES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--hide-scrollbars",
    "--mute-audio",
    "--force-color-profile=srgb",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--no-sandbox",  # CI containers run as root, where Chromium's own sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1280, 800)
PHONE = (390, 844)
UP_WITHIN = 60.0  # seconds for Chromium's start
PATIENCE = 30_000.0  # milliseconds until what is expected of a page is given up


class OpenPage(Protocol):
    """Opens a URL in a fresh context of the given CSS-pixel size.

    ``forgive`` is a part of console messages that the test expects.
    """

    async def __call__(
        self,
        url: str,
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-US",
        forgive: str | None = None,
    ) -> Page: ...


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a headless Chromium, or a skip that says which names were looked for."""
    path = next(filter(None, map(shutil.which, BINARIES)), None)
    if path is None:
        pytest.skip("The page needs Chromium in PATH: on Debian and Ubuntu, apt install chromium")
    profile = tmp_path_factory.mktemp("chromium")
    places = ("--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank")
    with open(profile / "said", "wb") as said:
        process = subprocess.Popen([path, *FLAGS, *places], stdout=said, stderr=said)  # noqa: S603 - ours
    try:
        yield f"http://127.0.0.1:{_port(profile, process)}"
    finally:
        process.terminate()
        process.wait(60)


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Where it listens, which it writes down when it is up. Raises ``AssertionError`` when it never is."""
    deadline = time.monotonic() + UP_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, ValueError, IndexError):
            return int((profile / "DevToolsActivePort").read_text().splitlines()[0])
        time.sleep(0.02)
    raise AssertionError(f"Chromium is not up: {(profile / 'said').read_text(errors='replace')}")


@pytest_asyncio.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """The Chromium of this process."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium)
        yield connected
        await connected.close()


def watch(page: Page, origin: str, problems: list[str], *, forgive: str | None = None) -> None:
    """Collect into ``problems`` what a healthy page never does."""

    def on_console(message: ConsoleMessage) -> None:
        # A sandbox that ends before its page does is no fault of the page, which looks for it again.
        forgiven = "ERR_CONNECTION_REFUSED" in message.text or (
            forgive is not None and forgive in message.text
        )
        if message.type in {"error", "warning"} and not forgiven:
            problems.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != origin:
            problems.append(f"request to somebody else: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("request", on_request)


@pytest_asyncio.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open pages; at the end of the test every one of them must have stayed free of errors."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_one(
        url: str,
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-US",
        forgive: str | None = None,
    ) -> Page:
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale=locale,
            has_touch=size == PHONE,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = await context.new_page()
        parts = urlsplit(url)
        watch(page, f"{parts.scheme}://{parts.netloc}", problems, forgive=forgive)
        await page.goto(url)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert not problems, "\n".join(problems)
