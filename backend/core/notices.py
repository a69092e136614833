"""The life of one outgoing message, and when a failed one is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict

ATTEMPTS: Final = 12
"""With the waits below: about three quarters of an hour, then the message is given up."""

_FIRST_WAIT: Final = timedelta(seconds=2)
_LONGEST_WAIT: Final = timedelta(minutes=10)


class Status(StrEnum):
    """pending → sending → sent; back to pending after a failure that may pass."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    VOID = "void"
    """Never to be sent: it stands where a message to nobody takes the same time as a real one."""
    EXPIRED = "expired"
    """Not sent in the time in which it was of use."""
    DEAD = "dead"
    """Refused for good, tried often enough, or cut off while sending something that must not
    arrive twice; `reason` says which."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says."""

    subject: str | None = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker, and no other, may send now."""

    id: str
    claim: str
    channel: str
    template: str
    language: str
    attempts: int
    valid_until: datetime | None
    handed_over_at: datetime | None
    """Set when an earlier worker was cut off while it was sending."""
    to: str | None = field(repr=False)
    words: Words | None = field(repr=False)
    """Recipient and words are None when they cannot be unsealed."""


class ListedNotice(TypedDict):
    """A message as the development outbox shows it."""

    id: str
    channel: str
    to: str
    subject: str | None
    body: str
    created_at: str


def wait_before_next(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the *attempts*-th failure.

    It doubles from two seconds, so that a code with two minutes to live gets half a dozen tries;
    *jitter* (0 to 1) spreads over the upper half of the wait what failed at the same moment.
    """
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * (1 << (attempts - 1)))
    return wait * (1 + jitter) / 2
