"""A Telegram that only says yes, as cheaply as Python can: the far end of every measurement.

It notes when answers to pre-checkout queries come in. Clocks of processes on one machine agree.
"""

import itertools
import json
import re
import time

from bench.http import serve_http

_PATH = re.compile(rb"/bot(\d+):[^/]+/(\w+)")
_CHAT = re.compile(rb'"chat_id":\s*(-?\d+)')
_FORM_CHAT = re.compile(rb'name="chat_id"\r\n\r\n(-?\d+)')
_QUERY = re.compile(rb'(?:"pre_checkout_query_id":\s*"?|pre_checkout_query_id=)(\w+)')
_ids = itertools.count(1)
_answered: dict[str, float] = {}  # pre-checkout queries, and when each was answered
_OFFSET = re.compile(rb'"offset":\s*(\d+)')
_UPDATE_ID = re.compile(rb'"update_id":(\d+)')
_backlog: list[tuple[int, bytes]] = []  # updates to be fetched, by id
_handed: dict[int, float] = {}  # and when each was handed out first


def answer(_method: bytes, path: bytes, body: bytes) -> tuple[int, bytes]:
    """The Bot API's answer to a call."""
    found = _PATH.match(path)
    if found is None:
        return _of_the_bench(path, body)
    bot, method = int(found[1]), found[2]
    if method == b"answerPreCheckoutQuery":
        query = _QUERY.search(body)
        if query is not None and b"error_message" not in body:
            _answered.setdefault(query[1].decode(), time.perf_counter())
    if method == b"getUpdates":
        return 200, b'{"ok":true,"result":[%s]}' % b",".join(_hand_out(body))
    if method == b"getMe":
        return 200, (
            b'{"ok":true,"result":{"id":%d,"is_bot":true,"first_name":"Bot","username":"bench_%d_bot",'
            b'"can_join_groups":true,"can_read_all_group_messages":true,"supports_inline_queries":false}}'
        ) % (bot, bot)
    if method == b"getChatAdministrators":
        return 200, (
            b'{"ok":true,"result":[{"status":"creator","is_anonymous":false,'
            b'"user":{"id":42,"is_bot":false,"first_name":"Olga"}}]}'
        )
    if method == b"getChatMember":
        return 200, (
            b'{"ok":true,"result":{"status":"member",'
            b'"user":{"id":5000000,"is_bot":false,"first_name":"Person"}}}'
        )
    if method == b"getWebhookInfo":
        return 200, b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}'
    if method.startswith(b"send"):
        chat = _CHAT.search(body) or _FORM_CHAT.search(body)
        number = int(chat[1]) if chat else 1
        return 200, (
            b'{"ok":true,"result":{"message_id":%d,"date":1700000000,"text":"ok",'
            b'"chat":{"id":%d,"type":"%s","title":"Bench"},'
            b'"from":{"id":%d,"is_bot":true,"first_name":"Bot"}}}'
        ) % (next(_ids), number, b"supergroup" if number < 0 else b"private", bot)
    return 200, b'{"ok":true,"result":true}'


def _of_the_bench(path: bytes, body: bytes) -> tuple[int, bytes]:
    """What the measurement itself wants to know, or to have delivered."""
    if path == b"/answered":
        return 200, json.dumps(_answered).encode()
    if path == b"/handed":
        return 200, json.dumps(_handed).encode()
    if path == b"/backlog":  # one update a line, in order of their ids
        _backlog[:] = [(int(_UPDATE_ID.findall(line)[0]), line) for line in body.split(b"\n")]
        return 200, b"{}"
    return 404, b'{"ok":false,"error_code":404,"description":"Not Found"}'


def _hand_out(body: bytes) -> list[bytes]:
    """The next hundred updates."""
    found = _OFFSET.search(body)
    offset = int(found[1]) if found else 0
    while _backlog and _backlog[0][0] < offset:
        del _backlog[0]
    now = time.perf_counter()
    for number, _ in _backlog[:100]:
        _handed.setdefault(number, now)
    return [line for _, line in _backlog[:100]]


async def serve(port: int) -> None:
    """Listen."""
    await serve_http(port, answer)
