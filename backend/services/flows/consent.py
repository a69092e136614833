"""The question for a consent: given, refused once and twice. The same for every flow that asks."""

from __future__ import annotations

from typing import Any

from backend.core.audit import AuditEntry, Event
from backend.core.flow import Command, Outcome
from backend.services.flows.work import Work


def take_consent(work: Work[Any], kind: str, version: str) -> None:
    """Take the answer into the draft's `consent_given`, `consent_id` and `consent_refusals`.

    A second refusal ends the flow.
    """
    draft = work.draft
    if work.command is Command.AFFIRM:
        draft.consent_given = True
        draft.consent_id = _keep(work, kind, version)
        work.accepted.append("consent")
    elif work.command in {Command.DENY, Command.NOT_AVAILABLE}:
        draft.consent_refusals += 1
        if draft.consent_refusals > 1:
            work.end(Outcome.REFUSED, "consent_refused")
        else:
            work.tell("consent_needed")
    elif "consent" in work.turn.answers:
        work.tell_error("choice_unknown", "consent")


def _keep(work: Work[Any], kind: str, version: str) -> int:
    turn = work.turn
    consent_id = work.uow.accounts.add_consent(
        conversation_id=turn.conversation_id,
        market=work.draft.market,
        kind=kind,
        version=version,
        language=turn.language,
        channel=turn.channel,
        given_at=work.now,
    )
    entry = AuditEntry(
        Event.CONSENT_GIVEN,
        channel=turn.channel,
        conversation_id=turn.conversation_id,
        reason=f"{kind}/{version}",
    )
    work.uow.audit.add(entry, work.now)
    return consent_id
