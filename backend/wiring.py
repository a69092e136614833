"""Puts the flows together from the services they work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.core.challenges import Purpose
from backend.services.accounts import Accounts
from backend.services.contact_changes import ContactChanges
from backend.services.document_viewing import DocumentViewing
from backend.services.documents import Documents
from backend.services.flows.codes import Codes
from backend.services.flows.flow import Flow, FlowParts
from backend.services.flows.identity import IdentityStage
from backend.services.flows.password_page import PasswordPage
from backend.services.identities import Identities
from backend.services.matching import Matching
from backend.services.mobile_change import MobileChange
from backend.services.mobile_change.filing import Filing
from backend.services.password_reset import PasswordReset
from backend.services.policy_linking import PolicyLinking
from backend.services.policy_links import PolicyLinks
from backend.services.registration import Registration
from backend.services.registration.code_stage import CodeStage
from backend.services.registration.identification import Identification
from backend.services.request_status import RequestStatus
from backend.services.requests import Requests
from backend.services.uploads import Uploads
from backend.services.username_recovery import UsernameRecovery
from backend.services.username_reminders import UsernameReminders


@dataclass(frozen=True, slots=True)
class Services:
    """What the flows use."""

    accounts: Accounts
    identities: Identities
    matching: Matching
    contact_changes: ContactChanges
    requests: Requests
    policy_links: PolicyLinks
    documents: Documents
    uploads: Uploads
    username_reminders: UsernameReminders


def make_flows(parts: FlowParts, services: Services) -> tuple[Flow[Any], ...]:
    """Every flow of the desk."""
    return (
        _registration(parts, services),
        _password_reset(parts, services),
        _policy_linking(parts, services),
        _document_viewing(parts, services),
        _username_recovery(parts, services),
        _mobile_change(parts, services),
        _request_status(parts, services),
    )


def identity_stage(parts: FlowParts, services: Services, **options: Any) -> IdentityStage:
    """The proof of who writes, as one flow wants it."""
    return IdentityStage(
        parts.clock,
        Codes(parts.challenges),
        services.identities,
        services.contact_changes,
        **options,
    )


def _registration(parts: FlowParts, services: Services) -> Registration:
    password = PasswordPage(Registration.slug)
    return Registration(
        parts,
        identification=Identification(services.matching),
        code=CodeStage(Codes(parts.challenges), services.accounts, password),
        password=password,
        identities=services.identities,
    )


def _password_reset(parts: FlowParts, services: Services) -> PasswordReset:
    return PasswordReset(
        parts,
        identity_stage(parts, services, purpose=Purpose.RESET, always_by_code=True),
        identities=services.identities,
        changes=services.contact_changes,
    )


def _document_viewing(parts: FlowParts, services: Services) -> DocumentViewing:
    return DocumentViewing(parts, identity_stage(parts, services), documents=services.documents)


def _username_recovery(parts: FlowParts, services: Services) -> UsernameRecovery:
    return UsernameRecovery(
        parts, matching=services.matching, reminders=services.username_reminders
    )


def _policy_linking(parts: FlowParts, services: Services) -> PolicyLinking:
    return PolicyLinking(
        parts,
        identity_stage(parts, services),
        codes=Codes(parts.challenges),
        matching=services.matching,
        links=services.policy_links,
        requests=services.requests,
    )


def _mobile_change(parts: FlowParts, services: Services) -> MobileChange:
    return MobileChange(
        parts,
        identity_stage(parts, services, may_lack_contacts=True),
        codes=Codes(parts.challenges),
        uploads=services.uploads,
        changes=services.contact_changes,
        filing=Filing(services.requests, services.contact_changes),
    )


def _request_status(parts: FlowParts, services: Services) -> RequestStatus:
    return RequestStatus(
        parts,
        identities=services.identities,
        requests=services.requests,
        matching=services.matching,
    )
