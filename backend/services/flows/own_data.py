"""What people say of themselves, read into a draft and made into a claim. The same for every flow
that looks for somebody on file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from backend.core.answers import Absorbed, Answers
from backend.core.drafts import FlowDraft
from backend.core.flow import Remark
from backend.core.identity_data import IdentityDraft
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.work import Work
from backend.services.matching import Claim


def read_answers[D: FlowDraft](
    work: Work[D],
    asked: str,
    order: Sequence[str],
    open_slots: Callable[[], Collection[str]],
    answers: Mapping[str, str] | None = None,
) -> Absorbed:
    """Read the answers of the turn, or *answers*, into the draft; what changed is told.

    *asked*, *order* and *open_slots* are those of `core.answers.Answers`.
    """
    reader = Answers(work.draft, work.context, asked, order=order, open_slots=open_slots)
    absorbed = reader.absorb(work.turn.answers if answers is None else answers, work.command)
    tell_absorbed(work, absorbed, asked)
    return absorbed


def tell_absorbed(work: Work[Any], absorbed: Absorbed, asked: str) -> None:
    """Tell what came of the answers; a change of what was *asked* goes without saying.

    Where everybody has a last name, who sees none of theirs is told where it stands.
    """
    work.accepted += absorbed.accepted
    work.remarks += [
        Remark("corrected", {"slot": slot}) for slot in absorbed.replaced if slot != asked
    ]
    work.remarks += absorbed.errors
    if asked == "last_name" and work.command in REFUSALS and not absorbed.touched:
        work.tell("last_name_help")


def claim_of(work: Work[Any]) -> Claim:
    """What the draft says of its customer, and from where."""
    draft = work.draft
    said = dict(draft.values)
    if isinstance(draft, IdentityDraft) and draft.without_policy_number:
        said.pop("policy_number", None)
    return Claim(
        market=work.market.name,
        conversation_id=work.turn.conversation_id,
        message_id=work.turn.message_id,
        client=work.turn.client,
        said=said,
    )
