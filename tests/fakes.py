"""Fakes of the ports, for every test that wants them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.ports import OutgoingMessage, Receipt


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) -> None:
        self._start = self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, by: timedelta) -> None:
        self._moment += by

    def forward(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def reset(self) -> None:
        self._moment = self._start


class FakeSender:
    """Takes every message and remembers it; raises *failure* instead when given one."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[OutgoingMessage] = []
        self.failure = failure

    def send(self, message: OutgoingMessage) -> Receipt:
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)
        return Receipt(provider_id=f"fake-{len(self.sent)}")
