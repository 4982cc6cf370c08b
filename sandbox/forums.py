"""Forum topics, for bots and people alike."""

from __future__ import annotations

from sandbox.model import Chat, Topic, User
from sandbox.posting import post_service
from sandbox.world import World


def new_topic(world: World, chat: Chat, creator: User, name: str) -> Topic:
    """Open a topic; its id is the id of the service message that opens it."""
    chat.next_message_id = max(chat.next_message_id, 2)  # topic 1 is every forum's "General"
    topic = Topic(chat.next_message_id, name)
    chat.topics[topic.id] = topic
    content = {"forum_topic_created": {"name": name, "icon_color": topic.icon_color}}
    post_service(world, chat, creator, "forum_topic_created", content, thread_id=topic.id)
    world.notify("chat", chat)
    return topic
