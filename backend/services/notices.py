"""Messages to customers, by a transactional outbox.

`post` writes a message in the transaction of its cause: both come true or neither. `deliver_due`
sends what was written, outside any transaction, from any number of processes:

    claimed (short lease) → handed over (long lease) → sent | tried again | given up

A process may be killed anywhere. Before hand-over the message is taken up again when the short
lease ends. After it nobody knows whether the provider got the message, nor when the provider breaks
off instead of answering. A message that runs out
(a code) is then given up: a second SMS with a code that was perhaps typed already only confuses,
and the customer can ask for another. Any other is sent again, unless the provider has told of it
meanwhile: better twice than never, and an e-mail keeps its Message-ID, by which a mailbox can tell.

Messages of one lane leave in the order of writing, the next when the one before was taken, given
up or put aside. A channel may have a gate that decides whether a message may leave now.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

import structlog

from backend.core.errors import Fact, Rejected, SportelloError, Unavailable
from backend.core.notices import (
    ATTEMPTS,
    OUTCOME_UNKNOWN,
    WINDOW_CLOSED,
    Claimed,
    ListedNotice,
    Status,
    Words,
    wait_before_next,
)
from backend.ports import Clock, OutgoingMessage, Sender
from backend.texts import Texts
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

_CLAIM_LEASE: Final = timedelta(seconds=10)
_SENDING_LEASE: Final = timedelta(minutes=2)  # longer than any sender's timeouts together
_LISTED: Final = 500

_log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    """Whether a message may leave now."""

    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


class Gate(Protocol):
    """What a channel wants looked at before each of its messages leaves."""

    def verdict(self, uow: UnitOfWork, notice: Claimed) -> Verdict:
        """Whether it may leave, in the unit in which it is handed over."""
        ...

    def hold(self, uow: UnitOfWork, notice: Claimed) -> bool:
        """Put it aside, and ask for what it waits for; False when its lease was lost."""
        ...


class Notices:
    """Messages that leave the house."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        texts: Texts,
        senders: Mapping[str, Sender],
        *,
        gates: Mapping[str, Gate] | None = None,
        keep_words: bool = False,
    ) -> None:
        self._uow = uow
        self._gates = dict(gates or {})
        self._clock = clock
        self._texts = texts
        self._senders = dict(senders)
        self._keep_words = keep_words

    def post(  # noqa: PLR0913, PLR0917 - what a message is made of
        self,
        uow: UnitOfWork,
        channel: str,
        to: str,
        template: str,
        language: str,
        facts: Mapping[str, Fact],
        valid_for: timedelta | None = None,
        is_void: bool = False,
    ) -> str:
        """Write a message into the outbox, as part of *uow*; it is sent once that is committed.

        Args:
            channel: `sms` or `email`.
            template: a key of texts/notices.yml.
            facts: what the template takes; `minutes` comes from *valid_for* where it is not given.
            valid_for: how long the message is of use; it is never sent after that.
            is_void: it is to nobody, and written only so that this takes as long as any other.

        Raises:
            KeyError: there is no such channel or template, or a fact is missing.
        """
        if channel not in self._senders:
            raise KeyError(channel)
        words = self._words(channel, template, language, _with_minutes(facts, valid_for))
        return uow.notices.add(
            channel=channel,
            to=to,
            template=template,
            language=language,
            words=words,
            now=self._clock.now(),
            valid_for=valid_for,
            is_void=is_void,
        )

    def deliver_due(self, limit: int = 50, channels: Collection[str] | None = None) -> int:
        """Send what is due, at most *limit* messages; gives the number that left.

        Only of *channels*, where these are given: so that one does not wait for another.

        After a channel failed it rests until the next call: a provider that lets every
        connection run into its timeout must not hold up the codes of another channel.

        Raises:
            Unavailable: the database does not answer.
        """
        awake = set(self._senders) & set(channels or self._senders)
        left = 0
        for _ in range(limit):
            notice = self._claim(awake) if self._anything_due(awake) else None
            if notice is None:
                break
            status = self._deliver(notice)
            left += status is Status.SENT
            if status is Status.PENDING:
                awake.discard(notice.channel)
        return left

    def listing(self, to: str | None = None) -> list[ListedNotice]:
        """The outbox, newest first, of one contact or of all: what development reads."""
        with self._uow(read_only=True) as uow:
            return uow.notices.listing(to, _LISTED)

    def _words(
        self, channel: str, template: str, language: str, facts: Mapping[str, Fact]
    ) -> Words:
        if channel == "email":
            subject = self._texts.get(f"{template}.subject", language, **facts).strip()
            return Words(subject, self._texts.get(f"{template}.body", language, **facts))
        return Words(None, self._texts.get(f"{template}.{channel}", language, **facts).strip())

    def _anything_due(self, channels: set[str]) -> bool:
        now = self._clock.now()
        with self._uow(read_only=True) as uow:
            return uow.notices.has_due(now, channels)

    def _claim(self, channels: set[str]) -> Claimed | None:
        now = self._clock.now()
        with self._uow() as uow:
            notice = uow.notices.claim(now, _CLAIM_LEASE, channels)
            uow.commit()
        return notice

    def _deliver(self, notice: Claimed) -> Status | None:
        """Bring one claimed message as far as it goes now; None when its lease was lost."""
        if notice.valid_until is not None and self._clock.now() >= notice.valid_until:
            return self._settle(notice, Status.EXPIRED)
        if notice.delivery is not None:  # cut off, and the provider has spoken of it since
            return self._settle(notice, Status.SENT, provider_id=notice.provider_id)
        if notice.to is None or notice.words is None:
            return self._settle(notice, Status.DEAD, reason="unreadable")
        hopeless = _why_hopeless(notice)
        if hopeless is not None:
            return self._settle(notice, Status.DEAD, reason=hopeless)
        verdict = self._hand_over(notice)
        if verdict is Verdict.SEND:
            return self._send(notice, notice.to, notice.words)
        return self._settle(notice, Status.DEAD, reason="not_wanted") if verdict else None

    def _hand_over(self, notice: Claimed) -> Verdict | None:
        """Send or drop it now; None where it was put aside, or its lease was lost."""
        gate = self._gates.get(notice.channel)
        with self._uow() as uow:
            verdict = Verdict.SEND if gate is None else gate.verdict(uow, notice)
            ours = True
            if verdict is Verdict.SEND:
                ours = uow.notices.hand_over(notice, self._clock.now(), _SENDING_LEASE)
            elif verdict is Verdict.HOLD and gate is not None:
                ours = gate.hold(uow, notice)
            uow.commit()
        return verdict if ours and verdict is not Verdict.HOLD else None

    def _send(self, notice: Claimed, to: str, words: Words) -> Status | None:
        until = notice.valid_until
        message = OutgoingMessage(
            id=notice.id,
            channel=notice.channel,
            to=to,
            subject=words.subject,
            body=words.body,
            language=notice.language,
            valid_for=None if until is None else until - self._clock.now(),
            sender=notice.sender,
            words=words,
        )
        try:
            receipt = self._senders[notice.channel].send(message)
        except Rejected as refusal:
            if refusal.reason == WINDOW_CLOSED and notice.channel in self._gates:
                return self._put_aside(notice)
            return self._settle(notice, Status.DEAD, reason=refusal.reason, told=refusal)
        except Unavailable as failure:
            if notice.valid_until and failure.facts.get("outcome") == OUTCOME_UNKNOWN:
                return self._settle(notice, Status.DEAD, reason=OUTCOME_UNKNOWN, told=failure)
            return self._try_again(notice, failure.reason, told=failure)
        except Exception as bug:  # noqa: BLE001 - the edge: one message must not stop the others
            # The type alone: what a library puts into its text may be the message itself.
            return self._try_again(notice, f"unexpected_{type(bug).__name__}"[:64])
        return self._settle(notice, Status.SENT, provider_id=receipt.provider_id)

    def _put_aside(self, notice: Claimed) -> Status | None:
        with self._uow() as uow:
            ours = self._gates[notice.channel].hold(uow, notice)
            uow.commit()
        return Status.HELD if ours else None

    def _try_again(
        self, notice: Claimed, reason: str, told: SportelloError | None = None
    ) -> Status | None:
        if notice.attempts >= ATTEMPTS:
            return self._settle(notice, Status.DEAD, reason=reason, told=told)
        wait = wait_before_next(notice.attempts, secrets.randbelow(1000) / 1000)
        due = self._clock.now() + wait
        if notice.valid_until is not None:
            due = min(due, notice.valid_until)  # when it runs out, its words are to go at once
        with self._uow() as uow:
            ours = uow.notices.put_back(notice, due, reason)
            uow.commit()
        self._note("notice_delayed", notice, reason, told)
        return Status.PENDING if ours else None

    def _settle(
        self,
        notice: Claimed,
        status: Status,
        *,
        provider_id: str | None = None,
        reason: str | None = None,
        told: SportelloError | None = None,
    ) -> Status | None:
        with self._uow() as uow:
            ours = uow.notices.settle(
                notice,
                status,
                self._clock.now(),
                provider_id=provider_id,
                reason=reason,
                # What can be told of later may still be sent again.
                keep_words=self._keep_words or notice.lane is not None,
            )
            uow.commit()
        if status is not Status.SENT:
            self._note(f"notice_{status}", notice, reason, told)
        return status if ours else None

    def _note(
        self, event: str, notice: Claimed, reason: str | None, told: SportelloError | None
    ) -> None:
        _log.warning(
            event,
            notice=notice.id,
            channel=notice.channel,
            template=notice.template,
            attempts=notice.attempts,
            reason=reason,
            **(dict(told.facts) if told else {}),
        )


def _why_hopeless(notice: Claimed) -> str | None:
    if notice.handed_over_at is not None and notice.valid_until is not None:
        return OUTCOME_UNKNOWN
    return "attempts_used" if notice.attempts > ATTEMPTS else None


def _with_minutes(facts: Mapping[str, Fact], valid_for: timedelta | None) -> Mapping[str, Fact]:
    if valid_for is None:
        return facts
    return {"minutes": max(1, int(valid_for / timedelta(minutes=1))), **facts}
