"""Secrets at rest: AES-256-GCM for what must be read again, SHA-256 for what is only compared."""

import hashlib
import hmac
import secrets
from base64 import b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM


class VaultError(RuntimeError):
    """A sealed value cannot be opened: it was written with another SECRET_KEY, or altered."""


class Vault:
    """Seals and opens with one key of 32 bytes. `purpose` binds a sealed value to where it is kept."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._root = hmac.digest(key, b"derived secrets", "sha256")

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt; raises `VaultError`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            raise VaultError(f"a sealed {purpose} cannot be opened with this SECRET_KEY") from None

    def derive(self, purpose: str) -> str:
        """A secret for a purpose, 43 letters of `A-Za-z0-9_-`: the same in every process with this key."""
        return b64encode(hmac.digest(self._root, purpose.encode(), "sha256"), b"_-").decode().rstrip("=")


def digest(secret: str) -> bytes:
    """What is stored of a secret that is only compared."""
    # What comes in headers and JSON need not be valid Unicode; it is a wrong secret then, not an error.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def matches(secret: str, stored: bytes) -> bool:
    """Compare a secret with a stored digest in constant time."""
    return hmac.compare_digest(digest(secret), stored)
