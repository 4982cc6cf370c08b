"""Wording about access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.actor import Translator
from domain.bots import Bot
from domain.page import Button, Page, page
from domain.plans import Plan
from domain.tokens import MOST_AT_ONCE, AccessToken, token_link
from texts.errors import REASONS
from texts.formats import duration, moment
from texts.markup import bold, code, esc, plain, shorten
from texts.pager import pager

REASONS |= {
    "no_token": lambda t, e: t("This access token is not there any more. Send /tokens to see the others."),
    "no_member": lambda t, e: t(
        "I do not know this person. Ask them to send me /start once, then try again."
    ),
    "token_unknown": lambda t, e: t(
        "I do not know this access token. Check that you copied all of it, and send it again with /redeem."
    ),
    "token_bound": lambda t, e: t(
        "This access token is made out to somebody else, so it does not open anything for you. It stays "
        "unused. Ask the owner for one of your own."
    ),
    "token_used": lambda t, e: t("This access token has been used already. Ask the owner for another one."),
    "token_used_by_you": lambda t, e: t(
        "You have used this access token already. Send /memberships to see what it gave you."
    ),
    "token_expired": lambda t, e: t("This access token has expired. Ask the owner for another one."),
    "token_tries": lambda t, e: t("That were many wrong access tokens. Please try again in an hour."),
    "token_count": lambda t, e: t(
        "Send how many access tokens you need: a number from 1 to {most}.", most=MOST_AT_ONCE
    ),
}


def choose_plan(t: Translator, plans: Sequence[Plan]) -> Page:
    """Which plan an access token is for."""
    if not plans:
        text = t("You have no plans yet. Make one first; then I make access tokens for it.")
        return page(text, [Button(t("➕ New plan"), action="newplan:begin")])
    lines = [
        t("Which plan is the access token for? Choose, or send:"),
        code(t("/token Gold @friend for 7 days")),
        t("The person and the time to use it are up to you."),
    ]
    rows = [[Button(plain(plan.name), action=f"tokens:for:{plan.id}")] for plan in plans]
    return page("\n".join(lines), *rows)


def created(
    t: Translator, bot: Bot, plan: Plan, secret: str, member: str | None, expires: datetime | None
) -> Page:
    """A new token, shown this once: the caption of its QR picture."""
    lines = [
        t("Access token for {plan} ({length})", plan=bold(plan.name), length=duration(t, plan.duration)),
        "",
        code(secret),
        code(token_link(bot.username, secret)),
        "",
    ]
    if member is not None:
        lines.append(t("Only {name} can use it.", name=esc(member)))
    if expires is not None:
        lines.append(t("To be used before {moment}.", moment=moment(t, expires)))
    lines.append(
        t("It works once. Pass on the link or the picture; I cannot show it again.")
        if member is None
        else t("It works once. I cannot show it again.")
    )
    return page("\n".join(lines))


def ask_many(t: Translator, plan: Plan) -> Page:
    """How many tokens to make."""
    text = t(
        "How many access tokens for {plan}? Send a number from 1 to {most}; you get a file of links.",
        plan=bold(plan.name),
        most=MOST_AT_ONCE,
    )
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def created_many(t: Translator, plan: Plan, count: int) -> Page:
    """The caption of a file of tokens."""
    text = t.plural(
        "{n} access token for {plan}. It works once.",
        "{n} access tokens for {plan}. Each works once.",
        count,
        plan=bold(plan.name),
    )
    return page(text + "\n" + t("Keep the file safe: I cannot show it again."))


def state(t: Translator, token: AccessToken, now: datetime) -> str:
    """What became of a token."""
    if token.used_at is not None:
        return t("✅ used {moment}", moment=moment(t, token.used_at))
    if token.expired(now):
        return t("⌛️ expired")
    if token.expires_at is not None:
        return t("🎟 unused, until {moment}", moment=moment(t, token.expires_at))
    return t("🎟 unused")


def listing(t: Translator, tokens: Sequence[AccessToken], number: int, more: bool, now: datetime) -> Page:
    """One page of the tokens."""
    if not tokens and number == 0:
        text = t("There are no access tokens yet. Make one:")
        return page(text, [Button(t("🎟 New access token"), action="tokens:new")])
    lines = [t("Access tokens, the newest first. Tap one to see or delete it."), ""]
    rows = []
    for token in tokens:
        bound = "" if token.member_id is None else f" · {_bound(token)}"
        lines.append(f"…{esc(token.last4)} · {esc(token.plan_name)}{esc(bound)} · {state(t, token, now)}")
        label = f"…{token.last4} · {plain(token.plan_name)}"
        rows.append(Button(label, action=f"tokens:open:{token.id}"))
    paired = [rows[index : index + 2] for index in range(0, len(rows), 2)]
    new = [Button(t("🎟 New access token"), action="tokens:new")]
    return page("\n".join(lines), *paired, pager("tokens:list", number, more), new)


def _bound(token: AccessToken) -> str:
    return shorten(plain(token.member_name or ""), 24) or str(token.member_id)


def panel(t: Translator, token: AccessToken, now: datetime) -> Page:
    """One token."""
    lines = [
        bold(t("Access token …{last4}", last4=token.last4)),
        t("Plan: {plan}", plan=esc(token.plan_name)),
        state(t, token, now),
    ]
    if token.member_id is not None:
        lines.append(t("Only {name} can use it.", name=esc(_bound(token))))
    return page(
        "\n".join(lines),
        [Button(t("🗑 Delete"), action=f"tokens:drop:{token.id}")],
        [Button(t("‹ Back"), action="tokens:list:0")],
    )


def ask_token(t: Translator) -> Page:
    """Ask for a token."""
    text = t("Send me the access token, or its link.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def turned_down(t: Translator, words: str) -> Page:
    """Why a token opens nothing."""
    return page(esc(words))
