"""E-mail addresses, where a payment provider wants one."""

import re

from domain.errors import Invalid

LONGEST = 254  # characters, RFC 5321
_ADDRESS = re.compile(r"[^\s@<>\",;:()\[\]\\]{1,64}@(?:[^\s@.<>\",;:()\[\]\\]{1,63}\.)+[^\s@.\d<>]{2,63}")


def read_email(text: str) -> str:
    """An address that looks like one. Raises `Invalid` (email)."""
    text = text.strip()
    if len(text) > LONGEST or not _ADDRESS.fullmatch(text):
        raise Invalid("email", "email")
    return text
