"""The question whether all that was said is right. The same for every flow that sums up."""

from __future__ import annotations

from typing import Any

from backend.core.flow import Command
from backend.services.flows.work import Work


def is_confirmed(work: Work[Any]) -> bool:
    """Whether the answer to the summary is a yes; who doesn't know is told what it is about."""
    if work.command is Command.NOT_AVAILABLE:
        work.tell("confirmation_help")
    elif "confirmation" in work.turn.answers:
        work.tell_error("choice_unknown", "confirmation")
    return work.command is Command.AFFIRM
