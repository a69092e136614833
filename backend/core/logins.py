"""The brake on guessing passwords: some free tries, then waits that double."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from backend.core.limits import Limits


@dataclass(frozen=True, slots=True)
class Throttle:
    """How often one user name was tried in vain, and when it may be tried again."""

    failures: int
    open_at: datetime

    def seconds_left(self, now: datetime) -> int:
        """How long to wait; 0 when it may be tried."""
        return max(0, ceil((self.open_at - now).total_seconds()))


def after_failure(throttle: Throttle | None, limits: Limits, now: datetime) -> Throttle:
    """The throttle after one more failure."""
    failures = (throttle.failures if throttle else 0) + 1
    if failures < limits.login_free:
        return Throttle(failures, now)
    doublings = min(failures - limits.login_free, 16)
    wait = min(limits.login_wait * 2**doublings, limits.login_wait_most)
    return Throttle(failures, now + timedelta(seconds=wait))
