"""The code of a registration, and the account that a right one opens."""

from __future__ import annotations

from backend.core.challenges import Challenge, Purpose
from backend.core.customers import Customer, Policy
from backend.core.drafts import Stage
from backend.core.errors import Conflict
from backend.core.flow import Outcome
from backend.core.registration import Draft
from backend.services.accounts import Accounts
from backend.services.flows.codes import CodePlan, Codes
from backend.services.flows.password_page import PasswordPage, shown_username
from backend.services.registration.work import Work, usable_contacts
from backend.unit_of_work import UnitOfWork


class CodeStage:
    """Everything between a settled contact and an account that waits for its password."""

    def __init__(self, codes: Codes, accounts: Accounts, password: PasswordPage) -> None:
        self._codes = codes
        self._accounts = accounts
        self._password = password

    def send_first(self, work: Work) -> None:
        """Send a code to the settled contact; the stage begins, whether it could leave or not."""
        work.draft.stage = Stage.CODE
        self._codes.send_first(work, self._plan(work))

    def take(self, work: Work) -> None:
        """One message while a code is awaited."""
        challenge = self._codes.take(work, self._plan(work))
        if challenge is not None:
            self._complete(work, challenge)

    def abort(self, work: Work) -> None:
        """The data changed: what was sent is worth nothing any more."""
        self._codes.abort(work, Purpose.REGISTER)

    def _plan(self, work: Work) -> CodePlan:
        customer = work.uow.customers.get(work.draft.customer_id or 0)
        policies = self._policies(work.uow, work.draft, work.market.policies_on_registration)
        contact = work.draft.contact or ""
        is_taken = self._accounts.is_taken(work.uow, customer, policies, contact)
        return CodePlan(
            purpose=Purpose.REGISTER,
            subject=f"customer/{customer.id}",
            contacts=self._contacts(work, customer),
            with_link=customer.holder_kind in work.market.link_with_code_for,
            is_decoy=is_taken,
            decoy_notice="account_exists" if is_taken else None,
        )

    @staticmethod
    def _contacts(work: Work, customer: Customer) -> dict[str, str]:
        """Where a code may go: the contacts on file once they were offered, else the one given."""
        draft = work.draft
        if work.market.identify_by == "contact" and not draft.is_searching:
            return {draft.contact_channel or "": draft.contact or ""}
        return usable_contacts(customer, work.market)

    def _complete(self, work: Work, challenge: Challenge) -> None:
        draft = work.draft
        customer = work.uow.customers.get(draft.customer_id or 0)
        policies = self._policies(work.uow, draft, work.market.policies_on_registration)
        if not any(policy.is_active for policy in policies):
            work.end(Outcome.REFUSED, "policy_lapsed")
            return
        try:
            account = self._accounts.open(
                work.uow, customer, policies, challenge.destination, work.turn.language
            )
        except Conflict:
            work.end(Outcome.PERSON, "contact_help")
            return
        if draft.consent_id is not None:
            work.uow.accounts.own_consent(draft.consent_id, account.id)
        work.tell(
            "account_ready",
            username=shown_username(account),
            username_kind=account.username_kind,
        )
        self._password.begin(work, account)

    @staticmethod
    def _policies(uow: UnitOfWork, draft: Draft, which: str) -> list[Policy]:
        every = uow.customers.policies_of(draft.customer_id or 0)
        return every if which == "all" else [one for one in every if one.id == draft.policy_id]
