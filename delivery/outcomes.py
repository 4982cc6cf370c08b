"""What an answer (or its absence) means for a call in the outbox: one table for all of delivery."""

from dataclasses import dataclass

from domain.calls import Policy
from domain.errors import TelegramError, TelegramFlood, TelegramRefused, TelegramUnreachable

FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 300.0  # seconds
MOST_ATTEMPTS = 300  # about a day at the longest backoff

# Telegram's words for "what you ask for is so already": nothing is left to do.
_ALREADY = (
    "message is not modified", "message to delete not found", "message to edit not found",
    "message can't be deleted", "user not found", "participant_id_invalid", "user_not_participant",
    "message_id_invalid", "message can't be edited",
    "hide_requester_missing", "user_already_participant", "invite_hash_expired",
)  # fmt: skip


_KEPT = ("message can't be deleted", "message can't be edited")  # nothing can be done


@dataclass(frozen=True, slots=True)
class Done:
    """Made, or not needed any more."""


@dataclass(frozen=True, slots=True)
class Later:
    """Try again after so many seconds; `flood` when Telegram said so."""

    seconds: float
    flood: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has another id now."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Dead:
    """Can never be made. `shut_out` when the chat or person does not let the bot in; `status` is Telegram's
    code."""

    reason: str
    shut_out: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been made; the policy forbids to find out by trying."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Somebody took the call back before it was made; its row is theirs."""


Outcome = Done | Later | Moved | Dead | Unknown | Withdrawn


def classify(
    error: TelegramError, policy: Policy, attempts: int, *, speaks: bool = False, told: bool = False
) -> Outcome:
    """What becomes of a call that raised `error` at its attempt number `attempts` (from 0).

    `speaks`: it sends a message, which is never there already. `told`: somebody is told of its fate, to whom
    a message that cannot be deleted is none that was deleted.
    """
    match error:
        case TelegramFlood(retry_after=seconds):
            return Later(seconds, flood=True)
        case TelegramRefused(migrate_to_chat_id=int(new)):
            return Moved(new)
        case TelegramRefused(status=403, description=words):
            return Dead(words, shut_out=True, status=403)
        case TelegramRefused(status=status, description=words):
            kept = told and any(sign in words.lower() for sign in _KEPT)
            if not speaks and not kept and any(sign in words.lower() for sign in _ALREADY):
                return Done()
            return Dead(words, shut_out="chat not found" in words.lower(), status=status)
        case TelegramUnreachable(sent=True) if policy is Policy.ONCE:
            return Unknown(str(error.details.get("reason", "")))
        case _ if attempts >= MOST_ATTEMPTS:
            return Dead(f"given up after {attempts} attempts")
        case _:
            return Later(min(FIRST_BACKOFF * 2 ** min(attempts, 20), LONGEST_BACKOFF))
