"""Which of the offered contacts an answer means: its id, its mask, itself, or its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import Invalid
from backend.core.fields.choices import parse_code_channel
from backend.core.fields.contacts import parse_contact
from backend.core.flow import Choice, Command
from backend.core.masking import mask_contact
from backend.core.text import fold
from backend.services.flows.work import Work

REFUSALS = frozenset({Command.NOT_AVAILABLE, Command.DENY})


def contact_choices(contacts: Mapping[str, str]) -> tuple[Choice, ...]:
    """The contacts as they may be shown."""
    return tuple(Choice(channel, mask_contact(contact)) for channel, contact in contacts.items())


def choose_contact(work: Work[Any], contacts: Mapping[str, str]) -> bool:
    """Settle on one of *contacts* by the answer of the turn; a wrong one is told."""
    answers = work.turn.answers
    answer = answers.get("contact_choice") or answers.get("contact") or answers.get("code_channel")
    if answer is None and work.command is Command.AFFIRM and len(contacts) == 1:
        answer = next(iter(contacts))
    if answer is None:
        return False
    channel = _channel_meant(work, answer, contacts)
    if channel is None:
        work.tell_error("choice_unknown", "contact_choice")
        return False
    settle_contact(work, contacts, channel)
    work.draft.masks["contact_choice"] = mask_contact(contacts[channel])
    work.accepted.append("contact_choice")
    return True


def settle_contact(work: Work[Any], contacts: Mapping[str, str], channel: str) -> None:
    """Let the next code go there."""
    work.draft.contact, work.draft.contact_channel = contacts[channel], channel


def _channel_meant(work: Work[Any], answer: str, contacts: Mapping[str, str]) -> str | None:
    masks = {fold(mask_contact(contact)): channel for channel, contact in contacts.items()}
    if answer in contacts or fold(answer) in masks:
        return answer if answer in contacts else masks[fold(answer)]
    try:
        written = parse_contact(answer, work.context).value
        return next((channel for channel in contacts if contacts[channel] == written), None)
    except Invalid:
        pass
    try:
        channel = parse_code_channel(answer, work.context).value
    except Invalid:
        return None
    return channel if channel in contacts else None
