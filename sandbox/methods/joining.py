"""Join requests: approving, declining, and the timed queries of Bot API 10.x."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.membership import approve, decline, standing
from sandbox.methods.callbacks import open_query
from sandbox.methods.targets import require_right, target_chat, target_user
from sandbox.model import JoinRequest, Query
from sandbox.params import Call, method


def _request(call: Call) -> JoinRequest:
    chat = target_chat(call)
    user = target_user(call)
    if chat.is_private:
        raise bad_request("can't manage join requests in private chats")
    require_right(call, chat, "can_invite_users", "not enough rights")
    if standing(call.world, chat, user).inside:
        raise bad_request("USER_ALREADY_PARTICIPANT")
    request = chat.requests.get(user.id)
    if request is None:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return request


@method("approveChatJoinRequest")
def approve_chat_join_request(call: Call) -> bool:
    approve(call.world, _request(call), call.bot)
    return True


@method("declineChatJoinRequest")
def decline_chat_join_request(call: Call) -> bool:
    decline(call.world, _request(call))
    return True


def _query(call: Call) -> tuple[Query, JoinRequest]:
    seconds = call.world.limits.join_query_seconds
    query = open_query(call, "chat_join_request_query_id", "join_request", seconds)
    if query.request is None or query.request.chat.requests.get(query.user.id) is not query.request:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return query, query.request


@method("answerChatJoinRequestQuery")
def answer_chat_join_request_query(call: Call) -> bool:
    result = call.params.text("result")
    if result not in ("approve", "decline", "queue"):
        raise bad_request("invalid result specified")
    query, request = _query(call)
    query.answer = {"result": result}
    call.world.notify("query", query)
    if result == "approve":
        approve(call.world, request, call.bot)
    elif result == "decline":
        decline(call.world, request)
    return True


@method("sendChatJoinRequestWebApp")
def send_chat_join_request_web_app(call: Call) -> bool:
    url = call.params.required("web_app_url")
    if not url.startswith("https://"):
        raise bad_request(f"Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    query, _ = _query(call)
    # The clock of the query starts again: now the person, not the bot, has the next move.
    query.created = call.world.clock.time() + 3600.0
    call.world.notify("query", query)
    return True
