"""Exchange rates: reading them within any transaction, and keeping them fresh.

Where rates come from: the ECB's since 1999 out of the installed package (`storage.ecb_history`), newer
ones and those the ECB does not publish (RUB since 2022-03-01, BTC) out of the table, which `RateService`
fills when the sources can be reached. Without a network a rate serves until it is too old, then `NoRate`
says which.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain import revenue
from domain.actor import Actor
from domain.clock import Clock
from domain.money import STARS, Money
from domain.rates import BASE, LOOK_BACK, NoRate, RateBook, RateSource, RatesUnavailable, sound, stars
from domain.revenue import RevenueSettings
from services.access import Access, Guarded, Permission, needs
from storage import ecb_history, rates, settings
from storage.database import Database, Tx

log = logging.getLogger(__name__)
EVERY = timedelta(hours=6)  # between two looks at a source that answers
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=12)  # after failures


async def read_settings(tx: Tx, bot_id: int) -> RevenueSettings:
    """What the owner has set about his figures."""
    return revenue.read(await settings.get(tx, bot_id, settings.DEFAULT_CHAT, revenue.FEATURE))


async def read_book(
    tx: Tx, currencies: Collection[str], first: date, last: date, about: RevenueSettings | None = None
) -> RateBook:
    """The rates of some currencies on the days from `first` to `last`, with a bot's settings about them.

    The first book of a process reads the packaged history in a thread, which takes some 30 ms.
    """
    about = about or RevenueSettings()
    quotes = {"USD" if one == STARS else one for one in currencies} - {BASE}
    history = await ecb_history.packaged(quotes)
    kept = await rates.through(tx, quotes, first - timedelta(days=LOOK_BACK), last) if quotes else {}
    return RateBook(history, kept, star_usd=about.star_usd, max_age=about.max_age)


async def rate_to_eur(tx: Tx, bot_id: int, currency: str, at: date) -> str | None:
    """So much of the currency was one EUR on that day (UTC), for `payment.rate`; None where nobody knows."""
    day = utc_day(at)
    book = await read_book(tx, (currency,), day, day, await read_settings(tx, bot_id))
    try:
        return f"{book.per_eur(currency, day):f}"
    except NoRate:
        return None


async def stars_for(tx: Tx, bot_id: int, price: Money, at: date) -> Money | None:
    """How many Stars bring the owner a price, rounded up; None where no rate is known.

    Telegram pays out a fixed sum in USD for each Star (`RevenueSettings.star_usd`).
    """
    day, about = utc_day(at), await read_settings(tx, bot_id)
    book = await read_book(tx, (price.currency, "USD"), day, day, about)
    try:
        return stars(book.convert(price, "USD", day), about.star_usd)
    except NoRate:
        return None


async def convert(tx: Tx, bot_id: int, money: Sequence[Money], currency: str, at: date) -> list[Decimal]:
    """Amounts in another currency at one day's rates, not rounded (`domain.rates.settled` does that).

    Raises `NoRate`.
    """
    day, about = utc_day(at), await read_settings(tx, bot_id)
    book = await read_book(tx, {currency, *(one.currency for one in money)}, day, day, about)
    return [book.convert(one, currency, day) for one in money]


def utc_day(at: date) -> date:
    """The UTC day of a moment; a day stays what it is."""
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at


class RateService(Guarded):
    """Keeps the table of rates fresh from what is published. A source that fails is asked again later."""

    def __init__(self, access: Access, db: Database, clock: Clock, sources: Sequence[RateSource]) -> None:
        super().__init__(access)
        self._db, self._clock, self._sources = db, clock, sources
        self._due: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}

    @needs(Permission.HOUSE)
    async def refresh(self, actor: Actor) -> None:
        """Ask every source that is due for what is new."""
        for source in self._sources:
            now = self._clock.now()
            if self._due.get(source.name, now) > now:
                continue
            try:
                found = await self._fetch(source, utc_day(now))
            except RatesUnavailable as error:
                failures = self._failures[source.name] = self._failures.get(source.name, 0) + 1
                pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
                self._due[source.name] = now + pause
                log.info("no new rates", extra={"source": source.name, "reason": error.reason})
                continue
            self._failures.pop(source.name, None)
            self._due[source.name] = now + EVERY
            if found:
                log.info("new rates", extra={"source": source.name, "rates": found})

    async def _fetch(self, source: RateSource, today: date) -> int:
        history = await ecb_history.packaged((source.quote,))
        packaged = history.last_day(source.quote)
        async with self._db.read() as tx:
            kept = (await rates.at_or_before(tx, (source.quote,), today)).get(source.quote)
        since = max((day for day in (packaged, kept and kept.day) if day), default=None)
        published = await source.fetch(since, today)
        new = [one for one in published if sound(one, today) and (since is None or one.day > since)]
        async with self._db.write() as tx:
            await rates.put(tx, new)
        return len(new)
