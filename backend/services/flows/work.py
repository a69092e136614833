"""One turn being worked on: the draft, the unit of work, and what is to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.core.drafts import FlowDraft
from backend.core.errors import Fact, SportelloError
from backend.core.fields import FieldContext
from backend.core.flow import Command, Outcome, PageRef, Remark, Turn
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.services.challenges import Try
from backend.unit_of_work import UnitOfWork


@dataclass(slots=True)
class Work[D: FlowDraft]:
    """What the stages of a flow share while they handle one message."""

    uow: UnitOfWork
    draft: D
    market: Market
    limits: Limits
    now: datetime
    context: FieldContext
    turn: Turn
    attempt: Try | None = None
    """A code that the message brought, counted already."""
    refused: SportelloError | None = None
    """Why that try was not taken."""
    accepted: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    page: PageRef | None = None
    outcome: Outcome | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    waits_until: datetime | None = None
    """Until when a page that the customer was sent to may be done."""

    @property
    def command(self) -> Command:
        """What the customer wants done."""
        return self.turn.command

    def tell(self, code: str, **facts: Fact) -> None:
        """Add a remark."""
        self.remarks.append(Remark(code, facts))

    def tell_error(self, code: str, slot: str, **facts: Fact) -> None:
        """Add a remark on an answer, counted."""
        failures = self.draft.failures
        failures[slot] = failures.get(slot, 0) + 1
        self.remarks.append(Remark(code, facts, slot=slot, is_error=True, repeat=failures[slot]))

    def end(self, outcome: Outcome, code: str | None = None, **facts: Fact) -> None:
        """The flow is over."""
        if code:
            self.tell(code, **facts)
        self.outcome = outcome

    def idle_from(self) -> datetime:
        """From when the draft counts as untouched: a page that is waited for keeps it alive."""
        if self.waits_until is None or self.outcome:
            return self.now
        rest = timedelta(seconds=self.limits.flow_idle - self.limits.page_grace)
        return max(self.now, self.waits_until - rest)
