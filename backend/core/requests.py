"""Requests that staff decide, as a state machine.

    submitted ──staff say yes────────────────► approved
      │ │ └────staff say no, with a reason───► rejected
      │ └──────whoever filed it calls it off─► withdrawn
      └────────"it wasn't me"────────────────► vetoed

Every state but the first is final; a row leaves `submitted` by an UPDATE guarded with state and
version. What was approved may be undone later (see `services.vetoes`); the request stays approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from backend.core.errors import Invalid
from backend.core.masking import (
    MIN_HIDDEN,
    STAR,
    mask_contact,
    mask_date,
    mask_name,
    mask_tail,
    mask_tax_code,
)


class Kind(StrEnum):
    """What is asked for."""

    MOBILE_CHANGE = "mobile_change"
    """Italy; also Indonesia, when neither contact on file can be reached any more."""
    LINK_POLICY = "link_policy"
    """Indonesia: a Group policy to an account of an Individu or DPLK policy (guide link-policy)."""


class State(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VETOED = "vetoed"


class Reason(StrEnum):
    """Why a request was rejected; customers hear words by this code, never the note."""

    DOCUMENT_UNREADABLE = "document_unreadable"
    DOCUMENT_EXPIRED = "document_expired"
    DATA_DIFFER = "data_differ"
    NUMBER_IN_USE = "number_in_use"
    NOT_ENTITLED = "not_entitled"
    OTHER = "other"


_EDGES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {State.SUBMITTED: frozenset(State) - {State.SUBMITTED}}
)


def may_become(state: State, other: State) -> bool:
    """Whether a request in *state* may go over to *other*."""
    return other in _EDGES.get(state, frozenset())


@dataclass(frozen=True, slots=True)
class Request:
    """One request as on file."""

    id: str
    number: str
    """What the customer quotes: `REQ-` and eight digits, drawn by chance."""
    market: str
    kind: Kind
    state: State
    version: int
    """From 1; one more with every change. A decision names the version that was looked at."""
    customer_id: int | None
    account_id: str | None
    conversation_id: str
    language: str
    channel: str
    is_proven: bool
    """Whoever filed it had proved who they are by a code."""
    submitted_at: datetime
    decided_at: datetime | None
    reason: Reason | None
    decided_by: str | None = field(repr=False)
    """The reviewer's e-mail address; `customer` where the customer ended it."""
    details: Mapping[str, Any] = field(repr=False)
    """What was filled in; `new_mobile` (E.164) or `policy_id` is what the request is about."""
    contact: str = field(repr=False)
    """Where the answer goes."""
    note: str | None = field(repr=False)

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to decide."""
        return self.state is State.SUBMITTED

    @property
    def subject(self) -> str:
        """Whom it is about; there is one open request per kind and subject."""
        return subject_of(self.customer_id, self.conversation_id)

    @property
    def new_mobile(self) -> str:
        """The number to put on file (E.164); empty where that is not what was asked."""
        return str(self.details.get("new_mobile", ""))

    @property
    def policy_id(self) -> int:
        """The policy to link; 0 where that is not what was asked."""
        return int(self.details.get("policy_id", 0))


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a request begins with."""

    market: str
    kind: Kind
    customer_id: int | None
    """None where nobody on file is known yet, unless *account_id* says who it is."""
    account_id: str | None
    conversation_id: str
    language: str
    channel: str
    is_proven: bool
    details: Mapping[str, Any] = field(repr=False)
    contact: str = field(repr=False)


def require_whole(new: NewRequest) -> None:
    """Raise unless *new* holds what its approval will need.

    Raises:
        Invalid: `request_incomplete`.
    """
    needed = {
        Kind.MOBILE_CHANGE: bool(new.details.get("new_mobile")),
        Kind.LINK_POLICY: bool(new.details.get("policy_id")) and new.account_id is not None,
    }
    if not needed[new.kind]:
        raise Invalid("request_incomplete", kind=new.kind)


def subject_of(customer_id: int | None, conversation_id: str) -> str:
    """Whom a request is about: a customer, or whoever writes in a conversation."""
    return f"conversation/{conversation_id}" if customer_id is None else f"customer/{customer_id}"


_PLAIN: Final = frozenset({"policy_id", "policy_type", "document_type"})
_MASKS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "first_name": mask_name,
        "last_name": mask_name,
        "company_name": mask_name,
        "tax_code": mask_tax_code,
        "vat_number": lambda value: mask_tail(value, 3),
        "policy_number": lambda value: mask_tail(value, 3),
        "date_of_birth": mask_date,
        "new_mobile": mask_contact,
        "mobile": mask_contact,
        "email": mask_contact,
        "contact": mask_contact,
    }
)


def masked_details(request: Request) -> dict[str, str]:
    """The details as they may be shown outside the backend; what has no mask is hidden whole."""
    return {name: _masked(name, str(value)) for name, value in sorted(request.details.items())}


def _masked(name: str, value: str) -> str:
    if not value or name in _PLAIN:
        return value
    return _MASKS.get(name, _hidden)(value)


def _hidden(_value: str) -> str:
    return STAR * MIN_HIDDEN
