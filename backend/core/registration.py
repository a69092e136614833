"""Registration as a process without I/O: what is known, what is asked next, what an answer changes.

    collecting → consent → code → password → ended

Which data are asked depends on the market (by contact in Italy, by policy in Indonesia), and in
Italy on the profile and on whether the customer was recognised (`is_searching`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.core.drafts import Stage
from backend.core.identity_data import (
    BY_POLICY,
    NAMED,
    IdentityDraft,
    masks_of,
    next_search_datum,
    search_data,
    second_datum,
)
from backend.core.markets import Market

_BY_PROFILE: Final[Mapping[str, tuple[str, ...]]] = {
    "person": NAMED["person"],
    "professional": (*NAMED["professional"], "vat_number"),
    "company": (*NAMED["company"], "vat_number"),
}


@dataclass(slots=True)
class Draft(IdentityDraft):
    """One registration under way."""

    consent_given: bool = False
    consent_id: int | None = None
    consent_refusals: int = 0

    is_searching: bool = False
    """Not recognised by contact: tax code and one more datum are asked."""
    is_rejected: bool = False
    """The last comparison fitted nobody: nothing is compared again before a datum comes."""
    policy_id: int | None = None

    def forget_identity(self) -> None:
        """Somebody else may be meant now: whoever was found and all that followed is void."""
        self.customer_id = self.policy_id = None
        resends = self.resends
        self.forget_code()
        self.resends = resends  # a new datum gives no new sends
        self.is_rejected = False


def slots_asked(draft: Draft, market: Market) -> tuple[str, ...]:
    """The data that are asked before consent, in order."""
    if market.identify_by == "policy":
        return BY_POLICY
    named = _BY_PROFILE.get(draft.values.get("profile", ""), ())
    return ("profile", *named, "contact")


def slots_open(draft: Draft, market: Market) -> frozenset[str]:
    """The data that may be given now, asked or not."""
    if market.identify_by == "policy":
        return frozenset(BY_POLICY)
    profile = draft.values.get("profile")
    searching = search_data(profile)
    if profile is None:
        return frozenset({"profile", "contact", *searching}.union(*_BY_PROFILE.values()))
    return frozenset(slots_asked(draft, market)) | searching


def next_datum(draft: Draft, market: Market) -> str | None:
    """The datum to ask for before consent; None when all are there."""
    return next((slot for slot in slots_asked(draft, market) if slot not in draft.values), None)


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
    return next_search_datum(draft) or second_datum(draft)


def filled(draft: Draft, market: Market) -> dict[str, str]:
    """Slot -> mask of all that is known."""
    known = masks_of(draft, slots_open(draft, market))
    if "contact_choice" in draft.masks:
        known["contact_choice"] = draft.masks["contact_choice"]
    if draft.consent_given:
        known["consent"] = "accepted"
    return known
