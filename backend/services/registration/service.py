"""Registration: from the first question to an account with a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from backend.core.challenges import Purpose
from backend.core.customers import Account
from backend.core.drafts import Stage
from backend.core.errors import Fact
from backend.core.flow import Choice, Command, Outcome
from backend.core.identity_data import IDENTITY_SLOTS
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.core.pages import PageKind
from backend.core.registration import Draft, asking, filled, next_datum, slots_open
from backend.services.flows.consent import take_consent
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.flow import Flow, FlowParts
from backend.services.flows.own_data import read_answers
from backend.services.flows.password_page import PasswordPage, shown_username
from backend.services.identities import Identities
from backend.services.registration.code_stage import CodeStage
from backend.services.registration.identification import Identification
from backend.services.registration.offers import next_offer
from backend.services.registration.work import Work, offered_choices, question_facts
from backend.unit_of_work import UnitOfWork

_SEARCH_SLOTS = frozenset({"tax_code", "policy_number", "date_of_birth"})


class Registration(Flow[Draft]):
    """Takes a customer from the first question to an account with a password."""

    slug = "register"
    purposes = (Purpose.REGISTER,)
    page_kinds = (PageKind.PASSWORD, PageKind.CONFIRM)
    draft_type = Draft

    def __init__(
        self,
        parts: FlowParts,
        *,
        identification: Identification,
        code: CodeStage,
        password: PasswordPage,
        identities: Identities,
    ) -> None:
        super().__init__(parts)
        self._identities = identities
        self._identification = identification
        self._code = code
        self._password = password

    def asking(self, draft: Draft, market: Market) -> str:
        """As `core.registration` has it."""
        return asking(draft, market)

    def filled(self, draft: Draft, market: Market) -> dict[str, str]:
        """As `core.registration` has it."""
        return filled(draft, market)

    def awaited_code(self, draft: Draft) -> Purpose | None:
        """Only while a code is out."""
        return Purpose.REGISTER if draft.stage is Stage.CODE else None

    def choices(self, uow: UnitOfWork, draft: Draft, market: Market) -> Sequence[Choice]:
        """The contacts on file."""
        return offered_choices(uow, draft, market)

    def facts(self, draft: Draft, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """Where the code went, how a policy number looks."""
        return question_facts(draft, market, limits)

    def without_draft(self, work: Work) -> None:
        """A password page that was done still counts."""
        account = self._password.done_before(work)
        if account is None:
            super().without_draft(work)
        else:
            self._complete(work, account)

    def handle(self, work: Work) -> None:
        """Take one message."""
        if work.draft.stage is Stage.PASSWORD:
            self._take_password(work)
            return
        asked = asking(work.draft, work.market)
        changed = self._absorb(work, asked)
        if work.draft.stage is Stage.CODE and not changed:
            self._code.take(work)
            return
        self._move_on(work, asked, changed=changed)

    def _take_password(self, work: Work) -> None:
        account = work.uow.accounts.get(work.draft.account_id or "")
        if account is None or account.is_pending:
            account = self._password.take(work)
        if account is not None:
            self._complete(work, account)

    def _complete(self, work: Work, account: Account) -> None:
        # The code, and the page that only this conversation showed, have proved who writes.
        self._identities.prove(
            work.uow, work.turn.conversation_id, account, contact=work.draft.contact
        )
        work.facts |= {"next_offer": next_offer(work.uow, account)}
        work.end(Outcome.COMPLETED, "registered", username=shown_username(account))

    def _absorb(self, work: Work, asked: str) -> bool:
        """Read the answers into the draft; whether who is meant may have changed by them."""
        draft, answers = work.draft, work.turn.answers
        if asked == "contact_choice":
            # There an e-mail address or number is a choice, not another contact to register with.
            answers = {slot: said for slot, said in answers.items() if slot != "contact"}
        absorbed = read_answers(
            work, asked, IDENTITY_SLOTS, partial(slots_open, draft, work.market), answers
        )
        if set(absorbed.touched) & {*_SEARCH_SLOTS, "first_name", "last_name", "policy_type"}:
            draft.is_rejected = False
        if "policy_number" in absorbed.touched:
            draft.without_policy_number = False
        changed = set(absorbed.accepted)
        if "profile" in absorbed.replaced:
            draft.consent_given = False
        if draft.stage is Stage.CODE:
            changed &= self._identity_of(draft)
        if changed:
            if draft.stage is Stage.CODE:
                self._code.abort(work)
                draft.stage = Stage.CONSENT
            draft.forget_identity()
            if changed - _SEARCH_SLOTS:
                draft.is_searching = False
        return bool(changed)

    @staticmethod
    def _identity_of(draft: Draft) -> set[str]:
        """Data whose change makes a code that was sent worthless."""
        by_search = _SEARCH_SLOTS if draft.is_searching or draft.policy_id else frozenset()
        return (set(IDENTITY_SLOTS) - _SEARCH_SLOTS) | by_search

    def _move_on(self, work: Work, asked: str, *, changed: bool) -> None:
        draft = work.draft
        self._without_datum(work, asked)
        if work.outcome or next_datum(draft, work.market):
            draft.stage = Stage.COLLECTING
            return
        draft.stage = Stage.CONSENT
        if not draft.consent_given and asked == "consent" and not changed:
            consent = work.market.consent
            take_consent(work, consent.kind, consent.version)
        if work.outcome or not draft.consent_given:
            return
        if asked == "contact_choice" and not changed:
            self._identification.choose(work)
        elif draft.customer_id is None:
            self._identification.settle_contact(work)
        if draft.contact and not work.outcome:
            self._code.send_first(work)

    def _without_datum(self, work: Work, asked: str) -> None:
        """The customer does not have what was asked."""
        if work.command not in REFUSALS or work.accepted or work.remarks:
            return
        draft = work.draft
        is_searched = work.market.identify_by == "contact" and draft.is_searching
        if is_searched and asked == "policy_number" and not draft.is_business:
            draft.without_policy_number = True
        elif is_searched and asked in _SEARCH_SLOTS and work.command is Command.NOT_AVAILABLE:
            work.end(Outcome.PERSON, "contact_help")
        elif asked not in {"consent", "contact_choice"}:
            work.tell("contact_help")
