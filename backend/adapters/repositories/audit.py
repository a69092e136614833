"""Appends to the audit chain and walks it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from backend.adapters.crypto import Vault, same
from backend.adapters.repositories.dialects import insert_once
from backend.adapters.tables.audit import audit, audit_head
from backend.core.audit import AuditEntry, AuditReport

_HEAD: Final = 1
_TAIL: Final = 2
_GENESIS: Final = ""
_FIELDS: Final = (
    "event", "actor", "subject", "purpose", "channel", "factor", "destination",
    "conversation_id", "reason",
)  # fmt: skip


class AuditRows:
    """The audit in one transaction; entries are gathered and written when it commits.

    Writing last keeps the lock on the chain's head short: it is where all processes queue.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._key = vault.derive("audit")
        self._waiting: list[tuple[AuditEntry, datetime]] = []

    def add(self, entry: AuditEntry, now: datetime) -> None:
        """Note what happened; it lasts if the unit of work does."""
        self._waiting.append((entry, now))

    def flush(self) -> None:
        """Append what was gathered to the chain."""
        if not self._waiting:
            return
        insert_once(
            self._connection, audit_head, {"id": _HEAD, "seq": 0, "seal": self._head_seal(0, "")}
        )
        head = self._connection.execute(
            select(audit_head).where(audit_head.c.id == _HEAD).with_for_update()
        ).one()
        previous = self._seal_of(head.seq)
        seq = head.seq
        for entry, now in self._waiting:
            seq += 1
            row = {name: getattr(entry, name) for name in _FIELDS}
            seal = self._seal(seq, now, row, previous)
            self._connection.execute(
                audit.insert().values(seq=seq, at=now, previous=previous, seal=seal, **row)
            )
            previous = seal
        self._connection.execute(
            update(audit_head)
            .where(audit_head.c.id == _HEAD)
            .values(seq=seq, seal=self._head_seal(seq, previous))
        )
        self._waiting.clear()

    def verify(self) -> AuditReport:
        """Walk the whole chain; say where it breaks first."""
        pruned, previous = self._tail()
        expected = pruned + 1
        for row in self._connection.execute(select(audit).order_by(audit.c.seq)):
            if row.seq != expected or previous is None:
                return AuditReport(expected - 1 - pruned, broken_at=expected)
            values = {name: getattr(row, name) for name in _FIELDS}
            seal = self._seal(row.seq, row.at, values, previous)
            if row.previous != previous or not same(row.seal, seal):
                return AuditReport(expected - 1 - pruned, broken_at=row.seq)
            previous, expected = row.seal, expected + 1
        return self._with_head(pruned, expected - 1, previous or _GENESIS)

    def prune(self, before: datetime, limit: int) -> int:
        """Delete the oldest entries, of *before* or earlier, at most *limit*; gives how many.

        Where the chain then begins is sealed, so that a beginning cut off by anybody else shows.
        The last entry always stays.
        """
        head = self._connection.execute(
            select(audit_head).where(audit_head.c.id == _HEAD).with_for_update()
        ).one_or_none()
        pruned = self.prunable(before, limit)
        if head is None or not pruned:
            return 0
        end = pruned[-1]
        tail = {"seq": end, "seal": self._tail_seal(end, self._seal_of(end))}
        if not insert_once(self._connection, audit_head, {"id": _TAIL, **tail}):
            self._connection.execute(
                update(audit_head).where(audit_head.c.id == _TAIL).values(**tail)
            )
        self._connection.execute(delete(audit).where(audit.c.seq <= end))
        return len(pruned)

    def prunable(self, before: datetime, limit: int | None = None) -> Sequence[int]:
        """The numbers of the oldest entries, as far as all are of *before* or earlier."""
        first_newer = select(audit.c.seq).where(audit.c.at > before)
        stop = self._connection.execute(first_newer.order_by(audit.c.seq).limit(1)).scalar()
        if stop is None:
            stop = self._connection.execute(select(func.max(audit.c.seq))).scalar() or 0
        query = select(audit.c.seq).where(audit.c.seq < stop).order_by(audit.c.seq).limit(limit)
        return self._connection.scalars(query).all()

    def _tail(self) -> tuple[int, str | None]:
        """How far the chain was pruned and the seal it goes on from; None where that is forged."""
        tail = self._connection.execute(
            select(audit_head).where(audit_head.c.id == _TAIL)
        ).one_or_none()
        if tail is None:
            return 0, _GENESIS
        following = select(audit.c.previous).where(audit.c.seq == tail.seq + 1)
        previous = self._connection.execute(following).scalar()
        holds = previous is not None and same(tail.seal, self._tail_seal(tail.seq, previous))
        return tail.seq, previous if holds else None

    def _with_head(self, pruned: int, last: int, previous: str) -> AuditReport:
        head = self._connection.execute(
            select(audit_head).where(audit_head.c.id == _HEAD)
        ).one_or_none()
        whole = (
            last == 0
            if head is None
            else head.seq == last and same(head.seal, self._head_seal(last, previous))
        )
        return AuditReport(last - pruned, broken_at=None if whole else last + 1)

    def of_conversation(self, conversation_id: str) -> Sequence[Row[Any]]:
        """What happened in one conversation, in order."""
        query = (
            select(audit).where(audit.c.conversation_id == conversation_id).order_by(audit.c.seq)
        )
        return self._connection.execute(query).all()

    def _seal_of(self, seq: int) -> str:
        if seq == 0:
            return _GENESIS
        found = self._connection.execute(select(audit.c.seal).where(audit.c.seq == seq))
        return str(found.scalar_one())

    def _seal(self, seq: int, at: datetime, row: dict[str, str], previous: str) -> str:
        return self._mac([seq, at.isoformat(timespec="microseconds"), row, previous])

    def _head_seal(self, seq: int, last: str) -> str:
        return self._mac(["head", seq, last])

    def _tail_seal(self, seq: int, last: str) -> str:
        return self._mac(["tail", seq, last])

    def _mac(self, content: Any) -> str:
        message = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
        return hmac.digest(self._key, message, hashlib.sha256).hex()
