"""Password hashes: Argon2id, so many at once and no more; older systems' until the next log-in."""

from __future__ import annotations

from collections.abc import Sequence
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type

from backend.adapters import older_hashes
from backend.core.older_hashes import format_of
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
        self._dummies: dict[str, str] = {}

    def hash(self, password: str) -> str:
        """A PHC string with a salt of its own."""
        with self._turnstile:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str, older: Sequence[str] = ()) -> bool:
        """Whether *password* made the hash; without one as much work is done for nothing.

        *older* are the formats of older systems that accounts still have. Every check does the
        work of ours and of each of these, so that its time tells neither whether there is an
        account nor where it came from.
        """
        own = format_of(password_hash) if password_hash else None
        hashes = {None if own not in older else own: password_hash} if password_hash else {}
        with self._turnstile:
            found = [
                older_hashes.fits(hashes.get(one) or self._nobodys(one), password) and one in hashes
                for one in (None, *older)
            ]
        return any(found)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made at another cost than ours, or by another scheme."""
        return not password_hash.startswith("$argon2id$") or self._hasher.check_needs_rehash(
            password_hash
        )

    def older_format(self, password_hash: str) -> str | None:
        """Scheme and cost of a hash from elsewhere; None where it is just like ours."""
        found = format_of(password_hash)
        return None if found == format_of(self._dummy) else found

    def _nobodys(self, older: str | None) -> str:
        if older is None:
            return self._dummy
        if older not in self._dummies:
            self._dummies[older] = older_hashes.nobodys(older)
        return self._dummies[older]
