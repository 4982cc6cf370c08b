"""What publishers of exchange rates send, and what we make of it: their forms, and anything at all."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from delivery import rates
from delivery.rates import CbrSource, EcbSource, KrakenSource, all_sources
from domain.rates import RatesUnavailable, sound

TODAY = date(2024, 7, 17)
ECB = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
<Cube>
<Cube time="2024-07-17"><Cube currency="USD" rate="1.0934"/><Cube currency="JPY" rate="171.21"/></Cube>
<Cube time="2024-07-16"><Cube currency="USD" rate="1.0902"/><Cube currency="JPY" rate="172.65"/></Cube>
</Cube></gesmes:Envelope>"""
CBR = """<?xml version="1.0" encoding="windows-1251"?>
<ValCurs ID="R01239" DateRange1="16.07.2024" DateRange2="18.07.2024" name="Foreign Currency Market Dynamic">
<Record Date="16.07.2024" Id="R01239"><Nominal>1</Nominal><Value>95,7625</Value>
<VunitRate>95,7625</VunitRate></Record>
<Record Date="17.07.2024" Id="R01239"><Nominal>10</Nominal><Value>961,0000</Value></Record></ValCurs>"""
NIGHT = int(datetime(2024, 7, 15, tzinfo=UTC).timestamp())


def candle(day: int, close: str) -> str:
    return f'[{NIGHT + day * 86400},"58000.1","60000.0","57000.0","{close}","58500.5","123.4",20001]'


CANDLES = ",".join(candle(day, close) for day, close in enumerate(("59000.5", "60000", "61000")))
KRAKEN = f'{{"error":[],"result":{{"XXBTZEUR":[{CANDLES}],"last":1721174400}}}}'


class Publishers:
    """A server that answers everything with `body`; remembers what it was asked."""

    def __init__(self) -> None:
        self.body: bytes = b""
        self.status = 200
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(str(request.rel_url))
        if self.status == 302:
            raise web.HTTPFound(request.rel_url)
        if self.status == 0:
            response = web.StreamResponse(headers={"Content-Length": "100"})
            await response.prepare(request)
            await response.write(b"half")
            assert request.transport is not None
            request.transport.close()
            return response
        return web.Response(body=self.body, status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[Publishers]:
    publishers = Publishers()
    app = web.Application()
    app.router.add_get("/{path:.*}", publishers.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    publishers.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield publishers
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def source(kind: Any, session: aiohttp.ClientSession, server: Publishers) -> Any:
    return kind(session, server.url)


async def test_the_banks_of_europe_and_russia_and_kraken(server: Publishers, session: Any) -> None:
    server.body = ECB.encode()
    found = await source(EcbSource, session, server).fetch(date(2024, 7, 16), TODAY)
    assert [(one.quote, one.day, one.rate) for one in found] == [
        ("USD", TODAY, Decimal("1.0934")),
        ("JPY", TODAY, Decimal("171.21")),
    ]
    assert len(await source(EcbSource, session, server).fetch(None, TODAY)) == 4
    server.body = CBR.encode("cp1251")
    found = await source(CbrSource, session, server).fetch(date(2024, 7, 15), TODAY)
    assert [(one.quote, one.day, one.rate) for one in found] == [
        ("RUB", date(2024, 7, 16), Decimal("95.7625")),
        ("RUB", TODAY, Decimal("96.1")),
    ]
    server.body = KRAKEN.encode()
    found = await source(KrakenSource, session, server).fetch(date(2024, 7, 15), TODAY)
    ((quote, day, rate),) = [(one.quote, one.day, one.rate) for one in found]
    assert (quote, day) == ("BTC", date(2024, 7, 16)), "what was known stays, and today is not over"
    assert round(rate * 60000, 18) == 1
    assert all(sound(one, TODAY) for one in found)
    assert server.asked[0] == "/stats/eurofxref/eurofxref-hist-90d.xml"
    assert server.asked[2] == (
        "/scripts/XML_dynamic.asp?date_req1=16/07/2024&date_req2=18/07/2024&VAL_NM_RQ=R01239"
    )
    assert server.asked[3] == "/0/public/OHLC?pair=XBTEUR&interval=1440"


async def test_the_rouble_begins_where_the_ecb_ended(server: Publishers, session: Any) -> None:
    server.body = b'<?xml version="1.0"?><ValCurs ID="R01239"></ValCurs>'
    assert await source(CbrSource, session, server).fetch(None, TODAY) == []
    assert "date_req1=02/03/2022" in server.asked[0]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><Cube time="2024-07-17"><Cube currency="USD" rate="&j;"/></Cube>'
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><Cube time="2024-07-17">&f;</Cube>'
NOTHING = [
    "", "<html></html>", "<Cube", BOMB, OUTSIDE, "<a>" * 40 + "</a>" * 40, '{"error":[]}', "[]", "null", "0",
    '{"error":["EGeneral:Too many requests"]}', '{"error":[],"result":{}}', "\x00\x01",
]  # fmt: skip
BROKEN = {
    EcbSource: [
        ECB.replace('"1.0934"', '"abc"'), ECB.replace("2024-07-17", "17.07.2024"),
        ECB.replace("rate=", "r="), ECB.replace("Envelope", "Letter"), ECB[:-5],
    ],
    CbrSource: [
        CBR.replace("961,0000", "x"), CBR.replace("<Nominal>10", "<Nominal>0"), CBR.replace("Id=", "id="),
        CBR.replace('Id="R01239"', 'Id="R01235"'), CBR.replace("16.07.2024", "2024-07-16"),
        CBR.replace("windows-1251", "klingon"),
    ],
    KrakenSource: [
        KRAKEN.replace('"60000"', "60000.5"), KRAKEN.replace('"60000"', '"0"'),
        KRAKEN.replace('"60000"', '"x"'), KRAKEN.replace('"last"', '"other"'),
        KRAKEN.replace(str(NIGHT), "1e300"), KRAKEN.replace("[[", "[5,["), KRAKEN[:-5],
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
async def test_anything_else_is_one_error(kind: Any, server: Publishers, session: Any) -> None:
    own = source(kind, session, server)
    for text in (*NOTHING, *BROKEN[kind]):
        server.body = text.encode()
        with pytest.raises(RatesUnavailable) as caught:
            await own.fetch(date(2024, 7, 1), TODAY)
        assert caught.value.source == own.name, text


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
async def test_entities_are_never_expanded(text: str, server: Publishers, session: Any) -> None:
    server.body = text.encode()
    with pytest.raises(RatesUnavailable, match="ValueError"):
        await source(EcbSource, session, server).fetch(None, TODAY)


async def test_a_server_in_trouble(server: Publishers, session: Any, monkeypatch: Any) -> None:
    own = source(EcbSource, session, server)
    for status in (500, 404, 403, 302, 0):
        server.status = status
        with pytest.raises(RatesUnavailable):
            await own.fetch(None, TODAY)
    server.status = 200
    monkeypatch.setattr(rates, "LARGEST", 1000)
    server.body = ECB.encode() + b" " * 2000
    with pytest.raises(RatesUnavailable) as caught:
        await own.fetch(None, TODAY)
    assert caught.value.reason == "the answer is too large"


async def test_nobody_there(session: Any, unused_port: int) -> None:
    with pytest.raises(RatesUnavailable):
        await KrakenSource(session, f"http://127.0.0.1:{unused_port}").fetch(None, TODAY)


async def test_every_source_has_a_name_and_a_currency_of_its_own(session: Any) -> None:
    sources = all_sources(session)
    assert len({one.name for one in sources}) == len({one.quote for one in sources}) == len(sources) == 3
