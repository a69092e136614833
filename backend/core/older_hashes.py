"""Password hashes that other systems made: which forms are taken, and what they may cost.

Checking a password does the work that its hash prescribes, so a hash that prescribes gigabytes
or minutes is refused when it comes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from backend.core.errors import Invalid

LONGEST: Final = 160
"""Characters, as in the column."""

_MOST_ARGON2_KIB: Final = 256 * 1024
_MOST_ARGON2_TIMES: Final = 10
_MOST_LANES: Final = 16
_MOST_BCRYPT: Final = 14
_MOST_PBKDF2: Final = 2_000_000
_MOST_SCRYPT_BYTES: Final = 128 * 1024 * 1024

_B64 = r"[A-Za-z0-9+/]"
_ARGON2 = re.compile(
    rf"(\$argon2id?\$v=19\$m=(\d{{1,9}}),t=(\d{{1,4}}),p=(\d{{1,4}}))\${_B64}{{11,}}\${_B64}{{22,}}"
)
_BCRYPT = re.compile(r"(\$2b\$(\d\d))\$[./A-Za-z0-9]{53}")
_PBKDF2 = re.compile(
    r"\$pbkdf2-sha256\$(?:i=)?([1-9]\d{0,8})(?:,l=32)?\$([A-Za-z0-9+/.]{11,})\$([A-Za-z0-9+/.]{43})"
)
_SCRYPT = re.compile(
    rf"(\$scrypt\$ln=(\d\d?),r=(\d{{1,3}}),p=(\d{{1,3}}))\${_B64}{{11,}}\${_B64}{{43}}"
)


def read_hash(text: str) -> str:
    """The hash in the form in which it is kept.

    Raises:
        Invalid: `hash_unknown` for a form that is not taken, `hash_costly` for one whose check
            would take more memory or time than a log-in may.
    """
    if len(text) <= LONGEST:
        for pattern, read in _READERS:
            if found := pattern.fullmatch(text):
                return read(found)
    raise Invalid("hash_unknown")


def format_of(password_hash: str) -> str:
    """The part before the salt: scheme and cost, which tell how long a check takes."""
    if found := _BCRYPT.fullmatch(password_hash):
        return found[1]
    return password_hash.rsplit("$", 2)[0]


def _argon2(found: re.Match[str]) -> str:
    memory, times, lanes = int(found[2]), int(found[3]), int(found[4])
    fits = 8 * lanes <= memory <= _MOST_ARGON2_KIB and 1 <= times <= _MOST_ARGON2_TIMES
    return _affordable(found[0], fits=fits and 1 <= lanes <= _MOST_LANES)


def _bcrypt(found: re.Match[str]) -> str:
    return _affordable(found[0], fits=4 <= int(found[2]) <= _MOST_BCRYPT)


def _pbkdf2(found: re.Match[str]) -> str:
    # The PHC form and the one of passlib differ in `i=` and in one letter of the alphabet.
    rounds, salt, digest = found[1], found[2].replace("+", "."), found[3].replace("+", ".")
    return _affordable(f"$pbkdf2-sha256${rounds}${salt}${digest}", fits=int(rounds) <= _MOST_PBKDF2)


def _scrypt(found: re.Match[str]) -> str:
    log_n, blocks, lanes = int(found[2]), int(found[3]), int(found[4])
    fits = log_n >= 1 and blocks >= 1 and 1 <= lanes <= _MOST_LANES
    return _affordable(found[0], fits=fits and 128 * blocks * 2**log_n <= _MOST_SCRYPT_BYTES)


def _affordable(password_hash: str, *, fits: bool) -> str:
    if not fits:
        raise Invalid("hash_costly")
    return password_hash


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (_ARGON2, _argon2),
    (_BCRYPT, _bcrypt),
    (_PBKDF2, _pbkdf2),
    (_SCRYPT, _scrypt),
)
