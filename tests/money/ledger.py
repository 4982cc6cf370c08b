"""What must be true of money and access, kept by the simplest possible bookkeeping."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.durations import Duration, Term, extend
from domain.money import Money
from domain.orders import Order

LONGEST_MONTH = timedelta(days=31)


@dataclass
class Coin:
    """A charge: what happened to it at its provider, and what of that was told to us last."""

    id: str
    order: Order
    gateway: str
    came: Money
    back: int = 0
    disputed: bool = False
    told: bool = False  # anything at all
    told_back: int = 0
    told_disputed: bool = False
    accepted: bool = False  # by the owner, though it was not what was asked for
    promised: bool = False  # the owner wants it to go back
    dead: bool = False  # went back as a whole, for good

    @property
    def fits(self) -> bool:
        """Whether it is what was asked for."""
        wanted = self.order.amount
        return self.came.currency == wanted.currency and self.came.minor >= wanted.minor

    @property
    def stands(self) -> bool:
        """Whether it pays for something, as far as we were told."""
        good = self.told and not self.told_disputed and self.told_back < self.came.minor
        return good and (self.fits or self.accepted) and not self.dead


@dataclass
class Given:
    """Time that was given at a moment, for a charge or by the owner."""

    length: Duration
    at: datetime
    coin: str | None = None
    standing: bool = True
    seen_over: bool = False  # at some moment nothing of it was left


@dataclass
class Book:
    """One person's time."""

    given: list[Given] = field(default_factory=list)

    def give(self, length: Duration, at: datetime, coin: str | None = None) -> None:
        """Add time."""
        self.given.append(Given(length, at, coin))

    def take_back(self, coin: str) -> None:
        """Undo what a charge gave."""
        for one in self.given:
            if one.coin == coin:
                one.standing = False

    def end(self) -> None:
        """The owner ended it: nothing of before counts any more."""
        for one in self.given:
            one.standing = False

    @property
    def counting(self) -> list[Given]:
        """What was not undone."""
        return [one for one in self.given if one.standing]

    def term(self) -> Term | None:
        """The time all of it adds up to, each begun at its moment or at the end of what ran then."""
        term: Term | None = None
        for one in self.counting:
            runs = term is not None and (term.end is None or term.end > one.at)
            term = extend(term if runs else None, one.length, one.at)
        return term

    def look(self, now: datetime) -> None:
        """Note what is over by now."""
        for one in self.given:
            one.seen_over |= own_end(one) <= now

    def must_be_inside(self, now: datetime) -> bool:
        """Whether some of it, taken alone and from its own moment, has not run out yet."""
        return any(own_end(one) > now and not one.seen_over for one in self.counting)

    def most(self) -> timedelta:
        """No more time than that can be left, whatever the clock did."""
        return sum((most(one.length) for one in self.counting), timedelta(0))


def own_end(one: Given) -> datetime:
    """When it would end if it were all there is."""
    end = extend(None, one.length, one.at).end
    assert end is not None
    return end


def most(length: Duration) -> timedelta:
    """The longest that a length of days or months can be."""
    return length.count * (LONGEST_MONTH if length.unit == "month" else timedelta(days=1))
