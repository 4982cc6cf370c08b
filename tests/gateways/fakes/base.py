"""What all stand-ins for payment providers share: a server, two accounts, notifications, trouble."""

import asyncio
import dataclasses
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import aiohttp
from aiohttp import web

from domain.clock import Clock, SystemClock
from domain.gateways import Notification
from domain.money import Money, money

Account = Mapping[str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# error: 500 · busy: 429 · garbage: 200 and no JSON · cut: the line breaks · silent: no answer ·
# moved: a redirect · echo: a refusal that repeats whatever secrets it was sent
Trouble = Literal["error", "busy", "garbage", "cut", "silent", "moved", "echo"]


@dataclass(frozen=True)
class Call:
    """A request the stand-in got. Header names are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Event:
    """Something the provider has to tell to an account, as the bytes it posts."""

    body: bytes
    account: Account


@dataclass
class _Spoiled:
    kind: Trouble
    path: str
    method: str
    done: bool
    times: int


class Fake(ABC):
    """A provider with two accounts. `async with XFake() as fake` serves it at `fake.url`.

    Its state is moved by methods (`pay`, `expire`, …), each of which also puts what the provider would
    tell into `events`. References are the provider's ids of checkouts, charge ids those of charges.
    """

    name: ClassVar[str]  # the gateway's
    credentials: ClassVar[Account]
    other: ClassVar[Account]  # of a second account, which has nothing to do with the first
    secrets: ClassVar[frozenset[str]]  # the names of the credentials without which nothing is answered
    price: ClassVar[Money]
    opening: ClassVar[str]  # words of the path of the call that opens a checkout
    refunding: ClassVar[str] = "refund"  # … that gives money back
    second_currency: ClassVar[str] = "EUR"
    signed: ClassVar[bool] = True  # notifications carry a signature over their body
    unsigned_headers: ClassVar[frozenset[str]] = frozenset({"content-type"})
    idempotent: ClassVar[bool] = True  # the same key gives the same checkout
    # What the provider can do; the contract's tests are chosen by it.
    other_sum: ClassVar[bool] = True  # takes another sum than was asked
    other_currency: ClassVar[bool] = True  # takes another currency than was asked
    late: ClassVar[bool] = True  # takes money after the checkout has ended
    refunds: ClassVar[bool] = True  # by API
    # … and what comes with `fakes.abilities`.
    by_hand: ClassVar[bool] = False
    partial_refunds: ClassVar[bool] = False
    disputes: ClassVar[bool] = False
    recurring: ClassVar[bool] = False
    coin: ClassVar[str | None] = None

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.url = ""
        self.calls: list[Call] = []
        self.events: list[Event] = []
        self._numbers = itertools.count(1)
        self._sent = 0
        self._spoiled: list[_Spoiled] = []
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve])
        self.routes(app.router)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    # What each stand-in is made of.

    @abstractmethod
    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the provider's endpoints."""

    @abstractmethod
    def refusal(self, words: str) -> web.Response:
        """A 4xx answer in the provider's form."""

    @abstractmethod
    def sign(self, body: bytes, account: Account) -> Notification:
        """The notification as the provider would send it now to that account."""

    @abstractmethod
    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        """Somebody pays a checkout (what is asked, or `amount` in whole units); returns the charge id."""

    @abstractmethod
    def expire(self, ref: str) -> None:
        """The checkout ends without money."""

    @abstractmethod
    def paid_back(self, charge_id: str) -> Money:
        """How much of a charge went back."""

    @abstractmethod
    def checkouts(self) -> list[str]:
        """The references of all checkouts."""

    @abstractmethod
    def account_of(self, ref: str) -> Account:
        """Whose checkout it is."""

    @abstractmethod
    def lie(self, ref: str) -> bytes:
        """The body of a notification saying that a checkout is paid, although it is not."""

    @abstractmethod
    def stray(self) -> bytes:
        """The body of a notification about something that is not at this provider."""

    # What comes with it.

    def number(self) -> int:
        """A new id."""
        return next(self._numbers)

    def tell(self, event: object, account: Account) -> None:
        """Put an event into the list of what is to be told."""
        self.events.append(Event(json.dumps(event).encode(), account))

    def asked(self, path: str) -> list[Call]:
        """The calls whose path holds these words."""
        return [call for call in self.calls if path in call.path]

    def in_whole(self, amount: str | None, currency: str | None, wanted: Money) -> Money:
        """The money meant by the arguments of `pay` and `refund`."""
        return money(amount or f"{wanted.amount:f}", currency or wanted.currency)

    def notification(self, event: int = -1) -> Notification:
        """An event as it would be sent now."""
        return self.sign(self.events[event].body, self.events[event].account)

    def forgeries(self, true: Notification) -> dict[str, Notification]:
        """Changes of a notification that must be refused, by what was done to it."""
        made = {
            "tampered": dataclasses.replace(true, body=true.body.replace(b"{", b"{ ", 1)),
            "unsigned": dataclasses.replace(true, headers={}),
            "another account's": self.sign(true.body, self.other),
        }
        return made if self.signed else {}

    async def notify(self, url: str, event: int | Notification | None = None) -> int:
        """Post an event (None: all that were not posted yet, in order); returns the last answer's status."""
        if event is None:
            waiting = range(self._sent, len(self.events))
            self._sent = len(self.events)
            letters = [self.notification(index) for index in waiting]
        else:
            letters = [event if isinstance(event, Notification) else self.notification(event)]
        status = 0
        async with aiohttp.ClientSession() as session:
            for letter in letters:
                async with session.post(
                    url, data=letter.body, headers=letter.headers, params=letter.query
                ) as response:
                    status = response.status
        return status

    def trouble(
        self, kind: Trouble, *, path: str = "", method: str = "", done: bool = False, times: int = 1
    ) -> None:
        """Spoil the next call of that method whose path holds `path`. `done`: what it asks happens
        nevertheless. (A GET that was cut off is asked once more by aiohttp itself: spoil it twice.)"""
        self._spoiled.append(_Spoiled(kind, path, method, done, times))

    def calm(self) -> None:
        """No more trouble."""
        self._spoiled.clear()

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.method, request.path, dict(request.query), headers, body)
        self.calls.append(call)
        spoiled = next(
            (one for one in self._spoiled if one.path in request.path and one.method in ("", request.method)),
            None,
        )
        if spoiled is None:
            return await handler(request)
        spoiled.times -= 1
        if not spoiled.times:
            self._spoiled.remove(spoiled)
        if spoiled.done:
            await handler(request)
        return await self._spoil(request, spoiled.kind, call)

    async def _spoil(self, request: web.Request, kind: Trouble, call: Call) -> web.StreamResponse:
        match kind:
            case "error":
                return web.Response(status=500, text="Oops")
            case "busy":
                return web.Response(status=429, text="Slow down", headers={"Retry-After": "1"})
            case "garbage":
                return web.Response(text="<html>Maintenance</html>", content_type="text/html")
            case "moved":
                return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
            case "echo":
                secrets = [*self.credentials.values(), call.headers.get("authorization", "")]
                return self.refusal(f"Not with {' '.join(secrets)}!")
            case "cut":
                assert request.transport is not None
                request.transport.abort()
            case "silent":
                await self._closing.wait()
        return web.Response()
