"""What comes after "I don't have it", by flow and question (docs/flows, service rules)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.conversations.product import words
from tests.conversations.product.going import Going

_OVER: Final = None
_CHOICES: Final = frozenset(
    {
        "profile", "policy_type", "contact_choice", "consent", "sex", "policy_choice",
        "document_choice", "request_choice", "confirmation",
    }
)  # fmt: skip
# Only what is not: help is given, and the same thing asked again.
NEXT: Final[Mapping[tuple[str, str], str | None]] = MappingProxyType(
    {
        # Who has none of the masked contacts goes to the agency.
        ("register", "contact_choice"): _OVER,
        ("register", "tax_code"): _OVER,
        # Italy asks the date of birth instead of a number that is not at hand; that was the last.
        ("recover_username", "tax_code"): _OVER,
        ("recover_username", "date_of_birth"): _OVER,
        # In Indonesia many have one name only.
        ("update_mobile", "last_name"): "place_of_birth",
        # None of the contacts is in reach any more: the way out is offered with them.
        ("update_mobile", "otp_code"): "contact_choice",
        # None of those on offer; without number or contact a person helps.
        ("check_request", "request_choice"): "request_number",
        ("check_request", "request_number"): _OVER,
        ("check_request", "contact"): _OVER,
        ("check_request", "confirmation"): _OVER,
    }
)
_SHORTEST_HELP: Final = 30


def lacks(going: Going) -> None:
    """Help and the same question, or the next best, or an end that says where to turn.

    Help with a page is the page, once more.
    """
    pair, before = going.pair, going.last
    kinds = words.NOT_AVAILABLE[pair.language]
    wordings = kinds.choice if pair.slot in _CHOICES else kinds.data
    reply = going.talk.says(wordings[pair.variant % len(wordings)])
    expected = NEXT.get((pair.flow, pair.slot), pair.slot)

    flow = None if expected is _OVER else pair.flow
    assert (reply.flow, reply.asking) == (flow, expected), f"{reply.asking}: {reply.text}"
    told = [str(each["text"]) for each in reply.replies if str(each["text"]) not in before.text]
    is_helped = sum(map(len, told)) > _SHORTEST_HELP or bool(reply.links)
    assert is_helped, f"nothing new is said: {reply.text}"
