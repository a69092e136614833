"""What the audit keeps of an event: who, how and about what; never a secret or a contact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """Everything that is audited."""

    CONSENT_GIVEN = "consent_given"
    MATCH_OK = "match_ok"
    MATCH_FAILED = "match_failed"
    CHALLENGE_ISSUED = "challenge_issued"
    CODE_OK = "code_ok"
    CODE_WRONG = "code_wrong"
    CODE_EXHAUSTED = "code_exhausted"
    LINK_CONFIRMED = "link_confirmed"
    IDENTITY_PROVED = "identity_proved"
    GRANT_USED = "grant_used"
    BUDGET_TRIPPED = "budget_tripped"
    ACCOUNT_CREATED = "account_created"
    EXISTING_NOTIFIED = "existing_notified"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an event
    PASSWORD_REJECTED = "password_rejected"  # noqa: S105
    LOGIN_OK = "login_ok"
    LOGIN_FAILED = "login_failed"
    LOGIN_THROTTLED = "login_throttled"
    SESSIONS_REVOKED = "sessions_revoked"
    REQUEST_SUBMITTED = "request_submitted"
    REQUEST_APPROVED = "request_approved"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_VETOED = "request_vetoed"
    MOBILE_CHANGED = "mobile_changed"
    MOBILE_REVERTED = "mobile_reverted"
    USERNAME_ASKED = "username_asked"
    POLICY_LINKED = "policy_linked"
    CUSTOMERS_IMPORTED = "customers_imported"
    ACCOUNT_IMPORTED = "account_imported"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ACCOUNT_CLOSED = "account_closed"
    CUSTOMER_EXPORTED = "customer_exported"
    CUSTOMER_ERASED = "customer_erased"
    AUDIT_PRUNED = "audit_pruned"
    DOCUMENTS_IMPORTED = "documents_imported"
    DOCUMENT_UPLOADED = "document_uploaded"
    DOCUMENT_OPENED = "document_opened"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event."""

    event: str
    actor: str = "customer"
    subject: str = ""
    """An internal id of customer or account; nothing outside understands it."""
    purpose: str = ""
    channel: str = ""
    factor: str = ""
    destination: str = ""
    """Masked."""
    conversation_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a walk over the chain found."""

    entries: int
    """How many entries hold."""
    broken_at: int | None
    """The first number that was changed, is missing, or was cut off."""

    @property
    def holds(self) -> bool:
        """Whether nothing was touched."""
        return self.broken_at is None
