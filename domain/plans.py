"""What is sold: projects (sets of chats), plans, and who may take a plan."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from domain.cleaning import is_visible
from domain.durations import Duration, days
from domain.errors import Invalid
from domain.money import STARS, Money

EVERY_CHAT = 0  # the project of plans without one: every chat of the bot that is marked as paid
OPTION_STATES = {
    "recurring": 2, "newcomers": 3, "singleuse": 4, "invitee_only": 3, "token_only": 2, "is_hidden": 2,
}  # fmt: skip
STARS_PERIOD = days(30)  # https://core.telegram.org/bots/api#createinvoicelink: 2592000 seconds, nothing else
_PLAN_NAME = re.compile(r"[^\W\d_].{2,23}", re.DOTALL)
PROJECT_NAME_LIMIT = 24  # becomes the name of an invite link, which Telegram limits to 32
MOST_CUSTOMERS = 1_000_000


class Newcomers(IntEnum):
    """As the membership API numbers it."""

    ANYONE = 0
    ONLY_NEW = 1
    ONLY_RETURNING = 2  # who hold or held a membership


class SingleUse(IntEnum):
    """As the membership API numbers it."""

    ANY_TIMES = 0
    ONCE = 1
    HOLDERS = 2  # only while holding a membership
    FORMER = 3  # only after having held one, and not holding one now


class InviteeOnly(IntEnum):
    """As the membership API numbers it."""

    ANYONE = 0
    INVITED = 1
    NOT_INVITED = 2


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options of a plan, by the membership API's names."""

    recurring: bool = False
    newcomers: Newcomers = Newcomers.ANYONE
    singleuse: SingleUse = SingleUse.ANY_TIMES
    token_only: bool = False
    credit_only: bool = False
    invitee_only: InviteeOnly = InviteeOnly.ANYONE
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A named set of chats that one purchase opens."""

    id: int
    name: str
    sort_order: int
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. `project_id` 0 opens every paid chat; `max_customers` 0 is unlimited; higher `sort_order`
    comes first; `trial` may be had free of charge once per member and project."""

    id: int
    project_id: int
    name: str
    duration: Duration
    price: Money
    trial: Duration | None
    options: PlanOptions
    max_customers: int
    sort_order: int
    enabled: bool


class Origin(StrEnum):
    """What a membership comes from."""

    PURCHASE = "purchase"
    TRIAL = "trial"
    TOKEN = "token"  # noqa: S105 - a way in, not a secret
    GIFT = "gift"
    IMPORT = "import"  # was a member before the bot came


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules of a plan look at in a person.

    `holds`: has a running membership in any project; `held`: has or had one that was more than a trial;
    `took`: has had this very plan; `tried`: had a trial in the plan's project; `invited`: came by an
    affiliate. `customers` are the other people who hold the plan now.
    """

    holds: bool
    held: bool
    took: bool
    tried: bool
    invited: bool
    customers: int
    for_life: bool = False


def refusal(
    plan: Plan, person: Standing, origin: Origin, now: datetime, *, by_credit: bool = False
) -> str | None:
    """Why this person may not have the plan in that way, as a stable word; None when he may.

    The same rules stand at every door; a token overrides `token_only` and `is_hidden` only, and a gift of
    the owner overrides them all. `by_credit` tells what a purchase is paid with.
    """
    if origin in (Origin.GIFT, Origin.IMPORT):
        return None
    closed = _closed(plan, origin, now, by_credit)
    return closed or _unfit(plan, person) or (_no_trial(plan, person) if origin is Origin.TRIAL else None)


def _closed(plan: Plan, origin: Origin, now: datetime, by_credit: bool) -> str | None:
    end = plan.duration.fixed_end
    if not plan.enabled:
        return "plan_disabled"
    if end is not None and end <= now:
        return "plan_over"
    if plan.options.token_only and origin is not Origin.TOKEN:
        return "plan_token_only"
    if plan.options.credit_only and not by_credit:
        return "plan_credit_only"
    return None


def _unfit(plan: Plan, person: Standing) -> str | None:
    options = plan.options
    checks = (
        (person.for_life, "plan_for_life"),
        (options.newcomers is Newcomers.ONLY_NEW and person.held, "plan_newcomers"),
        (options.newcomers is Newcomers.ONLY_RETURNING and not person.held, "plan_returning"),
        (options.singleuse is SingleUse.ONCE and person.took, "plan_once"),
        (options.singleuse is SingleUse.HOLDERS and not person.holds, "plan_holders"),
        (options.singleuse is SingleUse.FORMER and (person.holds or not person.held), "plan_former"),
        (options.invitee_only is InviteeOnly.INVITED and not person.invited, "plan_invited"),
        (options.invitee_only is InviteeOnly.NOT_INVITED and person.invited, "plan_not_invited"),
        (0 < plan.max_customers <= person.customers, "plan_sold_out"),
    )
    return next((reason for unfit, reason in checks if unfit), None)


def _no_trial(plan: Plan, person: Standing) -> str | None:
    if plan.trial is None:
        return "trial_none"
    if person.tried:
        return "trial_once"
    return "trial_holder" if person.holds or person.held else None


def check_plan_name(text: str) -> str:
    """A plan's name: 3 to 24 characters, the first a letter. Raises `Invalid` (plan_name)."""
    name = " ".join(text.split())
    if not _PLAN_NAME.fullmatch(name) or not is_visible(name):
        raise Invalid("plan_name", "plan_name")
    return name


def check_project_name(text: str) -> str:
    """A project's name: 1 to 24 characters. Raises `Invalid` (project_name)."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= PROJECT_NAME_LIMIT or not is_visible(name):
        raise Invalid("project_name", "project_name")
    return name


def check_max_customers(text: str) -> int:
    """A limit of customers, 0 for none. Raises `Invalid` (max_customers)."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST_CUSTOMERS):
        raise Invalid("max_customers", "max_customers")
    return int(text)


def check_trial(duration: Duration) -> Duration:
    """A trial has a length. Raises `Invalid` (trial)."""
    if duration.unit is None:
        raise Invalid("trial", "trial")
    return duration


def check_recurring(duration: Duration, price: Money) -> None:
    """What is charged again by itself has a length and a price; in Stars, Telegram's own length. Raises
    `Invalid` (recurring)."""
    if duration.unit is None or price.minor == 0:
        raise Invalid("recurring", "recurring")
    if price.currency == STARS and duration != STARS_PERIOD:
        raise Invalid("recurring", "recurring_stars")


def next_option(name: str, value: int) -> int | bool:
    """The next state of an option, for a button that goes round. Raises `Invalid` (option)."""
    if (states := OPTION_STATES.get(name)) is None:
        raise Invalid("option")
    following = (value + 1) % states
    return bool(following) if states == 2 else following
