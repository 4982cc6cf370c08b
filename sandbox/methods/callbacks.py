"""Answering callback queries."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.limits import ANSWER_LENGTH, utf16_length
from sandbox.model import Query
from sandbox.params import Call, method

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def open_query(call: Call, parameter: str, kind: str, seconds: float) -> Query:
    """A query of this bot that still waits for its answer.

    Raises:
        TelegramError: unknown, answered before, or too late.
    """
    query = call.world.queries.get(call.params.text(parameter) or "")
    if query is None or query.kind != kind or query.bot is not call.bot:
        raise bad_request(TOO_OLD)
    if query.answer is not None or call.world.clock.time() - query.created > seconds:
        raise bad_request(TOO_OLD)
    return query


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    text = call.params.text("text")
    if text is not None and utf16_length(text) > ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.params.text("url")
    query = open_query(call, "callback_query_id", "callback", call.world.limits.callback_seconds)
    own_links = (f"t.me/{call.bot.username}?", f"https://t.me/{call.bot.username}?", "tg://")
    if url is not None and not url.startswith(own_links):
        raise bad_request("URL_INVALID")
    query.answer = {"text": text, "alert": call.params.flag("show_alert"), "url": url}
    call.world.notify("query", query)
    return True
