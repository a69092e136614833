"""Opening a document of a policy: choose the policy, choose the document, get a page that opens it
once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.core.answers import NUMBER_ENDING
from backend.core.challenges import Purpose
from backend.core.customers import Policy
from backend.core.document_viewing import ViewDraft, asking
from backend.core.drafts import Stage
from backend.core.errors import Invalid
from backend.core.fields import PARSERS, Field, FieldContext
from backend.core.flow import Choice, Command, Outcome
from backend.core.markets import Market
from backend.core.masking import mask_tail
from backend.core.picking import pick, told_apart
from backend.core.policy_documents import PolicyDocument
from backend.services.documents import Documents
from backend.services.flows.account_flow import AccountFlow
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.flow import FlowParts
from backend.services.flows.identity import IdentityStage, Owner
from backend.services.flows.waiting_page import show_page
from backend.services.flows.work import Work
from backend.unit_of_work import UnitOfWork

_ID_LENGTH: Final = 12

type _Work = Work[ViewDraft]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A policy of the account with its documents, the newest first."""

    choice_id: str
    policy: Policy
    documents: tuple[PolicyDocument, ...]

    @property
    def mask(self) -> str:
        """The number as it may be shown."""
        return mask_tail(self.policy.number, 3)


class DocumentViewing(AccountFlow[ViewDraft]):
    """Takes a customer to a document of theirs."""

    slug = "view_documents"
    purposes = (Purpose.IDENTIFY,)
    draft_type = ViewDraft
    # Of the pages none is called off: the one before may wait to be opened while another is asked.

    def __init__(self, parts: FlowParts, identity: IdentityStage, *, documents: Documents) -> None:
        super().__init__(parts, identity)
        self._documents = documents

    def asking_next(self, draft: ViewDraft, market: Market) -> str:
        """As `core.document_viewing` has it."""
        del market
        return asking(draft)

    def choices_next(self, uow: UnitOfWork, draft: ViewDraft, market: Market) -> Sequence[Choice]:
        """The policies that have documents, else the documents of the one that was chosen."""
        del market
        shelves = self._shelves(uow, draft)
        chosen = shelves.get(draft.policy_id or 0)
        return _documents_of(chosen) if chosen else _policies_of(shelves)

    def absorb(self, work: _Work) -> None:
        """Keep the number of a policy that came while it is still being proved who writes."""
        field = _number_in(work, work.turn.answers.get("policy_number"))
        if field is None:
            return
        draft = work.draft
        known = draft.values.get("policy_number")
        draft.values["policy_number"], draft.masks["policy_number"] = field.value, field.mask
        if known is None:
            work.accepted.append("policy_number")
        elif known != field.value:
            work.tell("corrected", slot="policy_number")

    def proved(self, work: _Work, owner: Owner) -> None:
        """Offer what there is, or go where one answer is the only one."""
        del owner
        work.draft.stage = Stage.CHOICE
        self._move_on(work, asked=None)

    def go_on(self, work: _Work) -> None:
        """Take one choice."""
        if self.is_still_proved(work):
            self._move_on(work, asked=asking(work.draft))

    def _move_on(self, work: _Work, asked: str | None) -> None:
        shelves = self._shelves(work.uow, work.draft)
        if not shelves:
            work.facts |= {"next_offer": "nothing"}
            work.end(Outcome.COMPLETED, "no_documents")
            return
        if work.draft.policy_id not in shelves:
            work.draft.policy_id = None  # unlinked meanwhile, or never chosen
        self._take_policy(work, shelves, asked)
        chosen = shelves.get(work.draft.policy_id or 0)
        document = self._document_meant(work, chosen, asked) if chosen else None
        if document is not None:
            self._show(work, document, is_only=_count(shelves) == 1)
        elif asked and work.command in REFUSALS and not work.remarks:
            work.tell("contact_help")

    # The policy -----------------------------------------------------------------------------------

    def _take_policy(self, work: _Work, shelves: Mapping[int, _Shelf], asked: str | None) -> None:
        """Settle on the policy that is meant; one that is not on offer is told."""
        draft = work.draft
        if not _names_policy(work, asked):
            is_only = draft.policy_id is None and len(shelves) == 1
            if is_only and (asked is None or work.command is Command.AFFIRM):
                self._settle(work, next(iter(shelves.values())))
            return
        meant = self._policy_meant(work, shelves)
        draft.forget_number()
        if meant is None:
            work.tell_error("choice_unknown", "policy_choice")
            return
        is_other = draft.policy_id not in {None, meant.policy.id}
        self._settle(work, meant)
        if is_other:
            work.tell("corrected", slot="policy_choice")

    @staticmethod
    def _settle(work: _Work, shelf: _Shelf) -> None:
        work.draft.policy_id = shelf.policy.id
        work.draft.masks["policy_choice"] = shelf.mask
        work.accepted.append("policy_choice")

    @staticmethod
    def _policy_meant(work: _Work, shelves: Mapping[int, _Shelf]) -> _Shelf | None:
        every, choices = tuple(shelves.values()), _policies_of(shelves)
        said = work.turn.answers
        text, ending = said.get("policy_choice"), said.get(NUMBER_ENDING)
        number = _number_of(work) if text not in {one.id for one in choices} else None
        if number or ending:
            # A number says more than the words around it.
            fitting = [
                one
                for one in every
                if one.policy.number == number or (ending and one.policy.number.endswith(ending))
            ]
            return fitting[0] if len(fitting) == 1 else None
        choice = pick(text, choices) if text else None
        return next((one for one in every if one.choice_id == choice), None)

    # The document ---------------------------------------------------------------------------------

    @staticmethod
    def _document_meant(work: _Work, shelf: _Shelf, asked: str | None) -> PolicyDocument | None:
        text = work.turn.answers.get("document_choice")
        if len(shelf.documents) == 1:
            return shelf.documents[0]
        # Before the documents were shown nobody can have chosen one of them.
        if text is None or asked != "document_choice":
            return None
        choice = pick(text, _documents_of(shelf))
        if choice is None:
            work.tell_error("choice_unknown", "document_choice")
        return next((one for one in shelf.documents if one.id == choice), None)

    def _show(self, work: _Work, document: PolicyDocument, *, is_only: bool) -> None:
        page = self._documents.offer(
            work.uow,
            document.id,
            work.draft.account_id or "",
            work.turn.conversation_id,
            work.draft.market,
            work.turn.language,
            work.now,
        )
        work.facts |= {"next_offer": "nothing" if is_only else self.slug}
        show_page(work, page, "document_link", title=document.title)
        work.end(Outcome.COMPLETED)

    # What there is --------------------------------------------------------------------------------

    def _shelves(self, uow: UnitOfWork, draft: ViewDraft) -> dict[int, _Shelf]:
        """The policies of the account that have documents, in the order they were linked."""
        policies = uow.customers.policies_in_account(draft.account_id or "")
        documents = self._documents.of_policies(uow, [policy.id for policy in policies])
        found = {}
        for policy in policies:
            own = tuple(one for one in documents if one.policy_id == policy.id)
            if own:
                # Says nothing of other policies, and is the same whenever it is asked.
                opaque = uow.vault.index("policy_choice", str(policy.id))[:_ID_LENGTH]
                found[policy.id] = _Shelf(f"p{opaque}", policy, own)
        return found


def _policies_of(shelves: Mapping[int, _Shelf]) -> tuple[Choice, ...]:
    return told_apart(
        [(Choice(one.choice_id, one.policy.product), one.mask) for one in shelves.values()]
    )


def _documents_of(shelf: _Shelf) -> tuple[Choice, ...]:
    return told_apart(
        [(Choice(one.id, one.title), f"{one.issued_on:%d/%m/%Y}") for one in shelf.documents]
    )


def _count(shelves: Mapping[int, _Shelf]) -> int:
    return sum(len(shelf.documents) for shelf in shelves.values())


def _names_policy(work: _Work, asked: str | None) -> bool:
    """Whether the message, or one that came early, says which policy is meant."""
    said = work.turn.answers
    if "policy_number" in said or "policy_number" in work.draft.values:
        return True
    return asked is not None and ("policy_choice" in said or NUMBER_ENDING in said)


def _number_of(work: _Work) -> str | None:
    """The policy number of the message, else the one that came early."""
    said = work.turn.answers
    if "policy_number" not in said and "policy_choice" not in said:
        return work.draft.values.get("policy_number")
    field = _number_in(work, said.get("policy_number") or said.get("policy_choice"))
    return field.value if field else None


def _number_in(work: _Work, text: str | None) -> Field | None:
    if text is None:
        return None
    context = FieldContext(work.context.market, work.context.today)
    try:
        return PARSERS["policy_number"](text, context)
    except Invalid:
        return None
