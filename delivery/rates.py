"""Where exchange rates are published: the European Central Bank, the Bank of Russia, Kraken.

Addresses and forms are the publishers' own:
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
https://www.cbr.ru/development/SXML/ · https://docs.kraken.com/api-reference/market-data/get-ohlc-data
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

import aiohttp
import msgspec

from domain.rates import Rate, RateSource, RatesUnavailable, inverse

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
LARGEST = 4 * 1024 * 1024  # bytes of an answer
_DEEPEST = 16  # elements within elements

ECB = "https://www.ecb.europa.eu"
CBR = "https://www.cbr.ru"
KRAKEN = "https://api.kraken.com"
_EURO_AT_CBR = "R01239"


def all_sources(session: aiohttp.ClientSession) -> list[RateSource]:
    """Every source, at its own address."""
    return [EcbSource(session), CbrSource(session), KrakenSource(session)]


class EcbSource:
    """The ECB's reference rates of the last 90 days: one document, so that a stop of some weeks leaves no
    gap. They are published on working days at about 16:00 in Frankfurt."""

    name, quote = "ecb", "USD"

    def __init__(self, session: aiohttp.ClientSession, address: str = ECB) -> None:
        self._session, self._address = session, address

    async def fetch(self, since: date | None, today: date) -> Sequence[Rate]:
        """Rates after `since`, as far as the document goes back."""
        url = f"{self._address}/stats/eurofxref/eurofxref-hist-90d.xml"
        raw = await _get(self._session, self.name, url)
        return _read(self.name, lambda: list(self._rates(raw, since)))

    def _rates(self, raw: bytes, since: date | None) -> Iterator[Rate]:
        day: date | None = None
        for name, attributes, _ in _elements(raw, "gesmes:Envelope"):
            if name.rpartition(":")[2] != "Cube":
                continue
            if "time" in attributes:
                day = date.fromisoformat(attributes["time"])
            elif "currency" in attributes and day is not None and (since is None or day > since):
                yield Rate(attributes["currency"], day, Decimal(attributes["rate"]), self.name)


class CbrSource:
    """The Bank of Russia's rate of the euro, which is RUB for one EUR, from any day on."""

    name, quote = "cbr", "RUB"
    _begins = date(2022, 3, 2)  # the day after the last rate of the ECB

    def __init__(self, session: aiohttp.ClientSession, address: str = CBR) -> None:
        self._session, self._address = session, address

    async def fetch(self, since: date | None, today: date) -> Sequence[Rate]:
        """Rates after `since`, tomorrow's among them when it is set."""
        first = self._begins if since is None else since + timedelta(days=1)
        last = max(first, today + timedelta(days=1))
        query = {
            "date_req1": f"{first:%d/%m/%Y}",
            "date_req2": f"{last:%d/%m/%Y}",
            "VAL_NM_RQ": _EURO_AT_CBR,
        }
        raw = await _get(self._session, self.name, f"{self._address}/scripts/XML_dynamic.asp", query)
        return _read(self.name, lambda: list(self._rates(raw)))

    def _rates(self, raw: bytes) -> Iterator[Rate]:
        day: date | None = None
        nominal = Decimal(1)
        for name, attributes, text in _elements(raw, "ValCurs"):
            match name:
                case "Record":
                    if attributes["Id"] != _EURO_AT_CBR:
                        raise ValueError("a record of another currency")
                    day = datetime.strptime(attributes["Date"], "%d.%m.%Y").replace(tzinfo=UTC).date()
                case "Nominal":
                    nominal = Decimal(text)
                case "Value" if day is not None:
                    value = Decimal(text.strip().replace(",", "."))
                    yield Rate(self.quote, day, value / nominal, self.name)


class KrakenSource:
    """What a bitcoin cost in EUR at the end of each UTC day, up to 720 days back. Today is not over yet."""

    name, quote = "kraken", "BTC"

    def __init__(self, session: aiohttp.ClientSession, address: str = KRAKEN) -> None:
        self._session, self._address = session, address

    async def fetch(self, since: date | None, today: date) -> Sequence[Rate]:
        """Rates after `since`."""
        query = {"pair": "XBTEUR", "interval": "1440"}
        raw = await _get(self._session, self.name, f"{self._address}/0/public/OHLC", query)
        found = _read(self.name, lambda: list(self._rates(raw)))
        return [one for one in found if one.day < today and (since is None or one.day > since)]

    def _rates(self, raw: bytes) -> Iterator[Rate]:
        answer: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
        if answer.get("error"):
            raise ValueError("the answer is an error")
        (candles,) = (value for key, value in answer["result"].items() if key != "last")
        for begin, _open, _high, _low, close, *_ in candles:
            if not isinstance(close, str):
                raise ValueError("a price that is no text is no exact number")
            yield Rate(
                self.quote, datetime.fromtimestamp(begin, UTC).date(), inverse(Decimal(close)), self.name
            )


async def _get(
    session: aiohttp.ClientSession, source: str, url: str, query: Mapping[str, str] | None = None
) -> bytes:
    """The body of an answer. Raises `RatesUnavailable`."""
    try:
        async with session.get(url, params=query, timeout=TIMEOUT, max_redirects=3) as response:
            if response.status != 200:
                raise RatesUnavailable(source, f"HTTP {response.status}")
            body = await response.content.read(LARGEST + 1)
            while len(body) <= LARGEST and (more := await response.content.read(LARGEST + 1)):
                body += more
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise RatesUnavailable(source, type(error).__name__) from None
    if len(body) > LARGEST:
        raise RatesUnavailable(source, "the answer is too large")
    return body


def _read(source: str, read: Callable[[], list[Rate]]) -> list[Rate]:
    """What `read` makes of an answer; whatever is wrong with it is one error."""
    try:
        return read()
    except (
        expat.ExpatError, msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError,
        ArithmeticError, OSError,
    ) as error:  # fmt: skip
        raise RatesUnavailable(source, f"not understood: {type(error).__name__}") from None


def _elements(raw: bytes, root: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """The elements of an XML document of that root in the order they begin, each with its attributes and
    own text.

    A document that declares a type, and with it could declare entities, is refused: none of ours does.
    """
    found: list[tuple[str, dict[str, str], list[str]]] = []
    inside: list[int] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(inside) >= _DEEPEST:
            raise ValueError("too deep")
        inside.append(len(found))
        found.append((name, attributes, []))

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda name: inside.pop()
    parser.CharacterDataHandler = lambda text: found[inside[-1]][2].append(text)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(raw, True)
    if found[0][0] != root:
        raise ValueError("another document")
    for name, attributes, text in found:
        yield name, attributes, "".join(text)
