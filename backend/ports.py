"""What the services need from outside, where more than one thing can provide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from backend.core.limits import Limits
from backend.core.notices import Words
from backend.core.uploads import CleanFile


class Clock(Protocol):
    """Where time comes from, so that tests and development can move it."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...


class MovableClock(Clock, Protocol):
    """A clock that development doors and tests may set forward."""

    def advance(self, by: timedelta) -> None:
        """Move forward from where it stands."""
        ...

    def reset(self) -> None:
        """Go back to real time."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One SMS or e-mail, ready to leave."""

    id: str
    """Stable over retries, so that a receiver can tell a repeat."""
    channel: str
    to: str = field(repr=False)
    subject: str | None = field(repr=False)
    body: str = field(repr=False)
    language: str
    valid_for: timedelta | None = None
    """How long the text is of any use; None for always."""
    sender: str | None = None
    """Our number that it is to leave from, where there is more than one."""
    words: Words = field(default=Words(None, ""), repr=False)
    """The whole of what it says, for channels that can show more than text."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said when it took the message."""

    provider_id: str | None


class Sender(Protocol):
    """One way out for messages."""

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand the message over.

        Raises:
            Unavailable: the provider may take it later.
            Rejected: it never will.
        """
        ...


class FileCleaner(Protocol):
    """Makes a harmless file out of what somebody sent."""

    def clean(self, media_type: str, content: bytes, limits: Limits) -> CleanFile:
        """The file made anew, of that media type or a plainer one.

        Raises:
            FileRefused: it cannot be taken.
            Unavailable: it cannot be looked at now.
        """
        ...


class Broadcast(Protocol):
    """Short words to all processes of a kind at once.

    Nothing may depend on them: whoever misses one finds the same in the database, only later.
    """

    async def tell(self, words: str) -> None:
        """Say it to everybody who listens, in the order of the calls; 8,000 bytes at most.

        Raises:
            Unavailable: nobody was told.
        """
        ...

    async def listen(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """Hear what is told, one's own words too, until cancelled.

        Args:
            heard: called with each.
            missed: called whenever listening begins, also anew after a break.
        """
        ...

    async def close(self) -> None:
        """Let go of what `tell` holds."""
        ...
