"""Wording about what administrators taught the anti-spam."""

from domain.actor import Translator
from domain.antispam.lessons import Learned
from domain.page import Button, Page, page

_BACK = "antispam:panel:0:main"


def summary(t: Translator, learned: Learned | None) -> list[str]:
    """A paragraph of the panel; none where nothing was taught, or nobody is asked about it (None)."""
    if learned is None or not sum(learned):
        return []
    spam = t.plural("{n} spam message", "{n} spam messages", learned.spam)
    ham = t.plural("{n} that is no spam", "{n} that are no spam", learned.ham)
    return ["", t("🎓 Learned from you and your administrators: {spam}, {ham}.", spam=spam, ham=ham)]


def forgetting(t: Translator, learned: Learned | None) -> list[Button]:
    """The way to forget it, where there is something."""
    if learned is None or not sum(learned):
        return []
    return [Button(t("🎓 Forget what was learned"), action="lessons:ask_forget")]


def ask_forget(t: Translator) -> Page:
    """Really?"""
    text = t(
        "Shall I forget all messages that you and your administrators called spam or not spam, in all your "
        "chats? There is no way back."
    )
    return page(text, [Button(t("Yes, forget all of it"), action="lessons:forget")], [_back(t)])


def forgotten(t: Translator) -> Page:
    """It is done."""
    text = t("🎓 Forgotten. Call messages spam with /spam, and I learn anew.")
    return page(text, [_back(t)])


def _back(t: Translator) -> Button:
    return Button(t("‹ Back"), action=_BACK)
