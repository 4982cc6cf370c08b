"""What can go wrong, as typed errors with a stable `code`.

Services raise them; each edge maps them once: `texts/errors.py` turns a code into a sentence for a chat,
`api/` turns it into the error form of its documented system.
"""

from typing import ClassVar


class GatehouseError(Exception):
    """The root of every error a user may be told about. `details` fill the sentence's placeholders."""

    code: ClassVar[str] = "internal"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details


class NotAllowed(GatehouseError):
    """The actor may not do this to that resource, or the resource is not his: the two look alike."""

    code = "access"


class NotFound(GatehouseError):
    """There is no such thing among what the actor may see. `what` names the kind of thing."""

    code = "not_found"

    def __init__(self, what: str, **details: object) -> None:
        super().__init__(what=what, **details)
        self.what = what


class Invalid(GatehouseError):
    """A parameter is missing or unusable. `field` names it, `reason` is a stable word for the sentence."""

    code = "invalid"

    def __init__(self, field: str, reason: str = "malformed", **details: object) -> None:
        super().__init__(field=field, reason=reason, **details)
        self.field, self.reason = field, reason


class Conflict(GatehouseError):
    """The thing exists already, or its state forbids the change. `reason` is a stable word."""

    code = "conflict"

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason=reason, **details)
        self.reason = reason


class Refused(GatehouseError):
    """A rule says no to this person at this moment (a used token, a closed plan). `reason` says which."""

    code = "refused"

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason=reason, **details)
        self.reason = reason


class DuplicateUpdate(GatehouseError):
    """The update was committed before; Telegram sent it again. Nothing is left to do."""

    code = "duplicate"


class TelegramError(GatehouseError):
    """Telegram did not do what was asked of it."""

    code = "telegram"


class TelegramRefused(TelegramError):
    """Telegram answered with an error. `status` is its `error_code`, `description` its own words."""

    code = "telegram_refused"

    def __init__(self, status: int, description: str, migrate_to_chat_id: int | None = None) -> None:
        super().__init__(status=status, description=description)
        self.status, self.description = status, description
        self.migrate_to_chat_id = migrate_to_chat_id


class TelegramFlood(TelegramError):
    """Telegram asks to wait: `retry_after` in seconds."""

    code = "telegram_flood"

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class TelegramUnreachable(TelegramError):
    """No usable answer came. `sent` tells whether the request may have reached Telegram."""

    code = "telegram_unreachable"

    def __init__(self, sent: bool, reason: str = "") -> None:
        super().__init__(sent=sent, reason=reason)
        self.sent = sent


class GatewayError(GatehouseError):
    """A payment provider did not do what was asked of it. `gateway` is its name."""

    code = "gateway"

    def __init__(self, gateway: str, words: str = "") -> None:
        super().__init__(gateway=gateway, words=words)
        self.gateway, self.words = gateway, words


class GatewayRefused(GatewayError):
    """The provider answered no: `words` are its own, without anything secret."""

    code = "gateway_refused"


class GatewayUnreachable(GatewayError):
    """No usable answer came; whether the request took effect is unknown."""

    code = "gateway_unreachable"


class BadSignature(GatewayError):
    """A notification is not the provider's: its signature, address or form is wrong."""

    code = "bad_signature"
