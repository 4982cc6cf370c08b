"""Texts with `{{placeholders}}`: nothing but substitution, so no text can do anything but be shown.

Used for everything owners write that goes out with values of the moment: greetings, automatic answers.
"""

import re
from collections.abc import Mapping, Sequence

from domain import formatting
from domain.cleaning import is_visible
from domain.errors import Invalid

TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024  # UTF-16 units after parsing, as Telegram counts

# What each placeholder may take, in UTF-16 units: longer names are cut when they are put in.
WIDEST = {
    "name": 64, "first": 64, "last": 64, "username": 64, "mention": 64, "id": 16, "chat": 128, "count": 16,
    "rules": 0, "inviter": 64,
}  # fmt: skip
PLACEHOLDERS = tuple(WIDEST)

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_INSIDE_TAG = re.compile(r"<[^<>]*?\{\{\s*(\w+)\s*\}\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in, once: a value that looks like a placeholder stays what it is.

    Values are Telegram HTML already, so what people wrote has been escaped before. Unknown placeholders
    stay as they are.
    """
    return _PLACEHOLDER.sub(lambda match: values.get(match[1].lower(), match[0]), template)


def used(template: str) -> list[str]:
    """Names of all placeholders in the template, as often as they occur."""
    return [name.lower() for name in _PLACEHOLDER.findall(template)]


def check(
    template: str,
    field: str,
    *,
    allowed: Sequence[str] = PLACEHOLDERS,
    limit: int = TEXT_LIMIT,
    widest: Mapping[str, int] = WIDEST,
) -> None:
    """Raise `Invalid` for `field` unless the template can be sent with any values.

    Reasons: `html_…` (see `domain.formatting`), `empty_text`, `placeholder` (unknown; `unknown` and
    `allowed` tell), `placeholder_in_tag`, `too_long` (`length` and `limit`, with the widest values).
    """
    seen = formatting.plain(template, field)
    names = used(template)
    unknown = dict.fromkeys(name for name in names if name not in allowed)
    if unknown:
        raise Invalid(field, "placeholder", unknown=_written(unknown), allowed=_written(allowed))
    # A number cannot break out of an attribute, any other value could make the link a different one.
    if inside := [name for name in _INSIDE_TAG.findall(template) if name.lower() != "id"]:
        raise Invalid(field, "placeholder_in_tag", placeholder=_written(inside[:1]))
    if not is_visible(seen):
        raise Invalid(field, "empty_text")
    size = widest_length(seen, widest)
    if size > limit:
        raise Invalid(field, "too_long", length=size, limit=limit)


def widest_length(seen: str, widest: Mapping[str, int] = WIDEST) -> int:
    """UTF-16 units of a text (as seen, without tags) once its placeholders hold their widest values."""
    fixed = formatting.length(_PLACEHOLDER.sub("", seen))
    return fixed + sum(widest.get(name, 0) for name in used(seen))


def _written(names: Mapping[str, None] | Sequence[str]) -> str:
    return " ".join(f"{{{{{name}}}}}" for name in names)
