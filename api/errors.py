"""What can be wrong with a call before a service sees it. Each dialect words these in its own form."""


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
