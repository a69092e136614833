"""What people say of themselves so that they can be found on file, by market and profile.

Italy goes by profile, name and contact, else by tax code (companies: VAT number) and one more
datum; Indonesia by the policy and what stands in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from backend.core.drafts import FlowDraft
from backend.core.errors import Fact
from backend.core.markets import Market

IDENTITY_SLOTS: Final = (
    "profile", "policy_type", "first_name", "last_name", "company_name", "vat_number", "contact",
    "tax_code", "policy_number", "date_of_birth",
)  # fmt: skip
"""In the order in which answers of one message are read."""

NAMED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "person": ("first_name", "last_name"),
        "professional": ("first_name", "last_name"),
        "company": ("company_name",),
    }
)
"""Profile -> what makes up the name."""
BY_POLICY: Final = ("policy_type", "policy_number", "first_name", "last_name", "date_of_birth")

_SEARCH_DATA: Final = frozenset({"tax_code", "policy_number", "date_of_birth"})


@dataclass(slots=True)
class IdentityDraft(FlowDraft):
    """A flow that looks for somebody on file by what they say."""

    without_policy_number: bool = False
    """It is not at hand: the date of birth stands in for it."""

    @property
    def is_business(self) -> bool:
        """Whether a VAT number stands for the tax code."""
        return self.values.get("profile") == "company"


def search_data(profile: str | None) -> frozenset[str]:
    """What goes with the name where the contact does not tell who it is (Italy)."""
    return frozenset({"policy_number"}) if profile == "company" else _SEARCH_DATA


def next_search_datum(draft: IdentityDraft) -> str | None:
    """The datum of `search_data` to ask for; None when its holder can be looked up."""
    if not draft.is_business and "tax_code" not in draft.values:
        return "tax_code"
    is_born_known = "date_of_birth" in draft.values and not draft.is_business
    if "policy_number" in draft.values or is_born_known:
        return None
    return second_datum(draft)


def second_datum(draft: IdentityDraft) -> str:
    """What is asked beside the tax code, which alone can be computed from public data."""
    return "date_of_birth" if draft.without_policy_number else "policy_number"


def masks_of(draft: FlowDraft, slots: Collection[str]) -> dict[str, str]:
    """The masks of what is known, of *slots* only: another profile's data do not count."""
    return {slot: mask for slot, mask in draft.masks.items() if slot in slots}


def policy_facts(values: Mapping[str, str], market: Market) -> dict[str, Fact]:
    """How a policy number of the chosen type looks."""
    kind = values.get("policy_type")
    examples = [number.example for number in market.policy_numbers if number.type == kind]
    return {"policy_example": examples[0]} if kind and examples and examples[0] else {}
