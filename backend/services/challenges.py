"""Codes: sent, sent again, tried.

The order of a try is fixed. `count` takes one of the five tries by a guarded UPDATE and writes the
budgets, and commits, before anything is compared; `settle` then compares in constant time and
consumes the challenge under a guard. However many tries run at once, only those that were counted
are ever compared.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from backend.adapters.crypto import new_id, same
from backend.core.audit import AuditEntry, Event
from backend.core.budgets import Budget, used_up
from backend.core.challenges import Challenge, State, refusal
from backend.core.errors import (
    CodeExhausted,
    CodesBlocked,
    CodeUsed,
    CodeWait,
    CodeWrong,
    DestinationLimit,
    SendsStopped,
    SportelloError,
)
from backend.core.limits import Limits
from backend.core.markets import Markets
from backend.core.masking import mask_contact
from backend.core.pages import PageKind
from backend.core.sends import destination_budgets, sender_budgets
from backend.ports import Clock
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

_NO_GUESS: Final = "blocked"
"""Kept instead of a guess that must never be compared."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """One code to be sent."""

    purpose: str
    conversation_id: str
    subject: str
    """Whose account or file this is about: wrong codes are counted against it."""
    market: str
    language: str
    channel: str
    client: str | None
    contact: str = field(repr=False)
    template: str = "code"
    with_link: bool = False
    is_decoy: bool = False
    """No code typed will be right."""
    decoy_notice: str | None = None
    """What the contact's owner is told instead; None: the contact is made up, nothing leaves."""


@dataclass(frozen=True, slots=True)
class Try:
    """One code that somebody typed."""

    challenge_id: str
    purpose: str
    conversation_id: str
    message_id: str
    market: str
    client: str | None
    code: str = field(repr=False)


class Challenges:
    """Issues and checks one-time codes."""

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        limits: Limits,
        notices: Notices,
        *,
        public_base_url: str,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._limits = limits
        self._notices = notices
        self._base_url = public_base_url

    def issue(self, uow: UnitOfWork, sending: Sending) -> Challenge:
        """Make a code and put its message into the outbox, as part of *uow*.

        A code of the same conversation and purpose that is still open ends.

        Raises:
            CodeWait: a code to this very contact still lives.
            CodesBlocked: too many wrong codes for this subject today.
            SendsStopped: too many wrong codes in the whole house this hour.
            DestinationLimit: too much was sent to this contact, by this conversation or client.
        """
        now = self._clock.now()
        limits = self._markets.limits(sending.market)
        self._require_old_code_over(uow, sending)
        self._require_budget(uow, sending, limits)
        uow.challenges.close_open(sending.conversation_id, sending.purpose, State.SUPERSEDED, now)
        code = f"{secrets.randbelow(10**limits.otp_digits):0{limits.otp_digits}d}"
        link_life = timedelta(seconds=limits.link_ttl)
        challenge = uow.challenges.add(
            challenge_id=new_id("h"),
            purpose=sending.purpose,
            conversation_id=sending.conversation_id,
            subject=sending.subject,
            channel=sending.channel,
            destination=sending.contact,
            code=None if sending.is_decoy else code,
            now=now,
            expires_at=now + limits.otp_life,
            link_expires_at=now + link_life if sending.with_link else None,
        )
        uow.budgets.spend(self._send_budgets(sending, limits), challenge.id, now)
        self._post(uow, sending, challenge, code, limits)
        event = Event.EXISTING_NOTIFIED if sending.decoy_notice else Event.CHALLENGE_ISSUED
        self._audit(uow, event, challenge)
        return challenge

    def abort(self, uow: UnitOfWork, conversation_id: str, purpose: str) -> None:
        """End what is open: the flow was given up or its data changed."""
        uow.challenges.close_open(conversation_id, purpose, State.ABORTED, self._clock.now())

    def count(self, attempt: Try) -> SportelloError | None:
        """Take one of the tries for *attempt*, in a transaction of its own; None when one was left.

        A message that was counted before is not counted again. What keeps the try from being
        taken is returned, not raised: the caller has a turn to finish with it.
        """
        now = self._clock.now()
        tries = self._markets.limits(attempt.market).otp_tries
        with self._uow() as uow:
            challenge = uow.challenges.get(attempt.challenge_id)
            guess = self._guess(uow, challenge, attempt)
            budgets = self._wrong_budgets(challenge, attempt)
            uow.budgets.lock(budgets)
            spent = [uow.budgets.count(budget, now) for budget in budgets]
            # All but the last are somebody's own; that one stops sends, not tries.
            blocked = used_up(spent[:-1])
            if not uow.challenges.first_try(
                challenge.id, attempt.message_id, _NO_GUESS if blocked else guess, now
            ):
                return None
            taken = uow.challenges.count_attempt(
                challenge.id, attempt.purpose, attempt.conversation_id, tries, now
            )
            if taken is None:
                return refusal(uow.challenges.get(challenge.id), now)
            uow.budgets.spend(budgets, _reference(attempt), now)
            if blocked:
                self._audit(uow, Event.BUDGET_TRIPPED, challenge, reason=blocked.budget.scope)
            uow.commit()
        if spent[-1].number + 1 == self._limits.wrong_global_alarm_hour:
            log.error("codes.many_wrong", in_the_last_hour=spent[-1].number + 1)
        return CodesBlocked() if blocked else None

    def settle(self, uow: UnitOfWork, attempt: Try) -> SportelloError | None:
        """Compare a counted try and consume the challenge, as part of *uow*; None when it is right.

        What is wrong is returned, not raised, so that the unit's own changes can be committed.
        A right try earns a grant for the next step.
        """
        now = self._clock.now()
        challenge = uow.challenges.get(attempt.challenge_id)
        guess = uow.challenges.counted_guess(challenge.id, attempt.message_id)
        is_mine = guess is not None and same(guess, self._guess(uow, challenge, attempt))
        if challenge.state is State.VERIFIED:
            is_repeat = is_mine and challenge.verified_by == attempt.message_id
            return None if is_repeat else CodeUsed()
        if challenge.state is not State.ISSUED:
            return refusal(challenge, now)
        if guess is None or not is_mine or not same(guess, challenge.code_hash):
            return self._wrong(uow, challenge, attempt)
        if not uow.challenges.close(challenge.id, State.VERIFIED, now, attempt.message_id):
            return CodeUsed()
        uow.budgets.give_back(_reference(attempt))
        uow.challenges.grant(challenge, now + self._markets.limits(attempt.market).grant_life)
        self._audit(uow, Event.CODE_OK, challenge)
        return None

    def _wrong(self, uow: UnitOfWork, challenge: Challenge, attempt: Try) -> SportelloError:
        now = self._clock.now()
        self._audit(uow, Event.CODE_WRONG, challenge)
        left = self._markets.limits(attempt.market).otp_tries - challenge.attempts
        if left <= 0:
            uow.challenges.close(challenge.id, State.EXHAUSTED, now)
            self._audit(uow, Event.CODE_EXHAUSTED, challenge)
        if uow.budgets.count(self._wrong_budgets(challenge, attempt)[0], now).is_used_up:
            uow.challenges.close(challenge.id, State.EXHAUSTED, now)
            self._audit(uow, Event.BUDGET_TRIPPED, challenge, reason="wrong_subject")
            return CodesBlocked()
        if left <= 0:
            return CodeExhausted(seconds=challenge.seconds_left(now))
        return CodeWrong(attempts_left=left)

    def _guess(self, uow: UnitOfWork, challenge: Challenge, attempt: Try) -> str:
        return uow.challenges.code_hash(
            challenge.id, attempt.purpose, challenge.destination, attempt.code
        )

    def _wrong_budgets(self, challenge: Challenge, attempt: Try) -> list[Budget]:
        limits = self._markets.limits(attempt.market)
        subject = f"{challenge.purpose}/{challenge.subject_index}"
        budgets = [Budget.per_day("wrong_subject", limits.wrong_subject_day, subject)]
        if attempt.client:
            budgets.append(
                Budget.per_hour("wrong_client", limits.wrong_client_hour, attempt.client)
            )
        return [*budgets, self._wrong_anywhere()]

    def _wrong_anywhere(self) -> Budget:
        return Budget.per_hour("wrong_global", self._limits.wrong_global_stop_hour)

    def _require_old_code_over(self, uow: UnitOfWork, sending: Sending) -> None:
        latest = uow.challenges.latest_to(sending.conversation_id, sending.purpose, sending.contact)
        seconds = latest.seconds_left(self._clock.now()) if latest else 0
        if seconds > 0:
            raise CodeWait(seconds=seconds)

    def _require_budget(self, uow: UnitOfWork, sending: Sending, limits: Limits) -> None:
        now = self._clock.now()
        subject = f"{sending.purpose}/{uow.vault.index('subject', sending.subject)}"
        wrong = Budget.per_day("wrong_subject", limits.wrong_subject_day, subject)
        sends = self._send_budgets(sending, limits)
        uow.budgets.lock([wrong, *sends])
        if uow.budgets.count(wrong, now).is_used_up:
            raise CodesBlocked
        if uow.budgets.count(self._wrong_anywhere(), now).is_used_up:
            raise SendsStopped
        blocked = used_up(uow.budgets.count(budget, now) for budget in sends)
        if blocked:
            log.warning("codes.send_limit", scope=blocked.budget.scope)
            raise DestinationLimit

    @staticmethod
    def _send_budgets(sending: Sending, limits: Limits) -> list[Budget]:
        contact = sending.contact
        if sending.is_decoy and sending.decoy_notice is None:
            # A made-up number may be somebody's: what is not sent must not count against it.
            contact = f"decoy/{contact}"
        return [
            *destination_budgets(limits, sending.channel, contact),
            *sender_budgets(limits, sending.conversation_id, sending.client),
        ]

    def _post(
        self, uow: UnitOfWork, sending: Sending, challenge: Challenge, code: str, limits: Limits
    ) -> None:
        product = self._markets[sending.market].product
        if sending.decoy_notice:
            self._notices.post(
                uow, sending.channel, sending.contact, sending.decoy_notice, sending.language,
                {"product": product},
            )  # fmt: skip
            return
        facts: dict[str, str | int] = {"code": code, "product": product}
        if challenge.link_expires_at:
            facts["url"] = self._link(uow, sending, challenge)
            facts["link_minutes"] = limits.link_ttl // 60
        self._notices.post(
            uow, sending.channel, sending.contact,
            "code_and_link" if challenge.link_expires_at else sending.template,
            sending.language, facts, valid_for=limits.otp_life, is_void=sending.is_decoy,
        )  # fmt: skip

    def _link(self, uow: UnitOfWork, sending: Sending, challenge: Challenge) -> str:
        assert challenge.link_expires_at is not None  # noqa: S101 - the caller asked for a link
        page = uow.pages.add(
            kind=PageKind.CONFIRM,
            conversation_id=sending.conversation_id,
            market=sending.market,
            language=sending.language,
            now=challenge.created_at,
            expires_at=challenge.link_expires_at,
            challenge_id=challenge.id,
        )
        return f"{self._base_url}/t/{uow.pages.mint(page.id)}"

    def _audit(self, uow: UnitOfWork, event: Event, challenge: Challenge, reason: str = "") -> None:
        uow.audit.add(
            AuditEntry(
                event,
                subject=challenge.id,
                purpose=challenge.purpose,
                channel=challenge.channel,
                factor="code",
                destination=mask_contact(challenge.destination),
                conversation_id=challenge.conversation_id,
                reason=reason,
            ),
            self._clock.now(),
        )


def _reference(attempt: Try) -> str:
    return f"{attempt.challenge_id}/{attempt.message_id}"
