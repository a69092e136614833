"""The life of one outgoing message, and when a failed one is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict

from backend.core.conversation import Button

ATTEMPTS: Final = 12
"""With the waits below: about three quarters of an hour, then the message is given up."""

WINDOW_CLOSED: Final = "window_closed"
"""The reason of a refusal that ends when the customer writes again."""

OUTCOME_UNKNOWN: Final = "outcome_unknown"
"""The reason where the provider had a message in hand and nobody knows whether it took it."""

_FIRST_WAIT: Final = timedelta(seconds=2)
_LONGEST_WAIT: Final = timedelta(minutes=10)


class Status(StrEnum):
    """pending → sending → sent; back to pending after a failure that may pass.

    Where a provider tells of the delivery, sent may still become pending, held or dead.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    """Waits for the customer to write: it may not be sent before."""
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
    choices: tuple[Button, ...] = field(default=(), repr=False)
    """Shown as buttons or rows, where the channel has such."""
    open_list: str = ""
    """On the button that opens the rows."""
    numbered: str | None = field(default=None, repr=False)
    """The same message with its choices as numbered lines."""
    template: str | None = None
    """An approved template of the provider's, sent instead of the body."""


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
    lane: str | None
    sender: str | None
    is_unasked: bool
    delivery: str | None
    """What the provider has told of it: then it has it."""
    provider_id: str | None
    reason: str | None
    """Why an earlier attempt came to nothing."""
    to: str | None = field(repr=False)
    words: Words | None = field(repr=False)
    """Recipient and words are None when they cannot be unsealed."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, as staff see it."""

    id: str
    channel: str
    template: str
    created_at: datetime
    settled_at: datetime
    reason: str
    delivery_code: int | None
    to: str | None = field(repr=False)
    has_words: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a message has come by the provider's word."""

    delivery: str | None
    provider_id: str | None
    status: Status
    attempts: int
    has_words: bool
    lane: str | None


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
