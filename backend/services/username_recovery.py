"""A forgotten user name: own data in, an answer to the contacts on file out.

Data that fit somebody with an account, somebody without one, and nobody at all get the same words
at the same pace.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from backend.core.challenges import Purpose
from backend.core.errors import Fact, MatchingBlocked
from backend.core.flow import Command, Outcome
from backend.core.identity_data import (
    IDENTITY_SLOTS,
    IdentityDraft,
    masks_of,
    policy_facts,
)
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.core.username_recovery import asking, slots_open
from backend.services.flows.confirmation import is_confirmed
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.flow import Flow, FlowParts
from backend.services.flows.own_data import claim_of, read_answers
from backend.services.flows.work import Work
from backend.services.matching import Matching
from backend.services.username_reminders import UsernameReminders

_NO_OTHER_DATUM = frozenset({"tax_code", "policy_number", "date_of_birth"})

type _Work = Work[IdentityDraft]


class UsernameRecovery(Flow[IdentityDraft]):
    """Takes somebody's own data and has their user name sent to them."""

    slug = "recover_username"
    purposes = ()
    draft_type = IdentityDraft

    def __init__(
        self, parts: FlowParts, *, matching: Matching, reminders: UsernameReminders
    ) -> None:
        super().__init__(parts)
        self._matching = matching
        self._reminders = reminders

    def asking(self, draft: IdentityDraft, market: Market) -> str:
        """As `core.username_recovery` has it."""
        return asking(draft, market)

    def filled(self, draft: IdentityDraft, market: Market) -> dict[str, str]:
        """The masks of all that is known."""
        return masks_of(draft, slots_open(draft, market))

    def awaited_code(self, draft: IdentityDraft) -> Purpose | None:
        """None: the contacts on file get the answer itself."""
        del draft
        return None

    def facts(self, draft: IdentityDraft, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """How a policy number looks."""
        del limits
        return policy_facts(draft.values, market)

    def handle(self, work: _Work) -> None:
        """Take one message."""
        draft, market = work.draft, work.market
        asked = asking(draft, market)
        absorbed = read_answers(work, asked, IDENTITY_SLOTS, partial(slots_open, draft, market))
        if "policy_number" in absorbed.touched:
            draft.without_policy_number = False
        if absorbed.accepted or absorbed.errors:
            return
        if asked == "confirmation":
            self._confirm(work)
        elif work.command in REFUSALS and not work.remarks:
            self._without_datum(work, asked)

    def _confirm(self, work: _Work) -> None:
        if is_confirmed(work):
            self._answer(work)

    def _answer(self, work: _Work) -> None:
        try:
            found = self._matching.by_own_data(work.uow, claim_of(work))
        except MatchingBlocked as blocked:
            work.end(Outcome.PERSON, blocked.reason)
            return
        self._reminders.send(work.uow, work.turn, found.customer if found else None)
        work.facts |= {"next_offer": "reset_password"}
        work.end(Outcome.COMPLETED, "username_sent")

    @staticmethod
    def _without_datum(work: _Work, asked: str) -> None:
        """The customer does not have what was asked."""
        draft = work.draft
        if work.market.identify_by == "policy":
            work.tell("contact_help")
        elif asked == "policy_number" and not draft.is_business:
            draft.without_policy_number = True
        elif asked in _NO_OTHER_DATUM and work.command is Command.NOT_AVAILABLE:
            work.end(Outcome.PERSON, "contact_help")
        else:
            work.tell("contact_help")
