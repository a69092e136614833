"""Linking a policy as a process without I/O: what is asked next, and what may be given already.

identity → collecting (type and number of the policy, own datum, summary)
         → choice of a contact on that policy's record → its code → linked
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from backend.core.drafts import AccountDraft, Stage
from backend.core.identity_data import masks_of
from backend.core.markets import Market

LINK_SLOTS: Final = ("policy_type", "policy_number", "date_of_birth", "vat_number")
"""In the order in which answers of one message are read."""
_OF_THE_PROOF: Final = ("username", "contact_choice")


@dataclass(slots=True)
class LinkDraft(AccountDraft):
    """One policy on its way into an account."""

    is_business: bool = False
    """The account is a company's: a VAT number stands for the date of birth."""
    proved_contact: str | None = field(default=None, repr=False)
    """The contact that proved who writes; on the policy's record it spares another code."""
    is_rejected: bool = False
    """The last comparison fitted nothing: nothing is compared again before a datum comes."""
    policy_id: int | None = None
    """What was found, while a contact on its record is being proved."""

    def forget_policy(self) -> None:
        """Another policy may be meant now: whatever followed from the last one is void."""
        self.stage = Stage.COLLECTING
        self.policy_id = None
        self.is_rejected = False
        resends = self.resends
        self.forget_code()
        self.resends = resends  # a new datum gives no new sends


def slots_asked(draft: LinkDraft, market: Market) -> tuple[str, ...]:
    """The data that are asked, in order."""
    own_datum = "vat_number" if draft.is_business else "date_of_birth"
    kind = ("policy_type",) if market.identify_by == "policy" else ()
    return (*kind, "policy_number", own_datum)


def slots_open(draft: LinkDraft, market: Market) -> frozenset[str]:
    """The data that may be given now, asked or not: before it is known who writes, either datum."""
    either = {"date_of_birth", "vat_number"} if draft.stage is Stage.IDENTITY else set()
    return frozenset(slots_asked(draft, market)) | either


def asking(draft: LinkDraft, market: Market) -> str:
    """What is being asked once it is known who writes."""
    if draft.stage is Stage.CODE:
        return "otp_code"
    if draft.stage is Stage.CHOICE:
        return "contact_choice"
    missing = next((slot for slot in slots_asked(draft, market) if slot not in draft.values), None)
    if missing is not None:
        return missing
    return "policy_number" if draft.is_rejected else "confirmation"


def filled(draft: LinkDraft, market: Market) -> dict[str, str]:
    """Slot -> mask of all that is known."""
    return masks_of(draft, slots_open(draft, market) | set(_OF_THE_PROOF))
