"""Reading what a call carries: path, query and body become one model."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from api.errors import BadRequest, TooLarge

LARGEST_BODY = 256 * 1024  # bytes
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
            return {name: value for name, value in form.items() if isinstance(value, str)}
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


def read_input(model: type[msgspec.Struct], values: Mapping[str, Any]) -> msgspec.Struct:
    """The endpoint's input. Numbers and booleans sent as strings are accepted, unknown names ignored.

    Raises `BadRequest` that names the parameter.
    """
    wanted = {info.encode_name: info for info in msgspec.structs.fields(model)}
    given = {name: value for name, value in values.items() if name in wanted}
    for name, info in wanted.items():
        if info.required and given.get(name) in (None, ""):
            raise BadRequest(name, "is required")
        if not info.required and given.get(name) == "" and info.type is not str:
            del given[name]  # an empty form field means "not given"
    try:
        return msgspec.convert(given, model, strict=False)
    except msgspec.ValidationError as error:
        found = re.search(r"`\$\.?([^`]*)`", str(error))
        words = re.sub(r" - at `.*`$", "", str(error))
        raise BadRequest((found[1] if found else "") or "body", words[0].lower() + words[1:]) from None
