"""A stand-in for Telegram on this machine: Bot API server, world, faults, people, web page."""

from __future__ import annotations

from sandbox.errors import SandboxError, TelegramError
from sandbox.handles import Answer, BotHandle, ChatHandle, MessageHandle
from sandbox.paying import PaymentRefusedError
from sandbox.people import Person
from sandbox.sandbox import Sandbox
from sandbox.settling import NotSettledError

__all__ = [
    "Answer",
    "BotHandle",
    "ChatHandle",
    "MessageHandle",
    "NotSettledError",
    "PaymentRefusedError",
    "Person",
    "Sandbox",
    "SandboxError",
    "TelegramError",
]
