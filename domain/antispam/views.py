"""What is shown of the anti-spam: settings as they work, and what would be made of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.antispam.evidence import Evidence
from domain.antispam.lessons import Learned
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings, Mode


@dataclass(frozen=True, slots=True)
class AntiSpamView:
    """Settings as they work in a chat; `own` was set for this very chat, `mode` is the one in force.

    `federated`: whether bans count in all chats of the owner; None where nobody is asked about that.
    `learned`: how much they have all taught; None there, too. `absent`: checks this installation cannot make.
    """

    chat_id: int
    title: str | None  # None: all chats (`_default`)
    settings: AntiSpamSettings
    own: Mapping[str, Any]
    mode: Mode
    federated: bool | None = None
    learned: Learned | None = None
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """What would be made of a text. `exempt`: nothing, for its author is trusted there."""

    spam: bool
    score: int
    evidence: tuple[Evidence, ...]
    action: Action
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Penalty:
    """What was done: with `seconds` (0: for ever), as which of how many warnings, and in how many other
    chats of the owner, too."""

    action: Action
    seconds: int = 0
    warning: int = 0
    limit: int = 0
    elsewhere: int = 0
