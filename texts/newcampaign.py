"""Wording of the conversation that makes a campaign."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.bots import AdminChat, Bot
from domain.page import Button, Page, page
from texts.markup import bold, esc, plain, shorten

_MOST = 40  # buttons of a choice


def choose_bot(t: Translator, found: Sequence[Bot]) -> Page:
    """Which bot is to greet newcomers?"""
    if not found:
        text = t("You need a bot of your own for that. Connect one first.")
        return page(text, [Button(t("🤖 My bots"), action="bots:list")])
    rows = [[Button(f"@{plain(one.username)}", action=f"newcampaign:bot:{one.id}")] for one in found[:_MOST]]
    return page(t("Which bot is to greet newcomers?"), *rows, [_cancel(t)])


def choose_chat(t: Translator, bot: Bot, found: Sequence[AdminChat]) -> Page:
    """Which chat is advertised?"""
    if not found:
        text = t(
            "@{bot} administers no chat that is free for a campaign. Add it to your channel or group as an "
            "administrator who may invite users, then try again.",
            bot=esc(bot.username),
        )
        return page(
            text,
            [Button(t("🔄 Try again"), action=f"newcampaign:bot:{bot.id}")],
            [Button(t("‹ Back"), action="campaigns:list:0")],
        )
    rows = [
        [Button(shorten(plain(one.title), 40), action=f"newcampaign:chat:{one.chat_id}")]
        for one in found[:_MOST]
    ]
    return page(t("Which chat do you want to bring people to?"), *rows, [_cancel(t)])


def ask_name(t: Translator, chat: AdminChat) -> Page:
    """What is it called?"""
    text = t("What is the campaign for {title} to be called? Only you see the name.", title=bold(chat.title))
    label = t("Like the chat: {title}", title=shorten(plain(chat.title), 30))
    return page(text, [Button(label, action="newcampaign:name")], [_cancel(t)])


def ask_text(t: Translator) -> Page:
    """What are newcomers told?"""
    text = t(
        "Now send what newcomers are to be told after Start: a text, a picture or a video with a caption. "
        "The button into the chat is added below it."
    )
    return page(text, [Button(t("Use a short greeting"), action="newcampaign:skip")], [_cancel(t)])


def _cancel(t: Translator) -> Button:
    return Button(t("Cancel"), action="start:cancel")
