"""Bot API methods by family; importing this package registers all of them."""

from sandbox.methods import (
    bots,
    callbacks,
    chats,
    editing,
    ephemeral,
    files,
    forum,
    joining,
    links,
    managed,
    members,
    messages,
    payments,
    receiving,
    removing,
)
from sandbox.params import METHOD_NAMES, METHODS

__all__ = [
    "METHODS",
    "METHOD_NAMES",
    "bots",
    "callbacks",
    "chats",
    "editing",
    "ephemeral",
    "files",
    "forum",
    "joining",
    "links",
    "managed",
    "members",
    "messages",
    "payments",
    "receiving",
    "removing",
]
