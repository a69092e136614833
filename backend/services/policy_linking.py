"""Linking one more policy to an account (guide gen-iclick-link-policy; Italy: of the same person).

Unknown, somebody else's and not fitting are told by the same words and with the same work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from backend.core.answers import Absorbed
from backend.core.challenges import Purpose
from backend.core.customers import Account, Customer, Policy
from backend.core.drafts import Stage
from backend.core.errors import Fact, MatchingBlocked, NotAllowed, RequestOpen
from backend.core.flow import Choice, Outcome
from backend.core.identity_data import policy_facts
from backend.core.limits import Limits
from backend.core.linking import Linkable, linkable
from backend.core.markets import Market
from backend.core.masking import mask_tail
from backend.core.policy_linking import (
    LINK_SLOTS,
    LinkDraft,
    asking,
    filled,
    slots_asked,
    slots_open,
)
from backend.core.requests import Kind, NewRequest
from backend.services.flows.account_flow import AccountFlow
from backend.services.flows.codes import CodePlan, Codes
from backend.services.flows.confirmation import is_confirmed
from backend.services.flows.contact_choice import (
    REFUSALS,
    choose_contact,
    contact_choices,
    settle_contact,
)
from backend.services.flows.flow import FlowParts
from backend.services.flows.identity import IdentityStage, Owner
from backend.services.flows.own_data import claim_of, read_answers
from backend.services.flows.work import Work
from backend.services.matching import Matching
from backend.services.policy_links import PolicyLinks, sees
from backend.services.requests import Requests
from backend.unit_of_work import UnitOfWork

_NO_SCHEME: Final = "agency"

type _Work = Work[LinkDraft]


class PolicyLinking(AccountFlow[LinkDraft]):
    """Takes a customer from the account they have to one with one more policy."""

    slug = "link_policy"
    purposes = (Purpose.IDENTIFY, Purpose.LINK)
    draft_type = LinkDraft

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        parts: FlowParts,
        identity: IdentityStage,
        *,
        codes: Codes,
        matching: Matching,
        links: PolicyLinks,
        requests: Requests,
    ) -> None:
        super().__init__(parts, identity)
        self._codes = codes
        self._matching = matching
        self._links = links
        self._requests = requests

    # What the flow says of itself -----------------------------------------------------------------

    def asking_next(self, draft: LinkDraft, market: Market) -> str:
        """As `core.policy_linking` has it."""
        return asking(draft, market)

    def filled(self, draft: LinkDraft, market: Market) -> dict[str, str]:
        """As `core.policy_linking` has it."""
        return filled(draft, market)

    def awaited_next(self, draft: LinkDraft) -> Purpose | None:
        """Only while a code is out."""
        return Purpose.LINK if draft.stage is Stage.CODE else None

    def choices_next(self, uow: UnitOfWork, draft: LinkDraft, market: Market) -> Sequence[Choice]:
        """The contacts on the policy's record, where one is to be chosen."""
        del market
        if draft.stage is not Stage.CHOICE:
            return ()
        held = uow.customers.held(draft.policy_id or 0)
        return contact_choices(held[0].contacts) if held else ()

    def facts(self, draft: LinkDraft, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """Where the code went, how a policy number looks."""
        return {**super().facts(draft, market, limits), **policy_facts(draft.values, market)}

    # The course -----------------------------------------------------------------------------------

    def absorb(self, work: _Work) -> None:
        """Take the data of the policy while it is still being proved who writes."""
        self._absorb(work, asked="")

    def proved(self, work: _Work, owner: Owner) -> None:
        """Go as far as the data allow that came already."""
        draft = work.draft
        draft.is_business = owner.customer.holder_kind == "company"
        draft.proved_contact = owner.contact
        draft.forget_policy()
        self._may_be_linked(work)

    def go_on(self, work: _Work) -> None:
        """Take one message once it is known who writes."""
        draft = work.draft
        asked = asking(draft, work.market)
        absorbed = self._absorb(work, asked)
        if not self.is_still_proved(work):
            return
        if absorbed.accepted and draft.stage is not Stage.COLLECTING:
            self._codes.abort(work, Purpose.LINK)
        if absorbed.touched and (absorbed.accepted or draft.is_rejected):
            draft.forget_policy()
        if draft.stage is Stage.CODE:
            self._take_code(work)
        elif draft.stage is Stage.CHOICE:
            self._choose(work)
        else:
            self._collect(work, asked, absorbed)

    def _absorb(self, work: _Work, asked: str) -> Absorbed:
        open_slots = partial(slots_open, work.draft, work.market)
        return read_answers(work, asked, LINK_SLOTS, open_slots)

    def _collect(self, work: _Work, asked: str, absorbed: Absorbed) -> None:
        if not self._may_be_linked(work):
            return
        is_silent = not absorbed.touched and not absorbed.errors
        if asked == "confirmation":
            if not (absorbed.accepted or absorbed.errors) and is_confirmed(work):
                self._match(work)
        elif work.command in REFUSALS and is_silent:
            work.tell("contact_help")

    def _may_be_linked(self, work: _Work) -> bool:
        """Whether the matrix lets a policy of that type be asked about at all."""
        kind, number = (work.draft.values.get(slot) for slot in ("policy_type", "policy_number"))
        linked = work.uow.customers.policies_in_account(work.draft.account_id or "")
        if kind is None or number in {policy.number for policy in linked}:
            return True
        if linkable(work.market.name, linked, kind) is not Linkable.NO:
            return True
        work.end(Outcome.REFUSED, "group_not_linkable")
        return False

    # From complete data to a contact on the policy's record ---------------------------------------

    def _match(self, work: _Work) -> None:
        account, owner = self._owner(work)
        try:
            found = self._matching.by_namesake(work.uow, claim_of(work), owner)
        except MatchingBlocked as blocked:
            work.end(Outcome.PERSON, blocked.reason)
            return
        if found is None or found.policy is None:
            self._reject(work)
            return
        policy = found.policy
        linked = work.uow.customers.policies_in_account(account.id)
        if policy.id in {one.id for one in linked}:
            self._already_linked(work, policy)
        elif not policy.is_active:
            work.end(Outcome.REFUSED, "policy_lapsed")
        else:
            self._by_matrix(work, found.customer, policy, linked)

    def _by_matrix(
        self, work: _Work, holder: Customer, policy: Policy, linked: Sequence[Policy]
    ) -> None:
        # By the type on file: what was said only spared questions.
        match linkable(work.market.name, linked, policy.type):
            case Linkable.NO:
                work.end(Outcome.REFUSED, "group_not_linkable")
            case Linkable.PERSON:
                self._ask_a_person(work, policy)
            case Linkable.YES:
                self._prove_contact(work, holder, policy)

    def _reject(self, work: _Work) -> None:
        work.draft.forget_policy()
        work.draft.is_rejected = True
        work.tell("policy_not_found")

    def _ask_a_person(self, work: _Work, policy: Policy) -> None:
        account, owner = self._owner(work)
        contact = work.draft.proved_contact or next(iter(owner.contacts.values()), None)
        if contact is None:
            work.end(Outcome.PERSON, "contact_help")
            return
        new = NewRequest(
            market=account.market,
            kind=Kind.LINK_POLICY,
            customer_id=owner.id,
            account_id=account.id,
            conversation_id=work.turn.conversation_id,
            language=work.turn.language,
            channel=work.turn.channel,
            is_proven=True,
            details={
                "policy_id": policy.id,
                **{slot: work.draft.values[slot] for slot in slots_asked(work.draft, work.market)},
            },
            contact=contact,
        )
        try:
            request = self._requests.submit(work.uow, new)
        except RequestOpen as waiting:
            work.facts |= {"next_offer": "check_request"}
            work.end(Outcome.REFUSED, "request_open", request_number=waiting.facts["number"])
            return
        work.facts |= {"next_offer": "nothing"}
        work.end(Outcome.COMPLETED, "link_needs_person", request_number=request.number)

    def _prove_contact(self, work: _Work, holder: Customer, policy: Policy) -> None:
        draft, contacts = work.draft, holder.contacts
        draft.policy_id = policy.id
        if not contacts:
            self._no_contact_fits(work, holder, policy)
        elif draft.proved_contact in contacts.values():
            self._link(work, policy)
        elif len(contacts) > 1:
            draft.stage = Stage.CHOICE
        else:
            settle_contact(work, contacts, next(iter(contacts)))
            self._send(work, policy, contacts)

    def _choose(self, work: _Work) -> None:
        held = self._held(work)
        if held is None:
            return
        holder, policy = held
        if work.command in REFUSALS:
            self._no_contact_fits(work, holder, policy)
        elif choose_contact(work, holder.contacts):
            self._send(work, policy, holder.contacts)

    @staticmethod
    def _no_contact_fits(work: _Work, holder: Customer, policy: Policy) -> None:
        if holder.id == work.draft.customer_id:
            work.facts |= {"next_offer": "update_mobile"}
        work.end(Outcome.REFUSED, "no_contact_fits", scheme=policy.scheme or _NO_SCHEME)

    # The code, and what it opens ------------------------------------------------------------------

    def _send(self, work: _Work, policy: Policy, contacts: Mapping[str, str]) -> None:
        work.draft.stage = Stage.CODE
        self._codes.send_first(work, _plan(policy, contacts))

    def _take_code(self, work: _Work) -> None:
        held = self._held(work)
        if held is None:
            return
        holder, policy = held
        if self._codes.take(work, _plan(policy, holder.contacts)) is not None:
            self._link(work, policy)

    def _link(self, work: _Work, policy: Policy) -> None:
        account, _ = self._owner(work)
        is_new = self._links.link(
            work.uow,
            account,
            policy.id,
            conversation_id=work.turn.conversation_id,
            language=work.turn.language,
        )
        if is_new:
            self._complete(work, "policy_linked", policy, product=policy.product)
        elif sees(work.uow, account.id, policy.id):
            self._already_linked(work, policy)
        else:
            # Another account was first this very moment.
            self._reject(work)

    def _already_linked(self, work: _Work, policy: Policy) -> None:
        self._complete(work, "policy_already_linked", policy)

    def _complete(self, work: _Work, remark: str, policy: Policy, **facts: Fact) -> None:
        work.facts |= {"next_offer": self.slug}
        work.end(Outcome.COMPLETED, remark, policy=mask_tail(policy.number, 3), **facts)

    # Who and what this is about -------------------------------------------------------------------

    @staticmethod
    def _owner(work: _Work) -> tuple[Account, Customer]:
        account = work.uow.accounts.get(work.draft.account_id or "")
        if account is None:  # not while the proof holds
            raise NotAllowed("account_unknown")
        return account, work.uow.customers.get(account.customer_id)

    def _held(self, work: _Work) -> tuple[Customer, Policy] | None:
        """The policy that was found, with who holds it; None where it can be linked no more."""
        held = work.uow.customers.held(work.draft.policy_id or 0)
        if held is None:
            self._codes.abort(work, Purpose.LINK)
            self._reject(work)
            return None
        if not held[1].is_active:
            work.end(Outcome.REFUSED, "policy_lapsed")
            return None
        return held


def _plan(policy: Policy, contacts: Mapping[str, str]) -> CodePlan:
    return CodePlan(purpose=Purpose.LINK, subject=f"policy/{policy.id}", contacts=contacts)
