"""What can be wrong with a call before a service sees it. Each dialect words these in its own form."""

from domain.errors import (
    Conflict,
    GatewayRefused,
    GatewayUnreachable,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    TelegramError,
)


class ApiError(Exception):
    """The root of errors of the HTTP edge."""


class NoSuchCall(ApiError):
    """The table has no row at this address."""


class WrongMethod(ApiError):
    """The address exists for other HTTP methods: `allowed` names them."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class Unauthorised(ApiError):
    """No key, or a wrong one."""


class BadRequest(ApiError):
    """A parameter is missing or unusable: `field` names it, `words` say why."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field} {words}")
        self.field, self.words = field, words


class TooLarge(ApiError):
    """The body has more than `most` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class TooMany(ApiError):
    """The caller is too fast: `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def status_of(error: Exception) -> int:
    """The HTTP status of an error, for systems that use them."""
    match error:
        case BadRequest() | Invalid():
            return 400
        case Unauthorised():
            return 401
        case NotAllowed():
            return 403
        case NoSuchCall() | NotFound():
            return 404
        case WrongMethod():
            return 405
        case Conflict() | Refused() | GatewayRefused():
            return 409
        case TooLarge():
            return 413
        case TooMany():
            return 429
        case TelegramError() | GatewayUnreachable():
            return 502
    return 500
