"""Checks passwords against hashes that other systems made.

`backend.core.older_hashes` says which; Argon2 is checked by its own library, the rest by libpass.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from passlib.hash import bcrypt, pbkdf2_sha256, scrypt

_BCRYPT_BYTES: Final = 72
_NUMBERS = re.compile(r"=(\d+)")
_ARGON2 = PasswordHasher()


def fits(password_hash: str, password: str) -> bool:
    """Whether *password* made *password_hash*."""
    try:
        if password_hash.startswith("$argon2"):
            return _ARGON2.verify(password_hash, password)
        if password_hash.startswith("$2b$"):
            return bool(bcrypt.verify(_as_bcrypt_reads(password), password_hash))
        if password_hash.startswith("$pbkdf2-sha256$"):
            return bool(pbkdf2_sha256.verify(password, password_hash))
        if password_hash.startswith("$scrypt$"):
            return bool(scrypt.verify(password, password_hash))
    except (VerificationError, InvalidHashError, ValueError):
        return False
    return False


def nobodys(hash_format: str) -> str:
    """A hash of that scheme and cost that no password fits, to do the same work for nothing."""
    secret = secrets.token_urlsafe()
    scheme, *cost = hash_format.strip("$").split("$")
    if scheme == "2b":
        return str(bcrypt.using(rounds=int(cost[0])).hash(secret))
    if scheme == "pbkdf2-sha256":
        return str(pbkdf2_sha256.using(rounds=int(cost[0])).hash(secret))
    first, second, lanes = (int(number) for number in _NUMBERS.findall(cost[-1]))
    if scheme == "scrypt":
        hasher = scrypt.using(rounds=first, block_size=second, parallelism=lanes)
        return str(hasher.hash(secret))
    kind = Type.ID if scheme == "argon2id" else Type.I
    return PasswordHasher(second, first, lanes, type=kind).hash(secret)


def _as_bcrypt_reads(password: str) -> bytes:
    # bcrypt never saw more; today's library refuses what it used to cut off.
    return password.encode()[:_BCRYPT_BYTES]
