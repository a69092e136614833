"""The first steps of every flow about an account: user name, contact, code. Then it is known who
writes.

An unknown user name goes the same way, with contacts that belong to nobody and a code that nobody
gets: same words, same pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from backend.core.challenges import Purpose
from backend.core.customers import Account, Customer
from backend.core.decoys import decoy_contacts
from backend.core.drafts import AccountDraft, Stage
from backend.core.errors import Invalid
from backend.core.fields import PARSERS
from backend.core.flow import Choice, Command, Outcome, Remark
from backend.core.masking import mask_contact, mask_tail
from backend.ports import Clock
from backend.services.accounts import account_subject
from backend.services.flows.codes import CodePlan, Codes
from backend.services.flows.contact_choice import (
    REFUSALS,
    choose_contact,
    contact_choices,
    settle_contact,
)
from backend.services.flows.work import Work
from backend.services.identities import Identities
from backend.unit_of_work import UnitOfWork

_NOBODY = 0


class MobileAges(Protocol):
    """What must be known of changes of a mobile number."""

    def fresh_until(self, uow: UnitOfWork, customer_id: int, now: datetime) -> datetime | None:
        """Until when the mobile on file is too new to be trusted alone; None where it is not."""
        ...


@dataclass(frozen=True, slots=True)
class Owner:
    """Who was proved to write."""

    account: Account
    customer: Customer
    contact: str | None
    """The contact that was just proved."""


class IdentityStage:
    """Proves who writes, for one flow."""

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        clock: Clock,
        codes: Codes,
        identities: Identities,
        changes: MobileAges,
        *,
        purpose: Purpose = Purpose.IDENTIFY,
        always_by_code: bool = False,
        may_lack_contacts: bool = False,
    ) -> None:
        """Build the stage.

        Args:
            always_by_code: an identity proved before spares the user name, not the code; and
                while a new mobile cools down, it alone proves nothing (service rules, 48 h).
            may_lack_contacts: who has none of the contacts any more, or no user name, is let
                through unproved, and told apart by `draft.lost_contacts`.
        """
        self._clock = clock
        self._codes = codes
        self._identities = identities
        self._changes = changes
        self.purpose = purpose
        self._always_by_code = always_by_code
        self._may_lack_contacts = may_lack_contacts

    def begin(self, work: Work[Any]) -> Owner | None:
        """The first message of a flow: who writes, where that was proved before."""
        draft = work.draft
        proof = self._identities.of(work.uow, work.turn.conversation_id, draft.market)
        account = work.uow.accounts.get(proof.account_id) if proof else None
        if proof is not None and account is not None:
            if not self._always_by_code:
                return self._owner(work, account, proof.contact)
            draft.values["username"] = account.username
            draft.masks["username"] = mask_username(account)
            draft.account_id = account.id
        return self.take(work)

    def take(self, work: Work[Any]) -> Owner | None:
        """One message while it is being proved who writes."""
        draft = work.draft
        asked = self.asking(draft)
        is_new = self._absorb(work)
        if draft.code_wanted and self._cannot_receive(work):
            return None
        if draft.code_wanted:
            challenge = self._codes.take(work, self._plan(work))
            return None if challenge is None else self._proved(work, challenge.destination)
        if "username" not in draft.values:
            self._without_name(work)
            return None
        contacts = self._contacts(work.uow, draft)
        if len(contacts) == 1 and not draft.offers_contacts:
            settle_contact(work, contacts, next(iter(contacts)))
        elif asked == "contact_choice" and not is_new:
            self._choose(work, contacts)
        self._send_if_settled(work)
        return None

    def still_holds(self, work: Work[Any]) -> bool:
        """Whether the proof that the flow began with still holds; it stays alive by being used."""
        proof = self._identities.of(work.uow, work.turn.conversation_id, work.draft.market)
        return proof is not None and proof.account_id == work.draft.account_id

    def take_again(self, work: Work[Any]) -> None:
        """The proof ran out on the way: a new one begins with the user name known already.

        The message is not read for it: it answered another question.
        """
        draft = work.draft
        draft.stage = Stage.IDENTITY
        draft.forget_code()
        draft.code_wanted = False
        contacts = self._contacts(work.uow, draft)
        if len(contacts) == 1:
            settle_contact(work, contacts, next(iter(contacts)))
        self._send_if_settled(work)

    def asking(self, draft: AccountDraft) -> str:
        """What is being asked now."""
        if "username" not in draft.values:
            return "username"
        return "otp_code" if draft.code_wanted else "contact_choice"

    def choices(self, uow: UnitOfWork, draft: AccountDraft) -> tuple[Choice, ...]:
        """The masked contacts, where that is the question."""
        if self.asking(draft) != "contact_choice":
            return ()
        return contact_choices(self._contacts(uow, draft))

    def _absorb(self, work: Work[Any]) -> bool:
        """Read a user name; whether it is another one than before."""
        draft, said = work.draft, work.turn.answers
        text = said.get("username")
        if text is None and "username" not in draft.values:
            text = said.get("contact")
        if text is None:
            return False
        try:
            answer = PARSERS["username"](text, work.context)
        except Invalid as error:
            if "username" not in draft.values or "username" in said:
                work.tell_error(error.reason, "username")
            return False
        known = draft.values.get("username")
        if known == answer.value:
            return False
        draft.values["username"], draft.masks["username"] = answer.value, answer.mask
        work.accepted.append("username")
        if known is not None:
            work.remarks.append(Remark("corrected", {"slot": "username"}))
        self._codes.abort(work, self.purpose)
        draft.forget_code()
        draft.code_wanted = draft.offers_contacts = False
        account = work.uow.accounts.by_username(draft.market, answer.value)
        draft.account_id = account.id if account else None
        return True

    def _send_if_settled(self, work: Work[Any]) -> None:
        if work.draft.contact is not None and not work.outcome:
            work.draft.code_wanted = True
            self._codes.send_first(work, self._plan(work))

    def _without_name(self, work: Work[Any]) -> None:
        if work.command not in REFUSALS:
            return
        if self._may_lack_contacts and work.draft.was_helped:
            work.draft.lost_contacts = True
        else:
            work.draft.was_helped = True
            work.tell("username_help")

    def _cannot_receive(self, work: Work[Any]) -> bool:
        """Offer the contacts again, with the way out, to who can't receive the code any more."""
        if not self._may_lack_contacts or work.command is not Command.NOT_AVAILABLE:
            return False
        draft = work.draft
        draft.offers_contacts, draft.code_wanted = True, False
        draft.contact = draft.contact_channel = None
        draft.masks.pop("contact_choice", None)
        return True

    def _choose(self, work: Work[Any], contacts: dict[str, str]) -> None:
        if work.command not in REFUSALS:
            choose_contact(work, contacts)
        elif work.command is Command.NOT_AVAILABLE and "contact_choice" not in work.draft.failures:
            # "I don't know" is not yet "I can't reach any of them".
            work.tell_error("choice_unknown", "contact_choice")
        elif self._may_lack_contacts:
            work.draft.lost_contacts = True
        else:
            work.facts |= {"next_offer": "update_mobile"}
            work.end(Outcome.REFUSED, "no_contact_left")

    def _plan(self, work: Work[Any]) -> CodePlan:
        account = self._account(work.uow, work.draft)
        username = work.draft.values["username"]
        return CodePlan(
            purpose=self.purpose,
            subject=account_subject(account) if account else f"username/{username}",
            contacts=self._contacts(work.uow, work.draft),
            is_decoy=account is None,
        )

    def _contacts(self, uow: UnitOfWork, draft: AccountDraft) -> dict[str, str]:
        """Where a code may go; for an unknown user name, to nobody.

        Everything is looked up either way: an unknown name must not be told by the work it saves.
        """
        username = draft.values["username"]
        account = self._account(uow, draft)
        customer = uow.customers.find(account.customer_id if account else _NOBODY)
        until = self._changes.fresh_until(
            uow, customer.id if customer else _NOBODY, self._clock.now()
        )
        digest = uow.vault.index("decoy", f"{draft.market}/{username}")
        decoys = decoy_contacts(draft.market, username, digest)
        contacts = customer.contacts if customer else decoys
        if self._always_by_code and until is not None and len(contacts) > 1:
            contacts.pop("sms", None)
        return contacts

    @staticmethod
    def _account(uow: UnitOfWork, draft: AccountDraft) -> Account | None:
        return uow.accounts.get(draft.account_id or "")

    def _proved(self, work: Work[Any], contact: str) -> Owner | None:
        account = self._account(work.uow, work.draft)
        if account is None:
            work.end(Outcome.EXPIRED, "flow_expired")
            return None
        if not self._always_by_code:
            self._identities.prove(work.uow, work.turn.conversation_id, account, contact=contact)
        work.draft.forget_code()
        work.draft.code_wanted = False
        return self._owner(work, account, contact)

    @staticmethod
    def _owner(work: Work[Any], account: Account, contact: str | None) -> Owner:
        draft = work.draft
        draft.account_id, draft.customer_id = account.id, account.customer_id
        draft.values["username"] = account.username
        draft.masks["username"] = mask_username(account)
        draft.stage = Stage.COLLECTING
        return Owner(account, work.uow.customers.get(account.customer_id), contact)


def mask_username(account: Account) -> str:
    """As a slot may hold it."""
    if account.username_kind == "contact":
        return mask_contact(account.username)
    return mask_tail(account.username, 2)
