"""SMS and e-mail to customers, by a transactional outbox.

`post` writes a message in the transaction of its cause: both come true or neither. `deliver_due`
sends what was written, outside any transaction, from any number of processes:

    claimed (short lease) → handed over (long lease) → sent | tried again | given up

A process may be killed anywhere. Before hand-over the message is taken up again when the short
lease ends. After it nobody knows whether the provider got the message. A message that runs out
(a code) is then given up: a second SMS with a code that was perhaps typed already only confuses,
and the customer can ask for another. Any other is sent again: better twice than never, and an
e-mail keeps its Message-ID, by which a mailbox can tell.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from backend.core.errors import Fact, Rejected, SportelloError, Unavailable
from backend.core.notices import (
    ATTEMPTS,
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


class Notices:
    """Messages that leave the house by SMS or e-mail."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        texts: Texts,
        senders: Mapping[str, Sender],
        *,
        keep_words: bool = False,
    ) -> None:
        self._uow = uow
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

    def deliver_due(self, limit: int = 50) -> int:
        """Send what is due, at most *limit* messages; gives the number that left.

        After a channel failed it rests until the next call: a provider that lets every
        connection run into its timeout must not hold up the codes of another channel.

        Raises:
            Unavailable: the database does not answer.
        """
        resting: set[str] = set()
        left = 0
        for _ in range(limit if self._anything_due() else 0):
            notice = self._claim(resting)
            if notice is None:
                break
            status = self._deliver(notice)
            left += status is Status.SENT
            if status is Status.PENDING:
                resting.add(notice.channel)
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

    def _anything_due(self) -> bool:
        now = self._clock.now()
        with self._uow(read_only=True) as uow:
            return uow.notices.has_due(now)

    def _claim(self, resting: set[str]) -> Claimed | None:
        now = self._clock.now()
        with self._uow() as uow:
            notice = uow.notices.claim(now, _CLAIM_LEASE, without=resting)
            uow.commit()
        return notice

    def _deliver(self, notice: Claimed) -> Status | None:
        """Bring one claimed message as far as it goes now; None when its lease was lost."""
        now = self._clock.now()
        if notice.valid_until is not None and now >= notice.valid_until:
            return self._settle(notice, Status.EXPIRED)
        if notice.to is None or notice.words is None:
            return self._settle(notice, Status.DEAD, reason="unreadable")
        if notice.handed_over_at is not None and notice.valid_until is not None:
            return self._settle(notice, Status.DEAD, reason="outcome_unknown")
        if notice.attempts > ATTEMPTS:
            return self._settle(notice, Status.DEAD, reason="attempts_used")
        with self._uow() as uow:
            ours = uow.notices.hand_over(notice, now, _SENDING_LEASE)
            uow.commit()
        return self._send(notice, notice.to, notice.words) if ours else None

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
        )
        try:
            receipt = self._senders[notice.channel].send(message)
        except Rejected as refusal:
            return self._settle(notice, Status.DEAD, reason=refusal.reason, told=refusal)
        except Unavailable as failure:
            return self._try_again(notice, failure.reason, told=failure)
        except Exception as bug:  # noqa: BLE001 - the edge: one message must not stop the others
            # The type alone: what a library puts into its text may be the message itself.
            return self._try_again(notice, f"unexpected_{type(bug).__name__}"[:64])
        return self._settle(notice, Status.SENT, provider_id=receipt.provider_id)

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
                keep_words=self._keep_words,
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


def _with_minutes(facts: Mapping[str, Fact], valid_for: timedelta | None) -> Mapping[str, Fact]:
    if valid_for is None:
        return facts
    return {"minutes": max(1, int(valid_for / timedelta(minutes=1))), **facts}
