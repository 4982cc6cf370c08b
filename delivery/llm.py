"""A language model at a service that speaks OpenAI's chat completions, as most do.

https://platform.openai.com/docs/api-reference/chat/create
"""

from typing import Any

import aiohttp
import msgspec

from delivery.gateways.http import proxy_for
from domain.antispam.opinions import NoOpinion

SECONDS = 5.0  # for an answer: somebody waits for the verdict about his message
LONGEST = 64 * 1024  # bytes of an answer
_PATH = "/chat/completions"


class _Said(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Said


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_decode = msgspec.json.Decoder(_Completion).decode


class ChatModel:
    """One model (`domain.antispam.opinions.Model`). `url` is the service's base address, or that of its
    chat completions; it is the installation's own setting and may be on this machine."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str, model: str) -> None:
        url = url.rstrip("/")
        self._session, self._model = session, model
        self._url = url if url.endswith(_PATH) else url + _PATH
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=SECONDS)

    async def complete(self, instructions: str, question: str) -> str:
        """What the model answers to a question, within five seconds and at the first try.

        Raises `NoOpinion`.
        """
        try:
            async with self._session.post(
                self._url,
                json=self._asked(instructions, question),
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                proxy=proxy_for(self._url),
            ) as response:
                if response.status != 200:
                    raise NoOpinion(f"HTTP {response.status}")
                body = await _bounded(response.content)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise NoOpinion(type(error).__name__) from None
        try:
            return _decode(body).choices[0].message.content
        except (msgspec.MsgspecError, UnicodeError, LookupError):
            raise NoOpinion("not understood") from None

    def _asked(self, instructions: str, question: str) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": question},
            ],
            "response_format": {"type": "json_object"},
        }


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > LONGEST:
            raise NoOpinion("the answer is too long")
    return bytes(body)
