"""How a request stands, and whether it is called off: what is asked and in which order.

    own requests known ──one──► state ──it is open──► confirmation ──► withdrawn | kept
                       ──several──► choice ──► state …
    none known ──► number ──► contact ──► state

Whose identity is proved, or whose conversation filed it, is shown a request without a number;
whoever knows number and contact hears its state, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from backend.core.drafts import FlowDraft
from backend.core.errors import Fact
from backend.core.markets import Market
from backend.core.requests import Request

SLOTS: Final = ("request_number", "contact")
"""In the order in which answers of one message are read."""


@dataclass(slots=True)
class StatusDraft(FlowDraft):
    """One question about a request."""

    has_begun: bool = False
    offered: list[str] = field(default_factory=list)
    """Numbers to choose from, the newest first."""
    chosen: str | None = None
    """The number of an open request that may be withdrawn."""
    has_none: bool = False
    """There are no requests of whoever proved to write."""
    is_rejected: bool = False
    """Number and contact did not belong together: nothing is looked up before one of them comes."""


def asking(draft: StatusDraft) -> str:
    """What is being asked now."""
    if draft.chosen is not None:
        return "confirmation"
    if draft.offered:
        return "request_choice"
    if draft.is_rejected or "request_number" not in draft.values:
        return "request_number"
    return "contact"


def state_facts(request: Request, market: Market) -> dict[str, Fact]:
    """What may be told of *request*: its number, the market's day of its state, a reason code."""
    moment = request.decided_at or request.submitted_at
    facts: dict[str, Fact] = {"request_number": request.number, "date": _day(moment, market)}
    if request.reason is not None:
        facts["reason"] = request.reason.value
    return facts


def _day(moment: datetime, market: Market) -> str:
    return moment.astimezone(ZoneInfo(market.timezone)).date().isoformat()
