"""Whether somebody may be where Telegram says he is: what a look into a paid chat calls for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.memberships import Membership
from domain.movements import MovementKind

CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """The last movement of a person in a chat that we know of."""

    kind: MovementKind
    user_id: int
    actor_id: int
    via_request: bool
    at: datetime

    @property
    def let_himself_in(self) -> bool:
        """True when he came without an administrator's doing."""
        return self.kind is MovementKind.JOIN and self.actor_id == self.user_id and not self.via_request

    @property
    def was_let_in(self) -> bool:
        """True when an administrator added him, or said yes to his request."""
        return self.kind is MovementKind.JOIN and not self.let_himself_in


def overstays(
    covering: Sequence[Membership], last: Trace | None, one_use_since: datetime | None, bot_user_id: int
) -> bool:
    """Whether somebody inside a paid chat, who is not entitled to it, has to leave.

    `covering` are the memberships he ever had that would open the chat; `one_use_since` is when it was put
    under the guard of one-use links (None: it is not); `bot_user_id` is the bot's Telegram id.

    Whoever had a membership leaves with it, unless an administrator let him in after its end. Whoever never
    had one is a stranger only under one-use links, and only if he came by himself while they were in force,
    or came back after the bot had removed him: other guests are the administrators' business.
    """
    ends = [one.ended_at for one in covering]
    if None in ends:
        return False  # its time is over and not closed yet: that is done with notice, by the keeper of time
    if closed := [end for end in ends if end is not None]:
        return last is None or not (last.was_let_in and last.at > max(closed))
    if last is None or one_use_since is None or last.at < one_use_since:
        return False
    removed_by_us = last.kind is MovementKind.KICK and last.actor_id == bot_user_id
    return last.let_himself_in or removed_by_us


def is_our_ban(banned_at: datetime | None, last: Trace | None, bot_user_id: int) -> bool:
    """Whether a ban is the one by which we removed somebody, and nobody else has decided about him since.

    Telegram dates in whole seconds and by its own clock: what somebody did within a minute of our ban is
    taken to have come after it. A ban that may be an administrator's is never lifted.
    """
    if banned_at is None:
        return False
    return last is None or last.actor_id == bot_user_id or last.at < banned_at - CLOCKS_DIFFER
