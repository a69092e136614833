"""Which passwords a market takes, and why it refuses the others."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from zxcvbn import zxcvbn

from backend.core.markets import PasswordRules
from backend.core.text import fold

_LEAST_SCORE: Final = 2
"""Below this zxcvbn holds that 10^6 guesses are enough; it knows the common passwords by heart."""
_SCORED_LENGTH: Final = 72


class Reason(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_UPPER = "no_upper"
    NO_LOWER = "no_lower"
    NO_DIGIT = "no_digit"
    IS_USERNAME = "is_username"
    GUESSABLE = "guessable"


def prepare(password: str) -> str:
    """The form that is checked and hashed, the same on every keyboard."""
    return unicodedata.normalize("NFC", password)


def refusals(password: str, rules: PasswordRules, username: str) -> tuple[Reason, ...]:
    """Every reason against *password*; none when it is fine."""
    password = prepare(password)
    reasons: list[Reason] = []
    if len(password) < rules.least:
        reasons.append(Reason.TOO_SHORT)
    if len(password) > rules.most:
        reasons.append(Reason.TOO_LONG)
    present = {
        "upper": any(char.isupper() for char in password),
        "lower": any(char.islower() for char in password),
        "digit": any(char.isdigit() for char in password),
    }
    reasons += [Reason(f"no_{need}") for need in rules.needs if not present[need]]
    if _names_owner(password, username):
        reasons.append(Reason.IS_USERNAME)
    elif not reasons and _is_guessable(password, rules, username):
        reasons.append(Reason.GUESSABLE)
    return tuple(reasons)


def _names_owner(password: str, username: str) -> bool:
    local = username.partition("@")[0]
    bare = fold(password)
    return bare in {fold(username), fold(local), fold(username.removeprefix("+"))}


def _is_guessable(password: str, rules: PasswordRules, username: str) -> bool:
    own = [username, username.partition("@")[0], *rules.guessable_words]
    found: int = zxcvbn(password[:_SCORED_LENGTH], user_inputs=own)["score"]
    return found < _LEAST_SCORE
