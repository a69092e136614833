"""From a customer's message to a `Turn` of the flow that is running.

The form asks one question; people answer it, answer a later one too, correct an earlier one, ask
something back or change the subject. What is an answer is decided here, once for all forms; whether
the answer is any good is for the backend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.base import language_of, market_of, metadata_of
from backend.core.answers import NUMBER_ENDING
from backend.core.flow import Command, Turn

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
ENTITIES_OF_DATA = (STRICT | FREE | {"email", "mobile", "code_channel"}) - {NUMBER_ENDING}
TAKEN_WHOLE = frozenset({"address", "city"})
CHOICES = frozenset(
    {
        "profile", "policy_type", "contact_choice", "sex", "policy_choice", "document_choice",
        "request_choice",
    }
)  # fmt: skip
NUMBERS = frozenset(
    {"vat_number", "policy_number", "otp_code", "mobile", "request_number", "date_of_birth"}
)
TASKS = frozenset(
    {
        "register", "reset_password", "recover_username", "link_policy", "update_mobile",
        "view_documents", "check_request",
    }
)  # fmt: skip
"""Intents that ask for a flow; the slugs of the flows."""
# "No, it ends in 4"
_ENDING = re.compile(
    r"\b(?:finisce|finiva|termina|ends?|ending|berakhir(?:an)?|akhir(?:an)?nya|belakangnya|ujungnya)"
    r"(?:\s+(?:con|per|in|with|dengan|di|il|lo|la|the|angka|numero|adalah|è))*\s+(\d{1,4})\b",
    re.IGNORECASE,
)

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
WAITING = frozenset({"otp_code", "password_page", "document_upload"})
WITHOUT_ANSWER = frozenset({"password_page", "document_upload"})

# Where all that was said is shown once more.
SUMMARIES = frozenset({"confirmation", "consent"})
_SHORTEST_NUMBER = 2
"""A single digit chooses a button by its place."""

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
_MOST_WORDS_OF_A_NAME, _WORDS_OF_A_BARE_NAME = 6, 2


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


def flow_wanted(tracker: Tracker, current: str, slots: frozenset[str]) -> str | None:
    """The flow that the newest message asks for, where it surely asks for one.

    *slots* are the questions of the *current* flow: who gives a datum of it goes on with it.
    """
    message, asking = Message.of(tracker), tracker.get_slot("requested_slot")
    chosen = _chosen_flow(message)
    if chosen is not None:
        return chosen
    if asking == "flow_choice" and message.intent in {"affirm", "deny"}:
        return str(tracker.get_slot("wanted_flow")) if message.intent == "affirm" else current
    if message.intent not in TASKS or is_event(message):
        return None
    given = {_slot_of(str(e.get("entity")), asking, slots) for e in message.entities}
    if given & STRICT and "?" not in message.text:
        return None  # a datum came, whatever the words around it sound like
    sure = _sure_beside_a_name(message.text) if asking in FREE else SURE_ASIDE
    return message.intent if message.confidence >= sure else None


def is_chosen(tracker: Tracker) -> bool:
    """Whether another flow was chosen by a button that leads there."""
    return _chosen_flow(Message.of(tracker)) is not None


def _chosen_flow(message: Message) -> str | None:
    values = [str(e.get("value")) for e in message.entities if e.get("entity") == "flow_choice"]
    return next((value for value in values if value in TASKS), None)


def new_ending(message: Message) -> str | None:
    """The last digits with which a number given before is corrected."""
    match = _ENDING.search(message.text)
    return match.group(1) if match else None


def brings_misread_number(message: Message, asking: str | None) -> bool:
    """Whether a number that is none of the data stands in the answer to a summary.

    "No, the number is 347 99" refuses nothing, and "yes, but it is 347 99" agrees to nothing.
    """
    if asking not in SUMMARIES or is_event(message) or _is_question(message.text):
        return False
    if message.intent in ASIDES | TASKS:
        return False
    return sum(character.isdigit() for character in message.text) >= _SHORTEST_NUMBER


def turn_of(
    tracker: Tracker, slots: frozenset[str], asking: str | None, *, opening: bool
) -> Turn | None:
    """The turn for a flow whose questions are *slots*; None when the message is an aside."""
    message = Message.of(tracker)
    asking = None if opening else asking
    answers = {} if is_event(message) else answers_of(message, asking, slots, opening=opening)
    if not opening and is_aside(message, asking, answers):
        return None
    command = _command_of(message, asking)
    if asking and not opening and not answers and command is Command.NONE:
        answers = _whole_text(message, asking)
    meta = metadata_of(tracker)
    return Turn(
        conversation_id=tracker.sender_id,
        message_id=message.id,
        market=market_of(tracker),
        language=language_of(tracker),
        channel=str(meta.get("channel") or "web"),
        client=meta.get("client"),
        answers=answers,
        command=command,
        opening=opening,
    )


def is_event(message: Message) -> bool:
    """Whether the house itself spoke: a one-time page was done."""
    return message.intent in {"page_done", "link_confirmed", "page_renewal"}


def is_aside(message: Message, asking: str | None, answers: Mapping[str, str]) -> bool:
    """Whether the flow's rules should answer this message instead of the flow."""
    if _brings_data(message, asking, answers):
        return False
    if message.intent == "otp_not_received":
        return asking not in WAITING
    if message.intent not in ASIDES:
        return False
    if asking in FREE and not _is_question(message.text):
        return message.confidence >= _sure_beside_a_name(message.text)
    return message.confidence >= SURE_ASIDE or _is_question(message.text)


def _sure_beside_a_name(text: str) -> float:
    """The fewer words, the more a message could be somebody's name."""
    words = len(text.split())
    if words <= _WORDS_OF_A_BARE_NAME:
        return SURE_ASIDE_BESIDE_A_BARE_NAME
    return SURE_ASIDE_BESIDE_A_NAME if words <= _MOST_WORDS_OF_A_NAME else SURE_ASIDE


def _brings_data(message: Message, asking: str | None, answers: Mapping[str, str]) -> bool:
    """A datum with a shape of its own answers or corrects, even if the words sound like a task."""
    data = STRICT.intersection(answers)
    if asking in CHOICES and asking in answers:
        return "?" not in message.text
    return asking in data or (bool(data) and message.intent != "faq" and "?" not in message.text)


def answers_of(
    message: Message, asking: str | None, slots: frozenset[str], *, opening: bool
) -> dict[str, str]:
    """Slot -> text as written, for every datum of *slots* that the message holds."""
    if not opening:
        whole = _taken_whole(message, asking)
        if whole:
            return whole
    found: dict[str, str] = {}
    for entity in message.entities:
        slot = _slot_of(str(entity.get("entity")), asking, slots)
        if slot is not None and not (slot == "otp_code" and asking != "otp_code"):
            found.setdefault(slot, str(entity.get("value")))
    if len({e.get("value") for e in message.entities if e.get("entity") == "code_channel"}) > 1:
        found.pop("code_channel", None)  # "not by SMS, by mail": the other one, whichever that is
    return found if opening or asking is None else _in_answer_to(message, asking, found)


def _in_answer_to(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """What was *found*, in the light of what was asked."""
    if asking in NAMES:
        return _with_whole_name(message, asking, found)
    if asking == "place_of_birth" and message.intent != "correct_detail":
        return _with_place(message, asking, found)
    if asking in STRICT and asking not in found and _is_mostly_a_number(message):
        # A number was asked and a number came: which number it looks like matters less.
        return {asking: message.text}
    if asking == "otp_code" and any(c.isdigit() for c in message.text) and "contact" not in found:
        return {asking: message.text}
    return found


def _taken_whole(message: Message, asking: str | None) -> dict[str, str]:
    """Answers of which the entities that seem to be in them are no part."""
    ending = None if asking == "otp_code" else new_ending(message)
    if ending is not None:
        return {NUMBER_ENDING: ending}
    return {str(asking): message.text} if asking in TAKEN_WHOLE else {}


def _slot_of(entity: str, asking: str | None, slots: frozenset[str]) -> str | None:
    """Which question an entity answers; an e-mail address or number is what is being asked for."""
    if entity not in {"email", "mobile"}:
        return entity if entity in slots else None
    if asking == "contact_choice":
        return "contact"
    if entity == "mobile" and "new_mobile" in slots and asking != "username":
        return "new_mobile"
    return next((slot for slot in ("contact", "username") if slot in slots), None)


def _with_whole_name(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """A bare name is taken whole: the recogniser may have seen only half of it."""
    names = [e for e in message.entities if e.get("entity") in NAMES]
    rest = _without_other_entities(message)
    bare = 0 < len(rest.split()) <= _MOST_WORDS_OF_A_NAME and not any(c.isdigit() for c in rest)
    begins_with_it = any(int(e.get("start") or 0) == 0 for e in names)
    if bare and begins_with_it and not _is_question(message.text):
        others = {slot: value for slot, value in found.items() if slot not in NAMES}
        return {**others, asking: rest}
    return found


def _with_place(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """To the recogniser a place may look like a name; it must not change the customer's."""
    others = {slot: value for slot, value in found.items() if slot not in NAMES}
    is_read_as_name = len(others) < len(found) and asking not in found
    return {**others, asking: message.text} if is_read_as_name else found


def _without_other_entities(message: Message) -> str:
    text = message.text
    for entity in sorted(message.entities, key=lambda e: -int(e.get("start") or 0)):
        if entity.get("entity") not in NAMES and entity.get("end"):
            text = text[: int(entity.get("start") or 0)] + " " + text[int(entity["end"]) :]
    return re.sub(r"\s+", " ", text).strip(" ,;.-")


def _whole_text(message: Message, asking: str) -> dict[str, str]:
    return {} if asking in WITHOUT_ANSWER else {asking: message.text}


def _is_mostly_a_number(message: Message) -> bool:
    numbers = [e for e in message.entities if e.get("entity") in NUMBERS]
    letters = sum(character.isalpha() for character in message.text)
    return bool(numbers) and letters <= 12


def _is_question(text: str) -> bool:
    return "?" in text


def _command_of(message: Message, asking: str | None) -> Command:
    command = COMMANDS.get(message.intent, Command.NONE)
    if command in {Command.RESEND, Command.OTHER_CHANNEL} and asking not in WAITING:
        return Command.NONE
    unsure = message.confidence < _sure_beside_a_name(message.text)
    may_be_none = asking == "last_name" and command in {Command.DENY, Command.NOT_AVAILABLE}
    if asking in FREE and unsure and not may_be_none and not is_event(message):
        return Command.NONE  # a bare name sounds like nothing, so like anything
    return command
