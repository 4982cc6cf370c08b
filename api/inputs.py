"""Reading what a call carries: path, query and body become one model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from api.errors import BadRequest, TooLarge
from domain.cleaning import plain

_OF_OBJECT = re.compile(r"(\w+)\[(\w+)\]")
LARGEST_BODY, CHUNK = 256 * 1024, 64 * 1024  # bytes
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# What aiohttp's form parsers raise for bodies that are cut off, mislabelled or not a form at all.
_UNREADABLE = (
    ValueError,
    LookupError,
    AssertionError,
    RuntimeError,
    HttpProcessingError,
    web.RequestPayloadError,
)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent; its name is the sender's word."""

    name: str
    content: bytes


async def sent_file(request: web.Request, most: int) -> SentFile:
    """The first file of a multipart body.

    Raises `BadRequest` when there is none, `TooLarge` when it has more than `most` bytes.
    """
    if request.content_type != "multipart/form-data":
        raise BadRequest("file", "is required, as multipart/form-data")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename is not None:
                return SentFile(part.filename, await _whole(part, most))
    except _UNREADABLE:
        raise BadRequest("body", "cannot be read") from None
    raise BadRequest("file", "is required")


async def _whole(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk
        if len(content) > most:
            raise TooLarge(most)
    if not content:
        raise BadRequest("file", "is empty")
    return bytes(content)


async def parameters(request: web.Request, path: Mapping[str, str]) -> dict[str, Any]:
    """All parameters by name: the body (form, JSON or none) wins over the query, the path over both.

    Raises `BadRequest` for a body that is neither a form nor a JSON object, `TooLarge` for a huge one.
    """
    return {**request.query, **await _body(request), **path}


async def _body(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    if (request.content_length or 0) > LARGEST_BODY:
        raise TooLarge(LARGEST_BODY)
    try:
        if request.content_type in FORMS:
            form = await request.post()
            return _nested({name: value for name, value in form.items() if isinstance(value, str)})
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(LARGEST_BODY) from None
    except _UNREADABLE:
        raise BadRequest("body", "cannot be read") from None
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise BadRequest("body", "must be a form or JSON")
    return _json_object(raw)


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the last: nested too deeply
        raise BadRequest("body", "is not valid JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("body", "must be a JSON object")
    return body


def _nested(form: Mapping[str, str]) -> dict[str, Any]:
    """Fields called `options[recurring]` become an object `options`, as web clients write them."""
    plain: dict[str, Any] = {}
    for name, value in form.items():
        if (found := _OF_OBJECT.fullmatch(name)) is None:
            plain[name] = value
        elif isinstance(inner := plain.setdefault(found[1], {}), dict):
            inner[found[2]] = value
    return plain


def _cleaned(value: Any) -> Any:
    """What no text of people holds and PostgreSQL takes none of is left out."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def read_input(model: type[msgspec.Struct], values: Mapping[str, Any]) -> msgspec.Struct:
    """The endpoint's input. Numbers and booleans sent as strings are accepted, unknown names ignored;
    texts lose their control characters.

    Raises `BadRequest` that names the parameter.
    """
    wanted = {info.encode_name: info for info in msgspec.structs.fields(model)}
    given = {name: value for name, value in values.items() if name in wanted}
    for name, info in wanted.items():
        if info.required and given.get(name) in (None, ""):
            raise BadRequest(name, "is required")
        if not info.required and (
            given.get(name, 0) is None
            or (given.get(name) == "" and info.type is not str and info.default is not msgspec.UNSET)
        ):
            del given[name]  # null and an empty form field mean "not given", but where empty is a value
    try:
        return msgspec.convert(_cleaned(given), model, strict=False)
    except msgspec.ValidationError as error:
        found = re.search(r"`\$\.?([^`]*)`", str(error))
        words = re.sub(r" - at `.*`$", "", str(error)).replace(" | null", "")
        raise BadRequest((found[1] if found else "") or "body", words[0].lower() + words[1:]) from None
