"""The newest message of a customer, and which kinds of questions and intents there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from backend.core.answers import NUMBER_ENDING
from backend.core.flow import Command

# Answers with a shape of their own: when one is read, it is the answer, whatever the intent seems.
STRICT = frozenset(
    {
        "vat_number", "tax_code", "date_of_birth", "policy_number", "otp_code", "contact",
        "new_mobile", "username", "request_number", NUMBER_ENDING,
    }
)  # fmt: skip
NAMES = frozenset({"first_name", "last_name", "company_name"})
# What the customer calls it is what it is called: no form tells it from anything else.
FREE = NAMES | {"place_of_birth", "address", "city"}
TAKEN_WHOLE = frozenset({"address", "city"})
CHOICES = frozenset(
    {
        "profile", "policy_type", "contact_choice", "sex", "policy_choice", "document_choice",
        "request_choice",
    }
)  # fmt: skip
# Where all that was said is shown once more.
SUMMARIES = frozenset({"confirmation", "consent"})
TASKS = frozenset(
    {
        "register", "reset_password", "recover_username", "link_policy", "update_mobile",
        "view_documents", "check_request",
    }
)  # fmt: skip
"""Intents that ask for a flow; the slugs of the flows."""

COMMANDS = {
    "otp_not_received": Command.RESEND,
    "change_otp_channel": Command.OTHER_CHANNEL,
    "not_available": Command.NOT_AVAILABLE,
    "affirm": Command.AFFIRM,
    "deny": Command.DENY,
    "correct_detail": Command.CORRECT,
    "page_done": Command.PAGE_DONE,
    "link_confirmed": Command.LINK_CONFIRMED,
    "page_renewal": Command.PAGE_RENEWAL,
}

# Intents that the flow's rules answer before the question comes again.
ASIDES = frozenset(
    {
        "ask_why", "bot_challenge", "cancel", "change_language", "complain", "faq", "goodbye",
        "greet", "help", "out_of_scope", "report_claim", "request_decided", "talk_to_human",
        "thank", "wrong_market",
    }
)  # fmt: skip
# A name is whatever a person is called, so only a sure guess takes a message away from a name slot.
SURE_ASIDE = 0.5
SURE_ASIDE_BESIDE_A_NAME = 0.75
SURE_ASIDE_BESIDE_A_BARE_NAME = 0.93
MOST_WORDS_OF_A_NAME = 6
_WORDS_OF_A_BARE_NAME = 2


@dataclass(frozen=True, slots=True)
class Message:
    """The newest message of the customer."""

    id: str
    text: str
    intent: str
    confidence: float
    entities: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, tracker: Tracker) -> Message:
        """Read it from the tracker."""
        latest = tracker.latest_message or {}
        intent = latest.get("intent") or {}
        return cls(
            id=str(latest.get("message_id") or ""),
            text=str(latest.get("text") or ""),
            intent=str(intent.get("name") or ""),
            confidence=float(intent.get("confidence") or 0.0),
            entities=tuple(latest.get("entities") or ()),
        )


def is_event(message: Message) -> bool:
    """Whether the house itself spoke: a one-time page was done."""
    return message.intent in {"page_done", "link_confirmed", "page_renewal"}


def is_sure(message: Message, asking: str | None) -> bool:
    """Whether the intent is to be believed beside what was asked."""
    sure = sure_beside_a_name(message.text) if asking in FREE else SURE_ASIDE
    return message.confidence >= sure


def sure_beside_a_name(text: str) -> float:
    """The fewer words, the more a message could be somebody's name."""
    words = len(text.split())
    if words <= _WORDS_OF_A_BARE_NAME:
        return SURE_ASIDE_BESIDE_A_BARE_NAME
    return SURE_ASIDE_BESIDE_A_NAME if words <= MOST_WORDS_OF_A_NAME else SURE_ASIDE


def is_question(text: str) -> bool:
    return "?" in text
