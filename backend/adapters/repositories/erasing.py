"""Deletes what is kept about one person, family by family; the order is that of foreign keys.

The audit stays: it is append-only and names internal ids and masks. Counters over sliding windows
are gone within a day by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, delete, or_, select

from backend.adapters.crypto import Vault
from backend.adapters.repositories.files import FileRows
from backend.adapters.tables.accounts import (
    account_policies,
    accounts,
    customers,
    login_throttles,
    older_accounts,
    policies,
    web_sessions,
)
from backend.adapters.tables.challenges import challenges
from backend.adapters.tables.conversations import buttons, conversations, inbound, messages
from backend.adapters.tables.files import files
from backend.adapters.tables.identities import identity_proofs
from backend.adapters.tables.notices import notices
from backend.adapters.tables.pages import drafts, pages
from backend.adapters.tables.requests import contact_changes, requests
from backend.core.files import Purpose
from backend.core.privacy import Person

type Eraser = Callable[[Connection, Vault, Person], int]


def _drafts(connection: Connection, vault: Vault, person: Person) -> int:
    """Also of flows that have not proved anything yet: few are alive at a time."""
    gone = 0
    for row in connection.execute(select(drafts)).all():
        content = vault.unseal_json(row.content, "drafts.content")
        is_theirs = (
            row.conversation_id in person.conversations
            or content.get("customer_id") == person.customer.id
            or content.get("account_id") in person.account_ids
        )
        if is_theirs:
            same_draft = (drafts.c.conversation_id == row.conversation_id) & (
                drafts.c.flow == row.flow
            )
            gone += connection.execute(delete(drafts).where(same_draft)).rowcount
    return gone


def _identity_proofs(connection: Connection, _vault: Vault, person: Person) -> int:
    theirs = or_(
        identity_proofs.c.account_id.in_(person.account_ids),
        identity_proofs.c.conversation_id.in_(person.conversations),
    )
    return connection.execute(delete(identity_proofs).where(theirs)).rowcount


def _files(connection: Connection, _vault: Vault, person: Person) -> int:
    references = (*person.requests, *person.uploads)
    theirs = files.c.reference.in_(references) & (files.c.purpose == Purpose.IDENTITY)
    return connection.execute(delete(files).where(theirs)).rowcount


def _pages(connection: Connection, _vault: Vault, person: Person) -> int:
    changes = select(contact_changes.c.id).where(
        contact_changes.c.customer_id == person.customer.id
    )
    theirs = or_(
        pages.c.account_id.in_(person.account_ids),
        pages.c.conversation_id.in_(person.conversations),
        pages.c.reference.in_(person.requests),
        pages.c.reference.in_(changes),
    )
    return connection.execute(delete(pages).where(theirs)).rowcount


def _challenges(connection: Connection, _vault: Vault, person: Person) -> int:
    theirs = or_(
        challenges.c.subject_index.in_(person.subjects),
        challenges.c.conversation_id.in_(person.places),
    )
    return connection.execute(delete(challenges).where(theirs)).rowcount


def _notices(connection: Connection, _vault: Vault, person: Person) -> int:
    # What was said on WhatsApp may have gone to another number than those on file.
    theirs = or_(notices.c.to_index.in_(person.contacts), notices.c.lane.in_(person.conversations))
    return connection.execute(delete(notices).where(theirs)).rowcount


def _contact_changes(connection: Connection, _vault: Vault, person: Person) -> int:
    return connection.execute(
        delete(contact_changes).where(contact_changes.c.customer_id == person.customer.id)
    ).rowcount


def _requests(connection: Connection, _vault: Vault, person: Person) -> int:
    return connection.execute(delete(requests).where(requests.c.id.in_(person.requests))).rowcount


def _transcripts(connection: Connection, _vault: Vault, person: Person) -> int:
    for table in (buttons, messages, inbound):
        connection.execute(delete(table).where(table.c.conversation_id.in_(person.conversations)))
    return connection.execute(
        delete(conversations).where(conversations.c.id.in_(person.conversations))
    ).rowcount


def _throttles(connection: Connection, _vault: Vault, person: Person) -> int:
    names = select(accounts.c.username_index).where(accounts.c.customer_id == person.customer.id)
    return connection.execute(
        delete(login_throttles).where(login_throttles.c.username_index.in_(names))
    ).rowcount


def _sessions(connection: Connection, _vault: Vault, person: Person) -> int:
    return connection.execute(
        delete(web_sessions).where(web_sessions.c.account_id.in_(person.account_ids))
    ).rowcount


def _account(connection: Connection, _vault: Vault, person: Person) -> int:
    return connection.execute(
        delete(accounts).where(accounts.c.customer_id == person.customer.id)
    ).rowcount


def _policy_documents(connection: Connection, vault: Vault, person: Person) -> int:
    return FileRows(connection, vault).remove_documents_of(_policy_ids(connection, person))


def _policies(connection: Connection, _vault: Vault, person: Person) -> int:
    policy_ids = _policy_ids(connection, person)
    connection.execute(delete(account_policies).where(account_policies.c.policy_id.in_(policy_ids)))
    return connection.execute(delete(policies).where(policies.c.id.in_(policy_ids))).rowcount


def _customer(connection: Connection, _vault: Vault, person: Person) -> int:
    connection.execute(
        delete(older_accounts).where(older_accounts.c.customer_id == person.customer.id)
    )
    return connection.execute(
        delete(customers).where(customers.c.id == person.customer.id)
    ).rowcount


COLLECTED: Final[tuple[tuple[str, Eraser], ...]] = (
    ("drafts", _drafts),
    ("identity_proofs", _identity_proofs),
    ("identity_documents", _files),
    ("pages", _pages),
    ("challenges", _challenges),
    ("notices", _notices),
    ("contact_changes", _contact_changes),
    ("requests", _requests),
    ("transcripts", _transcripts),
    ("throttles", _throttles),
    ("sessions", _sessions),
    ("account", _account),
)
"""What the desk itself has collected."""

INSURERS_FILE: Final[tuple[tuple[str, Eraser], ...]] = (
    ("policy_documents", _policy_documents),
    ("policies", _policies),
    ("customer", _customer),
)
"""What the insurer's files brought, and bring again with the next import."""


def _policy_ids(connection: Connection, person: Person) -> list[int]:
    query = select(policies.c.id).where(policies.c.customer_id == person.customer.id)
    return list(connection.scalars(query))
