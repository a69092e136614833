"""Password hashes: Argon2id, so many at once and no more."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from backend.settings import Hashing


class Argon2Hashing:
    """Hashes and verifies; every hash takes the memory of its profile, hence the turnstile."""

    def __init__(self, cost: Hashing, at_once: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.time_cost,
            memory_cost=cost.memory_kib,
            parallelism=cost.parallelism,
            type=Type.ID,
        )
        self._turnstile = BoundedSemaphore(at_once)
        self._dummy = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """A PHC string with a salt of its own."""
        with self._turnstile:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether *password* made the hash; without one as much work is done for nothing."""
        with self._turnstile:
            try:
                return self._hasher.verify(password_hash or self._dummy, password) and bool(
                    password_hash
                )
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the cost was another when it was made."""
        return self._hasher.check_needs_rehash(password_hash)
