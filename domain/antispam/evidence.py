"""What a check has found, and when all of it is enough."""

from collections.abc import Iterable

import msgspec

ENOUGH = 100  # points that make a message spam


class Evidence(msgspec.Struct, frozen=True):
    """One finding. `code` names it (`texts.antispam.reason` puts it into words with `data`).

    `points` towards `ENOUGH`; what a check that an admin switched on finds is enough by itself, style is
    only ever a part.
    """

    code: str
    points: int = ENOUGH
    data: dict[str, str | int] = {}


def score(evidence: Iterable[Evidence]) -> int:
    """Points of all findings together, at most 2 × `ENOUGH`."""
    return min(sum(one.points for one in evidence), 2 * ENOUGH)


def is_spam(evidence: Iterable[Evidence]) -> bool:
    """Whether the findings are enough."""
    return score(evidence) >= ENOUGH


def strongest(evidence: Iterable[Evidence]) -> Evidence | None:
    """The finding to name when there is room for one."""
    return max(evidence, key=lambda one: one.points, default=None)
