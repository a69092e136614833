"""From a customer's message to a `Turn` of the flow that is running.

The form asks one question; people answer it, answer a later one too, correct an earlier one, ask
something back or change the subject. What is an answer is decided here, once for all forms; whether
the answer is any good is for the backend.
"""

from __future__ import annotations

from collections.abc import Mapping

from rasa_sdk import Tracker

from actions.base import language_of, market_of, metadata_of
from actions.data import answers_of, new_ending, slot_of, whole_text, with_last_name
from actions.message import (
    ASIDES,
    CHOICES,
    COMMANDS,
    FREE,
    STRICT,
    SUMMARIES,
    SURE_ASIDE,
    TASKS,
    Message,
    is_event,
    is_question,
    is_sure,
    sure_beside_a_name,
)
from actions.naming import named_in
from backend.core.flow import Command, Turn

WAITING = frozenset({"otp_code", "password_page", "document_upload"})

_SHORTEST_NUMBER = 2
"""A single digit chooses a button by its place."""


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
    if message.intent not in TASKS or is_event(message) or new_ending(message):
        return None
    given = {slot_of(str(e.get("entity")), asking, slots) for e in message.entities}
    if (given & STRICT and "?" not in message.text) or named_in(message.text, slots):
        return None  # a datum came, whatever the words around it sound like
    return message.intent if is_sure(message, asking) else None


def is_chosen(tracker: Tracker) -> bool:
    """Whether another flow was chosen by a button that leads there."""
    return _chosen_flow(Message.of(tracker)) is not None


def _chosen_flow(message: Message) -> str | None:
    values = [str(e.get("value")) for e in message.entities if e.get("entity") == "flow_choice"]
    return next((value for value in values if value in TASKS), None)


def brings_misread_number(message: Message, asking: str | None) -> bool:
    """Whether a number that is none of the data stands in the answer to a summary.

    "No, the number is 347 99" refuses nothing, and "yes, but it is 347 99" agrees to nothing.
    """
    if asking not in SUMMARIES or is_event(message) or is_question(message.text):
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
        answers = whole_text(message, asking)
    if asking == "first_name" and tracker.get_slot(asking) and "last_name" in slots:
        answers = with_last_name(message, answers)
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


def is_aside(message: Message, asking: str | None, answers: Mapping[str, str]) -> bool:
    """Whether the flow's rules should answer this message instead of the flow."""
    if _brings_data(message, asking, answers):
        return False
    if message.intent == "otp_not_received":
        return asking not in WAITING
    if message.intent not in ASIDES:
        return False
    if asking in FREE and not is_question(message.text):
        return is_sure(message, asking)
    return message.confidence >= SURE_ASIDE or is_question(message.text)


def _brings_data(message: Message, asking: str | None, answers: Mapping[str, str]) -> bool:
    """A datum with a shape of its own answers or corrects, even if the words sound like a task."""
    named = named_in(message.text, answers)
    if named is not None and answers[named.slot] == named.value:
        return True
    data = STRICT.intersection(answers)
    if asking in CHOICES and asking in answers:
        return "?" not in message.text
    return asking in data or (bool(data) and message.intent != "faq" and "?" not in message.text)


def _command_of(message: Message, asking: str | None) -> Command:
    command = COMMANDS.get(message.intent, Command.NONE)
    if command in {Command.RESEND, Command.OTHER_CHANNEL} and asking not in WAITING:
        return Command.NONE
    unsure = message.confidence < sure_beside_a_name(message.text)
    may_be_none = asking == "last_name" and command in {Command.DENY, Command.NOT_AVAILABLE}
    if asking in FREE and unsure and not may_be_none and not is_event(message):
        return Command.NONE  # a bare name sounds like nothing, so like anything
    return command
