"""Rows of the outbox, and the guarded steps that several workers may take on them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from backend.adapters.crypto import SealBroken, Vault, new_id
from backend.adapters.tables.notices import notices
from backend.core.notices import Claimed, ListedNotice, Status, Words

_TO = "notices.to"
_WORDS = "notices.words"


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
        valid_for: timedelta | None,
        is_void: bool = False,
    ) -> str:
        """Write a message that is due at once, or never where *is_void*; gives its id."""
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
                words_sealed=self._vault.seal_json(
                    {"subject": words.subject, "body": words.body}, _WORDS
                ),
                status=Status.VOID if is_void else Status.PENDING,
                attempts=0,
                due_at=None if is_void else now,
                valid_until=None if valid_for is None else now + valid_for,
            )
        )
        return notice_id

    def has_due(self, now: datetime) -> bool:
        """Whether anything waits; to be asked before taking the write lock for nothing."""
        due = select(notices.c.id).where(notices.c.due_at <= now).limit(1)
        return self._connection.execute(due).first() is not None

    def claim(
        self, now: datetime, lease: timedelta, without: Collection[str] = ()
    ) -> Claimed | None:
        """Take the most urgent due message, of any channel but those in *without*.

        What runs out goes first: a code must not wait behind a welcome. It works for several
        processes: PostgreSQL passes over rows that another one is taking, and on SQLite a writing
        unit is alone from its beginning.
        """
        row = self._connection.execute(_next_due(now, without)).first()
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

    def listing(self, to: str | None, limit: int) -> list[ListedNotice]:
        """Messages to somebody whose words are still there, newest first."""
        query = select(notices).where(
            notices.c.words_sealed.is_not(None), notices.c.status != Status.VOID
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
            words = Words(**self._vault.unseal_json(row.words_sealed, _WORDS))
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
            to=to,
            words=words,
        )

    def _listed(self, row: Row[Any]) -> ListedNotice:
        words = Words(**self._vault.unseal_json(row.words_sealed, _WORDS))
        return ListedNotice(
            id=row.id,
            channel=row.channel,
            to=self._vault.unseal(row.to_sealed, _TO),
            subject=words.subject,
            body=words.body,
            created_at=row.created_at.isoformat(),
        )

    def _index(self, to: str) -> str:
        """The blind index of a contact, however it was typed.

        A `+` that a URL turned into a space, spaces and dots in a number, and capitals in an
        e-mail address make no difference.
        """
        if "@" in to:
            return self._vault.index("email", to.strip().lower())
        return self._vault.index("mobile", "+" + "".join(filter(str.isdigit, to)))


def _next_due(now: datetime, without: Collection[str]) -> Select[Any]:
    return (
        select(notices)
        .where(notices.c.due_at <= now, notices.c.channel.not_in(without))
        .order_by(notices.c.valid_until.is_(None), notices.c.due_at, notices.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
