"""The proof of who writes in a conversation, and how long it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backend.core.limits import Limits

BY_CODE: Final = "code"
BY_TOKEN: Final = "token"  # noqa: S105 - the name of a factor
"""The page around the widget vouched."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody who has proved to be the owner of an account."""

    account_id: str
    factor: str
    proven_at: datetime
    seen_at: datetime
    contact: str | None = field(default=None, repr=False)
    session_id: str | None = None
    """The area session whose page vouched: the proof ends with it."""

    def holds(self, limits: Limits, now: datetime) -> bool:
        """Neither too old nor idle for too long."""
        return now - self.seen_at < timedelta(seconds=limits.flow_idle) and (
            now - self.proven_at < timedelta(seconds=limits.identity_age)
        )
