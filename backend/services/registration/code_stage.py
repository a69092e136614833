"""The code: sent, sent again, by another channel, tried; and the account that a right one opens."""

from __future__ import annotations

from backend.core.challenges import BY_LINK, Challenge, Purpose, State
from backend.core.customers import Customer, Policy
from backend.core.errors import (
    CodesBlocked,
    Conflict,
    Invalid,
    SportelloError,
)
from backend.core.fields import FieldContext
from backend.core.fields.choices import parse_code_channel
from backend.core.flow import CODE_ERRORS, Command, Outcome
from backend.core.masking import mask_contact
from backend.core.registration import Draft, Stage
from backend.services.accounts import Accounts
from backend.services.challenges import Challenges, Sending, Try
from backend.services.registration.password_stage import PasswordStage
from backend.services.registration.work import Work, usable_contacts
from backend.unit_of_work import UnitOfWork

_WANTS_ANOTHER = frozenset({Command.RESEND, Command.NOT_AVAILABLE, Command.PAGE_RENEWAL})


class CodeStage:
    """Everything between a settled contact and a proven one."""

    def __init__(self, challenges: Challenges, accounts: Accounts, password: PasswordStage) -> None:
        self._challenges = challenges
        self._accounts = accounts
        self._password = password

    def send_first(self, work: Work) -> None:
        """Send a code to the settled contact; the stage begins, whether it could leave or not."""
        work.draft.stage = Stage.CODE
        self._send(work, "code_sent")

    def take(self, work: Work, attempt: Try | None, refused: SportelloError | None) -> None:
        """One message while a code is awaited; *attempt* is a code it brought, counted already."""
        challenge = self._current(work)
        if challenge and challenge.verified_by == BY_LINK:
            work.tell("link_confirmed")
            self._complete(work, challenge)
        elif attempt is not None:
            self._try(work, attempt, refused)
        elif "code_channel" in work.turn.answers or work.command is Command.OTHER_CHANNEL:
            self._switch(work, challenge)
        elif self._wants_another(work, challenge):
            self._resend(work, challenge)

    def abort(self, work: Work) -> None:
        """The data changed: what was sent is worth nothing any more."""
        self._challenges.abort(work.uow, work.turn.conversation_id, Purpose.REGISTER)

    def _wants_another(self, work: Work, challenge: Challenge | None) -> bool:
        if work.command in _WANTS_ANOTHER:
            return True
        # "Shall I send you a new one?" was asked when the code was over.
        return work.command is Command.AFFIRM and not (
            challenge and challenge.is_code_alive(work.now)
        )

    def _try(self, work: Work, attempt: Try, refused: SportelloError | None) -> None:
        if attempt.challenge_id != work.draft.challenge_id:
            work.tell_error("code_expired", "otp_code")
            return
        failure = refused or self._challenges.settle(work.uow, attempt)
        if failure is None:
            self._complete(work, work.uow.challenges.get(attempt.challenge_id))
        else:
            self._tell(work, failure)

    def _tell(self, work: Work, failure: SportelloError) -> None:
        facts = dict(failure.facts)
        if isinstance(failure, CodesBlocked):
            work.end(Outcome.PERSON, failure.reason, **facts)
        elif failure.reason in CODE_ERRORS:
            work.tell_error(failure.reason, "otp_code", **facts)
        else:
            work.tell(failure.reason, **facts)

    def _resend(self, work: Work, challenge: Challenge | None) -> None:
        seconds = challenge.seconds_left(work.now) if challenge else 0
        if seconds > 0:
            work.tell("code_wait", seconds=seconds)
        elif challenge is None:
            self._send(work, "code_sent")
        elif work.draft.resends >= work.limits.otp_resends:
            work.tell("resends_used")
        elif self._send(work, "code_resent"):
            work.draft.resends += 1

    def _switch(self, work: Work, challenge: Challenge | None) -> None:
        draft = work.draft
        contacts = self._contacts(work)
        wanted = self._wanted_channel(work)
        if wanted is not None and wanted == draft.contact_channel:
            self._resend(work, challenge)
            return
        others = [channel for channel in contacts if channel != draft.contact_channel]
        channel = next((one for one in others if wanted in {None, one}), None)
        if channel is None:
            work.tell("no_other_channel")
            return
        if draft.resends >= work.limits.otp_resends:
            work.tell("resends_used")
            return
        before = draft.contact, draft.contact_channel
        draft.contact, draft.contact_channel = contacts[channel], channel
        if self._send(work, "channel_changed"):
            draft.resends += 1
            if "contact_choice" in draft.masks:
                draft.masks["contact_choice"] = mask_contact(contacts[channel])
        else:
            draft.contact, draft.contact_channel = before

    def _contacts(self, work: Work) -> dict[str, str]:
        """Where a code may go: the contacts on file once they were offered, else the one given."""
        draft = work.draft
        if draft.customer_id is None:
            return {}
        if work.market.identify_by == "contact" and not draft.is_searching:
            return {draft.contact_channel or "": draft.contact or ""}
        return usable_contacts(work.uow.customers.get(draft.customer_id), work.market)

    def _wanted_channel(self, work: Work) -> str | None:
        said = work.turn.answers.get("code_channel")
        if said is None:
            return None
        try:
            return parse_code_channel(said, FieldContext(work.market, work.now.date())).value
        except Invalid:
            return None

    def _send(self, work: Work, code: str) -> bool:
        draft = work.draft
        customer = work.uow.customers.get(draft.customer_id or 0)
        sending = self._sending(work, customer)
        try:
            challenge = self._challenges.issue(work.uow, sending)
        except SportelloError as failure:
            self._tell(work, failure)
            return False
        draft.challenge_id = challenge.id
        facts: dict[str, str | int] = {
            "destination": mask_contact(sending.contact),
            "seconds": work.limits.otp_ttl,
            "channel": sending.channel,
        }
        if sending.with_link:
            facts["minutes"] = work.limits.link_ttl // 60
            code = "code_and_link_sent" if code == "code_sent" else code
        work.tell(code, **facts)
        return True

    def _sending(self, work: Work, customer: Customer) -> Sending:
        draft, turn = work.draft, work.turn
        contact = draft.contact or ""
        return Sending(
            purpose=Purpose.REGISTER,
            conversation_id=turn.conversation_id,
            subject=f"customer/{customer.id}",
            market=draft.market,
            language=turn.language,
            channel=draft.contact_channel or "",
            client=turn.client,
            contact=contact,
            with_link=customer.holder_kind in work.market.link_with_code_for,
            is_decoy=self._accounts.is_taken(work.uow, customer, contact),
        )

    def _complete(self, work: Work, challenge: Challenge) -> None:
        draft = work.draft
        if not work.uow.challenges.use_grant(
            challenge.id, Purpose.REGISTER, work.turn.conversation_id, work.now
        ):
            # The right code came too long ago; the way on is a new one.
            draft.challenge_id = None
            work.tell_error("code_expired", "otp_code")
            return
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
        draft.account_id = account.id
        self._password.begin(work, account)

    @staticmethod
    def _policies(uow: UnitOfWork, draft: Draft, which: str) -> list[Policy]:
        every = uow.customers.policies_of(draft.customer_id or 0)
        return every if which == "all" else [one for one in every if one.id == draft.policy_id]

    @staticmethod
    def _current(work: Work) -> Challenge | None:
        if work.draft.challenge_id is None:
            return None
        challenge = work.uow.challenges.get(work.draft.challenge_id)
        is_mine = challenge.conversation_id == work.turn.conversation_id
        return challenge if is_mine and challenge.state is not State.ABORTED else None
