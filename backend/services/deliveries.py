"""What became of messages after the provider took them, and those that were given up.

Callbacks come late, twice and out of order: a message only moves forward by them, and what was
read cannot fail any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import structlog

from backend.core.errors import NotAllowed, NotFound
from backend.core.notices import (
    ATTEMPTS,
    WINDOW_CLOSED,
    DeadLetter,
    Standing,
    Status,
    wait_before_next,
)
from backend.core.provider_codes import PASSING
from backend.core.provider_codes import WINDOW_CLOSED as WINDOW_CLOSED_CODE
from backend.ports import Clock
from backend.unit_of_work import UnitOfWorkFactory

_STEPS: Final = ("queued", "accepted", "sending", "sent", "delivered", "read")
_FAILURES: Final = frozenset({"failed", "undelivered"})
_ARRIVED: Final = frozenset({"delivered", "read"})
_UNDER_WAY: Final = frozenset({Status.PENDING, Status.SENDING})
_LISTED: Final = 200
_FROM_THE_START: Final[Mapping[str, Any]] = {
    "status": Status.PENDING,
    "claim": None,
    "handed_over_at": None,
    "settled_at": None,
    "delivery": None,
}
"""As a message was before it was first sent, but for the name that the provider gave it then."""

_log = structlog.get_logger(__name__)


class NoticeUnknown(NotFound):
    """There is no message of that id."""

    code = "notice_unknown"


class NotResendable(NotAllowed):
    """The message was not given up, or its words are gone."""

    code = "not_resendable"


class Deliveries:
    """The later life of messages in the outbox."""

    def __init__(self, uow: UnitOfWorkFactory, clock: Clock, *, keep_words: bool = False) -> None:
        self._uow = uow
        self._clock = clock
        self._keep_words = keep_words

    def note(self, notice_id: str, provider_id: str, delivery: str, error_code: int | None) -> bool:
        """Write down how far the provider says a message has come; False if that is no news."""
        with self._uow() as uow:
            standing = uow.notices.standing(notice_id)
            if standing is None or not _is_news(standing, provider_id, delivery):
                return False
            changes: dict[str, Any] = {"delivery": delivery, "provider_id": provider_id}
            if delivery in _FAILURES:
                changes |= self._after_failure(standing, error_code)
            elif delivery in _ARRIVED and not self._keep_words:
                changes["words_sealed"] = None
            if delivery not in _FAILURES and standing.status is Status.SENDING:
                # Whoever was sending it may be gone: it is settled now, and its lane goes on.
                changes["due_at"] = self._clock.now()
            uow.notices.note(notice_id, **changes)
            uow.commit()
        if delivery in _FAILURES:
            _log.warning(
                "notice_not_delivered",
                notice=notice_id,
                provider_code=error_code,
                status=changes["status"],
            )
        return True

    def dead(self, channel: str | None = None) -> list[DeadLetter]:
        """Messages that were given up, the latest first."""
        with self._uow(read_only=True) as uow:
            return uow.notices.dead(channel, _LISTED)

    def resend(self, notice_id: str) -> None:
        """Have a message that was given up sent again, as if it had just been written.

        Raises:
            NoticeUnknown: there is none of that id.
            NotResendable: it was not given up, or its words are gone.
        """
        with self._uow() as uow:
            standing = uow.notices.standing(notice_id)
            if standing is None:
                raise NoticeUnknown
            if standing.status is not Status.DEAD or not standing.has_words:
                raise NotResendable
            again = {**_FROM_THE_START, "attempts": 0, "reason": None}
            uow.notices.note(notice_id, due_at=self._clock.now(), **again)
            uow.commit()

    def _after_failure(self, standing: Standing, code: int | None) -> dict[str, Any]:
        told = {"delivery_code": code}
        if code == WINDOW_CLOSED_CODE and standing.has_words:
            # The channel's gate puts it aside, and asks the customer to write.
            again = {"due_at": self._clock.now(), "reason": WINDOW_CLOSED}
            return {**told, **_FROM_THE_START, **again}
        if code in PASSING and standing.has_words and standing.attempts < ATTEMPTS:
            wait = wait_before_next(standing.attempts, secrets.randbelow(1000) / 1000)
            again = {"due_at": self._clock.now() + wait, "reason": "not_delivered"}
            return {**told, **_FROM_THE_START, **again}
        return told | {
            "status": Status.DEAD,
            "due_at": None,
            "claim": None,
            "settled_at": self._clock.now(),
            "reason": "not_delivered",
        }


def _is_news(standing: Standing, provider_id: str, delivery: str) -> bool:
    is_another = standing.provider_id not in {None, provider_id}
    if is_another and standing.status not in _UNDER_WAY:
        return False  # of an attempt that was followed by another
    if not is_another and _has_failed(standing):
        return False
    if standing.delivery in _FAILURES or standing.delivery in _ARRIVED - {"delivered"}:
        return False
    if delivery in _FAILURES:
        return standing.delivery != "delivered"
    if delivery not in _STEPS:
        return False
    return standing.delivery is None or _STEPS.index(delivery) > _STEPS.index(standing.delivery)


def _has_failed(standing: Standing) -> bool:
    """Whether the attempt of that name is over, and the next one on its way."""
    is_told_of = standing.provider_id is not None and standing.delivery is None
    return is_told_of and standing.status in _UNDER_WAY
