"""URLs that people supply for this server to call: what they may look like, and what a call comes to.

Whether the *address* behind a URL may be called is another question, and it is answered where the connection
is made (`delivery.guard`): a name can mean one address now and another one a second later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit, urlunsplit

from domain.errors import GatehouseError, Invalid

LONGEST_URL = 2048  # characters
LONGEST_CALLED = 16_384  # once macros are filled in
LONGEST_HOST = 253  # as DNS has it
_PORTS = frozenset({80, 443})  # below 1024; the others there belong to mail, shells and the like


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. `headers` have names in small letters (of several equal ones the first).

    `body` are the first bytes, as many as the caller wanted to keep; `cut` tells that there were more.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool
    took_ms: int


class NoAnswer(GatehouseError):
    """A call brought no answer. `reason` is one of

    `denied` (the address is in a network this server does not call), `timeout`, `unreachable` (no such
    name, or nobody listens there), `tls` (its certificate is not good) and `broken` (the line broke, or
    what came was not HTTP). Whether the request had an effect is unknown after `timeout` and `broken`.
    """

    code = "no_answer"

    def __init__(self, reason: str, took_ms: int = 0) -> None:
        super().__init__(reason=reason, took_ms=took_ms)
        self.reason, self.took_ms = reason, took_ms

    @property
    def denied(self) -> bool:
        """True when we have not called at all."""
        return self.reason == "denied"


def check_url(text: str, *, private: bool = False, field: str = "url", longest: int = LONGEST_URL) -> str:
    """The URL with scheme and host in small letters and a path, when it is one we would call.

    https with no credentials and no fragment, at most `longest` characters, port 80, 443 or from 1024
    on. `private` (development) allows http, too. Raises `Invalid` for `field` with a reason
    `url_missing`, `url_too_long`, `url_malformed`, `url_not_https`, `url_credentials`, `url_fragment` or
    `url_port`.
    """
    text = text.strip()
    if not text:
        raise Invalid(field, "url_missing")
    if len(text) > longest:
        raise Invalid(field, "url_too_long", limit=longest)
    # Parsers disagree about what these mean, and urlsplit drops some of them silently.
    if not text.isprintable() or any(sign in ' \\<>"^`{|}' for sign in text):
        raise Invalid(field, "url_malformed")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid(field, "url_malformed") from None
    if parts.scheme not in (("https", "http") if private else ("https",)):
        raise Invalid(field, "url_not_https")
    if "@" in parts.netloc:
        raise Invalid(field, "url_credentials")
    if "#" in text:
        raise Invalid(field, "url_fragment")
    if not host.strip(".") or len(host) > LONGEST_HOST or "%" in host or parts.netloc.endswith(":"):
        raise Invalid(field, "url_malformed")
    if port is not None and port not in _PORTS and not 1024 <= port <= 65535:
        raise Invalid(field, "url_port")
    return urlunsplit(SplitResult(parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


class Caller(Protocol):
    """Calls URLs that people supplied, guarded (`delivery.guard.GuardedSession`)."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep: int = 4096,
        seconds: float = 15.0,
    ) -> Answer:
        """The answer, whatever its status, with the first `keep` bytes of its body. Raises `NoAnswer`."""
        ...
