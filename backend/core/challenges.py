"""One-time codes as a state machine.

    issued ──right code or link──► verified
      │ ├──5th wrong code────────► exhausted
      │ ├──time over─────────────► expired
      │ ├──a newer code──────────► superseded
      └────flow given up─────────► aborted

Every state but the first is final; a row leaves `issued` by an UPDATE guarded with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from backend.core.errors import CodeExhausted, CodeExpired, CodeUsed, SportelloError


class State(StrEnum):
    """Where a challenge stands."""

    ISSUED = "issued"
    VERIFIED = "verified"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    SUPERSEDED = "superseded"
    ABORTED = "aborted"


class Purpose(StrEnum):
    """What a code is for; a code of one purpose is worth nothing for another."""

    REGISTER = "register"
    LOGIN = "login"
    IDENTIFY = "identify"
    RESET = "reset"
    LINK = "link"
    NEW_MOBILE = "new_mobile"


BY_LINK: Final = "link"
"""`verified_by` of a challenge whose link was used."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One sending of a code."""

    id: str
    purpose: str
    conversation_id: str
    subject_index: str
    channel: str
    state: State
    attempts: int
    created_at: datetime
    expires_at: datetime
    link_expires_at: datetime | None
    verified_by: str | None
    destination: str = field(repr=False)
    code_hash: str = field(repr=False)

    def seconds_left(self, now: datetime) -> int:
        """How long the code still lives; 0 once it is over. Rounded up: never 0 too early."""
        return max(0, ceil((self.expires_at - now).total_seconds()))

    def is_code_alive(self, now: datetime) -> bool:
        """Whether the code may still be typed."""
        return self.state is State.ISSUED and now < self.expires_at

    def is_over(self, now: datetime) -> bool:
        """Whether neither code nor link can be used any more."""
        return self.state is not State.ISSUED or now >= (self.link_expires_at or self.expires_at)

    def link_life(self) -> timedelta:
        """How long the link lived when it was sent; nothing where there is none."""
        return (self.link_expires_at or self.created_at) - self.created_at


def refusal(challenge: Challenge, now: datetime) -> SportelloError:
    """Why no try at *challenge* was taken."""
    if challenge.state is State.VERIFIED:
        return CodeUsed()
    if challenge.state is State.EXHAUSTED or challenge.is_code_alive(now):
        return CodeExhausted(seconds=challenge.seconds_left(now))
    return CodeExpired()
