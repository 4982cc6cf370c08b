"""A Telegram that only says yes, as cheaply as Python can: the far end of every measurement."""

import itertools
import re

from bench.http import serve_http

_PATH = re.compile(rb"/bot(\d+):[^/]+/(\w+)")
_CHAT = re.compile(rb'"chat_id":\s*(-?\d+)')
_FORM_CHAT = re.compile(rb'name="chat_id"\r\n\r\n(-?\d+)')
_ids = itertools.count(1)


def answer(_method: bytes, path: bytes, body: bytes) -> tuple[int, bytes]:
    """The Bot API's answer to a call."""
    found = _PATH.match(path)
    if found is None:
        return 404, b'{"ok":false,"error_code":404,"description":"Not Found"}'
    bot, method = int(found[1]), found[2]
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


async def serve(port: int) -> None:
    """Listen."""
    await serve_http(port, answer)
