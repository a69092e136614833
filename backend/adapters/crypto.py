"""Keys, and what is done with them: sealing, blind indexes, keyed hashes.

All keys come from the one SECRET_KEY by HKDF, each under a label of its own, so that a value of
one kind can never stand in for another. Nothing here is kept in a module global: whoever needs a
key is given a `Vault`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_SALT: Final = b"sportello/keys/1"


class SealedBytes(bytes):
    """Ciphertext made by a `Vault`; the only thing a sealed column takes."""

    __slots__ = ()


class SealBroken(Exception):
    """A sealed value was altered, moved to another column, or sealed with another key."""


class Vault:
    """Seals, indexes and hashes with keys derived from one master secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._master = secret.get_secret_value().encode()
        self._seal = AESGCM(self._derive("sealing"))
        self._index_key = self._derive("index")
        self._pepper = self._derive("pepper")
        self._token_key = self._derive("token")

    def __repr__(self) -> str:
        return "<Vault>"

    def derive(self, label: str) -> bytes:
        """A 256-bit key for a purpose outside this class, such as `csrf` or `client`."""
        return self._derive(f"for/{label}")

    def seal(self, text: str, column: str) -> SealedBytes:
        """Encrypt *text* so that it opens only as *column* (`table.column`)."""
        return self.seal_bytes(text.encode(), column)

    def seal_bytes(self, content: bytes, column: str) -> SealedBytes:
        """`seal`, for what is no text: a file."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return SealedBytes(_VERSION + nonce + self._seal.encrypt(nonce, content, column.encode()))

    def unseal(self, blob: bytes, column: str) -> str:
        """Decrypt what `seal` made for *column*.

        Raises:
            SealBroken: it was not made by this key for this column.
        """
        try:
            return self.unseal_bytes(blob, column).decode()
        except UnicodeDecodeError as failure:
            raise SealBroken(column) from failure

    def unseal_bytes(self, blob: bytes, column: str) -> bytes:
        """Decrypt what `seal_bytes` made for *column*.

        Raises:
            SealBroken: it was not made by this key for this column.
        """
        nonce, body = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
        try:
            if blob[:1] != _VERSION:
                raise SealBroken(column)
            return self._seal.decrypt(nonce, body, column.encode())
        except (InvalidTag, ValueError) as failure:
            raise SealBroken(column) from failure

    def seal_optional(self, text: str | None, column: str) -> SealedBytes | None:
        """`seal`, where nothing stays nothing."""
        return None if text is None else self.seal(text, column)

    def unseal_optional(self, blob: bytes | None, column: str) -> str | None:
        """`unseal`, where nothing stays nothing."""
        return None if blob is None else self.unseal(blob, column)

    def seal_json(self, data: Any, column: str) -> SealedBytes:
        """Seal plain data as JSON."""
        return self.seal(json.dumps(data, ensure_ascii=False, separators=(",", ":")), column)

    def unseal_json(self, blob: bytes, column: str) -> Any:
        """What `seal_json` was given."""
        return json.loads(self.unseal(blob, column))

    def index(self, kind: str, value: str) -> str:
        """A keyed, one-way index of a normalised *value*, to look it up without storing it.

        *kind* (`email`, `mobile`, `tax_code`, …) keeps equal texts of different kinds apart.
        """
        return _mac(self._index_key, kind, value)

    def hash_code(self, challenge_id: str, purpose: str, destination: str, code: str) -> str:
        """The form in which a one-time code is kept."""
        return _mac(self._pepper, challenge_id, purpose, destination, code)

    def hash_token(self, token: str) -> str:
        """The form in which a link, grant or session token is kept."""
        return _mac(self._token_key, token)

    def _derive(self, label: str) -> bytes:
        hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=_SALT, info=label.encode())
        return hkdf.derive(self._master)


def _mac(key: bytes, *parts: str) -> str:
    # Lengths are part of the message: "ab","c" and "a","bc" must not meet.
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in map(str.encode, parts))
    return urlsafe_b64encode(hmac.digest(key, message, hashlib.sha256)).decode().rstrip("=")


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_id(prefix: str) -> str:
    """An opaque public id: *prefix*, an underscore and 22 url-safe characters (128 bits)."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"


def new_token() -> str:
    """A bearer token of 256 bits, for a link, a grant or a session."""
    return secrets.token_urlsafe(32)
