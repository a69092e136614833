"""From a `Step` of a flow to utterances: remarks first, then the question, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from babel.dates import format_date
from babel.units import format_unit

from actions.base import Speaker
from actions.words import Button, Responses
from backend.core.errors import Fact
from backend.core.flow import ANSWER_ERRORS, Remark, Step

# Remarks whose response ends with the question about the code, so that it isn't put twice.
ASK_FOR_THE_CODE = frozenset(
    {
        "code_sent", "code_and_link_sent", "code_resent", "channel_changed", "code_wait",
        "no_other_channel", "resends_used", "destination_limit", "sends_stopped", "code_wrong",
        "code_expired", "code_used", "code_exhausted",
    }
)  # fmt: skip
ASK_AGAIN = frozenset(
    {"consent_needed", "password_link", "password_waiting", "upload_link", "upload_waiting"}
)
SHOWS_PAGE = frozenset({"password_link", "upload_link", "document_link"})
NAME = ("first_name", "last_name")
# After the name, in the order in which a customer checks them.
SUMMARY = (
    "company_name", "vat_number", "tax_code", "policy_number", "date_of_birth", "place_of_birth",
    "address", "city", "new_mobile", "contact",
)  # fmt: skip
CHOICES = frozenset(
    {
        "profile", "policy_type", "contact_choice", "consent", "sex", "policy_choice",
        "document_choice", "request_choice", "confirmation",
    }
)  # fmt: skip
# Facts that count, with their units: said whole, "1 minuto" and "2 minuti".
UNITS = {"minutes": "minute", "link_minutes": "minute", "seconds": "second"}
EXPLAIN_AT, OFFER_PERSON_AT = 2, 3


def tell(speaker: Speaker, step: Step) -> None:
    """Say what the step has to say."""
    asked = False
    for remark in _once_a_name(step.remarks):
        name = speaker.own(_response_for(remark, step, speaker))
        facts = _localised(facts_of(step, remark), speaker.language)
        if remark.code == "corrected":
            facts["value"] = _title_of(str(remark.facts.get("slot")), str(facts["value"]), speaker)
        shows_page = step.page is not None and remark.code in SHOWS_PAGE
        speaker.say(
            name,
            facts,
            page={"id": step.page.id, "kind": step.page.kind, "minutes": step.page.minutes}
            if shows_page and step.page
            else None,
        )
        asked = asked or _asks(remark, step)
    if step.asking and not asked:
        ask(speaker, step, step.asking)


def ask(speaker: Speaker, step: Step, slot: str) -> None:
    """Put the question about *slot*, with its choices as buttons."""
    buttons: list[Button] = [
        {"title": choice.title, "payload": f'/inform{{"{slot}": "{choice.id}"}}'}
        for choice in (step.choices if slot == step.asking else ())
    ]
    if buttons:  # the way out stands last
        buttons += speaker.buttons(f"utter_question__{slot}__none")
    facts = _localised(facts_of(step), speaker.language)
    speaker.say(speaker.own(f"utter_question__{slot}"), facts, buttons=buttons)


def _title_of(slot: str, value: str, speaker: Speaker) -> str:
    """What the button that chooses *value* is called; the value itself where there is none."""
    buttons = speaker.buttons(speaker.own(f"utter_question__{slot}"))
    chosen = f'{{"{slot}": "{value}"}}'
    return next((one["title"] for one in buttons if one["payload"].endswith(chosen)), value)


def facts_of(step: Step, remark: Remark | None = None) -> dict[str, Fact]:
    """The placeholders of a response: the step's facts, the remark's and what follows from them."""
    facts: dict[str, Fact] = {**step.facts, **(remark.facts if remark else {})}
    facts.setdefault("summary", _summary(step.filled))
    seconds = facts.get("seconds")
    if isinstance(seconds, int) and "minutes" in facts:
        facts["link_minutes"] = facts["minutes"]
    if remark and remark.code in ASK_FOR_THE_CODE and isinstance(seconds, int):
        facts["minutes"] = max(1, round(seconds / 60))
    if remark and remark.code == "corrected":
        slot = str(remark.facts.get("slot"))
        facts["value"] = _name(step.filled) if slot in NAME else step.filled.get(slot, "")
    return facts


def _once_a_name(remarks: tuple[Remark, ...]) -> list[Remark]:
    """First and last name corrected together are one correction."""
    corrected = {remark.facts.get("slot") for remark in remarks if remark.code == "corrected"}
    both = corrected.issuperset(NAME)
    return [r for r in remarks if not (both and r.facts.get("slot") == "last_name")]


def _name(filled: Mapping[str, str]) -> str:
    return " ".join(filled[slot] for slot in NAME if filled.get(slot))


def _summary(filled: Mapping[str, str]) -> str:
    parts = [_name(filled)] + [filled.get(slot, "") for slot in SUMMARY]
    return ", ".join(part for part in parts if part)


def _localised(facts: Mapping[str, Fact], language: str) -> dict[str, Fact]:
    """Dates and spans of time written out, as the language does."""
    written: dict[str, Fact] = {
        name: format_unit(count, f"duration-{unit}", "long", locale=language)
        for name, unit in UNITS.items()
        if isinstance(count := facts.get(name), int)
    }
    date = facts.get("date")
    if isinstance(date, str):
        written["date"] = format_date(dt.date.fromisoformat(date), "long", locale=language)
    return {**facts, **written}


def _response_for(remark: Remark, step: Step, speaker: Speaker) -> str:
    responses: Responses = speaker.responses
    if not remark.is_error:
        # A remark may have words of its own for a scheme, or for the channel a code went by, or
        # for a detail of which nothing may be shown.
        channel = remark.facts.get("channel") or step.facts.get("channel")
        kinds = (*map(remark.facts.get, ("scheme", "reason", "slot")), channel)
        fitting = (f"utter_{remark.code}__{kind}" for kind in kinds)
        return next((name for name in fitting if name in responses), f"utter_{remark.code}")
    if remark.code in ANSWER_ERRORS and remark.repeat >= OFFER_PERSON_AT:
        return "utter_offer_person"
    if remark.code in ANSWER_ERRORS and remark.repeat >= EXPLAIN_AT:
        explained = speaker.own(f"utter_explain__{remark.slot}")
        if explained in responses:
            return explained
    if remark.code == "code_wrong" and remark.facts.get("attempts_left") == 1:
        return "utter_error__code_wrong_last"
    return f"utter_error__{remark.code}"


def _asks(remark: Remark, step: Step) -> bool:
    """Whether the remark's own words already put the question that is open."""
    if remark.code in ASK_FOR_THE_CODE:
        return step.asking == "otp_code"
    if remark.code in ASK_AGAIN:
        return True
    return remark.is_error and remark.slot == step.asking and step.asking not in CHOICES
