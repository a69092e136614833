"""Whether all that was said to the desk is answered and every answer that is due has left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from backend.adapters.tables.conversations import inbound
from backend.adapters.tables.notices import notices
from backend.bootstrap import Backend


def is_settled(backend: Backend) -> bool:
    """A turn is stored with its answers: once none is open, all of them are in the outbox."""
    return not (open_messages(backend) or due(backend))


def open_messages(backend: Backend) -> int:
    """How many messages wait for their turn or are in it."""
    query = select(func.count()).where(inbound.c.status.in_(("queued", "running")))
    with backend.uow(read_only=True) as uow:
        return int(uow.connection.execute(query).scalar_one())


def due(backend: Backend) -> list[Any]:
    """What could leave now: nothing before it in its conversation waits for later."""
    found: dict[Any, Any] = {}
    for row in outbox(backend):
        if row.due_at is not None:
            found.setdefault(row.lane or row.id, row)
    now = backend.clock.now()  # after the rows: what came meanwhile is due, too
    return [row for row in found.values() if row.status == "sending" or row.due_at <= now]


def outbox(backend: Backend, channel: str | None = None) -> list[Any]:
    """The rows of the outbox, in their order."""
    query = select(notices).order_by(notices.c.seq)
    if channel is not None:
        query = query.where(notices.c.channel == channel)
    with backend.uow(read_only=True) as uow:
        return list(uow.connection.execute(query))
