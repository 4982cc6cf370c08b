"""Structured logs. Every line is redacted: no token, key or secret reaches one, whoever logs it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Bot tokens, our API keys, access tokens in deep links, webhook secrets in headers, membership API paths.
_SECRETS = (
    (re.compile(r"(?i)(\d{5,16}(?::|%3a))[a-z0-9_-]{30,64}"), r"\1***"),  # in addresses after "bot", too
    (re.compile(r"(?i)(gh(?:_|%5f))[a-z0-9_%-]{20,}"), r"\1***"),
    (re.compile(r"(accesstoken_)[A-Za-z0-9_-]+"), r"\1***"),
    (re.compile(r"(whsec_)[A-Za-z0-9+/=_-]+"), r"\1***"),
    (re.compile(r"(?i)(/v1/bot\d+/)[^/\s\"']+"), r"\1***"),
    (
        re.compile(
            r"(?i)((?:api[_-]?key|authorization|secret|token|password)['\"]?\s*[:=]\s*['\"]?(?:bearer\s+)?)"
            r"[^\s\"'&,}]+"
        ),
        r"\1***",
    ),
)
_NAMES = re.compile(r"(?i)token|secret|password|authorization|api_?key")


def redact(text: str) -> str:
    """The text with every secret replaced by ***."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    if isinstance(value, dict):
        return {
            name: "***" if _NAMES.search(str(name)) and inner else _redacted(inner)
            for name, inner in value.items()
        }
    if isinstance(value, tuple):  # positional arguments, which only a tuple spreads over a text
        return tuple(_redacted(inner) for inner in value)
    if isinstance(value, list | set | frozenset):
        return [_redacted(inner) for inner in value]
    if isinstance(value, int | float | bool) or value is None:
        return value
    return redact(str(value))


def redacting(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Goes before every processor that makes text of values, and again after."""
    own = {name: line[name] for name in ("exc_info", "_record") if name in line}
    return {**_redacted(dict(line)), **own}


def _redacting_traceback(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if isinstance(line.get("exception"), str):
        line["exception"] = redact(line["exception"])
    return line


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Send the standard library's and structlog's lines through one chain to stderr."""
    console = log_format == "console"
    shared: list[Any] = [
        structlog.stdlib.ExtraAdder(),
        redacting,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        redacting,  # again: positional arguments have become part of the text
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
        structlog.processors.format_exc_info,
        _redacting_traceback,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.raiseExceptions = False  # a line that cannot be written is lost, never printed as it came
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("aiogram").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("stripe").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
