"""What the dialogue and the services say to each other about a flow, whichever flow it is.

A `Turn` goes in, a `Step` comes out. Values of the customer go in only; what comes out is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from backend.core.errors import Fact

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Command(StrEnum):
    """What the customer wants done, where that is not an answer to the question."""

    NONE = "none"
    RESEND = "resend"
    OTHER_CHANNEL = "other_channel"
    NOT_AVAILABLE = "not_available"
    AFFIRM = "affirm"
    DENY = "deny"
    CORRECT = "correct"
    PAGE_DONE = "page_done"
    LINK_CONFIRMED = "link_confirmed"
    PAGE_RENEWAL = "page_renewal"


class Outcome(StrEnum):
    """How a flow ended."""

    COMPLETED = "completed"
    REFUSED = "refused"
    EXPIRED = "expired"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Turn:
    """One customer message, as the flow sees it."""

    conversation_id: str
    message_id: str
    market: str
    language: str
    channel: str
    client: str | None
    """Keyed hash of the client address, for budgets per client."""
    answers: Mapping[str, str] = field(default=_NOTHING, repr=False)
    """Slot name -> text as written, or a choice id."""
    command: Command = Command.NONE
    opening: bool = False
    """The customer asks for the flow now: a draft that ran out is replaced without a word."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to tell: response `utter_<code>`, or `utter_error__<code>` when `is_error`."""

    code: str
    facts: Mapping[str, Fact] = field(default=_NOTHING)
    slot: str | None = None
    is_error: bool = False
    repeat: int = 1
    """The how-manieth failure of that slot in this flow."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered answer; the title is a mask or a product name, never a localised word."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class PageRef:
    """A one-time page without its token: the token is minted where the link is delivered."""

    id: str
    kind: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """Where the flow stands after the turn."""

    asking: str | None
    filled: Mapping[str, str] = field(default=_NOTHING)
    """Every known slot -> its mask (what a dialogue slot may hold)."""
    settled: tuple[str, ...] = ()
    """Of these, the slots that can't be changed any more."""
    accepted: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    facts: Mapping[str, Fact] = field(default=_NOTHING)
    choices: tuple[Choice, ...] = ()
    page: PageRef | None = None
    outcome: Outcome | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the stored answer to a repeated message."""
        return {
            "asking": self.asking,
            "filled": dict(self.filled),
            "settled": list(self.settled),
            "accepted": list(self.accepted),
            "remarks": [_plain(remark) | {"facts": dict(remark.facts)} for remark in self.remarks],
            "facts": dict(self.facts),
            "choices": [_plain(choice) for choice in self.choices],
            "page": _plain(self.page) if self.page else None,
            "outcome": self.outcome,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Step:
        """The Step that `to_json` was called on."""
        return cls(
            asking=data["asking"],
            filled=data["filled"],
            settled=tuple(data.get("settled", ())),
            accepted=tuple(data["accepted"]),
            remarks=tuple(Remark(**remark) for remark in data["remarks"]),
            facts=data["facts"],
            choices=tuple(Choice(**choice) for choice in data["choices"]),
            page=PageRef(**data["page"]) if data["page"] else None,
            outcome=Outcome(data["outcome"]) if data["outcome"] else None,
        )


def _plain(thing: Remark | Choice | PageRef) -> dict[str, Any]:
    return {f.name: getattr(thing, f.name) for f in fields(thing)}


# Every remark a flow may make: code -> names of its facts. Those in ERROR_REMARKS concern an answer
# (they carry `slot` and count `repeat`) and are spoken as `utter_error__<code>`.
ANSWER_ERRORS: frozenset[str] = frozenset(
    {
        "name_unreadable",
        "company_name_unreadable",
        "contact_unreadable",
        "email_malformed",
        "email_pec",
        "mobile_malformed",
        "mobile_not_mobile",
        "vat_number_malformed",
        "tax_code_malformed",
        "date_malformed",
        "date_impossible",
        "policy_number_malformed",
        "choice_unknown",
        "code_malformed",
        "username_unreadable",
        "place_unreadable",
        "address_unreadable",
        "city_unreadable",
        "mobile_known",
        "request_number_malformed",
    }
)
CODE_ERRORS: frozenset[str] = frozenset(
    {"code_wrong", "code_expired", "code_used", "code_exhausted"}
)
ERROR_REMARKS: frozenset[str] = ANSWER_ERRORS | CODE_ERRORS

_SENT = ("destination", "seconds", "channel")
REMARKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(ANSWER_ERRORS, ()),
        "code_wrong": ("attempts_left",),
        "code_expired": (),
        "code_used": (),
        "code_exhausted": ("seconds",),
        "code_sent": _SENT,
        "code_and_link_sent": (*_SENT, "minutes"),
        "code_resent": _SENT,
        "channel_changed": _SENT,
        "code_wait": ("seconds",),
        "no_other_channel": (),
        "resends_used": (),
        "destination_limit": (),
        "codes_blocked": (),
        "sends_stopped": (),
        "not_recognised": (),
        "identity_not_found": (),
        "matching_blocked": (),
        "no_contact_fits": ("scheme",),
        "policy_lapsed": (),
        "contact_help": (),
        "corrected": ("slot",),
        "detail_settled": (),
        "last_name_help": (),
        "confirmation_help": (),
        "consent_needed": (),
        "consent_refused": (),
        "account_ready": ("username", "username_kind"),
        "password_link": ("minutes",),
        "password_waiting": (),
        "registered": ("username",),
        "flow_expired": (),
        "link_confirmed": (),
        # who writes
        "username_help": (),
        "no_contact_left": (),
        # password and user name
        "mobile_too_new": ("hours",),
        "password_reset": (),
        "username_sent": (),
        # linking
        "group_not_linkable": (),
        "link_needs_person": ("request_number",),
        "policy_not_found": (),
        "policy_already_linked": ("policy",),
        "policy_linked": ("policy", "product"),
        # mobile number
        "contacts_lost": (),
        "upload_link": ("minutes",),
        "upload_waiting": (),
        "upload_received": (),
        "mobile_requested": ("request_number",),
        "mobile_changed": ("mobile", "hours"),
        "request_open": ("request_number",),
        # documents
        "no_documents": (),
        "document_link": ("title", "minutes"),
        # requests
        "no_requests": (),
        "request_unknown": (),
        "request_submitted": ("request_number", "date"),
        "request_approved": ("request_number", "date"),
        "request_rejected": ("request_number", "date", "reason"),
        "request_withdrawn": ("request_number", "date"),
        "request_vetoed": ("request_number", "date"),
        "request_kept": ("request_number",),
    }
)
