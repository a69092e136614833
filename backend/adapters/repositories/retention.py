"""What is older than it may be kept, family by family, and how it goes.

Every family has rows that belong to a market; where that can no longer be told (`market` None)
the shortest time of all markets applies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
)

from backend.adapters.tables.accounts import accounts, consents, customers
from backend.adapters.tables.challenges import challenges
from backend.adapters.tables.conversations import buttons, conversations, inbound, messages
from backend.adapters.tables.files import files
from backend.adapters.tables.notices import notices
from backend.adapters.tables.pages import drafts, pages
from backend.adapters.tables.requests import contact_changes, requests
from backend.core.conversation import Status
from backend.core.files import Purpose

type Keys = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Family:
    """Rows that are kept equally long."""

    name: str
    limit: str
    """The name of its time in the market's retention."""
    old: Callable[[str | None, datetime], Select[Any]]
    """The keys of what a market has of that moment or before."""
    remove: Callable[[Connection, Keys, datetime], int]


def _of(column: ColumnElement[Any], market: str | None) -> ColumnElement[bool]:
    return column.is_(None) if market is None else column == market


_waiting = inbound.alias("waiting")
_unhandled = exists().where(
    _waiting.c.conversation_id == conversations.c.id,
    _waiting.c.status.in_((Status.QUEUED, Status.RUNNING)),
)


def _old_drafts(market: str | None, before: datetime) -> Select[Any]:
    return (
        select(drafts.c.conversation_id)
        .distinct()
        .outerjoin(conversations, conversations.c.id == drafts.c.conversation_id)
        .where(drafts.c.idle_at <= before, _of(conversations.c.market, market))
    )


def _remove_drafts(connection: Connection, keys: Keys, before: datetime) -> int:
    old = drafts.c.conversation_id.in_(keys) & (drafts.c.idle_at <= before)
    return connection.execute(delete(drafts).where(old)).rowcount


def _old_messages(market: str | None, before: datetime) -> Select[Any]:
    return (
        select(messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.created_at <= before, _of(conversations.c.market, market), ~_unhandled)
    )


def _remove_messages(connection: Connection, keys: Keys, _before: datetime) -> int:
    said = exists().where(
        messages.c.id.in_(keys),
        messages.c.conversation_id == buttons.c.conversation_id,
        messages.c.seq == buttons.c.seq,
    )
    connection.execute(delete(buttons).where(said))
    return connection.execute(delete(messages).where(messages.c.id.in_(keys))).rowcount


def _old_inbound(market: str | None, before: datetime) -> Select[Any]:
    return (
        select(inbound.c.id)
        .join(conversations, conversations.c.id == inbound.c.conversation_id)
        .where(
            inbound.c.handled_at <= before,
            _of(conversations.c.market, market),
            ~_unhandled,
            ~exists().where(messages.c.inbound_id == inbound.c.id, messages.c.created_at > before),
        )
    )


def _remove_inbound(connection: Connection, keys: Keys, _before: datetime) -> int:
    free = inbound.c.id.in_(keys) & ~exists().where(messages.c.inbound_id == inbound.c.id)
    return connection.execute(delete(inbound).where(free)).rowcount


def _old_conversations(market: str | None, before: datetime) -> Select[Any]:
    return select(conversations.c.id).where(
        conversations.c.updated_at <= before,
        conversations.c.seen_at <= before,
        _of(conversations.c.market, market),
        ~_unhandled,
    )


def _remove_conversations(connection: Connection, keys: Keys, _before: datetime) -> int:
    mine = conversations.c.id.in_(keys)
    connection.execute(select(conversations.c.id).where(mine).with_for_update())
    # Looked at again under the lock: what came in meanwhile keeps its conversation.
    free = list(connection.scalars(select(conversations.c.id).where(mine, ~_unhandled)))
    for table in (buttons, messages, inbound):
        connection.execute(delete(table).where(table.c.conversation_id.in_(free)))
    return connection.execute(delete(conversations).where(conversations.c.id.in_(free))).rowcount


def _old_notices(market: str | None, before: datetime) -> Select[Any]:
    owner = (
        select(func.min(customers.c.market))
        .where(
            or_(
                customers.c.email_index == notices.c.to_index,
                customers.c.mobile_index == notices.c.to_index,
            )
        )
        .scalar_subquery()
    )
    return select(notices.c.seq).where(
        notices.c.created_at <= before, notices.c.due_at.is_(None), _of(owner, market)
    )


def _old_challenges(market: str | None, before: datetime) -> Select[Any]:
    # A log-in has its account in the place of a conversation.
    found = func.coalesce(conversations.c.market, accounts.c.market)
    return (
        select(challenges.c.id)
        .outerjoin(conversations, conversations.c.id == challenges.c.conversation_id)
        .outerjoin(accounts, accounts.c.id == challenges.c.conversation_id)
        .where(challenges.c.closed_at <= before, _of(found, market))
    )


def _old_pages(market: str | None, before: datetime) -> Select[Any]:
    return select(pages.c.id).where(pages.c.expires_at <= before, _of(pages.c.market, market))


def _old_requests(market: str | None, before: datetime) -> Select[Any]:
    return select(requests.c.id).where(
        requests.c.decided_at <= before, _of(requests.c.market, market)
    )


def _remove_requests(connection: Connection, keys: Keys, _before: datetime) -> int:
    documents = files.c.reference.in_(keys) & (files.c.purpose == Purpose.IDENTITY)
    connection.execute(delete(files).where(documents))
    return connection.execute(delete(requests).where(requests.c.id.in_(keys))).rowcount


def _old_contact_changes(market: str | None, before: datetime) -> Select[Any]:
    return (
        select(contact_changes.c.id)
        .join(customers, customers.c.id == contact_changes.c.customer_id)
        .where(contact_changes.c.changed_at <= before, _of(customers.c.market, market))
    )


def _old_identity_documents(market: str | None, before: datetime) -> Select[Any]:
    """Of requests that were decided, and of those that are gone; an open one keeps its own.

    What was never part of a request has a shorter life of its own (`unclaimed_until`).
    """
    orphan = and_(requests.c.id.is_(None), files.c.created_at <= before)
    return (
        select(files.c.id)
        .outerjoin(requests, requests.c.id == files.c.reference)
        .where(
            files.c.purpose == Purpose.IDENTITY,
            files.c.unclaimed_until.is_(None),
            or_(requests.c.decided_at <= before, orphan),
            _of(requests.c.market, market),
        )
    )


def _old_consents(market: str | None, before: datetime) -> Select[Any]:
    """Proofs of what is over: those of an account stay as long as it does."""
    return select(consents.c.id).where(
        consents.c.account_id.is_(None),
        func.coalesce(consents.c.withdrawn_at, consents.c.given_at) <= before,
        _of(consents.c.market, market),
    )


def _remover(table: Any, key: str) -> Callable[[Connection, Keys, datetime], int]:
    def remove(connection: Connection, keys: Keys, _before: datetime) -> int:
        return connection.execute(delete(table).where(table.c[key].in_(keys))).rowcount

    return remove


FAMILIES: Final = (
    Family("drafts", "drafts", _old_drafts, _remove_drafts),
    Family("messages", "transcripts", _old_messages, _remove_messages),
    Family("inbound", "transcripts", _old_inbound, _remove_inbound),
    Family("conversations", "transcripts", _old_conversations, _remove_conversations),
    Family("notices", "notices", _old_notices, _remover(notices, "seq")),
    Family("pages", "challenges", _old_pages, _remover(pages, "id")),
    Family("challenges", "challenges", _old_challenges, _remover(challenges, "id")),
    Family(
        "identity_documents",
        "identity_documents",
        _old_identity_documents,
        _remover(files, "id"),
    ),
    Family("contact_changes", "requests", _old_contact_changes, _remover(contact_changes, "id")),
    Family("requests", "requests", _old_requests, _remove_requests),
    Family("consents", "audit", _old_consents, _remover(consents, "id")),
)
"""In the order in which they may be deleted."""
