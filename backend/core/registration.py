"""Registration as a process without I/O: what is known, what is asked next, what an answer changes.

    collecting → consent → code → password → ended

Which data are asked depends on the market (by contact in Italy, by policy in Indonesia), and in
Italy on the profile and on whether the customer was recognised (`is_searching`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.core.drafts import FlowDraft, Stage
from backend.core.markets import Market

_BY_PROFILE: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("first_name", "last_name"),
    "professional": ("first_name", "last_name", "vat_number"),
    "company": ("company_name", "vat_number"),
}
_BY_POLICY: Final = ("policy_type", "policy_number", "first_name", "last_name", "date_of_birth")

IDENTITY_SLOTS: Final = (
    "profile", "policy_type", "first_name", "last_name", "company_name", "vat_number", "contact",
    "tax_code", "policy_number", "date_of_birth",
)  # fmt: skip
"""In the order in which answers of one message are read."""


@dataclass(slots=True)
class Draft(FlowDraft):
    """One registration under way."""

    consent_given: bool = False
    consent_id: int | None = None
    consent_refusals: int = 0

    is_searching: bool = False
    """Not recognised by contact: tax code and one more datum are asked."""
    is_rejected: bool = False
    """The last comparison fitted nobody: nothing is compared again before a datum comes."""
    without_policy_number: bool = False
    policy_id: int | None = None

    def forget_identity(self) -> None:
        """Somebody else may be meant now: whoever was found and all that followed is void."""
        self.customer_id = self.policy_id = None
        resends = self.resends
        self.forget_code()
        self.resends = resends  # a new datum gives no new sends
        self.is_rejected = False

    @property
    def is_business(self) -> bool:
        """Whether a VAT number stands for the tax code."""
        return self.values.get("profile") == "company"


def slots_asked(draft: Draft, market: Market) -> tuple[str, ...]:
    """The data that are asked before consent, in order."""
    if market.identify_by == "policy":
        return _BY_POLICY
    named = _BY_PROFILE.get(draft.values.get("profile", ""), ())
    return ("profile", *named, "contact")


def slots_open(draft: Draft, market: Market) -> frozenset[str]:
    """The data that may be given now, asked or not."""
    if market.identify_by == "policy":
        return frozenset(_BY_POLICY)
    profile = draft.values.get("profile")
    searching = {"policy_number"} if profile == "company" else _SEARCH_DATA
    if profile is None:
        return frozenset({"profile", "contact", *searching}.union(*_BY_PROFILE.values()))
    return frozenset(slots_asked(draft, market)) | searching


_SEARCH_DATA: Final = frozenset({"tax_code", "policy_number", "date_of_birth"})


def next_datum(draft: Draft, market: Market) -> str | None:
    """The datum to ask for before consent; None when all are there."""
    return next((slot for slot in slots_asked(draft, market) if slot not in draft.values), None)


def next_search_datum(draft: Draft) -> str | None:
    """The datum to ask of somebody who was not recognised; None when they can be looked up."""
    if not draft.is_business and "tax_code" not in draft.values:
        return "tax_code"
    datum = "date_of_birth" if draft.without_policy_number else "policy_number"
    if draft.is_rejected:
        return datum
    is_born_known = "date_of_birth" in draft.values and not draft.is_business
    if "policy_number" in draft.values or is_born_known:
        return None
    return datum


def asking(draft: Draft, market: Market) -> str:
    """What is being asked now."""
    if draft.stage is Stage.PASSWORD:
        return "password_page"
    if draft.stage is Stage.CODE:
        return "otp_code"
    if datum := next_datum(draft, market):
        return datum
    if not draft.consent_given:
        return "consent"
    return _asking_after_consent(draft, market)


def _asking_after_consent(draft: Draft, market: Market) -> str:
    if market.identify_by == "policy":
        return "policy_number"
    if draft.customer_id is not None:
        return "contact_choice"
    return next_search_datum(draft) or "policy_number"


def filled(draft: Draft, market: Market) -> dict[str, str]:
    """Slot -> mask of all that is known."""
    known = {slot: mask for slot, mask in draft.masks.items() if slot in slots_open(draft, market)}
    if "contact_choice" in draft.masks:
        known["contact_choice"] = draft.masks["contact_choice"]
    if draft.consent_given:
        known["consent"] = "accepted"
    return known
