"""How a bot takes its updates: webhook or getUpdates."""

from __future__ import annotations

from collections.abc import Awaitable

from sandbox.errors import bad_request
from sandbox.limits import SECRET_TOKEN
from sandbox.model import Json
from sandbox.params import Call, method
from sandbox.updates import Webhook, webhook_url_error

DEFAULT_CONNECTIONS = 40


@method("setWebhook")
def set_webhook(call: Call) -> bool:
    url = call.params.text("url") or ""
    feed = call.bot.feed
    if not url:
        _remove(call)
        return True
    error = webhook_url_error(url)
    if error is not None:
        raise error
    secret = call.params.text("secret_token") or ""
    if secret and not SECRET_TOKEN.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = call.params.integer("max_connections") or DEFAULT_CONNECTIONS
    if call.params.flag("drop_pending_updates"):
        feed.drop_pending()
    feed.allow(call.params.list("allowed_updates"))
    feed.set_webhook(
        Webhook(
            url,
            secret,
            min(max(connections, 1), 100),
            ip_address=call.params.text("ip_address"),
            custom_certificate="certificate" in call.params.files,
        )
    )
    return True


@method("deleteWebhook")
def delete_webhook(call: Call) -> bool:
    _remove(call)
    return True


def _remove(call: Call) -> None:
    if call.params.flag("drop_pending_updates"):
        call.bot.feed.drop_pending()
    call.bot.feed.set_webhook(None)


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> Json:
    feed = call.bot.feed
    body: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": feed.pending_count,
    }
    if feed.allowed_as_set is not None:
        body["allowed_updates"] = feed.allowed_as_set
    webhook = feed.webhook
    if webhook is None:
        return body
    body |= {
        "url": webhook.url,
        "has_custom_certificate": webhook.custom_certificate,
        "max_connections": webhook.max_connections,
        "ip_address": webhook.ip_address or "127.0.0.1",
    }
    if webhook.last_error_date is not None:
        body["last_error_date"] = webhook.last_error_date
        body["last_error_message"] = webhook.last_error_message
    return body


@method("getUpdates")
def get_updates(call: Call) -> Awaitable[list[Json]]:
    feed = call.bot.feed
    feed.allow(call.params.list("allowed_updates"))
    limit = min(max(call.params.integer("limit") or 100, 1), 100)
    timeout = min(max(call.params.integer("timeout") or 0, 0), 50)
    return feed.poll(call.params.integer("offset") or 0, limit, timeout)
