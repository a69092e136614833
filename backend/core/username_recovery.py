"""What is asked of somebody who does not know their user name any more, and in which order.

    the market's own data → confirmation → ended

There is no code: the answer goes to the contacts on file, never into the chat.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from backend.core.identity_data import (
    BY_POLICY,
    NAMED,
    IdentityDraft,
    next_search_datum,
    search_data,
)
from backend.core.markets import Market

_BY_PROFILE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {**NAMED, "company": (*NAMED["company"], "vat_number")}
)


def slots_open(draft: IdentityDraft, market: Market) -> frozenset[str]:
    """The data that may be given now, asked or not."""
    if market.identify_by == "policy":
        return frozenset(BY_POLICY)
    profile = draft.values.get("profile")
    named = _BY_PROFILE.values() if profile is None else (_BY_PROFILE[profile],)
    return frozenset({"profile"}).union(search_data(profile), *named)


def next_datum(draft: IdentityDraft, market: Market) -> str | None:
    """The datum to ask for; None when all are there."""
    if market.identify_by == "policy":
        return _first_missing(draft, BY_POLICY)
    named = _BY_PROFILE.get(draft.values.get("profile", ""), ())
    return _first_missing(draft, ("profile", *named)) or next_search_datum(draft)


def asking(draft: IdentityDraft, market: Market) -> str:
    """What is being asked now."""
    return next_datum(draft, market) or "confirmation"


def _first_missing(draft: IdentityDraft, slots: tuple[str, ...]) -> str | None:
    return next((slot for slot in slots if slot not in draft.values), None)
