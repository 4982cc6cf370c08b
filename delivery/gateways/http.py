"""Asking a payment provider over HTTP: bounded in time and size, exact in numbers, silent about secrets."""

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from yarl import URL

from delivery.gateways.reading import parse
from domain.cleaning import plain
from domain.errors import GatewayRefused, GatewayUnreachable

TIMEOUT = 30.0  # seconds for a whole call
LONGEST = 4 * 1024 * 1024  # bytes of an answer
WORDS = 300  # characters of a provider's words that are kept
SHORTEST = 6  # characters of a secret; less is none
# Statuses after which nobody knows what became of the request, or which ask to come back later.
UNSURE = frozenset({408, 425, 429})

Words = Callable[[Any], str | None]


class Refusal(GatewayRefused):
    """A definite no over HTTP. `status` is the answer's, `body` its parsed JSON (None where it had none)."""

    def __init__(self, gateway: str, words: str, status: int, body: Any) -> None:
        super().__init__(gateway, words)
        self.status, self.body = status, body


def new_session() -> aiohttp.ClientSession:
    """The session all gateways with fixed addresses share. No cookies: many owners call through it."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())


@cache
def proxy_for(address: str) -> str | None:
    """The environment's proxy for an address, asked once: aiohttp's `trust_env` asks for every request,
    in a thread, and reads passwords from a netrc file."""
    parts = urlsplit(address)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def path(*parts: str) -> str:
    """A path of these names, each made safe: `path("v2", "orders", ref)`. Raises `ValueError` for a name
    that would climb."""
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError("not a name")
    return "".join("/" + quote(part, safe="") for part in parts)


def kept_quiet(words: str, secrets: Collection[str]) -> str:
    """A provider's words without our secrets, control characters, and most of their length."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            words = words.replace(secret, "…")
    words = " ".join(plain(words).split())
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"


def basic(auth: tuple[str, str] | None) -> dict[str, str]:
    """The header of HTTP Basic."""
    if auth is None:
        return {}
    return {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"}


def mention(status: int) -> str:
    """Words for an answer that has none."""
    return f"HTTP {status}"


class Wire:
    """Calls one provider at one address.

    `words` finds the provider's own words in the JSON of a refusal (it may raise `LookupError`,
    `TypeError` and `AttributeError`). `timeout` in seconds.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gateway: str,
        base: str,
        *,
        words: Words,
        timeout: float = TIMEOUT,
        proxied: bool = True,
    ) -> None:
        self._session, self._gateway, self._base = session, gateway, base.rstrip("/")
        self._words, self._timeout = words, aiohttp.ClientTimeout(total=timeout)
        self._proxy = proxy_for(self._base) if proxied else None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        secrets: Collection[str],
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Any:
        """One call; returns the answer's JSON with exact numbers (None for an empty one).

        `json`, `form` or `raw` (JSON bytes) is the body, `auth` HTTP Basic, `secrets` what must not be
        repeated in an error. Redirects are not followed.

        Raises `Refusal` for a definite no (4xx), `GatewayRefused` for keys that cannot be sent, and
        `GatewayUnreachable` when nobody knows: no answer, 5xx, 429, 3xx, or an answer that is too long or
        no JSON.
        """
        if any(not value.isprintable() for value in (*(headers or {}).values(), *(auth or ()))):
            raise GatewayRefused(self._gateway, "the keys hold what no key holds")
        url = URL(self._base + path, encoded=True)
        content = {} if json is None and raw is None else {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                method,
                url.with_query(query) if query else url,
                headers={"Accept": "application/json"} | content | basic(auth) | dict(headers or {}),
                data=msgspec.json.encode(json) if json is not None else raw if raw is not None else form,
                timeout=self._timeout,
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                status, answer = response.status, await bounded(response.content)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            # The error's own text can hold the address, and with it secrets: only its kind is kept.
            raise GatewayUnreachable(self._gateway, type(error).__name__) from None
        return understood(self._gateway, status, answer, words=self._words, secrets=secrets)


def understood(
    gateway: str, status: int, answer: bytes | None, *, words: Words, secrets: Collection[str]
) -> Any:
    """The JSON of an answer (None: it was too long), or the error that `Wire.ask` documents."""
    if answer is None:
        raise GatewayUnreachable(gateway, f"{mention(status)} with too long an answer")
    try:
        body = parse(answer) if answer.strip() else None
    except (ValueError, RecursionError):
        if status < 300:
            raise GatewayUnreachable(gateway, f"{mention(status)} without JSON") from None
        body = None
    if 200 <= status < 300:
        return body
    try:
        said = words(body) or mention(status)
    except (LookupError, TypeError, AttributeError):
        said = mention(status)
    said = kept_quiet(said, secrets)
    if status < 400 or status >= 500 or status in UNSURE:
        raise GatewayUnreachable(gateway, said)
    raise Refusal(gateway, said, status, body)


async def bounded(content: aiohttp.StreamReader) -> bytes | None:
    """A whole answer, None when it is longer than `LONGEST`."""
    answer = bytearray()
    async for chunk in content.iter_any():
        answer += chunk
        if len(answer) > LONGEST:
            return None
    return bytes(answer)
