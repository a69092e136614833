"""Everything kept about a customer, as plain data for a machine to read.

Moments are ISO 8601 in UTC. What opens something (hashes, codes, tokens, links) is not data about
the customer and stays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row

from backend.core.conversation import Line
from backend.core.privacy import Person
from backend.unit_of_work import UnitOfWork

type Exporter = Callable[[UnitOfWork, Person], Any]


def export(uow: UnitOfWork, person: Person, now: datetime) -> dict[str, Any]:
    """All families, by name."""
    return {
        "exported_at": _moment(now),
        "market": person.customer.market,
        **{name: exporter(uow, person) for name, exporter in FAMILIES},
    }


def _customer(_uow: UnitOfWork, person: Person) -> dict[str, Any]:
    customer = person.customer
    return {
        "customer_id": customer.number,
        "holder_kind": customer.holder_kind,
        "language": customer.language,
        **asdict(customer.details),
    }


def _policies(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    account = person.account
    in_account = uow.customers.policies_in_account(account.id) if account else []
    linked = {policy.id for policy in in_account}
    return [
        {
            "policy_number": policy.number,
            "policy_type": policy.type,
            "scheme": policy.scheme,
            "product": policy.product,
            "status": policy.status,
            "in_account": policy.id in linked,
        }
        for policy in uow.customers.policies_of(person.customer.id)
    ]


def _account(uow: UnitOfWork, person: Person) -> dict[str, Any] | None:
    account = person.account
    if account is None:
        return None
    created_at, password_set_at = uow.accounts.moments(account.id)
    return {
        "username": account.username,
        "username_kind": account.username_kind,
        "language": account.language,
        "has_password": not account.is_pending,
        "created_at": _moment(created_at),
        "password_set_at": _moment(password_set_at),
    }


def _consents(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    fields = ("kind", "version", "language", "channel", "given_at", "withdrawn_at")
    return [_picked(row, fields) for row in uow.persons.consents(person)]


def _requests(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    found = [uow.requests.get(request_id) for request_id in person.requests]
    return [
        {
            "number": request.number,
            "kind": request.kind,
            "state": request.state,
            "language": request.language,
            "channel": request.channel,
            "details": dict(request.details),
            "answer_to": request.contact,
            "identity_was_proven": request.is_proven,
            "submitted_at": _moment(request.submitted_at),
            "decided_at": _moment(request.decided_at),
            "reason": request.reason,
            "note": request.note,
        }
        for request in sorted(filter(None, found), key=lambda one: one.submitted_at)
    ]


def _contact_changes(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    return [
        {
            "kind": change.kind,
            "cause": change.cause,
            "old": change.old,
            "new": change.new,
            "changed_at": _moment(change.changed_at),
            "reverted_at": _moment(change.reverted_at),
        }
        for change in uow.contact_changes.of_customer(person.customer.id)
    ]


def _identity_documents(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    fields = ("document_type", "side", "media_type", "size", "created_at")
    return [_picked(row, fields) for row in uow.persons.files(person)]


def _policy_documents(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    policies = {one.id: one.number for one in uow.customers.policies_of(person.customer.id)}
    return [
        {
            "policy_number": policies[document.policy_id],
            "title": document.title,
            "kind": document.kind,
            "issued_on": document.issued_on.isoformat(),
        }
        for document in uow.files.documents_of(policies)
    ]


def _notices(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    fields = ("created_at", "channel", "template", "language", "status", "settled_at")
    return [_picked(row, fields) for row in uow.persons.notices(person)]


def _conversations(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    found = [uow.conversations.get(one) for one in person.own_conversations]
    return [
        {
            "conversation_id": conversation.id,
            "channel": conversation.channel,
            "language": conversation.language,
            "transcript": [_line(line) for line in uow.conversations.lines(conversation.id)],
        }
        for conversation in filter(None, found)
    ]


def _line(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {"at": _moment(line.at), "from": line.author, "text": line.text}
    if line.buttons:
        told["choices"] = [button.title for button in line.buttons]
    if line.page:
        told["page"] = line.page.kind
    return told


def _audit(uow: UnitOfWork, person: Person) -> list[dict[str, Any]]:
    fields = ("at", "event", "actor", "purpose", "channel", "factor", "destination", "reason")
    return [_picked(row, fields) for row in uow.persons.audit(person)]


FAMILIES: Final[tuple[tuple[str, Exporter], ...]] = (
    ("customer", _customer),
    ("policies", _policies),
    ("account", _account),
    ("consents", _consents),
    ("requests", _requests),
    ("contact_changes", _contact_changes),
    ("identity_documents", _identity_documents),
    ("policy_documents", _policy_documents),
    ("notices", _notices),
    ("conversations", _conversations),
    ("audit", _audit),
)


def _picked(row: Row[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in fields}
    return {
        name: _moment(value) if isinstance(value, datetime) else value
        for name, value in found.items()
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
