"""Wording of the conversation that makes a plan."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.durations import parse
from domain.page import Button, Page, page
from domain.plans import Plan, Project
from texts.formats import duration, price
from texts.markup import bold, plain
from texts.plan_options import option_rows
from texts.plans import summary

_DURATIONS = (("1 week", "1 month"), ("3 months", "1 year"), ("lifetime",))
_FREE = "0 XTR"  # the currency of nothing; the price can be changed later


def _cancel(t: Translator) -> list[Button]:
    return [Button(t("Cancel"), action="start:cancel")]


def ask(t: Translator, step: str) -> Page:
    """Ask for a field of the new plan."""
    match step:
        case "name":
            text = t(
                "Let's make a plan. What is it called? 3 to 24 characters, a letter first, for example "
                "“Gold”."
            )
            return page(text, _cancel(t))
        case "duration":
            text = t(
                "How long does it last? Choose, or send for example “10 days” or the last day, “31.12.2030”."
            )
            rows = [
                [Button(duration(t, parse(one)), action=f"newplan:duration:{one}") for one in row]
                for row in _DURATIONS
            ]
            return page(text, *rows, _cancel(t))
        case "price":
            text = t(
                "What does it cost? Send for example “9.99 USD” or “100 XTR” (Telegram Stars), or choose:"
            )
            return page(text, [Button(t("Free"), action=f"newplan:price:{_FREE}")], _cancel(t))
        case "trial":
            return page(
                t("How long is the free trial? Send for example “3 days”, or 0 for none."), _cancel(t)
            )
        case _:
            return page(
                t("How many people may have it at a time? Send a number, 0 for no limit."), _cancel(t)
            )


def ask_project(t: Translator, found: Sequence[Project]) -> Page:
    """Ask which project the plan opens."""
    rows = [[Button(plain(one.name), action=f"newplan:project:{one.id}")] for one in found]
    text = t("Which chats does it open? Projects are made with /projects.")
    return page(text, *rows, [Button(t("🌐 All paid chats"), action="newplan:project:0")], _cancel(t))


def options(t: Translator, plan: Plan, project: Project | None) -> Page:
    """The plan as it would be, with its options to turn."""
    lines = [*summary(t, plan, project), "", t("Tap an option to change it, then create the plan.")]
    return page(
        "\n".join(lines),
        *option_rows(t, plan, "newplan:turn"),
        [
            Button(t("✏️ Trial"), action="newplan:ask:trial"),
            Button(t("✏️ Customers"), action="newplan:ask:max_customers"),
        ],
        [Button(t("✅ Create the plan"), action="newplan:create")],
        _cancel(t),
    )


def created(t: Translator, plan: Plan) -> Page:
    """The plan is there: what comes next."""
    text = t(
        "✅ The plan {plan} is there: {length}, {price}.\n\nGive somebody access with an access token:",
        plan=bold(plan.name),
        length=duration(t, plan.duration),
        price=price(t, plan.price),
    )
    return page(
        text,
        [Button(t("🎟 Access token"), action=f"tokens:for:{plan.id}")],
        [Button(t("All plans"), action="plans:manage")],
    )
