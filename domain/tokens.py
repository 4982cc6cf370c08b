"""Access tokens: one-use secrets that open a plan without payment."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

LINK_PREFIX = "accesstoken_"
MOST_AT_ONCE = 500
_SECRET_BYTES = 18  # 144 bits, 24 characters: with its prefix well within a deep link's 64
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,52}")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it is kept: never the secret itself, only its end, to tell tokens apart."""

    id: int
    last4: str
    plan_id: int
    plan_name: str
    member_id: int | None
    member_name: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    used_by: int | None

    def expired(self, now: datetime) -> bool:
        """True when it was not used in time."""
        return self.used_at is None and self.expires_at is not None and self.expires_at <= now


def new_secret() -> str:
    """A new token, for deep links without escaping."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def token_link(bot_username: str, secret: str) -> str:
    """The link that redeems a token with one tap."""
    return f"https://t.me/{bot_username}?start={LINK_PREFIX}{secret}"


def read_secret(text: str) -> str | None:
    """The token in what somebody sent: the token itself or its link; None when there is none."""
    word = text.strip().rpartition(LINK_PREFIX)[2] if LINK_PREFIX in text else text.strip()
    return word if _TOKEN.fullmatch(word) else None
