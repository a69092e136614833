"""Rows of the outbox, and the guarded steps that several workers may take on them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, or_, select, update

from backend.adapters.crypto import SealBroken, Vault, new_id
from backend.adapters.tables.notices import notices
from backend.core.conversation import Button
from backend.core.notices import Claimed, DeadLetter, ListedNotice, Standing, Status, Words
from backend.core.whatsapp import MEDIA_CHANNEL

_TO = "notices.to"
_WORDS = "notices.words"

_former = notices.alias("former")
_HAS_FORMER = exists().where(
    _former.c.lane == notices.c.lane,
    _former.c.seq < notices.c.seq,
    _former.c.due_at.is_not(None),
)


class NoticeRepository:
    """The outbox; every method works in the caller's transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        channel: str,
        to: str,
        template: str,
        language: str,
        words: Words,
        now: datetime,
        due_at: datetime | None = None,
        valid_for: timedelta | None = None,
        is_void: bool = False,
        lane: str | None = None,
        sender: str | None = None,
        is_unasked: bool = False,
    ) -> str:
        """Write a message, due at once without *due_at*, never where *is_void*; gives its id."""
        notice_id = new_id("n")
        self._connection.execute(
            notices.insert().values(
                id=notice_id,
                created_at=now,
                channel=channel,
                to_sealed=self._vault.seal(to, _TO),
                to_index=self._index(to),
                template=template,
                language=language,
                words_sealed=self._vault.seal_json(_as_json(words), _WORDS),
                status=Status.VOID if is_void else Status.PENDING,
                attempts=0,
                due_at=None if is_void else due_at or now,
                valid_until=None if valid_for is None else now + valid_for,
                lane=lane,
                sender=sender,
                is_unasked=is_unasked,
            )
        )
        return notice_id

    def has_due(self, now: datetime, channels: Collection[str]) -> bool:
        """Whether anything waits; to be asked before taking the write lock for nothing."""
        due = select(notices.c.id).where(notices.c.due_at <= now, notices.c.channel.in_(channels))
        return self._connection.execute(due.limit(1)).first() is not None

    def claim(self, now: datetime, lease: timedelta, channels: Collection[str]) -> Claimed | None:
        """Take the most urgent due message of these channels that nothing in its lane is before.

        What runs out goes first: a code must not wait behind a welcome. It works for several
        processes: PostgreSQL passes over rows that another one is taking, and on SQLite a writing
        unit is alone from its beginning.
        """
        row = self._connection.execute(_next_due(now, channels)).first()
        if row is None:
            return None
        claim = new_id("w")
        taken = self._connection.execute(
            update(notices)
            .where(notices.c.id == row.id, notices.c.due_at <= now)
            .values(
                status=Status.SENDING,
                attempts=notices.c.attempts + 1,
                claim=claim,
                due_at=now + lease,
            )
        )
        return self._claimed(row, claim) if taken.rowcount == 1 else None

    def hand_over(self, notice: Claimed, now: datetime, lease: timedelta) -> bool:
        """Note that sending begins; False when the lease was lost and another has the message."""
        return self._step(notice, handed_over_at=now, due_at=now + lease)

    def settle(  # noqa: PLR0913 - the columns that a settled row has
        self,
        notice: Claimed,
        status: Status,
        now: datetime,
        *,
        provider_id: str | None = None,
        reason: str | None = None,
        keep_words: bool,
    ) -> bool:
        """End the life of a message; its words are gone unless *keep_words*."""
        wiped: dict[str, Any] = {} if keep_words else {"words_sealed": None}
        return self._step(
            notice,
            status=status,
            due_at=None,
            claim=None,
            settled_at=now,
            provider_id=provider_id,
            reason=reason,
            **wiped,
        )

    def put_back(self, notice: Claimed, due_at: datetime, reason: str) -> bool:
        """Have it tried again at *due_at*; the sender knows that this attempt came to nothing."""
        return self._step(
            notice,
            status=Status.PENDING,
            due_at=due_at,
            claim=None,
            handed_over_at=None,
            reason=reason,
        )

    def hold(self, notice: Claimed, reason: str) -> bool:
        """Put it aside until its lane is released."""
        return self._step(
            notice,
            status=Status.HELD,
            due_at=None,
            claim=None,
            handed_over_at=None,
            reason=reason,
        )

    def holds_any(self, lane: str) -> bool:
        """Whether messages of a lane were put aside."""
        held = select(notices.c.seq).where(notices.c.lane == lane, notices.c.status == Status.HELD)
        return self._connection.execute(held.limit(1)).first() is not None

    def release(self, lane: str, now: datetime) -> None:
        """What was put aside in a lane, or waits there unasked, is due now, in its old order."""
        waits = and_(notices.c.status == Status.PENDING, notices.c.is_unasked)
        self._connection.execute(
            update(notices)
            .where(notices.c.lane == lane, or_(notices.c.status == Status.HELD, waits))
            .values(status=Status.PENDING, due_at=now, attempts=0, reason=None)
        )

    # What became of it --------------------------------------------------------------------------

    def standing(self, notice_id: str) -> Standing | None:
        """How far a message has come; locked for this unit."""
        row = self._connection.execute(
            select(notices).where(notices.c.id == notice_id).with_for_update()
        ).one_or_none()
        if row is None:
            return None
        return Standing(
            delivery=row.delivery,
            provider_id=row.provider_id,
            status=Status(row.status),
            attempts=row.attempts,
            has_words=row.words_sealed is not None,
            lane=row.lane,
        )

    def note(self, notice_id: str, **values: Any) -> None:
        """Write down what became of a message that `standing` has locked."""
        self._connection.execute(update(notices).where(notices.c.id == notice_id).values(**values))

    def dead(self, channel: str | None, limit: int) -> list[DeadLetter]:
        """Messages that were given up, the latest first."""
        query = select(notices).where(notices.c.status == Status.DEAD)
        if channel is not None:
            query = query.where(notices.c.channel == channel)
        query = query.order_by(notices.c.seq.desc()).limit(limit)
        return [self._dead_letter(row) for row in self._connection.execute(query)]

    def listing(self, to: str | None, limit: int) -> list[ListedNotice]:
        """Messages to somebody whose words are still there, newest first."""
        query = select(notices).where(
            notices.c.words_sealed.is_not(None),
            notices.c.status != Status.VOID,
            notices.c.channel != MEDIA_CHANNEL,
        )
        if to is not None:
            query = query.where(notices.c.to_index == self._index(to))
        query = query.order_by(notices.c.seq.desc()).limit(limit)
        return [self._listed(row) for row in self._connection.execute(query)]

    def _step(self, notice: Claimed, **values: Any) -> bool:
        done = self._connection.execute(
            update(notices)
            .where(notices.c.id == notice.id, notices.c.claim == notice.claim)
            .values(**values)
        )
        return done.rowcount == 1

    def _claimed(self, row: Row[Any], claim: str) -> Claimed:
        try:
            to = self._vault.unseal(row.to_sealed, _TO)
            words = _words(self._vault.unseal_json(row.words_sealed, _WORDS))
        except SealBroken:
            to, words = None, None
        return Claimed(
            id=row.id,
            claim=claim,
            channel=row.channel,
            template=row.template,
            language=row.language,
            attempts=row.attempts + 1,
            valid_until=row.valid_until,
            handed_over_at=row.handed_over_at,
            lane=row.lane,
            sender=row.sender,
            is_unasked=row.is_unasked,
            delivery=row.delivery,
            provider_id=row.provider_id,
            reason=row.reason,
            to=to,
            words=words,
        )

    def _listed(self, row: Row[Any]) -> ListedNotice:
        words = _words(self._vault.unseal_json(row.words_sealed, _WORDS))
        return ListedNotice(
            id=row.id,
            channel=row.channel,
            to=self._vault.unseal(row.to_sealed, _TO),
            subject=words.subject,
            body=words.body,
            created_at=row.created_at.isoformat(),
        )

    def _dead_letter(self, row: Row[Any]) -> DeadLetter:
        try:
            to = self._vault.unseal(row.to_sealed, _TO)
        except SealBroken:
            to = None
        return DeadLetter(
            id=row.id,
            channel=row.channel,
            template=row.template,
            created_at=row.created_at,
            settled_at=row.settled_at,
            reason=row.reason or "",
            delivery_code=row.delivery_code,
            to=to,
            has_words=row.words_sealed is not None,
        )

    def _index(self, to: str) -> str:
        """The blind index of a contact, however it was typed.

        A `+` that a URL turned into a space, spaces and dots in a number, and capitals in an
        e-mail address make no difference.
        """
        if "@" in to:
            return self._vault.index("email", to.strip().lower())
        return self._vault.index("mobile", "+" + "".join(filter(str.isdigit, to)))


def _as_json(words: Words) -> dict[str, Any]:
    extras = {
        "choices": [[each.id, each.title] for each in words.choices],
        "open_list": words.open_list,
        "numbered": words.numbered,
        "template": words.template,
    }
    told = {name: extra for name, extra in extras.items() if extra}
    return {"subject": words.subject, "body": words.body, **told}


def _words(told: dict[str, Any]) -> Words:
    choices = tuple(Button(*each) for each in told.get("choices", ()))
    return Words(**told | {"choices": choices})


def _next_due(now: datetime, channels: Collection[str]) -> Select[Any]:
    return (
        select(notices)
        .where(
            notices.c.due_at <= now,
            notices.c.channel.in_(channels),
            or_(notices.c.lane.is_(None), ~_HAS_FORMER),
        )
        .order_by(notices.c.valid_until.is_(None), notices.c.due_at, notices.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
