"""A message that was taken for spam, as the log keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.antispam.evidence import Evidence
from domain.antispam.links import kept
from domain.antispam.sanctions import Action
from domain.post import Post

UNDO = timedelta(hours=24)  # how long "Not spam" works
JOIN, REQUEST = "join", "request"  # kinds of hits that are no messages: a known spammer at the door
DOOR = (JOIN, REQUEST)
BURST = timedelta(seconds=60)  # of one author's hits within this time, the first is reported


class State(StrEnum):
    """What has become of it."""

    OBSERVED = "observed"  # nothing was done
    ACTED = "acted"
    REPORTED = "reported"  # a member asked the administrators to look
    RESTORED = "restored"  # "Not spam"
    BANNED = "banned"  # an administrator banned the author


@dataclass(frozen=True, slots=True)
class Hit:
    """One message. `unit` names it within its chat; `author_id` is negative for a chat that speaks.

    `links` are the addresses in it, also those behind words. Where somebody was caught at the door
    (`JOIN`, `REQUEST`), there is no message: its id is 0.
    """

    chat_id: int
    unit: str
    message_id: int
    thread_id: int | None
    author_id: int
    name: str
    kind: str
    text: str
    evidence: tuple[Evidence, ...]
    action: Action
    state: State
    at: datetime
    decided_by: str | None = None
    links: tuple[str, ...] = ()


def unit_of(message_id: int, album: str | None) -> str:
    """What is judged as one: a message, or an album."""
    return f"m{message_id}" if album is None else f"a{album[:24]}"


def hit_of(post: Post, evidence: tuple[Evidence, ...], action: Action, state: State, at: datetime) -> Hit:
    """A post with what was found and done."""
    return Hit(
        chat_id=post.chat_id,
        unit=unit_of(post.message_id, post.media_group_id),
        message_id=post.message_id,
        thread_id=post.thread_id,
        author_id=post.author_id,
        name=post.name[:160],
        kind=post.kind,
        text=post.text,
        evidence=evidence,
        action=action,
        state=state,
        at=at,
        links=kept(post.links),
    )
