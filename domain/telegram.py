"""What the house needs of Telegram beyond the outbox: questions, and answers that expire in seconds."""

from collections.abc import Mapping
from typing import Any, Protocol


class Telegram(Protocol):
    """Direct calls to the Bot API. Raises `TelegramRefused`, `TelegramFlood` or `TelegramUnreachable`.

    Never called inside a write transaction: Telegram may take seconds.
    """

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        """Call `method` as the connected bot `bot_id` (our id) and return Telegram's `result`."""
        ...

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        """Call `method` with a token that is not (yet) one of ours."""
        ...

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        """Call `method` with files attached: parameter → (file name, bytes)."""
        ...


class Files(Protocol):
    """Fetches what people send."""

    async def download(self, bot_id: int, file_id: str, most: int) -> bytes:
        """The content of a file of at most `most` bytes. Raises as `Telegram` does; `TelegramRefused` for a
        larger one, too."""
        ...
