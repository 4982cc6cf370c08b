"""Forum topics."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.forums import new_topic
from sandbox.methods.targets import require_right, target_chat
from sandbox.model import Chat, Json, Topic
from sandbox.params import Call, method
from sandbox.posting import delete, post_service


def _forum(call: Call) -> Chat:
    chat = target_chat(call)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    require_right(call, chat, "can_manage_topics", "not enough rights to manage topics")
    return chat


def _topic(call: Call, chat: Chat) -> Topic:
    topic = chat.topics.get(call.params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


@method("createForumTopic")
def create_forum_topic(call: Call) -> Json:
    chat = _forum(call)
    name = call.params.text("name") or ""
    if not 1 <= len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    topic = new_topic(call.world, chat, call.bot, name)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}


@method("editForumTopic")
def edit_forum_topic(call: Call) -> bool:
    chat = _forum(call)
    topic = _topic(call, chat)
    topic.name = call.params.text("name") or topic.name
    content = {"forum_topic_edited": {"name": topic.name}}
    post_service(call.world, chat, call.bot, "forum_topic_edited", content, thread_id=topic.id)
    call.world.notify("chat", chat)
    return True


@method("closeForumTopic", "reopenForumTopic")
def close_forum_topic(call: Call) -> bool:
    chat = _forum(call)
    topic = _topic(call, chat)
    closing = call.method.lower() == "closeforumtopic"
    if topic.closed == closing:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closing
    kind = "forum_topic_closed" if closing else "forum_topic_reopened"
    post_service(call.world, chat, call.bot, kind, {kind: {}}, thread_id=topic.id)
    return True


@method("deleteForumTopic")
def delete_forum_topic(call: Call) -> bool:
    chat = _forum(call)
    topic = _topic(call, chat)
    for message in [m for m in chat.by_id.values() if m.thread_id == topic.id]:
        delete(call.world, message)
    del chat.topics[topic.id]
    call.world.notify("chat", chat)
    return True
